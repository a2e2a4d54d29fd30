import { allocateLike, type ComplexMatrix, Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireEitherMatrix, requireFiniteMatrix } from "./check.ts";
import { complexSvd } from "./complex_svd.ts";
import { nativeSvd } from "./native/svd.ts";
import { portableSvd } from "./portable/svd.ts";

/** The thin singular value decomposition `a = u diag(s) vt` of an m x n matrix, with p = min(m, n). */
export interface Svd<Data extends RealArray = Float64Array> {
  /** Left singular vectors, m x p, orthonormal columns. */
  u: Matrix<Data>;
  /** Singular values, p of them, descending; always in double precision storage. */
  s: Float64Array;
  /** Right singular vectors as rows, p x n, orthonormal rows. */
  vt: Matrix<Data>;
}

/**
 * The thin singular value decomposition (Golub & Van Loan, Matrix Computations, section 8.6).
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { svd } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { u, s, vt } = svd(Matrix.fromRows([[3, 0], [0, -4], [0, 0]]));
 * assertAlmostEquals(s[0], 4);
 * assertAlmostEquals(u.get(1, 0) * s[0] * vt.get(0, 1), -4);
 * ```
 */
export function svd<Data extends RealArray>(a: Matrix<Data>): Svd<Data> {
  requireMatrix("a", a);
  requireFiniteMatrix("compute the SVD of `a`", a);
  const p = Math.min(a.rows, a.columns);
  if (p === 0) {
    return {
      u: new Matrix(a.rows, 0, allocateLike(a.data, 0)),
      s: new Float64Array(0),
      vt: new Matrix(0, a.columns, allocateLike(a.data, 0)),
    };
  }
  const native = lapack();
  return native ? nativeSvd(native, a, true) : portableSvd(a, true);
}

/**
 * The singular values alone, descending, of a real or complex matrix: cheaper than {@linkcode svd}.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { singularValues } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const s = singularValues(Matrix.fromRows([[3, 0], [4, 0]]));
 * assertAlmostEquals(s[0], 5);
 * assertAlmostEquals(s[1], 0);
 * ```
 */
export function singularValues(a: Matrix<RealArray> | ComplexMatrix<RealArray>): Float64Array {
  requireEitherMatrix("a", a);
  requireFiniteMatrix("compute the singular values of `a`", a);
  if (a.data.length === 0) return new Float64Array(0);
  if (!(a instanceof Matrix)) return complexSvd(a).s;
  const native = lapack();
  return (native ? nativeSvd(native, a, false) : portableSvd(a, false)).s;
}
