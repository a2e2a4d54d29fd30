import { Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { requireSquare } from "./check.ts";
import { solve } from "./solve.ts";

/**
 * The inverse of a square matrix, by LU factorization. To solve a system, {@linkcode solve} is faster and
 * more accurate.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if `a` is not square or an entry is NaN or infinite.
 * @throws {SingularMatrixError} if `a` is singular.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { inverse } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(inverse(Matrix.fromRows([[1, 2], [0, 4]])).get(0, 1), -0.5);
 * ```
 */
export function inverse<Data extends RealArray>(a: Matrix<Data>): Matrix<Data> {
  requireMatrix("a", a);
  requireSquare("a", a);
  return solve(a, Matrix.identity(a.rows).astype(a.dtype) as Matrix<RealArray> as Matrix<Data>);
}
