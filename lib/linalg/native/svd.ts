import { allocateLike, ComplexMatrix, Matrix, type RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";
import type { ComplexSvd } from "../complex_svd.ts";
import { NotConvergedError } from "../errors.ts";
import type { Svd } from "../svd.ts";

/**
 * The thin SVD by LAPACK's gesdd. The column-major `a^T = (vt)^T diag(s) u^T` gives vt as its u and u as its
 * vt.
 */
export function nativeSvd<Data extends RealArray>(
  lapack: Lapack,
  a: Matrix<Data>,
  vectors: boolean,
): Svd<Data> {
  const { s, u, vt } = gesdd(lapack, false, a.rows, a.columns, a.data, vectors);
  const p = vectors ? s.length : 0;
  return { u: new Matrix(vectors ? a.rows : 0, p, u), s, vt: new Matrix(p, vectors ? a.columns : 0, vt) };
}

/** The thin SVD of a complex matrix; as nothing is conjugated on the way, u and vt come out as they are. */
export function nativeComplexSvd<Data extends RealArray>(
  lapack: Lapack,
  a: ComplexMatrix<Data>,
): ComplexSvd<Data> {
  const { s, u, vt } = gesdd(lapack, true, a.rows, a.columns, a.data, true);
  return { u: new ComplexMatrix(a.rows, s.length, u), s, vh: new ComplexMatrix(s.length, a.columns, vt) };
}

function gesdd<Data extends RealArray>(
  lapack: Lapack,
  complex: boolean,
  m: number,
  n: number,
  data: Data,
  vectors: boolean,
): { s: Float64Array; u: Data; vt: Data } {
  const p = Math.min(m, n);
  const parts = complex ? 2 : 1;
  const s = allocateLike(data, p);
  const u = allocateLike(data, vectors ? parts * m * p : 0);
  const vt = allocateLike(data, vectors ? parts * p * n : 0);
  const info = lapack.gesdd(complex, vectors, n, m, data.slice(), s, vt, u);
  if (info !== 0) {
    throw new NotConvergedError(
      "The SVD of `a` (LAPACK's gesdd)",
      'Scale or perturb the matrix slightly, or use the portable engine: withEngine("portable", ...).',
    );
  }
  return { s: Float64Array.from(s), u, vt };
}
