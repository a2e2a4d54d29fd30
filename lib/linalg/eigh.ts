import { type Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix, requireSquare } from "./check.ts";
import { nativeEigh } from "./native/eigh.ts";
import { portableEigh } from "./portable/eigh.ts";

/** The eigendecomposition `a = vectors diag(values) vectors^T` of a symmetric n x n matrix. */
export interface Eigh<Data extends RealArray = Float64Array> {
  /** Eigenvalues, ascending; always in double precision storage. */
  values: Float64Array;
  /** Orthonormal eigenvectors as columns, n x n. */
  vectors: Matrix<Data>;
}

/**
 * Eigenvalues and eigenvectors of a real symmetric matrix (Golub & Van Loan, section 8.3). Only the lower
 * triangle is read.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if the matrix is not square or an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { eigh } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { values, vectors } = eigh(Matrix.fromRows([[2, 1], [1, 2]]));
 * assertAlmostEquals(values[0], 1);
 * assertAlmostEquals(values[1], 3);
 * assertAlmostEquals(Math.abs(vectors.get(0, 1)), Math.SQRT1_2);
 * ```
 */
export function eigh<Data extends RealArray>(a: Matrix<Data>): Eigh<Data> {
  requireMatrix("a", a);
  requireSquare("a", a);
  requireFiniteMatrix("compute the eigenvectors of `a`", a);
  if (a.rows === 0) return { values: new Float64Array(0), vectors: a.clone() };
  const native = lapack();
  return native ? nativeEigh(native, a) : portableEigh(a);
}
