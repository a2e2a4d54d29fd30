import { Matrix, type RealArray, requireMatrix, requireNumber, requireOptions } from "../arrays/mod.ts";
import { tamed } from "../arrays/scaling.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { matmul } from "../blas/mod.ts";
import { asColumn, requireFiniteMatrix } from "./check.ts";
import { svd } from "./svd.ts";

/** Options for {@linkcode leastSquares}. */
export interface LeastSquaresOptions {
  /**
   * Singular values up to `rcond` times the largest count as zero. Default: machine epsilon times max(m, n).
   */
  rcond?: number;
}

/**
 * The x of least norm among those that minimize `||a x - b||`, for an m x n matrix and one right-hand side (a
 * vector of length m) or several (the columns of an m x p matrix), through the SVD (Golub & Van Loan, section
 * 5.5).
 *
 * @param a m x n.
 * @param b m numbers, or m x p, in the precision of `a`.
 * @param options Which singular values count as zero.
 * @returns n numbers, or n x p.
 * @throws {TypeError} if `a` is not a matrix, `b` neither a matrix nor a vector of its precision, or an option
 * is unknown.
 * @throws {RangeError} if the sizes differ, an entry is NaN or infinite, or `rcond` is not in [0, 1).
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { leastSquares } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The line 1 + 2 t through three points.
 * const a = Matrix.fromRows([[1, 0], [1, 1], [1, 2]]);
 * const x = leastSquares(a, new Float64Array([1, 3, 5]));
 * assertAlmostEquals(x[0], 1);
 * assertAlmostEquals(x[1], 2);
 * ```
 */
export function leastSquares<Data extends RealArray>(
  a: Matrix<Data>,
  b: Matrix<Data>,
  options?: LeastSquaresOptions,
): Matrix<Data>;
/** The same for one right-hand side, a vector of length m. */
export function leastSquares<Data extends RealArray>(
  a: Matrix<Data>,
  b: Data,
  options?: LeastSquaresOptions,
): Data;
export function leastSquares<Data extends RealArray>(
  a: Matrix<Data>,
  b: Matrix<Data> | Data,
  options: LeastSquaresOptions = {},
): Matrix<Data> | Data {
  requireMatrix("a", a);
  if (!(b instanceof Matrix)) return leastSquares(a, asColumn(b), options).data;
  requireMatrix("b", b);
  requireSamePrecision("b", b.data, "a", a.data);
  requireOptions("options", options, ["rcond"]);
  const epsilon = a.dtype === "float32" ? 2 ** -23 : 2 ** -52;
  const { rcond = epsilon * Math.max(a.rows, a.columns) } = options;
  requireNumber("rcond", rcond, { min: 0, below: 1 });
  if (b.rows !== a.rows) throw new RangeError(`\`b\` must have ${a.rows} rows as \`a\` has, got ${b.rows}`);
  requireFiniteMatrix("solve for `b`", b);
  requireFiniteMatrix("compute the SVD of `a`", a);
  // (a / s) y = b / t, so x = (t / s) y.
  const left = tamed(a.data);
  const right = tamed(b.data);
  const { u, s, vt } = svd(new Matrix(a.rows, a.columns, left.data));
  const coefficients = matmul(u, new Matrix(b.rows, b.columns, right.data), { transposeA: true });
  for (let i = 0; i < s.length; i++) {
    const row = coefficients.row(i);
    for (let j = 0; j < row.length; j++) row[j] = s[i] > rcond * s[0] ? row[j] / s[i] : 0;
  }
  const x = matmul(vt, coefficients, { transposeA: true });
  return left.divisor === right.divisor ? x : x.times(right.divisor / left.divisor);
}
