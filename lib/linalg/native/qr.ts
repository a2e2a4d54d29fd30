import { allocateLike, type RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";

/**
 * The thin QR factorization by LAPACK's gelqf and orglq: the column-major `a^T = r^T q^T` is an LQ
 * factorization. Returns q (m x p) and r (p x n), row-major; the diagonal of r has any sign.
 */
export function nativeQr<Data extends RealArray>(
  lapack: Lapack,
  complex: boolean,
  m: number,
  n: number,
  a: Data,
): { q: Data; r: Data } {
  const p = Math.min(m, n);
  const parts = complex ? 2 : 1;
  const factors = a.slice() as Data;
  const tau = allocateLike(a, parts * p);
  lapack.gelqf(complex, n, m, factors, tau);
  const r = allocateLike(a, parts * p * n);
  for (let i = 0; i < p; i++) {
    r.set(factors.subarray(parts * (i * n + i), parts * (i + 1) * n), parts * (i * n + i));
  }
  // Row i of the row-major factors holds reflector i; q needs the first p columns of each of the m rows.
  let q = factors;
  if (n > p) {
    q = allocateLike(a, parts * m * p);
    for (let i = 0; i < m; i++) {
      q.set(factors.subarray(parts * i * n, parts * (i * n + p)), parts * i * p);
    }
  }
  lapack.orglq(complex, p, m, p, q, p, tau);
  return { q, r };
}
