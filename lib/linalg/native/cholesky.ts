import type { RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";

/**
 * The lower Cholesky factor of a row-major n x n array by LAPACK's potrf, or the index of the first pivot
 * that is not positive. The column-major `conj(a) = u^H u` gives `l = u^T`, which is the same memory.
 */
export function nativeCholesky<Data extends RealArray>(
  lapack: Lapack,
  complex: boolean,
  n: number,
  a: Data,
): Data | number {
  const l = a.slice() as Data;
  const parts = complex ? 2 : 1;
  const info = lapack.potrf(complex, n, l);
  if (info > 0) return info - 1;
  for (let i = 0; i < n; i++) l.fill(0, parts * (i * n + i + 1), parts * (i + 1) * n);
  return l;
}
