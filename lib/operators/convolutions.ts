import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { kernelResampling, requireOddTaps, RESAMPLING_METHODS, type ResamplingMethod } from "./resampling.ts";
import { truncatedDft } from "./truncated_dft.ts";

/** Options of {@linkcode localIntegralConv}. */
export interface LocalIntegralOptions {
  /** Points of the grid on which the taps were trained. */
  trainN: number;
  /** Default `"hat"`. */
  method?: ResamplingMethod;
}

/**
 * The number of taps of a kernel for functions of some channels. @throws {RangeError} if the rows do not fit.
 */
function tapsOf(kernel: Matrix<RealArray>, channels: number): number {
  const taps = requireMatrix("kernel", kernel).rows / channels;
  if (!Number.isInteger(taps)) {
    throw new RangeError(
      `\`kernel\` must have a multiple of ${channels} rows, the columns of \`u\`, got ${kernel.rows}`,
    );
  }
  requireOddTaps("kernel.rows / u.columns", taps);
  return taps;
}

/** Functions on a grid. @throws {RangeError} if there are none, or one is not finite. */
function requireFunctions(u: Matrix<RealArray>): Matrix<RealArray> {
  requireInteger("u.rows", requireMatrix("u", u).rows, { min: 1 });
  requireInteger("u.columns", u.columns, { min: 1 });
  requireFinite("`u` must be finite", u.data, u.columns);
  return u;
}

/**
 * The circular correlation with taps whose first one has an offset: neighbours side by side, times the taps.
 */
function correlate(u: Matrix<RealArray>, kernel: Matrix, taps: number, first: number): Matrix {
  const { rows: n, columns: channels } = u;
  const neighbours = Matrix.zeros(n, taps * channels) as Matrix;
  for (let x = 0; x < n; x++) {
    for (let t = 0; t < taps; t++) {
      const from = ((x + first + t) % n + n) % n;
      neighbours.row(x).set(u.data.subarray(from * channels, (from + 1) * channels), t * channels);
    }
  }
  return matmul(neighbours, kernel);
}

/**
 * A local integral operator on periodic functions, `(K u)(x) = int kappa(y - x) u(y) dy`, whose kernel
 * function is given by the taps of a convolution on the grid of training. On that grid it is the convolution
 * (a cross-correlation, as in every framework); on another grid the taps are those of {@linkcode
 * kernelResampling}.
 *
 * @param u Values of Cin functions at the points j / n: n x Cin.
 * @param kernel (k Cin) x Cout, tap by tap; k is odd.
 * @param options The grid of training, and what is done on another one.
 * @returns n x Cout.
 * @throws {RangeError} if sizes do not fit, k is even, the grids do not fit, or a value of `u` is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or the method or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { localIntegralConv } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const kernel = Matrix.fromRows([[1], [2], [4]]);
 * const wave = (n: number) => Matrix.from(n, 1, (j) => Math.sin(2 * Math.PI * j / n));
 * const at0 = (n: number) => localIntegralConv(wave(n), kernel, { trainN: 64 }).get(0, 0);
 * // Nearly the same number on every grid.
 * assertAlmostEquals(at0(64), at0(1024), 1e-3);
 * ```
 */
export function localIntegralConv(
  u: Matrix<RealArray>,
  kernel: Matrix<RealArray>,
  options: LocalIntegralOptions,
): Matrix {
  const { rows: n, columns: channels } = requireFunctions(u);
  const taps = tapsOf(kernel, channels);
  requireOptions("options", options, ["trainN", "method"]);
  const { trainN, method = "hat" } = options;
  requireOneOf("method", method, RESAMPLING_METHODS);
  const { matrix, first } = kernelResampling(taps, n, { trainN, method });
  // Each tap as one row, then each input of each tap.
  const width = channels * kernel.columns;
  const taken = matmul(matrix, new Matrix(taps, width, kernel.astype("float64").data));
  const resampled = new Matrix(matrix.rows * channels, kernel.columns, taken.data);
  return correlate(u, resampled, matrix.rows, first);
}

/**
 * The spectral convolution of the Fourier neural operator (Li et al. 2021): the first modes of periodic
 * functions are multiplied by complex matrices, the others are dropped. With the transform divided by n, the
 * result at a point does not depend on the grid, for functions of fewer modes than n / 2.
 *
 * @param u Values of Cin functions at the points j / n: n x Cin.
 * @param re Real parts of the matrices, (K Cin) x Cout, mode by mode.
 * @param im Imaginary parts, likewise.
 * @param options `modes`: number K of modes. A grid of fewer modes uses those that it has.
 * @returns n x Cout.
 * @throws {RangeError} if sizes do not fit, or a value of `u` is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example Mode 1 alone is kept
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { spectralConv } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const u = Matrix.from(16, 1, (j) => 3 + Math.cos(2 * Math.PI * j / 16));
 * const y = spectralConv(u, Matrix.fromRows([[0], [1]]), Matrix.zeros(2, 1), { modes: 2 });
 * assertAlmostEquals(y.get(0, 0), 1, 1e-15);
 * ```
 */
export function spectralConv(
  u: Matrix<RealArray>,
  re: Matrix<RealArray>,
  im: Matrix<RealArray>,
  options: { modes: number },
): Matrix {
  const { rows: n, columns: channels } = requireFunctions(u);
  requireMatrix("re", re);
  requireMatrix("im", im);
  requireOptions("options", options, ["modes"]);
  const { modes } = options;
  requireInteger("modes", modes, { min: 1, max: 2 ** 20 });
  for (const [name, part] of [["re", re], ["im", im]] as const) {
    if (part.rows !== modes * channels || part.columns !== re.columns) {
      throw new RangeError(
        `\`${name}\` must be ${modes * channels} x ${re.columns}, got ${part.rows} x ${part.columns}`,
      );
    }
  }
  const { analysis, synthesis, modes: kept } = truncatedDft(n, modes);
  const before = matmul(analysis, u.astype("float64"));
  const after = Matrix.zeros(2 * kept, re.columns) as Matrix;
  for (let k = 0; k < kept; k++) {
    for (let c = 0; c < channels; c++) {
      const real = before.get(2 * k, c);
      const imaginary = before.get(2 * k + 1, c);
      const at = k * channels + c;
      for (let o = 0; o < re.columns; o++) {
        after.data[2 * k * re.columns + o] += real * re.get(at, o) - imaginary * im.get(at, o);
        after.data[(2 * k + 1) * re.columns + o] += real * im.get(at, o) + imaginary * re.get(at, o);
      }
    }
  }
  return matmul(synthesis, after);
}

/**
 * A differential layer on periodic functions: a convolution whose middle tap is corrected so that constants
 * vanish, divided by the step of the grid, `(D u)(x) = (sum_j W_j u(x + j h) - (sum_j W_j) u(x)) / h`. It
 * tends to `(sum_j j W_j) u'` as the grid is refined; for taps (a, b, c) with the error `h / 2 (a + c) u'' +
 * O(h^2)`.
 *
 * @param u Values of Cin functions at n points of a periodic grid: n x Cin.
 * @param kernel (k Cin) x Cout, tap by tap; k is odd.
 * @param options `h`: step of the grid. Default 1 / n.
 * @returns n x Cout.
 * @throws {RangeError} if sizes do not fit, k is even, or a number is not finite or out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { differentialConv } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const u = Matrix.from(256, 1, (j) => Math.sin(2 * Math.PI * j / 256));
 * const slope = differentialConv(u, Matrix.fromRows([[-0.5], [7], [0.5]]));
 * assertAlmostEquals(slope.get(0, 0), 2 * Math.PI, 1e-3);
 * ```
 */
export function differentialConv(
  u: Matrix<RealArray>,
  kernel: Matrix<RealArray>,
  options: { h?: number } = {},
): Matrix {
  const { rows: n, columns: channels } = requireFunctions(u);
  const taps = tapsOf(kernel, channels);
  requireOptions("options", options, ["h"]);
  const { h = 1 / n } = options;
  requireNumber("h", h, { above: 0 });
  const half = (taps - 1) / 2;
  const stencil = kernel.astype("float64").times(1 / h);
  for (let row = 0; row < stencil.rows; row++) {
    const middle = half * channels + row % channels;
    for (let o = 0; o < stencil.columns; o++) {
      stencil.data[middle * stencil.columns + o] -= kernel.get(row, o) / h;
    }
  }
  return correlate(u, stencil, taps, -half);
}
