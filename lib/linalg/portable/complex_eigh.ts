import { NotConvergedError } from "../errors.ts";

/** Sweeps over all pairs; quadratic convergence needs about six to ten. */
const SWEEPS = 60;

/**
 * Jacobi's method for a Hermitian matrix, interleaved n x n (Golub & Van Loan, section 8.5): rotates pairs of
 * rows and columns until the rest is diagonal. `a` is overwritten with the eigenvalues on its diagonal;
 * returns the vectors as columns. ml-matrix has no Hermitian eigenproblem.
 *
 * @throws {NotConvergedError} after 60 sweeps.
 */
export function hermitianJacobi(n: number, a: Float64Array): Float64Array {
  const v = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) v[2 * (i * n + i)] = 1;
  let norm = 0;
  for (let k = 0; k < a.length; k++) norm += a[k] * a[k];
  norm = Math.sqrt(norm);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const at = 2 * (p * n + q);
        const size = Math.hypot(a[at], a[at + 1]);
        if (size <= Number.EPSILON * norm / n) continue;
        rotated = true;
        rotate(n, a, v, p, q, size);
      }
    }
    if (!rotated) return v;
  }
  throw new NotConvergedError(
    "Jacobi's method for the eigenvalues of `a`",
    "Check that the matrix is Hermitian.",
  );
}

/**
 * Clears entry (p, q) = size e^{i phi} by the unitary with columns (c, -s e^{-i phi}) and (s e^{i phi}, c).
 */
function rotate(n: number, a: Float64Array, v: Float64Array, p: number, q: number, size: number): void {
  const at = 2 * (p * n + q);
  const cosPhi = a[at] / size;
  const sinPhi = a[at + 1] / size;
  const theta = (a[2 * (q * n + q)] - a[2 * (p * n + p)]) / (2 * size);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const sr = s * cosPhi;
  const si = s * sinPhi;
  for (let i = 0; i < n; i++) mixColumns(a, 2 * (i * n + p), 2 * (i * n + q), c, sr, si);
  // Rows turn by the conjugate of what the columns turned by.
  for (let j = 0; j < n; j++) mixColumns(a, 2 * (p * n + j), 2 * (q * n + j), c, sr, -si);
  for (let i = 0; i < n; i++) mixColumns(v, 2 * (i * n + p), 2 * (i * n + q), c, sr, si);
  a[at] =
    a[at + 1] =
    a[2 * (q * n + p)] =
    a[2 * (q * n + p) + 1] =
      0;
  a[2 * (p * n + p) + 1] = a[2 * (q * n + q) + 1] = 0;
}

/** (x, y) := (c x - conj(s) y, s x + c y). */
function mixColumns(a: Float64Array, x: number, y: number, c: number, sr: number, si: number): void {
  const xr = a[x];
  const xi = a[x + 1];
  const yr = a[y];
  const yi = a[y + 1];
  a[x] = c * xr - (sr * yr + si * yi);
  a[x + 1] = c * xi - (sr * yi - si * yr);
  a[y] = c * yr + (sr * xr - si * xi);
  a[y + 1] = c * yi + (sr * xi + si * xr);
}
