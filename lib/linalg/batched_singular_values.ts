import { Matrix, type RealArray, requireInteger } from "../arrays/mod.ts";
import type { ComplexMatrix } from "../arrays/mod.ts";
import { powerOfTwoScale } from "../arrays/scaling.ts";
import { requireEitherMatrix, requireFiniteMatrix } from "./check.ts";
import { NotConvergedError } from "./errors.ts";

/**
 * The singular values of many small matrices of one shape, which stand on top of each other: rows
 * `i * blockRows` to `(i + 1) * blockRows - 1` of `stack` are the i-th. For blocks of a few dozen rows, where
 * a call of LAPACK per block costs more than its work. Each block is reduced to a bidiagonal matrix by
 * Householder reflections, and that to its singular values by the implicit QR iteration (Golub & Van Loan,
 * sections 5.4 and 8.6; Demmel & Kahan 1990 for the iteration without shift). The absolute error is a few
 * roundings of the block's largest singular value. Same result on every engine; not parallel.
 *
 * @param stack The blocks, real or complex, (count * blockRows) x n.
 * @param blockRows Rows m of one block, at least 1; a divisor of the rows of `stack`.
 * @returns count x min(m, n): row i holds the singular values of block i, descending.
 * @throws {TypeError} if `stack` is not a matrix, real or complex, or `blockRows` not a number.
 * @throws {RangeError} if `blockRows` does not divide the rows of `stack`, or an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { batchedSingularValues } from "refigure/linalg";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * // Two blocks of 2 x 2: diag(3, -4), and a block of rank one.
 * const s = batchedSingularValues(Matrix.fromRows([[3, 0], [0, -4], [1, 1], [1, 1]]), 2);
 * assertEquals([s.rows, s.columns], [2, 2]);
 * assertAlmostEquals(s.get(0, 0), 4, 1e-14);
 * assertAlmostEquals(s.get(1, 0), 2, 1e-14);
 * assertAlmostEquals(s.get(1, 1), 0, 1e-14);
 * ```
 */
export function batchedSingularValues(
  stack: Matrix<RealArray> | ComplexMatrix<RealArray>,
  blockRows: number,
): Matrix {
  requireEitherMatrix("stack", stack);
  requireInteger("blockRows", blockRows, { min: 1 });
  if (stack.rows % blockRows !== 0) {
    throw new RangeError(
      `\`blockRows\` must divide the ${stack.rows} rows of \`stack\`, got ${blockRows}`,
    );
  }
  requireFiniteMatrix("compute the singular values of `stack`", stack);
  const count = stack.rows / blockRows;
  const columns = stack.columns;
  const isReal = stack instanceof Matrix;
  // A matrix and its transpose have the same singular values: work is always on the tall one.
  const tall = blockRows >= columns;
  const m = tall ? blockRows : columns;
  const n = tall ? columns : blockRows;
  const out = Matrix.zeros(count, n);
  if (n === 0) return out;
  const block = new Float64Array(2 * m * n);
  const work = new Float64Array(2 * m + 2 * n);
  const diagonal = new Float64Array(n);
  const upper = new Float64Array(n);
  const size = (isReal ? 1 : 2) * blockRows * columns;
  for (let i = 0; i < count; i++) {
    const from = stack.data.subarray(i * size, (i + 1) * size);
    const { half, other } = powerOfTwoScale(from);
    let k = 0;
    for (let row = 0; row < blockRows; row++) {
      for (let column = 0; column < columns; column++) {
        const to = 2 * (tall ? row * n + column : column * n + row);
        block[to] = from[k++] * half * other;
        block[to + 1] = isReal ? 0 : from[k++] * half * other;
      }
    }
    bidiagonalize(m, n, block, work, diagonal, upper);
    bidiagonalSingularValues(n, diagonal, upper);
    for (let j = 0; j < n; j++) out.data[i * n + j] = diagonal[j] / half / other;
  }
  return out;
}

/**
 * Absolute values of the bidiagonal form of an interleaved m x n matrix with m >= n: the diagonal to `d`,
 * what is right of it to `e` (n - 1 of them). A diagonal unitary matrix on either side makes the true ones
 * real and non-negative, so nothing more is needed. `a` is overwritten.
 */
function bidiagonalize(
  m: number,
  n: number,
  a: Float64Array,
  work: Float64Array,
  d: Float64Array,
  e: Float64Array,
): void {
  const v = work.subarray(0, 2 * m);
  const w = work.subarray(2 * m);
  for (let j = 0; j < n; j++) {
    let square = 0;
    for (let i = j; i < m; i++) {
      const re = v[2 * i] = a[2 * (i * n + j)];
      const im = v[2 * i + 1] = a[2 * (i * n + j) + 1];
      square += re * re + im * im;
    }
    d[j] = Math.sqrt(square);
    if (j === n - 1) break;
    const tau = reflector(v, j, d[j]);
    if (tau > 0) {
      // The columns right of j: w = v^H A, A -= tau v w.
      w.fill(0, 2 * (j + 1), 2 * n);
      for (let i = j; i < m; i++) {
        const re = v[2 * i];
        const im = v[2 * i + 1];
        const row = 2 * i * n;
        for (let k = 2 * (j + 1); k < 2 * n; k += 2) {
          w[k] += re * a[row + k] + im * a[row + k + 1];
          w[k + 1] += re * a[row + k + 1] - im * a[row + k];
        }
      }
      for (let i = j; i < m; i++) {
        const re = tau * v[2 * i];
        const im = tau * v[2 * i + 1];
        const row = 2 * i * n;
        for (let k = 2 * (j + 1); k < 2 * n; k += 2) {
          a[row + k] -= re * w[k] - im * w[k + 1];
          a[row + k + 1] -= re * w[k + 1] + im * w[k];
        }
      }
    }
    // Row j, right of the diagonal: reflected from the right by u = conj(row).
    square = 0;
    for (let k = j + 1; k < n; k++) {
      const re = w[2 * k] = a[2 * (j * n + k)];
      const im = w[2 * k + 1] = -a[2 * (j * n + k) + 1];
      square += re * re + im * im;
    }
    e[j] = Math.sqrt(square);
    if (j === n - 2) continue;
    const rho = reflector(w, j + 1, e[j]);
    if (rho === 0) continue;
    for (let i = j + 1; i < m; i++) {
      const row = 2 * i * n;
      let re = 0;
      let im = 0;
      for (let k = 2 * (j + 1); k < 2 * n; k += 2) {
        re += a[row + k] * w[k] - a[row + k + 1] * w[k + 1];
        im += a[row + k] * w[k + 1] + a[row + k + 1] * w[k];
      }
      re *= rho;
      im *= rho;
      for (let k = 2 * (j + 1); k < 2 * n; k += 2) {
        a[row + k] -= re * w[k] + im * w[k + 1];
        a[row + k + 1] -= im * w[k] - re * w[k + 1];
      }
    }
  }
}

/**
 * Makes x, from entry `start` on, the vector v of the reflection I - tau v v^H that maps x to a multiple of
 * the first unit vector, and returns tau; 0 for x = 0.
 */
function reflector(x: Float64Array, start: number, norm: number): number {
  if (norm === 0) return 0;
  const first = Math.sqrt(x[2 * start] ** 2 + x[2 * start + 1] ** 2);
  // v = x + phase(x_1) |x| e_1: no cancellation. |v|^2 = 2 |x| (|x| + |x_1|).
  if (first === 0) {
    x[2 * start] = norm;
  } else {
    x[2 * start] *= 1 + norm / first;
    x[2 * start + 1] *= 1 + norm / first;
  }
  return 1 / (norm * (norm + first));
}

/** Sweeps per singular value; two or three are usual. */
const SWEEPS = 60;

/** Replaces `d` by the singular values, descending, of the upper bidiagonal matrix of `d` and `e`. */
function bidiagonalSingularValues(n: number, d: Float64Array, e: Float64Array): void {
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, d[i], i < n - 1 ? e[i] : 0);
  const vanishes = (i: number) =>
    Math.abs(e[i]) <= Number.EPSILON * Math.max(Math.abs(d[i]) + Math.abs(d[i + 1]), 0.01 * norm);
  let end = n - 1;
  for (let left = SWEEPS * n; end > 0; left--) {
    if (vanishes(end - 1)) {
      end--;
      continue;
    }
    if (left === 0) {
      throw new NotConvergedError("The QR iteration of a block of `stack`", "Perturb the block slightly.");
    }
    let start = end - 1;
    while (start > 0 && !vanishes(start - 1)) start--;
    // The iteration finds the small values first, at the lower end: they should be there.
    if (Math.abs(d[start]) < Math.abs(d[end])) {
      d.subarray(start, end + 1).reverse();
      e.subarray(start, end).reverse();
    }
    sweep(start, end, d, e);
  }
  for (let i = 0; i < n; i++) d[i] = Math.abs(d[i]);
  d.subarray(0, n).sort().reverse();
}

/** Cosine, sine and length of the rotation that maps (f, g) to (length, 0). */
let cosine = 1;
let sine = 0;
function rotate(f: number, g: number): number {
  const length = Math.sqrt(f * f + g * g);
  if (length === 0) {
    cosine = 1;
    sine = 0;
  } else {
    cosine = f / length;
    sine = g / length;
  }
  return length;
}

/**
 * One implicit QR step on rows `start` to `end`, shifted by the smaller singular value of the last 2 x 2
 * block.
 */
function sweep(start: number, end: number, d: Float64Array, e: Float64Array): void {
  const shift = smallerSingularValue(d[end - 1], e[end - 1], d[end]);
  const top = Math.abs(d[start]);
  if (top === 0 || (shift / top) ** 2 < Number.EPSILON) return sweepWithoutShift(start, end, d, e);
  let f = (top - shift) * (Math.sign(d[start]) + shift / d[start]);
  let g = e[start];
  for (let i = start; i < end; i++) {
    const above = rotate(f, g);
    if (i > start) e[i - 1] = above;
    f = cosine * d[i] + sine * e[i];
    e[i] = cosine * e[i] - sine * d[i];
    g = sine * d[i + 1];
    d[i + 1] *= cosine;
    d[i] = rotate(f, g);
    f = cosine * e[i] + sine * d[i + 1];
    d[i + 1] = cosine * d[i + 1] - sine * e[i];
    if (i < end - 1) {
      g = sine * e[i + 1];
      e[i + 1] *= cosine;
    }
  }
  e[end - 1] = f;
}

/** The same without shift, exact for zeros on the diagonal (Demmel & Kahan 1990, section 3). */
function sweepWithoutShift(start: number, end: number, d: Float64Array, e: Float64Array): void {
  let right = 1;
  let left = 1;
  let leftSine = 0;
  for (let i = start; i < end; i++) {
    const r = rotate(d[i] * right, e[i]);
    right = cosine;
    const rightSine = sine;
    if (i > start) e[i - 1] = leftSine * r;
    d[i] = rotate(left * r, d[i + 1] * rightSine);
    left = cosine;
    leftSine = sine;
  }
  const last = d[end] * right;
  d[end] = last * left;
  e[end - 1] = last * leftSine;
}

/** The smaller singular value of (f, g; 0, h), without cancellation: |f h| over the larger one. */
function smallerSingularValue(f: number, g: number, h: number): number {
  const sum = Math.sqrt((Math.abs(f) + Math.abs(h)) ** 2 + g * g);
  const difference = Math.sqrt((Math.abs(f) - Math.abs(h)) ** 2 + g * g);
  const larger = (sum + difference) / 2;
  return larger === 0 ? 0 : Math.abs(f) * (Math.abs(h) / larger);
}
