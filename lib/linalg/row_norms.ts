import { type Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { requireFiniteMatrix } from "./check.ts";

/**
 * The Euclidean norm of every row of an m x n matrix, m of them, summed in double precision.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rowNorms } from "refigure/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rowNorms(Matrix.fromRows([[3, 4], [0, 0]])), Float64Array.of(5, 0));
 * ```
 */
export function rowNorms(a: Matrix<RealArray>): Float64Array {
  requireMatrix("a", a);
  requireFiniteMatrix("compute the row norms of `a`", a);
  const { rows, columns, data } = a;
  const out = new Float64Array(rows);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (const end = k + columns; k < end; k++) sum += data[k] * data[k];
    out[i] = Math.sqrt(sum);
  }
  return out;
}

/**
 * The Euclidean norm of every column of an m x n matrix, n of them, summed in double precision; no transpose
 * is made.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { columnNorms } from "refigure/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(columnNorms(Matrix.fromRows([[3, 0], [4, 0]])), Float64Array.of(5, 0));
 * ```
 */
export function columnNorms(a: Matrix<RealArray>): Float64Array {
  requireMatrix("a", a);
  requireFiniteMatrix("compute the column norms of `a`", a);
  const { rows, columns, data } = a;
  const out = new Float64Array(columns);
  let k = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++, k++) out[j] += data[k] * data[k];
  for (let j = 0; j < columns; j++) out[j] = Math.sqrt(out[j]);
  return out;
}
