import { Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { lapack } from "../blas/choice.ts";
import { asColumn, requireFiniteMatrix, requireSquare } from "./check.ts";
import { SingularMatrixError } from "./errors.ts";
import { nativeCholesky } from "./native/cholesky.ts";
import { notPositiveDefinite } from "./not_positive_definite.ts";
import { portableCholesky } from "./portable/cholesky.ts";

/**
 * The lower triangular `l` with `a = l l^T`, for a symmetric positive definite matrix (Golub & Van Loan,
 * section 4.2). Only the lower triangle of `a` is read.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if `a` is not square or an entry is NaN or infinite.
 * @throws {SingularMatrixError} if `a` is not positive definite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { cholesky } from "refigure/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(cholesky(Matrix.fromRows([[4, 2], [2, 10]])).toRows(), [[2, 0], [1, 3]]);
 * ```
 */
export function cholesky<Data extends RealArray>(a: Matrix<Data>): Matrix<Data> {
  requireMatrix("a", a);
  requireSquare("a", a);
  requireFiniteMatrix("compute the Cholesky factor of `a`", a);
  if (a.rows === 0) return a.clone();
  const native = lapack();
  const n = a.rows;
  const l = native ? nativeCholesky(native, false, n, a.data) : portableCholesky(n, a.data);
  if (typeof l === "number") throw notPositiveDefinite(l);
  return new Matrix(n, n, l);
}

/**
 * Solves `a x = b` given the Cholesky factor `l` of `a = l l^T`, for one right-hand side (a vector) or
 * several (the columns of a matrix), by two triangular solves.
 *
 * @throws {TypeError} if `l` is not a matrix, or `b` neither a matrix nor a vector of its precision.
 * @throws {RangeError} if the sizes differ or an entry of `b` is NaN or infinite.
 * @throws {SingularMatrixError} if the diagonal of `l` has a zero.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { cholesky, choleskySolve } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const l = cholesky(Matrix.fromRows([[4, 2], [2, 10]]));
 * const x = choleskySolve(l, new Float64Array([8, 22]));
 * assertAlmostEquals(x[0], 1);
 * assertAlmostEquals(x[1], 2);
 * ```
 */
export function choleskySolve<Data extends RealArray>(l: Matrix<Data>, b: Matrix<Data>): Matrix<Data>;
/** The same for one right-hand side, a vector of length n. */
export function choleskySolve<Data extends RealArray>(l: Matrix<Data>, b: Data): Data;
export function choleskySolve<Data extends RealArray>(
  l: Matrix<Data>,
  b: Matrix<Data> | Data,
): Matrix<Data> | Data {
  requireMatrix("l", l);
  if (!(b instanceof Matrix)) return choleskySolve(l, asColumn(b)).data;
  requireMatrix("b", b);
  requireSamePrecision("b", b.data, "l", l.data);
  requireSquare("l", l);
  if (b.rows !== l.rows) throw new RangeError(`\`b\` must have ${l.rows} rows as \`l\` has, got ${b.rows}`);
  requireFiniteMatrix("solve with `l`", l);
  requireFiniteMatrix("solve for `b`", b);
  const n = l.rows;
  const p = b.columns;
  for (let i = 0; i < n; i++) {
    if (l.get(i, i) === 0) {
      throw new SingularMatrixError(`Cannot solve with \`l\`: entry (${i}, ${i}) of its diagonal is 0`);
    }
  }
  // Each step subtracts a multiple of one row of x from another, so memory is read in order.
  const x = Float64Array.from(b.data);
  const subtract = (row: number, factor: number, other: number) => {
    for (let j = 0; j < p; j++) x[row * p + j] -= factor * x[other * p + j];
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(i, l.get(i, k), k);
    for (let j = 0; j < p; j++) x[i * p + j] /= l.get(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < p; j++) x[i * p + j] /= l.get(i, i);
    for (let k = 0; k < i; k++) subtract(k, l.get(i, k), i);
  }
  const out = b.clone();
  out.data.set(x);
  return out;
}
