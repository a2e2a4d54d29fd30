import {
  allocateLike,
  Matrix,
  type RealArray,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { quantileAbs } from "../statistics/mod.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";

/** Options of {@linkcode softThreshold}. */
export interface SoftThresholdOptions<Data extends RealArray = RealArray> {
  /** Where to write, of the length of `x`; it may be `x`. Default: a new array. */
  out?: Data;
}

/**
 * Soft thresholding, T(x) = sign(x) max(|x| - threshold, 0): the proximal map of `threshold * ||x||_1`. What
 * it takes away, x - T(x), is x clipped to [-threshold, threshold] (Moreau's decomposition).
 *
 * @param x Values; left unchanged unless they are `out`. NaN stays NaN.
 * @param threshold At least 0.
 * @param options Where to write.
 * @returns The thresholded values, in `out` if it is given.
 * @throws {RangeError} if the threshold is negative or not finite, or `out` has another length.
 * @throws {TypeError} if `x` or `out` is not a Float64Array or a Float32Array, or an option is unknown.
 *
 * @example
 * ```ts
 * import { softThreshold } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softThreshold(Float64Array.of(3, -0.5, -2), 1), Float64Array.of(2, 0, -1));
 * ```
 */
export function softThreshold<Data extends RealArray>(
  x: Data,
  threshold: number,
  options: SoftThresholdOptions<Data> = {},
): Data {
  requireRealArray("x", x);
  requireNumber("threshold", threshold, { min: 0 });
  requireOptions("options", options, ["out"]);
  const { out = allocateLike(x, x.length) } = options;
  requireRealArray("out", out);
  requireLength("out", out, x.length);
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    out[i] = value > threshold
      ? value - threshold
      : value < -threshold
      ? value + threshold
      : Number.isNaN(value)
      ? value
      : 0;
  }
  return out;
}

/** Options of {@linkcode splitOutliers} and {@linkcode suppressOutliers}. */
export interface OutlierOptions {
  /**
   * The quantile of the absolute entries that is the threshold, in (0, 1]; 1 keeps everything. Default 0.9.
   */
  quantile?: number;
  /** Added to the threshold. Default 1e-9. */
  eps?: number;
}

function requireOutlierOptions(options: OutlierOptions): Required<OutlierOptions> {
  requireOptions("options", options, ["quantile", "eps"]);
  const { quantile = 0.9, eps = 1e-9 } = options;
  requireNumber("quantile", quantile, { above: 0, max: 1 });
  requireNumber("eps", eps, { min: 0 });
  return { quantile, eps };
}

/**
 * Splits a matrix into a bounded base and its outliers, M = B + O with O = T(M), at the quantile of its
 * absolute entries (ROOT: He et al., arXiv 2511.20626).
 *
 * @returns `base` (no entry larger than `threshold`), `outliers` (zero elsewhere) and `threshold`.
 * @throws {RangeError} if an entry is not finite, the matrix is empty or `quantile` is outside (0, 1].
 * @throws {TypeError} if `matrix` is not a matrix, or an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { splitOutliers } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { base, outliers, threshold } = splitOutliers(Matrix.fromRows([[1, -2, 0.5], [10, -0.1, 3]]), { quantile: 0.5 });
 * assertAlmostEquals(threshold, 1.5, 1e-8);
 * assertAlmostEquals(base.get(1, 0), 1.5, 1e-8);
 * assertAlmostEquals(outliers.get(1, 0), 8.5, 1e-8);
 * ```
 */
export function splitOutliers<Data extends RealArray>(
  matrix: Matrix<Data>,
  options: OutlierOptions = {},
): { base: Matrix<Data>; outliers: Matrix<Data>; threshold: number } {
  requireMatrix("matrix", matrix);
  const { quantile, eps } = requireOutlierOptions(options);
  const threshold = quantileAbs(matrix.data, quantile) + eps;
  const outliers = new Matrix(matrix.rows, matrix.columns, softThreshold(matrix.data, threshold));
  // Clipped, not M - O: that would round the base of an outlier to the outlier's precision.
  const base = matrix.clone();
  clip(base.data, threshold);
  return { base, outliers, threshold };
}

function clip(x: RealArray, threshold: number): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i] > threshold) x[i] = threshold;
    else if (x[i] < -threshold) x[i] = -threshold;
  }
}

/**
 * Takes the outliers out of the update: every entry is clipped to the quantile of the absolute entries, which
 * is found anew for every matrix and step (ROOT: He et al., arXiv 2511.20626; the official code puts it
 * between momentum and orthogonalization).
 *
 * Before the momentum it protects more: momentum with decay 0.95 spreads one outlier over dozens of steps,
 * and once more than a fraction 1 - `quantile` of its entries are outliers, the threshold is one too.
 *
 * @throws {RangeError} if `quantile` is outside (0, 1]; in a step, naming the parameter, if an entry is not
 * finite.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { suppressOutliers } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const parameter = { name: "w", weights: Matrix.zeros(1, 5), outputs: "rows" as const };
 * const link = suppressOutliers({ quantile: 0.5 });
 * const update = link.update(Matrix.fromRows([[1, -2, 1e6, 3, 0]]), link.init(parameter), parameter);
 * assertAlmostEquals(update.get(0, 2), 2, 1e-8);
 * ```
 */
export function suppressOutliers(options: OutlierOptions = {}): GradientTransformation {
  const { quantile, eps } = requireOutlierOptions(options);
  return stateless((updates, { name }) => {
    const u = updates.data;
    if (u.length === 0) return updates;
    clip(u, quantileAbs(u, quantile, { what: `Cannot suppress the outliers of ${name}` }) + eps);
    return updates;
  });
}
