import {
  type Complex,
  Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";

/**
 * What a convolution that was trained on one grid does on another. `"naive"`: the same taps on the neighbours
 * of the new grid, so that the field of view shrinks as the grid is refined. `"hat"`: the taps are values of
 * a piecewise linear kernel function, whose integral is computed on the new grid. `"official"`: the taps are
 * resized like an image, as the authors' code does.
 */
export type ResamplingMethod = "naive" | "hat" | "official";

/** The names of {@linkcode ResamplingMethod}. */
export const RESAMPLING_METHODS: readonly ResamplingMethod[] = ["naive", "hat", "official"];

/** Taps of a convolution on a grid: `matrix` times the trained taps, for the neighbours from `first` on. */
export interface Resampling {
  /** New taps x trained taps. */
  matrix: Matrix;
  /** Offset of the first new tap, in points of the new grid. */
  first: number;
}

/** The scale n / trainN. @throws {RangeError} unless it or its inverse is an integer. */
export function requireScale(n: number, trainN: number): number {
  const scale = n / trainN;
  if (n >= 1 && trainN >= 1 && (n % trainN === 0 || trainN % n === 0)) return scale;
  throw new RangeError(
    `\`n\` must be a multiple or a divisor of \`trainN\`, got n = ${n} and trainN = ${trainN}`,
  );
}

/** Half of the taps but the middle one. @throws {RangeError} if their number is even. */
export function requireOddTaps(name: string, taps: number): number {
  requireInteger(name, taps, { min: 1 });
  if (taps % 2 === 0) {
    throw new RangeError(`\`${name}\` must be odd: the kernel size must be odd, got ${taps}`);
  }
  return (taps - 1) / 2;
}

/**
 * The linear map from the taps of a convolution, trained on a grid of `trainN` points, to its taps on a grid
 * of n.
 *
 * `"hat"`: with the hat functions L(t) = max(0, 1 - |t|), the kernel function is
 * `kappa(r) = sum_j W_j L(r / h0 - j) / h0`; on a finer grid, s = n / trainN, tap p is `sum_j W_j L(p / s -
 * j) / s`, and on a coarser one, where hats of the coarse grid are needed, `sum_j W_j L(p - s j)`. Sums of
 * taps are kept exactly.
 *
 * `"official"`: the taps are resized linearly to floor(s (k - 1) + 1), corners not aligned, and divided by
 * new size over k (`neuraloperator/NNs-to-NOs`, `unet_kernel_interp.py`); the first offset is that of its
 * scaled padding.
 *
 * @param taps Number k of taps, odd.
 * @param n Points of the new grid, a multiple or a divisor of `trainN` unless the method is `"naive"`.
 * @param options `trainN`: points of the grid of training; `method`: default `"hat"`.
 * @returns The matrix and the offset of the first new tap.
 * @throws {RangeError} if k is even, or the grids do not fit.
 * @throws {TypeError} if the method or an option is unknown.
 *
 * @example
 * ```ts
 * import { matvec } from "refigure/blas";
 * import { kernelResampling } from "refigure/operators";
 * import { assertEquals } from "@std/assert";
 *
 * const { matrix, first } = kernelResampling(3, 128, { trainN: 64 });
 * assertEquals(first, -3);
 * assertEquals(matvec(matrix, Float64Array.of(1, 2, 4)), Float64Array.of(0.25, 0.5, 0.75, 1, 1.5, 2, 1));
 * ```
 */
export function kernelResampling(
  taps: number,
  n: number,
  options: { trainN: number; method?: ResamplingMethod },
): Resampling {
  const half = requireOddTaps("taps", taps);
  requireOptions("options", options, ["trainN", "method"]);
  const { trainN, method = "hat" } = options;
  requireInteger("n", n, { min: 1, max: 2 ** 20 });
  requireInteger("trainN", trainN, { min: 1, max: 2 ** 20 });
  requireOneOf("method", method, RESAMPLING_METHODS);
  if (method === "naive") return { matrix: Matrix.identity(taps), first: -half };
  const s = requireScale(n, trainN);
  return method === "hat" ? hatResampling(taps, half, s) : imageResampling(taps, half, s);
}

function hatResampling(taps: number, half: number, s: number): Resampling {
  const hat = (t: number) => Math.max(0, 1 - Math.abs(t));
  const reach = s >= 1 ? (half + 1) * s - 1 : Math.ceil(half * s);
  const entry = s >= 1
    ? (p: number, j: number) => hat(p / s - j) / s
    : (p: number, j: number) => hat(p - s * j);
  return {
    matrix: Matrix.from(2 * reach + 1, taps, (p, j) => entry(p - reach, j - half)),
    first: -reach,
  };
}

function imageResampling(taps: number, half: number, s: number): Resampling {
  const size = Math.floor(s * (taps - 1) + 1);
  const matrix = Matrix.zeros(size, taps) as Matrix;
  for (let p = 0; p < size; p++) {
    // Centres of pixels are at halves; what would lie outside is the outermost tap.
    const at = Math.min(taps - 1, Math.max(0, (p + 0.5) * taps / size - 0.5));
    const left = Math.min(taps - 1, Math.floor(at));
    const right = Math.min(taps - 1, left + 1);
    matrix.data[p * taps + left] += (1 - (at - left)) * taps / size;
    matrix.data[p * taps + right] += (at - left) * taps / size;
  }
  return { matrix, first: -Math.floor(half * s) };
}

/** Options of {@linkcode resampleKernel}. */
export interface ResampleKernelOptions {
  /** Points of the new grid. */
  n: number;
  /** Points of the grid of training. */
  trainN: number;
  /** Default `"hat"`. */
  method?: ResamplingMethod;
}

/**
 * The taps of a convolution on another grid: the matrix of {@linkcode kernelResampling} times the trained
 * taps.
 *
 * @param kernel Taps, one per row: k x m, where the m columns are the pairs of channels, or one.
 * @param options The two grids and the method.
 * @returns New taps x m.
 * @throws {RangeError | TypeError} as {@linkcode kernelResampling}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { resampleKernel } from "refigure/operators";
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = Matrix.fromRows([[1], [2], [4]]);
 * assertEquals([...resampleKernel(kernel, { n: 32, trainN: 64 }).data], [0.5, 4.5, 2]);
 * ```
 */
export function resampleKernel(kernel: Matrix<RealArray>, options: ResampleKernelOptions): Matrix {
  requireMatrix("kernel", kernel);
  requireOptions("options", options, ["n", "trainN", "method"]);
  const { n, ...rest } = options;
  return matmul(kernelResampling(kernel.rows, n, rest).matrix, kernel.astype("float64"));
}

/**
 * What a convolution multiplies a wave by: `sum_p W_p exp(i theta (first + p))`, theta = 2 pi k h for the
 * wave exp(2 pi i k x) on a grid of step h.
 *
 * @param taps The taps W.
 * @param angle The angle theta between neighbours.
 * @param options `first`: offset of the first tap; default: the middle tap has offset 0.
 * @returns A complex number.
 * @throws {RangeError} if a number is not finite, or `first` is left out and the number of taps is even.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { convolutionSymbol } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The central difference.
 * const { re, im } = convolutionSymbol([-0.5, 0, 0.5], 0.1);
 * assertAlmostEquals(re, 0, 1e-16);
 * assertAlmostEquals(im, Math.sin(0.1), 1e-16);
 * ```
 */
export function convolutionSymbol(
  taps: ArrayLike<number>,
  angle: number,
  options: { first?: number } = {},
): Complex {
  requireNumbers("taps", taps, { finite: true });
  requireNumber("angle", angle);
  requireOptions("options", options, ["first"]);
  const { first = -requireOddTaps("taps.length", taps.length) } = options;
  requireInteger("first", first, { min: -(2 ** 31), max: 2 ** 31 });
  let re = 0;
  let im = 0;
  for (let p = 0; p < taps.length; p++) {
    re += taps[p] * Math.cos(angle * (first + p));
    im += taps[p] * Math.sin(angle * (first + p));
  }
  return { re, im };
}

/**
 * What the integral operator with the piecewise linear kernel function through the taps multiplies a wave by:
 * the symbol of the taps on their own grid times sinc^2(theta / 2 pi), the transform of a hat. The limit of
 * the
 * `"hat"` convolutions as the grid is refined.
 *
 * @param taps The trained taps, an odd number.
 * @param angle theta = 2 pi k / trainN for the wave exp(2 pi i k x).
 * @throws {RangeError} if a number is not finite, or the number of taps is even.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { integralSymbol } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const taps = [1, 2, -1, 0.5, 3, -0.5, 1, -2, 1.5];
 * const { re, im } = integralSymbol(taps, 2 * Math.PI / 64);
 * assertAlmostEquals(re, 5.3054355017, 1e-10);
 * assertAlmostEquals(im, -0.6770893952, 1e-10);
 * ```
 */
export function integralSymbol(taps: ArrayLike<number>, angle: number): Complex {
  const { re, im } = convolutionSymbol(taps, angle);
  const factor = angle === 0 ? 1 : (Math.sin(angle / 2) / (angle / 2)) ** 2;
  return { re: re * factor, im: im * factor };
}
