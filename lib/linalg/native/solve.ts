import { allocateLike, type RealArray } from "../../arrays/mod.ts";
import type { Lapack } from "../../blas/native/lapack.ts";
import { powerOfTwoScale } from "../../arrays/scaling.ts";

/**
 * Solves `a x = b` by LAPACK's getrf and getrs, for row-major n x n and n x p arrays; null if a pivot is
 * exactly zero.
 */
export function nativeSolve<Data extends RealArray>(
  lapack: Lapack,
  complex: boolean,
  n: number,
  p: number,
  a: Data,
  b: Data,
): Data | null {
  const factors = a.slice() as Data;
  const pivots = new Int32Array(n);
  const parts = complex ? 2 : 1;
  // OpenBLAS divides by a pivot through its reciprocal, which overflows for denormals.
  const { half, other } = powerOfTwoScale(a);
  const tiny = half * other > (a instanceof Float32Array ? 2 ** 120 : 2 ** 1000);
  if (tiny) { for (let k = 0; k < a.length; k++) factors[k] = a[k] * half * other; }
  if (lapack.getrf(complex, n, factors, pivots) > 0) return null;
  // The right-hand sides go in as columns.
  const x = transpose(n, p, parts, b);
  lapack.getrs(complex, n, p, factors, pivots, x);
  const out = transpose(p, n, parts, x);
  if (tiny) { for (let k = 0; k < out.length; k++) out[k] = out[k] * half * other; }
  return out;
}

/** A transposed copy of a rows x columns array, not conjugated. */
function transpose<Data extends RealArray>(rows: number, columns: number, parts: number, x: Data): Data {
  if (rows === 1 || columns === 1) return x.slice() as Data;
  const out = allocateLike(x, x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let part = 0; part < parts; part++) {
        out[parts * (j * rows + i) + part] = x[parts * (i * columns + j) + part];
      }
    }
  }
  return out;
}
