import { allocateLike, ComplexMatrix, type RealArray, requireComplexMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix, requireSquare } from "./check.ts";
import { nativeCholesky } from "./native/cholesky.ts";
import { notPositiveDefinite } from "./not_positive_definite.ts";
import { complexCholeskyFactor } from "./portable/complex_cholesky.ts";

/**
 * The lower triangular `l` with `a = l l^H`, for a Hermitian positive definite matrix. Only the lower
 * triangle of `a` is read, and of the diagonal only the real part.
 *
 * @throws {TypeError} if `a` is not a complex matrix.
 * @throws {RangeError} if `a` is not square or an entry is NaN or infinite.
 * @throws {SingularMatrixError} if `a` is not positive definite.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexCholesky } from "refigure/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const l = complexCholesky(new ComplexMatrix(2, 2, new Float64Array([4, 0, 0, -2, 0, 2, 10, 0])));
 * assertEquals(l.get(1, 0), { re: 0, im: 1 });
 * assertEquals(l.get(1, 1), { re: 3, im: 0 });
 * ```
 */
export function complexCholesky<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexMatrix<Data> {
  requireComplexMatrix("a", a);
  requireSquare("a", a);
  requireFiniteMatrix("compute the Cholesky factor of `a`", a);
  const native = lapack();
  const n = a.rows;
  if (n === 0) return a.clone();
  const l = native ? nativeCholesky(native, true, n, a.data) : complexCholeskyFactor(n, a.data);
  if (typeof l === "number") throw notPositiveDefinite(l);
  const out = new ComplexMatrix(n, n, allocateLike(a.data, 2 * n * n));
  out.data.set(l);
  return out;
}
