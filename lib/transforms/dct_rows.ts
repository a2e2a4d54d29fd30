/**
 * Cosine transforms of the rows of a matrix, two rows in one complex Fourier transform, scratch memory shared
 * by all rows.
 */
import type { Matrix, RealArray } from "../arrays/mod.ts";
import { plan } from "./plan.ts";
import { roots } from "./roots.ts";

/**
 * Type 2 of every row of `a`. Of rows x and y, reordered as in Makhoul 1980 to v and w, the transform Z of v
 * + i w holds both: V[k] = (Z[k] + Z*[n - k]) / 2 and W[k] = (Z[k] - Z*[n - k]) / 2i; then X[k] = 2
 * Re(exp(-pi i k / 2n) V[k]).
 */
export function dct2Rows(a: Matrix<RealArray>, out: RealArray, orthonormal: boolean): void {
  const n = a.columns;
  const transform = plan(n);
  const { cos, sin } = roots(2 * n);
  const data = a.data;
  const z = new Float64Array(2 * n);
  const f = new Float64Array(2 * n);
  const half = (n + 1) >> 1;
  const first = orthonormal ? Math.sqrt(1 / n) : 2;
  const scale = (orthonormal ? Math.sqrt(2 / n) : 2) / 2;
  for (let i = 0; i < a.rows; i += 2) {
    const x = i * n;
    const y = i + 1 < a.rows ? x + n : x;
    for (let j = 0; j < half; j++) {
      z[2 * j] = data[x + 2 * j];
      z[2 * j + 1] = data[y + 2 * j];
    }
    let from = 2 * (n - half) - 1;
    for (let j = half; j < n; j++, from -= 2) {
      z[2 * j] = data[x + from];
      z[2 * j + 1] = data[y + from];
    }
    transform(z, f);
    out[x] = first * f[0];
    out[y] = first * (y === x ? f[0] : f[1]);
    for (let k = 1; 2 * k <= n; k++) {
      const p = 2 * k;
      const q = 2 * (n - k);
      const c = scale * cos[k];
      const s = scale * sin[k];
      const re = f[p] + f[q];
      const im = f[p + 1] - f[q + 1];
      const re2 = f[p + 1] + f[q + 1];
      const im2 = f[q] - f[p];
      if (y !== x) {
        out[y + k] = c * re2 + s * im2;
        out[y + n - k] = s * re2 - c * im2;
      }
      out[x + k] = c * re + s * im;
      out[x + n - k] = s * re - c * im;
    }
  }
}

/**
 * Type 3 of every row of `a`: {@linkcode dct2Rows} undone, V + i W put together and transformed back as its
 * conjugate.
 */
export function dct3Rows(a: Matrix<RealArray>, out: RealArray, orthonormal: boolean): void {
  const n = a.columns;
  const transform = plan(n);
  const { cos, sin } = roots(2 * n);
  const data = a.data;
  const z = new Float64Array(2 * n);
  const f = new Float64Array(2 * n);
  const half = (n + 1) >> 1;
  // The inverse transform divides by n; unnormalized, type 3 is 2n times the inverse of type 2.
  const first = orthonormal ? Math.sqrt(1 / n) : 1;
  const scale = orthonormal ? Math.sqrt(1 / (2 * n)) : 1;
  for (let i = 0; i < a.rows; i += 2) {
    const x = i * n;
    const y = i + 1 < a.rows ? x + n : x;
    z[0] = first * data[x];
    z[1] = -first * data[y];
    for (let k = 1; 2 * k <= n; k++) {
      const c = scale * cos[k];
      const s = scale * sin[k];
      const p = 2 * k;
      const q = 2 * (n - k);
      const re = c * data[x + k] + s * data[x + n - k];
      const im = s * data[x + k] - c * data[x + n - k];
      const re2 = c * data[y + k] + s * data[y + n - k];
      const im2 = s * data[y + k] - c * data[y + n - k];
      z[p] = re - im2;
      z[p + 1] = -(im + re2);
      z[q] = re + im2;
      z[q + 1] = im - re2;
    }
    transform(z, f);
    for (let j = 0; j < half; j++) {
      out[y + 2 * j] = -f[2 * j + 1];
      out[x + 2 * j] = f[2 * j];
    }
    let to = 2 * (n - half) - 1;
    for (let j = half; j < n; j++, to -= 2) {
      out[y + to] = -f[2 * j + 1];
      out[x + to] = f[2 * j];
    }
  }
}
