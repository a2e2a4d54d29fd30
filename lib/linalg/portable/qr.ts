import { allocateLike, Matrix, type RealArray } from "../../arrays/mod.ts";
import { scaled } from "../../arrays/scaling.ts";
import { gemv } from "../../blas/portable/gemv.ts";
import type { Qr } from "../qr.ts";

/** Sums of squares below this have lost digits to underflow. */
const SMALLEST = 1e-280;

/**
 * The thin QR factorization by Householder reflections (Golub & Van Loan, algorithm 5.2.1), on a matrix scaled to
 * a largest entry near 1. The diagonal of r has any sign.
 */
export function portableQr<Data extends RealArray>(a: Matrix<Data>): Qr<Data> {
  const { rows: m, columns: n } = a;
  const p = Math.min(m, n);
  const { data, restore } = scaled(a.data);
  const dots = new Float64Array(n);
  const reflectors: Float64Array[] = [];
  for (let k = 0; k < p; k++) {
    const v = reflector(m, n, data, k);
    reflectors.push(v);
    reflect(v, n, data, k, dots);
  }
  const r = new Matrix(p, n, allocateLike(a.data, p * n));
  for (let i = 0; i < p; i++) {
    for (let j = i; j < n; j++) r.data[i * n + j] = restore(data[i * n + j]);
  }
  // The product of the reflections, applied to the first columns of the identity from the last to the first: the
  // columns before the k-th are still those of the identity, which the k-th reflection leaves alone.
  const q = new Float64Array(m * p);
  for (let i = 0; i < p; i++) q[i * p + i] = 1;
  for (let k = p - 1; k >= 0; k--) reflect(reflectors[k], p, q, k, dots);
  const single = allocateLike(a.data, m * p);
  single.set(q);
  return { q: new Matrix(m, p, single), r };
}

/**
 * The unit vector of m - k entries whose reflection clears column k below the diagonal; empty if it is clear.
 */
function reflector(m: number, n: number, a: Float64Array, k: number): Float64Array {
  const v = new Float64Array(m - k);
  for (let i = k; i < m; i++) v[i - k] = a[i * n + k];
  const below = norm(v.subarray(1));
  if (below === 0) return v.subarray(0, 0);
  v[0] += (v[0] < 0 ? -1 : 1) * Math.hypot(v[0], below);
  const length = Math.hypot(v[0], below);
  for (let i = 0; i < v.length; i++) v[i] /= length;
  return v;
}

function norm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  if (sum >= SMALLEST) return Math.sqrt(sum);
  let size = 0;
  for (let i = 0; i < x.length; i++) size = Math.hypot(size, x[i]);
  return size;
}

/** x := (I - 2 v v^T) x for the rows and columns from k on of a matrix with n columns. */
function reflect(v: Float64Array, n: number, x: Float64Array, k: number, dots: Float64Array): void {
  if (v.length === 0) return;
  const width = n - k;
  gemv(true, v.length, width, x.subarray(k * n + k), n, v, dots);
  for (let i = 0; i < v.length; i++) {
    const factor = 2 * v[i];
    const row = (k + i) * n + k;
    for (let j = 0; j < width; j++) x[row + j] -= factor * dots[j];
  }
}
