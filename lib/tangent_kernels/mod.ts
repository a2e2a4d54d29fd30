/**
 * Tangent kernels of finite and infinitely wide networks, training as a linear equation in function space,
 * and the laws of ensembles that follow from them.
 *
 * @module
 */
export type { Activation } from "./activation.ts";
export * from "./fourier_mode_rates.ts";
export * from "./infinite_kernels.ts";
export * from "./kernel_alignment.ts";
export * from "./kernel_components.ts";
export * from "./kernel_gradient_flow.ts";
export * from "./linearized_model.ts";
export * from "./ntk_mlp.ts";
export {
  PermutationEnsemble,
  type PermutationEnsembleOptions,
  type PermutationTraining,
  type PermutationTrainingOptions,
  type PermutationWeights,
} from "./permutation_ensemble.ts";
export {
  bitInputs,
  type EnsembleGoal,
  ensembleSuccess,
  type OutputLaw,
  permutationOutputLaw,
  type PermutationTask,
  requiredModels,
  tailBound,
  twoLayerKernels,
} from "./permutation_law.ts";
export * from "./permutation_process.ts";
