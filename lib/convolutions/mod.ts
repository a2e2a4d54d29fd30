/**
 * Strided two-dimensional convolution layers as linear maps: their matrix, their blocks in the Fourier domain
 * and all their singular values; orthogonal convolutions, the exact test of whether one exists, and the
 * regularizer that leads to one.
 *
 * Kernels are flat arrays of shape [outChannels, inChannels, k, k], images [channels, rows, columns],
 * row-major. The tfjs regularizer is in `refigure/convolutions/layers`, so that nothing here loads tfjs.
 *
 * @module
 */
export * from "./blocks.ts";
export * from "./existence.ts";
export {
  type KernelAutocorrelation,
  kernelAutocorrelation,
  kernelOrthogonality,
  lorth,
  type LorthGradient,
  lorthGradient,
  lorthSpectralConstant,
} from "./lorth.ts";
export * from "./matrix.ts";
export * from "./minimize_lorth.ts";
export * from "./orthogonality_errors.ts";
export type { Border, ConvolutionShape } from "./shape.ts";
