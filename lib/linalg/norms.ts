import { ComplexMatrix, Matrix, type RealArray } from "../arrays/mod.ts";
import { powerOfTwoScale, tamed } from "../arrays/scaling.ts";
import { requireEitherMatrix, requireFiniteMatrix } from "./check.ts";
import { singularValues } from "./svd.ts";

/**
 * The Frobenius norm, the root of the sum of squared entries; of real and complex matrices. It does not over-
 * or underflow where the result does not.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertEquals(frobeniusNorm(Matrix.fromRows([[3, 0], [0, 4]])), 5);
 * assertAlmostEquals(frobeniusNorm(Matrix.fromRows([[3e200, 4e200]])), 5e200);
 * ```
 */
export function frobeniusNorm(a: Matrix<RealArray> | ComplexMatrix<RealArray>): number {
  requireEitherMatrix("a", a);
  requireFiniteMatrix("compute the norm of `a`", a);
  let sum = 0;
  for (let k = 0; k < a.data.length; k++) sum += a.data[k] * a.data[k];
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  const { half, other } = powerOfTwoScale(a.data);
  sum = 0;
  for (let k = 0; k < a.data.length; k++) sum += (a.data[k] * half * other) ** 2;
  return Math.sqrt(sum) / half / other;
}

/**
 * The spectral norm, the largest singular value, of a real or complex matrix; 0 for an empty matrix.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { spectralNorm } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(spectralNorm(Matrix.diagonal([3, -4])), 4);
 * ```
 */
export function spectralNorm(a: Matrix<RealArray> | ComplexMatrix<RealArray>): number {
  return singularValues(a)[0] ?? 0;
}

/**
 * The nuclear norm, the sum of the singular values, of a real or complex matrix; 0 for an empty matrix.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { nuclearNorm } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(nuclearNorm(Matrix.diagonal([3, -4])), 7);
 * ```
 */
export function nuclearNorm(a: Matrix<RealArray> | ComplexMatrix<RealArray>): number {
  return singularValues(a).reduce((sum, s) => sum + s, 0);
}

/**
 * The condition number in the spectral norm, largest over smallest singular value; Infinity for a matrix
 * without full rank, 1 for an empty one.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { conditionNumber } from "refigure/linalg";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertAlmostEquals(conditionNumber(Matrix.diagonal([3, -4])), 4 / 3);
 * assertEquals(conditionNumber(Matrix.diagonal([1, 0])), Infinity);
 * ```
 */
export function conditionNumber(a: Matrix<RealArray> | ComplexMatrix<RealArray>): number {
  requireEitherMatrix("a", a);
  const s = singularValues(divided(a));
  if (s.length === 0) return 1;
  return s[s.length - 1] === 0 ? Infinity : s[0] / s[s.length - 1];
}

/** The matrix over a power of two, if it is so large that its singular values could overflow. */
function divided(
  a: Matrix<RealArray> | ComplexMatrix<RealArray>,
): Matrix<RealArray> | ComplexMatrix<RealArray> {
  const { data, divisor } = tamed(a.data);
  if (divisor === 1) return a;
  return a instanceof Matrix
    ? new Matrix(a.rows, a.columns, data)
    : new ComplexMatrix(a.rows, a.columns, data);
}
