import { NotConvergedError } from "../errors.ts";

/** A complex Schur form `A = Q T Q^H`: T upper triangular, Q unitary; interleaved row-major n x n. */
export interface Schur {
  t: Float64Array;
  q: Float64Array;
}

/** Steps allowed per eigenvalue; LAPACK allows as many. */
export const STEPS = 30;

/**
 * The complex Schur form: Householder reduction to Hessenberg form, then the QR iteration with Wilkinson's
 * shift (Golub & Van Loan, sections 7.4 and 7.5). ml-matrix has no complex eigenproblem. `a` is overwritten;
 * its entries should be scaled to about 1.
 *
 * @throws {NotConvergedError} after 30 n steps.
 */
export function complexSchur(n: number, a: Float64Array): Schur {
  const q = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) q[2 * (i * n + i)] = 1;
  reduceToHessenberg(n, a, q);
  iterate(n, a, q);
  return { t: a, q };
}

function reduceToHessenberg(n: number, h: Float64Array, q: Float64Array): void {
  const v = new Float64Array(2 * n);
  for (let k = 0; k + 2 < n; k++) {
    const below = tailNorm(n, h, k);
    if (below === 0) continue;
    // v = x + e^{i arg x1} ||x|| e1, normalized: the reflection I - 2 v v^H clears what lies below the
    // subdiagonal.
    for (let i = k + 1; i < n; i++) v[2 * i] = h[2 * (i * n + k)], v[2 * i + 1] = h[2 * (i * n + k) + 1];
    const head = Math.hypot(v[2 * k + 2], v[2 * k + 3]);
    const norm = Math.hypot(head, below);
    const cos = head === 0 ? 1 : v[2 * k + 2] / head;
    const sin = head === 0 ? 0 : v[2 * k + 3] / head;
    v[2 * k + 2] += cos * norm;
    v[2 * k + 3] += sin * norm;
    const length = Math.hypot(head + norm, below);
    for (let i = 2 * k + 2; i < 2 * n; i++) v[i] /= length;
    reflectRows(n, h, v, k);
    reflectColumns(n, h, v, k);
    reflectColumns(n, q, v, k);
    for (let i = k + 2; i < n; i++) h[2 * (i * n + k)] = h[2 * (i * n + k) + 1] = 0;
  }
}

/** Norm of column k from row k + 2 on. */
function tailNorm(n: number, h: Float64Array, k: number): number {
  let norm = 0;
  for (let i = k + 2; i < n; i++) norm = Math.hypot(norm, h[2 * (i * n + k)], h[2 * (i * n + k) + 1]);
  return norm;
}

/** x := (I - 2 v v^H) x, with v zero up to entry k. */
function reflectRows(n: number, x: Float64Array, v: Float64Array, k: number): void {
  const dots = new Float64Array(2 * n);
  for (let i = k + 1; i < n; i++) {
    const re = v[2 * i];
    const im = -v[2 * i + 1];
    let p = 2 * (i * n + k);
    for (let j = 2 * k; j < 2 * n; j += 2, p += 2) {
      dots[j] += re * x[p] - im * x[p + 1];
      dots[j + 1] += re * x[p + 1] + im * x[p];
    }
  }
  for (let i = k + 1; i < n; i++) {
    const re = 2 * v[2 * i];
    const im = 2 * v[2 * i + 1];
    let p = 2 * (i * n + k);
    for (let j = 2 * k; j < 2 * n; j += 2, p += 2) {
      x[p] -= re * dots[j] - im * dots[j + 1];
      x[p + 1] -= re * dots[j + 1] + im * dots[j];
    }
  }
}

/** x := x (I - 2 v v^H), with v zero up to entry k. */
function reflectColumns(n: number, x: Float64Array, v: Float64Array, k: number): void {
  for (let i = 0; i < n; i++) {
    let re = 0;
    let im = 0;
    let p = 2 * (i * n + k + 1);
    for (let j = 2 * k + 2; j < 2 * n; j += 2, p += 2) {
      re += x[p] * v[j] - x[p + 1] * v[j + 1];
      im += x[p] * v[j + 1] + x[p + 1] * v[j];
    }
    re *= 2, im *= 2;
    p = 2 * (i * n + k + 1);
    for (let j = 2 * k + 2; j < 2 * n; j += 2, p += 2) {
      x[p] -= re * v[j] + im * v[j + 1];
      x[p + 1] -= im * v[j] - re * v[j + 1];
    }
  }
}

function iterate(n: number, h: Float64Array, q: Float64Array): void {
  const size = (i: number, j: number) => Math.abs(h[2 * (i * n + j)]) + Math.abs(h[2 * (i * n + j) + 1]);
  let norm = 0;
  for (let k = 0; k < h.length; k++) norm = Math.max(norm, Math.abs(h[k]));
  let budget = STEPS * n;
  let sinceDeflation = 0;
  for (let high = n - 1; high > 0;) {
    let low = high;
    while (low > 0) {
      const neighbours = size(low - 1, low - 1) + size(low, low) || norm;
      // A subdiagonal entry this small is a backward error of one rounding.
      if (size(low, low - 1) <= Number.EPSILON * neighbours) break;
      low--;
    }
    if (low > 0) h[2 * (low * n + low - 1)] = h[2 * (low * n + low - 1) + 1] = 0;
    if (low === high) {
      high--, sinceDeflation = 0;
      continue;
    }
    if (budget-- === 0) {
      throw new NotConvergedError(
        "The QR iteration for the eigenvalues of `a`",
        "Perturb the matrix slightly, or use the native engine.",
      );
    }
    sinceDeflation++;
    const [re, im] = sinceDeflation % 10 === 0 ? exceptionalShift(n, h, high) : wilkinsonShift(n, h, high);
    sweep(n, h, q, low, high, re, im);
  }
}

/** An arbitrary shift of the right size breaks the rare cycles. */
function exceptionalShift(n: number, h: Float64Array, high: number): [number, number] {
  const p = 2 * (high * n + high - 1);
  return [h[p + 2] + 0.75 * (Math.abs(h[p]) + Math.abs(h[p + 1])), h[p + 3]];
}

/** The eigenvalue of the trailing 2 x 2 block that is closer to its last entry. */
function wilkinsonShift(n: number, h: Float64Array, high: number): [number, number] {
  const p = 2 * ((high - 1) * n + high - 1);
  const r = 2 * (high * n + high - 1);
  // With d = (a11 - a22) / 2: shift = a22 - a12 a21 / (d + sign sqrt(d^2 + a12 a21)).
  const dr = (h[p] - h[r + 2]) / 2;
  const di = (h[p + 1] - h[r + 3]) / 2;
  const br = h[p + 2] * h[r] - h[p + 3] * h[r + 1];
  const bi = h[p + 2] * h[r + 1] + h[p + 3] * h[r];
  let [sr, si] = complexSqrt(dr * dr - di * di + br, 2 * dr * di + bi);
  if (dr * sr + di * si < 0) sr = -sr, si = -si;
  const cr = dr + sr;
  const ci = di + si;
  const square = cr * cr + ci * ci;
  if (square === 0) return [h[r + 2], h[r + 3]];
  return [h[r + 2] - (br * cr + bi * ci) / square, h[r + 3] - (bi * cr - br * ci) / square];
}

function complexSqrt(re: number, im: number): [number, number] {
  const modulus = Math.hypot(re, im);
  if (modulus === 0) return [0, 0];
  const root = Math.sqrt((modulus + Math.abs(re)) / 2);
  return re >= 0 ? [root, im / (2 * root)] : [Math.abs(im) / (2 * root), im >= 0 ? root : -root];
}

/** One explicit QR step on rows and columns low .. high: H - sI = GR by rotations, then H := RG + sI. */
function sweep(
  n: number,
  h: Float64Array,
  q: Float64Array,
  low: number,
  high: number,
  re: number,
  im: number,
): void {
  const rotations: Rotation[] = [];
  for (let i = low; i <= high; i++) h[2 * (i * n + i)] -= re, h[2 * (i * n + i) + 1] -= im;
  for (let k = low; k < high; k++) {
    const p = 2 * (k * n + k);
    const r = 2 * ((k + 1) * n + k);
    const rotation = triangularRotation(h[p], h[p + 1], h[r], h[r + 1]);
    turnRows(n, h, k, k, rotation);
    rotations.push(rotation);
  }
  for (let k = low; k < high; k++) {
    turnColumns(n, h, k, k + 2, rotations[k - low]);
    turnColumns(n, q, k, n, rotations[k - low]);
  }
  for (let i = low; i <= high; i++) h[2 * (i * n + i)] += re, h[2 * (i * n + i) + 1] += im;
}

/** The unitary (c, s; -conj(s), c), c real. */
export interface Rotation {
  /** Cosine. */
  c: number;
  /** Real part of the sine. */
  sr: number;
  /** Imaginary part of the sine. */
  si: number;
}

/** The rotation that maps the complex pair (a, b) to (norm times the phase of a, 0). */
export function triangularRotation(ar: number, ai: number, br: number, bi: number): Rotation {
  const x = Math.hypot(ar, ai);
  const norm = Math.hypot(x, br, bi);
  if (norm === 0) return { c: 1, sr: 0, si: 0 };
  if (x === 0) return { c: 0, sr: br / norm, si: -bi / norm };
  const cos = ar / x;
  const sin = ai / x;
  return { c: x / norm, sr: (cos * br + sin * bi) / norm, si: (sin * br - cos * bi) / norm };
}

/** Rows k and k + 1 from a column on: (x, y) := (c x + s y, -conj(s) x + c y). */
export function turnRows(n: number, a: Float64Array, k: number, from: number, { c, sr, si }: Rotation): void {
  const start = 2 * (k * n + from);
  const end = 2 * (k + 1) * n;
  let r = start + 2 * n;
  for (let p = start; p < end; p += 2, r += 2) {
    const xr = a[p];
    const xi = a[p + 1];
    const yr = a[r];
    const yi = a[r + 1];
    a[p] = c * xr + sr * yr - si * yi;
    a[p + 1] = c * xi + sr * yi + si * yr;
    a[r] = c * yr - (sr * xr + si * xi);
    a[r + 1] = c * yi - (sr * xi - si * xr);
  }
}

/**
 * Columns k and k + 1 of the first rows: (x, y) := (c x + conj(s) y, -s x + c y), which undoes the turn of
 * the rows.
 */
export function turnColumns(
  n: number,
  a: Float64Array,
  k: number,
  rows: number,
  { c, sr, si }: Rotation,
): void {
  let p = 2 * k;
  for (let i = 0; i < rows; i++, p += 2 * n) {
    const xr = a[p];
    const xi = a[p + 1];
    const yr = a[p + 2];
    const yi = a[p + 3];
    a[p] = c * xr + sr * yr + si * yi;
    a[p + 1] = c * xi + sr * yi - si * yr;
    a[p + 2] = c * yr - (sr * xr - si * xi);
    a[p + 3] = c * yi - (sr * xi + si * xr);
  }
}
