import { NotConvergedError } from "../errors.ts";
import { householderQr } from "./complex_qr.ts";

/** Sweeps over all pairs; quadratic convergence needs about six to ten. */
const SWEEPS = 60;

/**
 * The thin SVD of an interleaved m x n matrix with m >= n, by one-sided Jacobi on the triangle of its QR
 * factorization (Golub & Van Loan, section 8.6.3): columns are rotated in pairs until all are orthogonal;
 * their norms are the singular values. ml-matrix is real only. `a` is overwritten; its entries should be
 * scaled to about 1. Returns u (m x n), s descending, and v (n x n).
 *
 * @throws {NotConvergedError} after 60 sweeps.
 */
export function jacobiSvd(
  m: number,
  n: number,
  a: Float64Array,
): { u: Float64Array; s: Float64Array; v: Float64Array } {
  const { q, r } = householderQr(m, n, a);
  // Columns are kept as rows, so that a rotation runs through memory in order.
  const x = transpose(n, r);
  const y = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) y[2 * (i * n + i)] = 1;
  let norm = 0;
  for (let k = 0; k < r.length; k++) norm += r[k] * r[k];
  orthogonalize(n, x, y, Number.EPSILON * Math.sqrt(norm));

  const lengths = Float64Array.from({ length: n }, (_, j) => length(n, x, j));
  const order = Array.from(lengths.keys()).sort((i, j) => lengths[j] - lengths[i]);
  const s = Float64Array.from(order, (j) => lengths[j]);
  const left = new Float64Array(2 * n * n);
  const v = new Float64Array(2 * n * n);
  order.forEach((from, to) => {
    // A column of the size of rounding errors has no direction; the QR below completes the basis instead.
    const scale = s[to] > n * Number.EPSILON * s[0] ? 1 / s[to] : 0;
    for (let i = 0; i < n; i++) {
      for (let part = 0; part < 2; part++) {
        left[2 * (i * n + to) + part] = scale * x[2 * (from * n + i) + part];
        v[2 * (i * n + to) + part] = y[2 * (from * n + i) + part];
      }
    }
  });
  return { u: multiply(m, n, q, householderQr(n, n, left).q), s, v };
}

/** Rotates rows of x in pairs until they are orthogonal, and the rows of y with them. */
function orthogonalize(n: number, x: Float64Array, y: Float64Array, negligible: number): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const a = length(n, x, p);
        const b = length(n, x, q);
        if (a <= negligible || b <= negligible) continue;
        // d = <x_p, x_q> = size e^{i phi}
        let re = 0;
        let im = 0;
        let j = 2 * q * n;
        const end = 2 * (p + 1) * n;
        for (let i = 2 * p * n; i < end; i += 2, j += 2) {
          re += x[i] * x[j] + x[i + 1] * x[j + 1];
          im += x[i] * x[j + 1] - x[i + 1] * x[j];
        }
        const size = Math.hypot(re, im);
        if (size <= n * Number.EPSILON * a * b) continue;
        rotated = true;
        const theta = (b - a) * (b + a) / (2 * size);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const sr = t * c * re / size;
        const si = t * c * im / size;
        rotate(n, x, p, q, c, sr, si);
        rotate(n, y, p, q, c, sr, si);
      }
    }
    if (!rotated) return;
  }
  throw new NotConvergedError("Jacobi's method for the SVD of `a`", "Scale or perturb the matrix slightly.");
}

/** (x_p, x_q) := (c x_p - conj(s) x_q, s x_p + c x_q). */
function rotate(n: number, x: Float64Array, p: number, q: number, c: number, sr: number, si: number): void {
  let j = 2 * q * n;
  const end = 2 * (p + 1) * n;
  for (let i = 2 * p * n; i < end; i += 2, j += 2) {
    const pr = x[i];
    const pi = x[i + 1];
    const qr = x[j];
    const qi = x[j + 1];
    x[i] = c * pr - (sr * qr + si * qi);
    x[i + 1] = c * pi - (sr * qi - si * qr);
    x[j] = c * qr + (sr * pr - si * pi);
    x[j + 1] = c * qi + (sr * pi + si * pr);
  }
}

function length(n: number, x: Float64Array, row: number): number {
  let sum = 0;
  for (let i = 2 * row * n; i < 2 * (row + 1) * n; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}

function transpose(n: number, r: Float64Array): Float64Array {
  const out = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      out[2 * (j * n + i)] = r[2 * (i * n + j)];
      out[2 * (j * n + i) + 1] = r[2 * (i * n + j) + 1];
    }
  }
  return out;
}

/** The product of an m x n and an n x n matrix. */
function multiply(m: number, n: number, a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(2 * m * n);
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < n; k++) {
      const re = a[2 * (i * n + k)];
      const im = a[2 * (i * n + k) + 1];
      let to = 2 * i * n;
      let from = 2 * k * n;
      for (let j = 0; j < n; j++, to += 2, from += 2) {
        out[to] += re * b[from] - im * b[from + 1];
        out[to + 1] += re * b[from + 1] + im * b[from];
      }
    }
  }
  return out;
}
