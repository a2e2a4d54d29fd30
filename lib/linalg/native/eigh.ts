import { allocateLike, ComplexMatrix, Matrix, type RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";
import type { ComplexEigh } from "../complex_eigh.ts";
import type { Eigh } from "../eigh.ts";
import { NotConvergedError } from "../errors.ts";

/** The symmetric eigenproblem by LAPACK's syevd. */
export function nativeEigh<Data extends RealArray>(lapack: Lapack, a: Matrix<Data>): Eigh<Data> {
  const { values, rows } = syevd(lapack, false, a.rows, a.data);
  return { values, vectors: new Matrix(a.rows, a.rows, rows).transpose() };
}

/** The Hermitian eigenproblem by LAPACK's heevd; it sees conj(a), so its vectors are conjugates. */
export function nativeComplexEigh<Data extends RealArray>(
  lapack: Lapack,
  a: ComplexMatrix<Data>,
): ComplexEigh<Data> {
  const { values, rows } = syevd(lapack, true, a.rows, a.data);
  return { values, vectors: new ComplexMatrix(a.rows, a.rows, rows).conjugateTranspose() };
}

function syevd<Data extends RealArray>(
  lapack: Lapack,
  complex: boolean,
  n: number,
  data: Data,
): { values: Float64Array; rows: Data } {
  const rows = data.slice() as Data;
  const w = allocateLike(data, n);
  const info = lapack.syevd(complex, true, n, rows, w);
  if (info !== 0) {
    throw new NotConvergedError(
      "The eigenproblem of `a` (LAPACK's syevd)",
      'Scale the matrix, or use the portable engine: withEngine("portable", ...).',
    );
  }
  return { values: Float64Array.from(w), rows };
}
