import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireSameShape,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";

/** What {@linkcode principalComponents} returns. */
export interface PrincipalComponents {
  /** Means of the columns. */
  mean: Float64Array;
  /** Orthonormal directions as columns, d x count, that of the largest variance first. */
  directions: Matrix;
  /** Variances along the directions, with divisor n - 1, descending. */
  variances: Float64Array;
  /**
   * Coordinates of rows in the directions, after the mean is subtracted; not divided by the deviations.
   *
   * @throws {RangeError} if the number of columns is another one.
   */
  project(x: Matrix<RealArray>): Matrix;
}

/**
 * The principal components of the rows of a matrix: the directions of largest variance (Pearson 1901). The
 * sign of each direction is such that its entry of largest magnitude is positive.
 *
 * @param x n x d, one example per row.
 * @param count How many components, from 1 to d.
 * @returns Mean, directions and variances.
 * @throws {RangeError} if there are fewer than 2 rows, `count` is out of range, or an entry is NaN or
 * infinite.
 * @throws {TypeError} if `x` is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { principalComponents } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { directions, variances } = principalComponents(Matrix.fromRows([[1, 1], [2, 2], [3, 3]]), 1);
 * assertAlmostEquals(directions.get(0, 0), Math.SQRT1_2);
 * assertAlmostEquals(variances[0], 2);
 * ```
 */
export function principalComponents(x: Matrix<RealArray>, count: number): PrincipalComponents {
  const { mean, rows } = centeredRows("x", x);
  requireInteger("count", count, { min: 1, max: x.columns });
  const { values, vectors } = eigh(gram(rows));
  const d = x.columns;
  const directions = Matrix.from(d, count, (i, j) => vectors.get(i, d - 1 - j));
  for (let j = 0; j < count; j++) {
    const column = directions.column(j);
    let largest = 0;
    for (const entry of column) if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    if (largest < 0) column.forEach((entry, i) => directions.set(i, j, -entry));
  }
  return {
    mean,
    directions,
    variances: Float64Array.from({ length: count }, (_, j) => Math.max(0, values[d - 1 - j])),
    project(of) {
      requireSameShape("x", requireMatrix("x", of), { rows: of.rows, columns: d });
      return matmul(Matrix.from(of.rows, d, (i, j) => of.get(i, j) - mean[j]), directions);
    },
  };
}

/**
 * Means of the columns, and the rows minus them over sqrt(n - 1), so that their Gram matrix is the
 * covariance.
 */
export function centeredRows(name: string, x: Matrix<RealArray>): { mean: Float64Array; rows: Matrix } {
  requireMatrix(name, x);
  const n = requireInteger(`${name}.rows`, x.rows, { min: 2 });
  requireInteger(`${name}.columns`, x.columns, { min: 1 });
  requireFinite(`Cannot take the covariance of \`${name}\``, x.data, x.columns);
  const mean = new Float64Array(x.columns);
  let at = 0;
  for (let i = 0; i < n; i++) {
    // Divided before they are added: a sum of the largest floats would overflow.
    for (let j = 0; j < x.columns; j++, at++) mean[j] += x.data[at] / n;
  }
  const scale = 1 / Math.sqrt(n - 1);
  return { mean, rows: Matrix.from(n, x.columns, (i, j) => scale * (x.get(i, j) - mean[j])) };
}
