import { convolutionSingularValues } from "./blocks.ts";
import { lorth, lorthSpectralConstant } from "./lorth.ts";
import { type ConvolutionShape, requireKernel } from "./shape.ts";

/** How far a layer is from orthogonal; see {@linkcode orthogonalityErrors}. */
export interface OrthogonalityErrors {
  /** `||K K^T - I||_F` for M <= C S^2, else `||K^T K - I||_F`. */
  frobenius: number;
  /** The same in the spectral norm: all singular values are in `[sqrt(1 - e), sqrt(1 + e)]`. */
  spectral: number;
  /** `sqrt(alpha lorth)`, which bounds `spectral` unless `aliased`; the same for every size of image. */
  bound: number;
  /** Largest singular value. */
  largest: number;
  /** Smallest of the min(rows, columns) singular values. */
  smallest: number;
  /**
   * True if the image has fewer than 2k - 1 pixels per side. Then shifted filters meet around the border, and
   * neither `frobenius = N sqrt(lorth)` nor the bound holds.
   */
  aliased: boolean;
}

/**
 * Orthogonality errors of a circular convolution layer on images of one size, exactly, from its singular
 * values in the Fourier domain.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @param outputSize Outputs N per side; the image has S N pixels per side, at least k.
 * @returns The errors, and the bound of {@linkcode lorthSpectralConstant}.
 * @throws {RangeError} if a size is out of range, the kernel has another length or an entry that is not
 * finite, or the image is smaller than the kernel.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { lorth, orthogonalityErrors } from "refigure/convolutions";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const shape = { outChannels: 1, inChannels: 1, kernelSize: 3 };
 * const kernel = [0, 0, 0, 0.1, 1, 0, 0, 0, 0];
 * const { frobenius, spectral, bound, aliased } = orthogonalityErrors(kernel, shape, 8);
 * assertAlmostEquals(frobenius, 8 * Math.sqrt(lorth(kernel, shape)), 1e-12);
 * assertAlmostEquals(spectral, 1.1 ** 2 - 1, 1e-12);
 * assert(spectral <= bound && !aliased);
 * ```
 */
export function orthogonalityErrors(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  outputSize: number,
): OrthogonalityErrors {
  const { k, S } = requireKernel(kernel, shape);
  const values = convolutionSingularValues(kernel, shape, outputSize);
  let square = 0;
  let spectral = 0;
  for (const s of values) {
    // s^2 - 1 without cancellation.
    const off = Math.abs((s - 1) * (s + 1));
    square += off * off;
    spectral = Math.max(spectral, off);
  }
  return {
    frobenius: Math.sqrt(square),
    spectral,
    bound: Math.sqrt(lorthSpectralConstant(shape) * Math.max(0, lorth(kernel, shape))),
    largest: values[0],
    smallest: values[values.length - 1],
    aliased: S * outputSize < 2 * k - 1,
  };
}
