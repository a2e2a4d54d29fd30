import { requireFinite } from "../arrays/mod.ts";
import { pack, packedLorth, shiftsOf, unpack } from "./packed.ts";
import { type ConvolutionShape, requireConvolutionShape, requireKernel, type Sizes } from "./shape.ts";

/** What {@linkcode kernelAutocorrelation} returns. */
export interface KernelAutocorrelation {
  /** M x M x size x size: `R[m, n, y, x]` is the correlation at shift `(y, x) - (size - 1) / 2`. */
  values: Float64Array;
  /** Shifts per axis, `2 floor((k - 1) / S) + 1`. */
  size: number;
}

/**
 * The correlations of all pairs of filters at all shifts by multiples of the stride,
 * `R[m, n](d) = sum_{c, p} K[m, c, p] K[n, c, p + S d]`: the tensor conv(K, K) of Wang et al. (2020). A layer
 * with circular border is row-orthogonal if and only if R is 1 for m = n at shift 0 and 0 elsewhere.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @returns The correlations.
 * @throws {RangeError} if a size is out of range or the kernel has another length.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { kernelAutocorrelation } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { outChannels: 1, inChannels: 1, kernelSize: 3 };
 * const { values, size } = kernelAutocorrelation([0, 0, 0, 1, 2, 0, 0, 0, 0], shape);
 * assertEquals(size, 5);
 * // Shifts (0, -1), (0, 0) and (0, 1).
 * assertEquals(Array.from(values.slice(11, 14)), [2, 5, 2]);
 * ```
 */
export function kernelAutocorrelation(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
): KernelAutocorrelation {
  const sizes = requireKernel(kernel, shape);
  const { M, C, k, S } = sizes;
  const reach = Math.floor((k - 1) / S);
  const size = 2 * reach + 1;
  const values = new Float64Array(M * M * size * size);
  const at = (m: number, n: number, y: number, x: number) =>
    ((m * M + n) * size + reach + y) * size + reach + x;
  const tap = (m: number, c: number, a: number, b: number) => kernel[((m * C + c) * k + a) * k + b];
  for (const { column, height, width, rows, columns } of shiftsOf(sizes)) {
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < M; n++) {
        let sum = 0;
        for (let c = 0; c < C; c++) {
          for (let a = 0; a < height; a++) {
            for (let b = column; b < column + width; b++) {
              sum += tap(m, c, a, b) * tap(n, c, a + rows, b + columns);
            }
          }
        }
        values[at(m, n, rows / S, columns / S)] = sum;
        values[at(n, m, -rows / S, -columns / S)] = sum;
      }
    }
  }
  return { values, size };
}

/**
 * The orthogonality regularizer of a convolution (Wang et al. 2020, "Orthogonal convolutional neural
 * networks"; in the form of Achour, Malgouyres & Mamalet 2022): the squared distance of
 * {@linkcode kernelAutocorrelation} to that of a row-orthogonal layer, minus `max(0, M - C S^2)`, which
 * makes the smallest value of a column-orthogonal layer 0 as well. It does not depend on the size of the
 * image. For images of S N >= 2k - 1 pixels per side it is `||K K^T - I||_F^2 / N^2` (rows; for columns
 * `||K^T K - I||_F^2 / N^2`) of the layer's matrix, exactly (their Theorem on the Frobenius error).
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @returns A number that is non-negative up to rounding. NaN and infinity propagate.
 * @throws {RangeError} if a size is out of range or the kernel has another length.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { lorth } from "refigure/convolutions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const shape = { outChannels: 1, inChannels: 1, kernelSize: 3 };
 * // A single tap of 1 is orthogonal; without any the squared norm 1 is missing.
 * assertAlmostEquals(lorth([0, 0, 0, 0, 1, 0, 0, 0, 0], shape), 0);
 * assertAlmostEquals(lorth(new Float64Array(9), shape), 1);
 * ```
 */
export function lorth(kernel: ArrayLike<number>, shape: ConvolutionShape): number {
  const sizes = requireKernel(kernel, shape);
  return packedLorth(pack(kernel, sizes, new Float64Array(kernel.length)), sizes);
}

/** What {@linkcode lorthGradient} returns. */
export interface LorthGradient {
  /** The regularizer. */
  value: number;
  /** Its gradient, M x C x k x k. */
  gradient: Float64Array;
}

/**
 * {@linkcode lorth} and its gradient, `4 sum_{n, d} (R[m, n](d) - 1_{m = n, d = 0}) K[n, c, p + S d]`, in one
 * pass over half of the shifts (opposite ones give transposed products) and without the zeros of a padded
 * convolution. The cost does not depend on an image.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @returns Value and gradient. NaN and infinity propagate.
 * @throws {RangeError} if a size is out of range or the kernel has another length.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { lorthGradient } from "refigure/convolutions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // (t^2 - 1)^2 at t = 2: value 9, slope 4 t (t^2 - 1) = 24.
 * const { value, gradient } = lorthGradient([2], { outChannels: 1, inChannels: 1, kernelSize: 1 });
 * assertAlmostEquals(value, 9);
 * assertAlmostEquals(gradient[0], 24);
 * ```
 */
export function lorthGradient(kernel: ArrayLike<number>, shape: ConvolutionShape): LorthGradient {
  const sizes = requireKernel(kernel, shape);
  const packed = pack(kernel, sizes, new Float64Array(kernel.length));
  const found = new Float64Array(kernel.length);
  const value = packedLorth(packed, sizes, found);
  return { value, gradient: unpack(found, sizes, packed) };
}

/**
 * Kernel orthogonality, the older regularizer (in Wang et al. 2020 as the baseline): the filters, flattened
 * to the rows of an M x C k^2 matrix, are made orthonormal; `||K K^T - I||_F^2`, minus `max(0, M - C k^2)`.
 * It sees no shifts: zero does not make the layer orthogonal.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes; the stride does not matter.
 * @returns A number that is non-negative up to rounding. NaN and infinity propagate.
 * @throws {RangeError} if a size is out of range or the kernel has another length.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { kernelOrthogonality, lorth } from "refigure/convolutions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const shape = { outChannels: 1, inChannels: 1, kernelSize: 3 };
 * // The mean of nine neighbours, scaled to norm 1.
 * const mean = new Float64Array(9).fill(1 / 3);
 * assertAlmostEquals(kernelOrthogonality(mean, shape), 0, 1e-14);
 * assertAlmostEquals(lorth(mean, shape), (1 + 2 * (4 + 1) / 9) ** 2 - 1, 1e-14);
 * ```
 */
export function kernelOrthogonality(kernel: ArrayLike<number>, shape: ConvolutionShape): number {
  const { M, C, k } = requireKernel(kernel, shape);
  // One tap with C k^2 channels: nothing is left to shift.
  return packedLorth(Float64Array.from(kernel), { M, C: C * k * k, k: 1, S: 1 });
}

/**
 * The constant alpha of the spectral bound `||K K^T - I||_2^2 <= alpha lorth` (Achour, Malgouyres & Mamalet
 * 2022, theorem on the spectral error): `M (2 floor((k - 1) / S) + 1)^2` for `M < C S^2`, `C (2k - 1)^2` for
 * `M > C S^2`, the smaller of the two for `M = C S^2`. It does not depend on the size of the image.
 *
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if `shape` is of the wrong type or has an unknown name.
 *
 * @example
 * ```ts
 * import { lorthSpectralConstant } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lorthSpectralConstant({ outChannels: 4, inChannels: 2, kernelSize: 3 }), 50);
 * ```
 */
export function lorthSpectralConstant(shape: ConvolutionShape): number {
  const { M, C, k, S } = requireConvolutionShape(shape);
  const rows = M * (2 * Math.floor((k - 1) / S) + 1) ** 2;
  const columns = C * (2 * k - 1) ** 2;
  return M < C * S * S ? rows : M > C * S * S ? columns : Math.min(rows, columns);
}

/** Throws unless every entry of a kernel is finite. @throws {RangeError} */
export function requireFiniteKernel(what: string, kernel: ArrayLike<number>, shape: ConvolutionShape): Sizes {
  const sizes = requireKernel(kernel, shape);
  requireFinite(`Cannot ${what}`, kernel);
  return sizes;
}
