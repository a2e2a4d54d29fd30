/**
 * Learning dynamics with exact solutions: tangent kernels of finite and infinite networks, training as a
 * linear equation in function space, and the laws of ensembles that follow from them.
 *
 * @module
 */
export type { Activation } from "./activation.ts";
export * from "./infinite_kernels.ts";
export * from "./kernel_components.ts";
export * from "./kernel_gradient_flow.ts";
export * from "./linearized_model.ts";
export * from "./ntk_mlp.ts";
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
export { PermutationEnsemble, type PermutationEnsembleOptions } from "./permutation_ensemble.ts";
export * from "./permutation_process.ts";
export * from "./decision_tasks.ts";
export * from "./kernel_alignment.ts";
export * from "./low_rank_init.ts";
export * from "./recurrent_tangent_kernel.ts";
export * from "./vanilla_rnn.ts";
export * from "./balanced_riccati.ts";
export * from "./deep_linear_network.ts";
export * from "./deep_mode.ts";
export * from "./hierarchical_features.ts";
export {
  halfLearningTime,
  type LinearMode,
  linearModeStrength,
  linearModeTime,
  type UnbalancedMode,
  unbalancedModeState,
} from "./linear_mode.ts";
export * from "./lyapunov.ts";
export * from "./ode.ts";
export * from "./quadrature.ts";
export * from "./signal_propagation.ts";
export * from "./weight_initialization.ts";
export * from "./linear_student_teacher.ts";
export * from "./student_teacher_alignment.ts";
