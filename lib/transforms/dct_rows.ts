/**
 * Cosine transforms of the rows of a matrix, two rows in one complex Fourier transform, scratch memory shared
 * by all rows.
 */
import type { Matrix, RealArray } from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";
import { plan } from "./plan.ts";
import { roots } from "./roots.ts";

/**
 * Rows share a transform only if the norm of one is at most this much larger than that of the other: the
 * rounding of the larger row is seen in the smaller one.
 */
const ALIKE = 2 ** 10;

/** Squared norms of rows whose transforms can neither overflow nor lose digits to underflow. */
const LARGEST = 1e280;
const SMALLEST = 1e-280;

/** Transforms two rows, which start at `x` and `y` in `data`, into the same places of `out`; or one, x = y. */
type RowPair = (data: RealArray, x: number, y: number, out: RealArray) => void;

/** Type 2 or 3 of every row of `a`, which must have entries. */
export function dctOfRows(a: Matrix<RealArray>, out: RealArray, type: 2 | 3, orthonormal: boolean): void {
  const { rows, columns: n, data } = a;
  const transform = (type === 2 ? dct2OfRows : dct3OfRows)(n, orthonormal);
  for (let i = 0; i < rows; i += 2) {
    const x = i * n;
    if (i + 1 === rows) {
      transformAlone(transform, data, x, n, out);
      break;
    }
    const y = x + n;
    let squareX = 0;
    let squareY = 0;
    for (let k = 0; k < n; k++) {
      squareX += data[x + k] * data[x + k];
      squareY += data[y + k] * data[y + k];
    }
    const isUsual = squareX < LARGEST && squareY < LARGEST && squareX > SMALLEST && squareY > SMALLEST;
    if (isUsual && squareX <= ALIKE * ALIKE * squareY && squareY <= ALIKE * ALIKE * squareX) {
      transform(data, x, y, out);
    } else {
      transformAlone(transform, data, x, n, out);
      transformAlone(transform, data, y, n, out);
    }
  }
}

/** One row; very large or small ones are scaled by a power of two on the way. */
function transformAlone(transform: RowPair, data: RealArray, x: number, n: number, out: RealArray): void {
  let square = 0;
  for (let k = x; k < x + n; k++) square += data[k] * data[k];
  if (square < LARGEST && square > SMALLEST) return transform(data, x, x, out);
  const row = scaled(data.subarray(x, x + n));
  const transformed = new Float64Array(n);
  transform(row.data, 0, 0, transformed);
  out.set(transformed.map(row.restore), x);
}

/**
 * Type 2. Of rows x and y, reordered as in Makhoul 1980 to v and w, the transform Z of v + i w holds both:
 * V[k] = (Z[k] + Z*[n - k]) / 2 and W[k] = (Z[k] - Z*[n - k]) / 2i; then X[k] = 2 Re(exp(-pi i k / 2n) V[k]).
 */
function dct2OfRows(n: number, orthonormal: boolean): RowPair {
  const transform = plan(n);
  const { cos, sin } = roots(2 * n);
  const z = new Float64Array(2 * n);
  const f = new Float64Array(2 * n);
  const half = (n + 1) >> 1;
  const first = orthonormal ? Math.sqrt(1 / n) : 2;
  const scale = (orthonormal ? Math.sqrt(2 / n) : 2) / 2;
  return (data, x, y, out) => {
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
  };
}

/** Type 3: type 2 undone, V + i W put together and transformed back as its conjugate. */
function dct3OfRows(n: number, orthonormal: boolean): RowPair {
  const transform = plan(n);
  const { cos, sin } = roots(2 * n);
  const z = new Float64Array(2 * n);
  const f = new Float64Array(2 * n);
  const half = (n + 1) >> 1;
  // The inverse transform divides by n; unnormalized, type 3 is 2n times the inverse of type 2.
  const first = orthonormal ? Math.sqrt(1 / n) : 1;
  const scale = orthonormal ? Math.sqrt(1 / (2 * n)) : 1;
  return (data, x, y, out) => {
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
  };
}
