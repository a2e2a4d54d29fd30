import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireMatrix,
  requireSameShape,
} from "../arrays/mod.ts";
import { euclideanNorm } from "../arrays/euclidean_norm.ts";
import { matmul } from "../blas/mod.ts";
import { truncatedDft } from "./truncated_dft.ts";

/** @throws {RangeError | TypeError} unless both are functions on one grid. */
function requirePair(prediction: Matrix<RealArray>, target: Matrix<RealArray>): void {
  requireMatrix("prediction", prediction);
  requireMatrix("target", target);
  requireSameShape("prediction", prediction, target);
  requireFinite("`prediction` must be finite", prediction.data, prediction.columns);
  requireFinite("`target` must be finite", target.data, target.columns);
}

/** Norms of the rows of the difference over those of the target; 0 / 0 is NaN. */
function ratios(prediction: Matrix<RealArray>, target: Matrix<RealArray>): Float64Array {
  const difference = prediction.astype("float64").minus(target);
  return Float64Array.from(
    { length: target.rows },
    (_, i) => euclideanNorm(difference.row(i)) / euclideanNorm(target.row(i)),
  );
}

/**
 * The relative L2 error of each function on a uniform grid, `|| prediction - target || / || target ||`.
 * Unlike a sum of squares over points, it does not grow with the grid.
 *
 * @param prediction Functions, one per row.
 * @param target As many functions on the same grid.
 * @returns One error per row; NaN or infinite where the target is zero.
 * @throws {RangeError} if the shapes differ, or a value is not finite.
 * @throws {TypeError} if an argument is not a Matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { relativeL2 } from "refigure/operators";
 * import { assertEquals } from "@std/assert";
 *
 * const target = Matrix.fromRows([[3, 4], [1, 0]]);
 * assertEquals(relativeL2(Matrix.fromRows([[0, 0], [1, 0]]), target), Float64Array.of(1, 0));
 * ```
 */
export function relativeL2(prediction: Matrix<RealArray>, target: Matrix<RealArray>): Float64Array {
  requirePair(prediction, target);
  return ratios(prediction, target);
}

/**
 * The relative H1 error of each periodic function on [0, 1): as {@linkcode relativeL2}, with the norm
 * `(||u||^2 + ||u'||^2)^(1/2)`; derivatives by Fourier modes.
 *
 * @param prediction Functions at the points j / columns, one per row.
 * @param target As many functions on the same grid.
 * @returns One error per row; NaN or infinite where the target is zero.
 * @throws {RangeError} if the shapes differ, or a value is not finite.
 * @throws {TypeError} if an argument is not a Matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { relativeH1 } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const waves = (k: number) => Matrix.from(1, 64, (_, j) => Math.cos(2 * Math.PI * k * j / 64));
 * const target = waves(1);
 * const [error] = relativeH1(target.plus(waves(5), 0.1), target);
 * const norm = (k: number) => Math.sqrt(1 + (2 * Math.PI * k) ** 2);
 * assertAlmostEquals(error, 0.1 * norm(5) / norm(1), 1e-12);
 * ```
 */
export function relativeH1(prediction: Matrix<RealArray>, target: Matrix<RealArray>): Float64Array {
  requirePair(prediction, target);
  const n = target.columns;
  if (n === 0) return ratios(prediction, target);
  const { analysis, modes } = truncatedDft(n, Math.floor(n / 2) + 1);
  // Parseval: every mode but 0 and n / 2 stands for two.
  const weights = Float64Array.from({ length: 2 * modes }, (_, row) => {
    const k = row >> 1;
    return Math.sqrt((2 * k % n === 0 ? 1 : 2) * (1 + (2 * Math.PI * k) ** 2));
  });
  const weighted = (u: Matrix<RealArray>) =>
    matmul(u.astype("float64"), analysis, { transposeB: true }).map((value, _, k) => weights[k] * value);
  return ratios(weighted(prediction), weighted(target));
}
