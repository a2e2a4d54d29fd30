/**
 * Diagonal state space models: HiPPO-LegS and its normal part in closed form, initializations,
 * perturb-then-diagonalize, discretization, kernels with gradients, recurrences and scans, transfer
 * functions.
 *
 * A complex vector is a typed array of twice its length, real and imaginary parts interleaved. The tfjs
 * layers are in `refigure/ssm/layers`, so that nothing here loads tfjs.
 *
 * @module
 */
export {
  complexExpm1,
  type DiscreteSystem,
  type Discretization,
  discretize,
  dssWeights,
} from "./discretize.ts";
export * from "./hippo.ts";
export * from "./initialization.ts";
export * from "./legs_spectrum.ts";
export {
  type ConditionGradient,
  type Diagonalization,
  diagonalResidues,
  eigenvectorConditionGradient,
  type OptimizedPerturbation,
  optimizePerturbation,
  perturbThenDiagonalize,
  type PtdOptions,
  ptdSsm,
  type PtdSystem,
} from "./ptd.ts";
export {
  causalConv,
  DiagonalRecurrence,
  linearScan,
  type RecurrenceOptions,
  type ScanMethod,
  type ScanOptions,
} from "./recurrence.ts";
export {
  type S4DConvention,
  S4DKernel,
  s4dKernel,
  s4dKernelGradient,
  s4dModes,
  type S4DOptions,
  type S4DParameters,
} from "./s4d_kernel.ts";
export * from "./transfer.ts";
export * from "./vandermonde_kernel.ts";
