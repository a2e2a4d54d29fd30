import { Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { lapack } from "../blas/choice.ts";
import { asColumn, requireFiniteMatrix, requireSquare } from "./check.ts";
import { SingularMatrixError } from "./errors.ts";
import { nativeSolve } from "./native/solve.ts";
import { portableSolve } from "./portable/solve.ts";

/**
 * Solves `a x = b` by LU factorization with partial pivoting (Golub & Van Loan, section 3.4), for a square
 * `a` and one right-hand side (a vector) or several (the columns of a matrix). The solution has the shape
 * of `b`.
 *
 * @throws {TypeError} if `a` is not a matrix, or `b` neither a matrix nor a vector of its precision.
 * @throws {RangeError} if `a` is not square, the sizes differ, or an entry is NaN or infinite.
 * @throws {SingularMatrixError} if `a` is singular to working order: a pivot is exactly zero.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { solve } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = solve(Matrix.fromRows([[2, 1], [1, 3]]), new Float64Array([3, 5]));
 * assertAlmostEquals(x[0], 0.8);
 * assertAlmostEquals(x[1], 1.4);
 * ```
 */
export function solve<Data extends RealArray>(a: Matrix<Data>, b: Matrix<Data>): Matrix<Data>;
/** The same for one right-hand side, a vector of length n. */
export function solve<Data extends RealArray>(a: Matrix<Data>, b: Data): Data;
export function solve<Data extends RealArray>(a: Matrix<Data>, b: Matrix<Data> | Data): Matrix<Data> | Data {
  requireMatrix("a", a);
  if (!(b instanceof Matrix)) return solve(a, asColumn(b)).data;
  requireMatrix("b", b);
  requireSamePrecision("b", b.data, "a", a.data);
  requireSquare("a", a);
  if (b.rows !== a.rows) throw new RangeError(`\`b\` must have ${a.rows} rows as \`a\` has, got ${b.rows}`);
  requireFiniteMatrix("solve with `a`", a);
  requireFiniteMatrix("solve for `b`", b);
  if (b.data.length === 0) return b.clone();
  const native = lapack();
  const x = native ? nativeSolve(native, false, a.rows, b.columns, a.data, b.data) : portableSolve(a, b);
  if (x === null) {
    throw new SingularMatrixError(
      "Cannot solve with `a`: the matrix is singular. `leastSquares` gives the solution of least norm.",
    );
  }
  return new Matrix(b.rows, b.columns, x);
}
