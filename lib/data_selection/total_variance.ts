import { type Matrix, type RealArray, requireFinite, requireInteger, requireMatrix } from "../arrays/mod.ts";

/**
 * How diverse a set of documents is: the trace of the covariance of its scores, with divisor n. The mean
 * squared distance of two documents, drawn with replacement, is twice that.
 *
 * @param x n x p, the scores of the selected documents.
 * @returns The sum of the variances of the columns.
 * @throws {RangeError} if there is no row, or an entry is NaN or infinite.
 * @throws {TypeError} if `x` is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { totalVariance } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(totalVariance(Matrix.fromRows([[0, 1], [2, 1]])), 1);
 * ```
 */
export function totalVariance(x: Matrix<RealArray>): number {
  requireMatrix("x", x);
  requireInteger("x.rows", x.rows, { min: 1 });
  requireFinite("Cannot take the variance of `x`", x.data, x.columns);
  let total = 0;
  for (let j = 0; j < x.columns; j++) {
    let mean = 0;
    for (let i = 0; i < x.rows; i++) mean += x.get(i, j) / x.rows;
    for (let i = 0; i < x.rows; i++) total += (x.get(i, j) - mean) ** 2 / x.rows;
  }
  return total;
}
