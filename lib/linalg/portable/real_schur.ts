import { NotConvergedError } from "../errors.ts";
import { type Schur, STEPS, triangularRotation, turnColumns, turnRows } from "./schur.ts";

/**
 * The Schur form of a real matrix with exactly conjugate pairs of eigenvalues: Hessenberg form, Francis's
 * implicit double shift (Golub & Van Loan, algorithm 7.5.2), and at the end one complex rotation for each
 * pair. ml-matrix has neither left eigenvectors nor a limit on its steps. `a`, n x n, is overwritten; its
 * entries should be scaled to about 1.
 *
 * @throws {NotConvergedError} after 30 n steps.
 */
export function realSchur(n: number, a: Float64Array): Schur {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  reduceToHessenberg(n, a, q);
  const pairs = iterate(n, a, q);
  const t = interleave(a);
  const u = interleave(q);
  for (const k of pairs) splitPair(n, t, u, k);
  return { t, q: u };
}

/** Applies the reflection I - 2 v v^T on coordinates from .. from + v.length to both sides of h, and to q. */
function reflect(n: number, h: Float64Array, q: Float64Array, v: Float64Array, from: number): void {
  const length = v.length;
  for (let j = 0; j < n; j++) {
    let dot = 0;
    for (let i = 0; i < length; i++) dot += v[i] * h[(from + i) * n + j];
    for (let i = 0; i < length; i++) h[(from + i) * n + j] -= 2 * dot * v[i];
  }
  for (const x of [h, q]) {
    for (let i = 0; i < n; i++) {
      const row = i * n + from;
      let dot = 0;
      for (let j = 0; j < length; j++) dot += v[j] * x[row + j];
      for (let j = 0; j < length; j++) x[row + j] -= 2 * dot * v[j];
    }
  }
}

/** Turns v into the unit vector whose reflection maps it to a multiple of e1; false if it is one already. */
function toReflector(v: Float64Array): boolean {
  let below = 0;
  for (let i = 1; i < v.length; i++) below = Math.hypot(below, v[i]);
  if (below === 0) return false;
  const norm = Math.hypot(v[0], below);
  v[0] += v[0] >= 0 ? norm : -norm;
  const length = Math.hypot(v[0], below);
  for (let i = 0; i < v.length; i++) v[i] /= length;
  return true;
}

function reduceToHessenberg(n: number, h: Float64Array, q: Float64Array): void {
  for (let k = 0; k + 2 < n; k++) {
    const v = Float64Array.from({ length: n - k - 1 }, (_, i) => h[(k + 1 + i) * n + k]);
    if (!toReflector(v)) continue;
    reflect(n, h, q, v, k + 1);
    for (let i = k + 2; i < n; i++) h[i * n + k] = 0;
  }
}

/** The QR iteration; returns the first index of every 2 x 2 block that stands for a complex pair. */
function iterate(n: number, h: Float64Array, q: Float64Array): number[] {
  const pairs: number[] = [];
  let norm = 0;
  for (let k = 0; k < h.length; k++) norm = Math.max(norm, Math.abs(h[k]));
  let budget = STEPS * n;
  let sinceDeflation = 0;
  for (let high = n - 1; high >= 0;) {
    let low = high;
    while (low > 0) {
      const neighbours = Math.abs(h[(low - 1) * n + low - 1]) + Math.abs(h[low * n + low]) || norm;
      // A subdiagonal entry this small is a backward error of one rounding. A block with an eigenvalue of
      // high multiplicity may never come so far: its subdiagonal is the rounding errors of all steps before,
      // which are of the size of the matrix and grow with the steps.
      const size = sinceDeflation < 15 ? neighbours : Math.max(neighbours, n * norm * sinceDeflation / 15);
      if (Math.abs(h[low * n + low - 1]) <= Number.EPSILON * size) break;
      low--;
    }
    if (low > 0) h[low * n + low - 1] = 0;
    if (low >= high - 1) {
      if (low === high - 1 && !splitReal(n, h, q, low)) pairs.push(low);
      high = low - 1;
      sinceDeflation = 0;
      continue;
    }
    if (budget-- === 0) {
      throw new NotConvergedError(
        "The QR iteration for the eigenvalues of `a`",
        "Perturb the matrix slightly, or use the native engine.",
      );
    }
    sinceDeflation++;
    francisStep(n, h, q, low, high, sinceDeflation % 10 === 0);
  }
  return pairs;
}

/** Makes the block at k triangular if its eigenvalues are real; otherwise leaves it and returns false. */
function splitReal(n: number, h: Float64Array, q: Float64Array, k: number): boolean {
  const at = k * n + k;
  const c = h[at + n];
  const half = (h[at] - h[at + n + 1]) / 2;
  const discriminant = half * half + h[at + 1] * c;
  if (discriminant < 0) return false;
  // (z, c) is an eigenvector; the larger root loses no digits.
  const z = half + (half >= 0 ? 1 : -1) * Math.sqrt(discriminant);
  const v = new Float64Array([z, c]);
  if (toReflector(v)) reflect(n, h, q, v, k);
  h[at + n] = 0;
  return true;
}

/** One implicit double-shift step on rows and columns low .. high, at least three of them. */
function francisStep(
  n: number,
  h: Float64Array,
  q: Float64Array,
  low: number,
  high: number,
  exceptional: boolean,
): void {
  const p = low * n + low;
  const r = (high - 1) * n + high - 1;
  let trace = h[r] + h[r + n + 1];
  let determinant = h[r] * h[r + n + 1] - h[r + 1] * h[r + n];
  if (exceptional) {
    // An arbitrary shift of the right size breaks the rare cycles (EISPACK's choice).
    const size = Math.abs(h[r + n]) + Math.abs(h[r - 1]);
    trace = 1.5 * size, determinant = size * size;
  }
  // The first column of (H - s1)(H - s2), divided by h10 so that small entries do not underflow.
  const v = new Float64Array([
    (h[p] * h[p] - trace * h[p] + determinant) / h[p + n] + h[p + 1],
    h[p] + h[p + n + 1] - trace,
    h[p + 2 * n + 1],
  ]);
  for (let k = low; k < high; k++) {
    const width = Math.min(3, high - k + 1);
    if (k > low) { for (let i = 0; i < 3; i++) v[i] = i < width ? h[(k + i) * n + k - 1] : 0; }
    const w = v.slice(0, width);
    if (!toReflector(w)) continue;
    reflect(n, h, q, w, k);
    if (k > low) { for (let i = 1; i < width; i++) h[(k + i) * n + k - 1] = 0; }
  }
}

function interleave(x: Float64Array): Float64Array {
  const out = new Float64Array(2 * x.length);
  for (let k = 0; k < x.length; k++) out[2 * k] = x[k];
  return out;
}

/** Makes the block at k triangular by a complex rotation; its diagonal becomes an exactly conjugate pair. */
function splitPair(n: number, t: Float64Array, q: Float64Array, k: number): void {
  const at = 2 * (k * n + k);
  const below = at + 2 * n;
  const half = (t[at] - t[below + 2]) / 2;
  const mean = (t[at] + t[below + 2]) / 2;
  const im = Math.sqrt(-(half * half + t[at + 2] * t[below]));
  // (lambda - t_22, t_21) is an eigenvector.
  const rotation = triangularRotation(half, im, t[below], 0);
  turnRows(n, t, k, k, rotation);
  turnColumns(n, t, k, k + 2, rotation);
  turnColumns(n, q, k, n, rotation);
  t[below] = t[below + 1] = 0;
  t[at] = t[below + 2] = mean;
  t[at + 1] = im;
  t[below + 3] = -im;
}
