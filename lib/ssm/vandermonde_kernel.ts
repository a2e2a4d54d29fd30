import { allocate, allocateLike, type DType, Matrix, type RealArray, requireInteger } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";

/** Baby steps: a power of two near the root of the length. */
function babySteps(length: number): number {
  return Math.max(1, Math.min(length, 2 ** Math.round(Math.log2(Math.sqrt(length)))));
}

/**
 * Powers `scale (re + i im)^k`, k < count: real parts from `at`, imaginary parts (times `sign`) from `atIm`,
 * `stride` apart.
 */
function fillPowers(
  out: RealArray,
  at: number,
  atIm: number,
  stride: number,
  count: number,
  re: number,
  im: number,
  scaleRe: number,
  scaleIm: number,
  sign: number,
): void {
  let x = scaleRe;
  let y = scaleIm;
  for (let k = 0; k < count; k++) {
    out[at] = x;
    out[atIm] = sign * y;
    at += stride;
    atIm += stride;
    const next = x * re - y * im;
    y = x * im + y * re;
    x = next;
  }
}

/** (re + i im)^k by squaring. */
function power(re: number, im: number, k: number): [number, number] {
  let x = 1;
  let y = 0;
  while (k > 0) {
    if (k & 1) [x, y] = [x * re - y * im, x * im + y * re];
    [re, im] = [re * re - im * im, 2 * re * im];
    k >>= 1;
  }
  return [x, y];
}

/** Options of {@linkcode vandermondeKernels}. */
export interface VandermondeKernelOptions {
  /** Features H: `weights` and `factors` hold H x N numbers. Default 1. */
  features?: number;
  /** Each factor stands for itself and its conjugate: twice the real part. Default true. */
  pairs?: boolean;
  /**
   * Precision of the products and of the answer. Tables are computed in double precision always. Default
   * `"float64"`.
   */
  dtype?: DType;
}

/**
 * The kernels of H diagonal models, `K[h, l] = 2 Re sum_n w[h, n] p[h, n]^l` (Gu et al. 2022, section 3.3).
 *
 * With l = B g + b, `p^l = (p^B)^g p^b`: for each feature one real matrix product of a table of giant steps
 * (G x 2N) and one of baby steps (2N x B), with B near the root of the length. No N x L matrix and no
 * exponentials are formed.
 *
 * @param weights H x N complex numbers, interleaved.
 * @param factors H x N complex numbers, interleaved, of modulus up to 1.
 * @param length Samples L; 0 gives an empty matrix.
 * @returns H x L.
 * @throws {TypeError} if sizes differ.
 * @throws {RangeError} if `length` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { vandermondeKernels } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One pair, exp(+-i / 10): a cosine.
 * const k = vandermondeKernels(new Float64Array([0.5, 0]), new Float64Array([Math.cos(0.1), Math.sin(0.1)]), 50);
 * assertAlmostEquals(k.get(0, 30), Math.cos(3), 1e-13);
 * ```
 */
export function vandermondeKernels<T extends DType = "float64">(
  weights: Float64Array,
  factors: Float64Array,
  length: number,
  options: VandermondeKernelOptions & { dtype?: T } = {},
): Matrix<RealArray> {
  const { features = 1, pairs = true, dtype = "float64" } = options;
  const n = requireModes(weights, factors, features);
  requireInteger("length", length);
  const out = Matrix.zeros(features, length, dtype as DType);
  if (length === 0 || n === 0) return out;
  const b = babySteps(length);
  const g = Math.ceil(length / b);
  const scale = pairs ? 2 : 1;
  const left = allocateLike(out.data, g * 2 * n);
  const right = allocateLike(out.data, 2 * n * b);
  const whole = g * b === length;
  const scratch = whole ? undefined : allocateLike(out.data, g * b);
  const blas = engine();
  for (let h = 0; h < features; h++) {
    for (let k = 0; k < n; k++) {
      const at = 2 * (h * n + k);
      const re = factors[at];
      const im = factors[at + 1];
      const [leapRe, leapIm] = power(re, im, b);
      fillPowers(right, 2 * k * b, (2 * k + 1) * b, 1, b, re, im, 1, 0, -1);
      const wRe = scale * weights[at];
      const wIm = scale * weights[at + 1];
      fillPowers(left, 2 * k, 2 * k + 1, 2 * n, g, leapRe, leapIm, wRe, wIm, 1);
    }
    const row = out.data.subarray(h * length, (h + 1) * length);
    const c = scratch ?? row;
    blas.gemm(false, false, g, b, 2 * n, 1, left, 2 * n, right, b, 0, c, b);
    if (scratch) row.set(scratch.subarray(0, length));
  }
  return out;
}

/** The two sums that every gradient of a kernel is made of. */
export interface PowerSums {
  /** `sum_l g[l] p^l`, H x N complex numbers, interleaved. */
  zeroth: Float64Array;
  /** `sum_l l g[l] p^l`, alike. */
  first: Float64Array;
}

/**
 * The adjoint of {@linkcode vandermondeKernels}: for a gradient g with respect to the kernels, the sums
 * `sum_l g[l] p^l` and `sum_l l g[l] p^l` of each mode, by the same two tables. With them, the gradient with
 * respect to a weight is `2 conj(zeroth)` (as re + i im) and that with respect to `log p` is `2 conj(w
 * first)`.
 *
 * @param gradient H x L.
 * @param factors H x N complex numbers, interleaved.
 * @throws {TypeError} if `factors` is not H x N complex numbers.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { vandermondeSums } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { zeroth, first } = vandermondeSums(Matrix.fromRows([[1, 1, 1]]), new Float64Array([0.5, 0]));
 * assertAlmostEquals(zeroth[0], 1.75);
 * assertAlmostEquals(first[0], 0.5 + 2 * 0.25);
 * ```
 */
export function vandermondeSums(gradient: Matrix<RealArray>, factors: Float64Array): PowerSums {
  const features = gradient.rows;
  const length = gradient.columns;
  const n = requireModes(factors, factors, features);
  const zeroth = new Float64Array(2 * features * n);
  const first = new Float64Array(2 * features * n);
  if (length === 0 || n === 0) return { zeroth, first };
  const b = babySteps(length);
  const g = Math.ceil(length / b);
  const table = allocateLike(gradient.data, 4 * n * b);
  const product = allocateLike(gradient.data, g * 4 * n);
  const padded = g * b === length ? undefined : allocate(gradient.dtype, g * b);
  const blas = engine();
  for (let h = 0; h < features; h++) {
    for (let k = 0; k < n; k++) {
      const at = 2 * (h * n + k);
      const even = 2 * k * b;
      const odd = even + b;
      const shift = 2 * n * b;
      fillPowers(table, even, odd, 1, b, factors[at], factors[at + 1], 1, 0, 1);
      for (let i = 0; i < b; i++) {
        table[shift + even + i] = i * table[even + i];
        table[shift + odd + i] = i * table[odd + i];
      }
    }
    const row = gradient.data.subarray(h * length, (h + 1) * length);
    padded?.set(row);
    blas.gemm(false, true, g, 4 * n, b, 1, padded ?? row, b, table, b, 0, product, 4 * n);
    for (let k = 0; k < n; k++) {
      const at = 2 * (h * n + k);
      const [leapRe, leapIm] = power(factors[at], factors[at + 1], b);
      let x = 1;
      let y = 0;
      let s0 = 0;
      let s0Im = 0;
      let s1 = 0;
      let s1Im = 0;
      for (let i = 0; i < g; i++) {
        const p = i * 4 * n + 2 * k;
        const re = product[p];
        const im = product[p + 1];
        const re1 = product[p + 2 * n] + i * b * re;
        const im1 = product[p + 2 * n + 1] + i * b * im;
        s0 += x * re - y * im;
        s0Im += x * im + y * re;
        s1 += x * re1 - y * im1;
        s1Im += x * im1 + y * re1;
        const next = x * leapRe - y * leapIm;
        y = x * leapIm + y * leapRe;
        x = next;
      }
      zeroth[at] = s0;
      zeroth[at + 1] = s0Im;
      first[at] = s1;
      first[at + 1] = s1Im;
    }
  }
  return { zeroth, first };
}

function requireModes(weights: Float64Array, factors: Float64Array, features: number): number {
  requireInteger("features", features, { min: 1 });
  if (weights.length !== factors.length || weights.length % (2 * features) !== 0) {
    throw new TypeError(
      `\`weights\` and \`factors\` must both hold ${features} x N complex numbers, got ${
        weights.length / 2
      } and ${factors.length / 2}`,
    );
  }
  return weights.length / (2 * features);
}
