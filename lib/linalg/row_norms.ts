import { type Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { powerOfTwoScale } from "../arrays/scaling.ts";
import { requireFiniteMatrix } from "./check.ts";

/** Sums of squares outside of these have overflowed, or lost digits to underflow. */
const SMALLEST = 1e-280;
const LARGEST = 1e280;

/** The norm of every `step`-th entry of `data` from `first` on, `count` of them, scaled by their largest one. */
function scaledNorm(data: RealArray, first: number, count: number, step: number): number {
  const values = Float64Array.from({ length: count }, (_, i) => data[first + i * step]);
  const { half, other } = powerOfTwoScale(values);
  const sum = values.reduce((sum, value) => sum + (value * half * other) ** 2, 0);
  return Math.sqrt(sum) / half / other;
}

/**
 * The Euclidean norm of every row of an m x n matrix, m of them, summed in double precision. They do
 * not over- or underflow where the result does not.
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
    out[i] = sum > SMALLEST && sum < LARGEST ? Math.sqrt(sum) : scaledNorm(data, k - columns, columns, 1);
  }
  return out;
}

/**
 * The Euclidean norm of every column of an m x n matrix, n of them, summed in double precision; no transpose
 * is made. They do not over- or underflow where the result does not.
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
  for (let j = 0; j < columns; j++) {
    out[j] = out[j] > SMALLEST && out[j] < LARGEST ? Math.sqrt(out[j]) : scaledNorm(data, j, rows, columns);
  }
  return out;
}
