import { allocateLike, ComplexMatrix, Matrix, type RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";
import type { Eig } from "../eig.ts";
import { NotConvergedError } from "../errors.ts";

/**
 * The general eigenproblem by LAPACK's geev. LAPACK sees the transpose: the conjugates of its left
 * eigenvectors are the right ones of `a`, and the other way round.
 */
export function nativeEig<Data extends RealArray>(
  lapack: Lapack,
  a: Matrix<Data> | ComplexMatrix<Data>,
  left: boolean,
): Eig<Data> {
  return a instanceof Matrix ? realEig(lapack, a, left) : complexEig(lapack, a, left);
}

function realEig<Data extends RealArray>(lapack: Lapack, a: Matrix<Data>, left: boolean): Eig<Data> {
  const n = a.rows;
  const like = a.data;
  const wr = allocateLike(like, n);
  const wi = allocateLike(like, n);
  const vl = allocateLike(like, n * n);
  const vr = allocateLike(like, left ? n * n : 0);
  refuse(lapack.geev(n, like.slice(), wr, wi, vl, vr));
  const values = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    values[2 * i] = wr[i];
    values[2 * i + 1] = wi[i];
  }
  const right = unpack(n, vl, wi);
  return left ? { values, right, left: unpack(n, vr, wi) } : { values, right };
}

/** LAPACK packs a conjugate pair of vectors as (re, im) in two real ones; unpacks and conjugates them. */
function unpack<Data extends RealArray>(n: number, v: Data, wi: Data): ComplexMatrix<Data> {
  const out = new ComplexMatrix(n, n, allocateLike(v, 2 * n * n));
  for (let j = 0; j < n; j++) {
    // The first of a pair has the positive imaginary part.
    const pair = wi[j] !== 0;
    for (let i = 0; i < n; i++) {
      const k = 2 * (i * n + j);
      out.data[k] = v[j * n + i];
      if (!pair) continue;
      const im = v[(j + 1) * n + i];
      out.data[k + 1] = -im;
      out.data[k + 2] = v[j * n + i];
      out.data[k + 3] = im;
    }
    if (pair) j++;
  }
  return out;
}

function complexEig<Data extends RealArray>(
  lapack: Lapack,
  a: ComplexMatrix<Data>,
  left: boolean,
): Eig<Data> {
  const n = a.rows;
  const like = a.data;
  const w = allocateLike(like, 2 * n);
  const vl = allocateLike(like, 2 * n * n);
  const vr = allocateLike(like, left ? 2 * n * n : 0);
  refuse(lapack.complexGeev(n, like.slice(), w, vl, vr));
  const values = Float64Array.from(w);
  const right = new ComplexMatrix(n, n, vl).conjugateTranspose();
  return left ? { values, right, left: new ComplexMatrix(n, n, vr).conjugateTranspose() } : { values, right };
}

function refuse(info: number): void {
  if (info !== 0) {
    throw new NotConvergedError(
      "The eigenproblem of `a` (LAPACK's geev)",
      'Perturb the matrix slightly, or use the portable engine: withEngine("portable", ...).',
    );
  }
}
