import { allocateLike, ComplexMatrix, type RealArray, requireComplexMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix } from "./check.ts";
import { nativeQr } from "./native/qr.ts";
import { householderQr, makePositive } from "./portable/complex_qr.ts";
import { scaled, tamed } from "../arrays/scaling.ts";

/** The thin QR factorization `a = q r` of a complex m x n matrix, with p = min(m, n). */
export interface ComplexQr<Data extends RealArray = Float64Array> {
  /** m x p, orthonormal columns. */
  q: ComplexMatrix<Data>;
  /** p x n, upper triangular (trapezoidal if wide), with a real and non-negative diagonal. */
  r: ComplexMatrix<Data>;
}

/**
 * The thin QR factorization of a complex matrix by Householder reflections. The diagonal of `r` is real and
 * non-negative, which makes the factorization of a matrix of full column rank unique.
 *
 * @throws {TypeError} if `a` is not a complex matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexQr } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { q, r } = complexQr(new ComplexMatrix(2, 1, new Float64Array([0, 3, 4, 0])));
 * assertAlmostEquals(r.get(0, 0).re, 5);
 * assertAlmostEquals(q.get(0, 0).im, 3 / 5);
 * ```
 */
export function complexQr<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexQr<Data> {
  requireComplexMatrix("a", a);
  requireFiniteMatrix("compute the QR factorization of `a`", a);
  const { rows: m, columns: n } = a;
  const p = Math.min(m, n);
  const q = new ComplexMatrix(m, p, allocateLike(a.data, 2 * m * p));
  const r = new ComplexMatrix(p, n, allocateLike(a.data, 2 * p * n));
  if (p === 0) return { q, r };
  const native = lapack();
  if (native) {
    const { data, divisor } = tamed(a.data);
    const factors = nativeQr(native, true, m, n, data);
    if (divisor !== 1) { for (let k = 0; k < factors.r.length; k++) factors.r[k] *= divisor; }
    for (let k = 0; k < p; k++) makePositive(m, n, p, factors.q, factors.r, k);
    return { q: new ComplexMatrix(m, p, factors.q), r: new ComplexMatrix(p, n, factors.r) };
  }
  const { data, restore } = scaled(a.data);
  const factors = householderQr(m, n, data);
  q.data.set(factors.q);
  r.data.set(factors.r.map(restore));
  return { q, r };
}
