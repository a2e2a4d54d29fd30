/**
 * Operators between functions on periodic grids, learned on one grid and evaluated on any: local integrals
 * whose kernels are resampled, spectral convolutions by truncated Fourier transforms, differential layers,
 * attention with quadrature weights; networks of them; and a batched spectral solver of the Burgers equation
 * for data.
 *
 * @module
 */
export * from "./burgers.ts";
export * from "./convergence_study.ts";
export * from "./convolutions.ts";
export * from "./fourier_resize.ts";
export * from "./metrics.ts";
export {
  type OperatorForwardOptions,
  type OperatorKernel,
  OperatorNetwork,
  type OperatorNetworkOptions,
  type OperatorVjpOptions,
} from "./operator_network.ts";
export * from "./quadrature_attention.ts";
export {
  convolutionSymbol,
  integralSymbol,
  kernelResampling,
  resampleKernel,
  type ResampleKernelOptions,
  type Resampling,
  type ResamplingMethod,
} from "./resampling.ts";
export * from "./train_operator.ts";
export * from "./truncated_dft.ts";
