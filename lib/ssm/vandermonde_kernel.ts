import {
  allocate,
  allocateLike,
  type Complex,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { complex, complexAt, conjugate, power, scale, setComplexAt } from "../arrays/complex.ts";
import { engine } from "../blas/choice.ts";
import { requireComplexVector, requireSameSize } from "./check.ts";

/** Baby steps: a power of two near the root of the length. */
function babySteps(length: number): number {
  return Math.max(1, Math.min(length, 2 ** Math.round(Math.log2(Math.sqrt(length)))));
}

/**
 * Where a row of powers is written: its real parts from `re`, its imaginary parts from `im`, each `stride`
 * apart.
 */
interface Lane {
  table: RealArray;
  re: number;
  im: number;
  stride: number;
}

/** Writes `first base^k` for k = 0, ..., count - 1. */
function fillPowers(lane: Lane, count: number, base: Complex, first: Complex): void {
  // Plain numbers where every power passes: objects that change from turn to turn take twice the time.
  const { table, stride } = lane;
  const { re, im } = base;
  const apart = lane.im - lane.re;
  const end = lane.re + count * stride;
  let x = first.re;
  let y = first.im;
  for (let at = lane.re; at < end; at += stride) {
    table[at] = x;
    table[at + apart] = y;
    const next = x * re - y * im;
    y = x * im + y * re;
    x = next;
  }
}

/** Options of {@linkcode vandermondeKernels}. */
export interface VandermondeKernelOptions {
  /** Features H: `weights` and `factors` hold H x N numbers. Default 1. */
  features?: number;
  /** Each factor stands for itself and its conjugate: twice the real part. Default true. */
  pairs?: boolean;
  /**
   * Precision of the products and of the result. Tables are computed in double precision always. Default
   * `"float64"`.
   */
  dtype?: DType;
}

/**
 * The kernels of H diagonal models, `K[h, l] = 2 Re sum_n w[h, n] p[h, n]^l` (Gu et al. 2022, section 3.3):
 * the real part of a product with a Vandermonde matrix for each feature.
 *
 * With l = B g + b, `p^l = (p^B)^g p^b`: for each feature one real matrix product of a table of giant steps
 * (G x 2N) and one of baby steps (2N x B), with B near the root of the length, because `Re(x y) = Re x Re y -
 * Im x Im y`. No N x L matrix and no exponentials are formed.
 *
 * @param weights H x N complex numbers, interleaved.
 * @param factors H x N complex numbers, interleaved, of modulus up to 1.
 * @param length Samples L; 0 gives an empty matrix.
 * @param options Number of features, whether factors come in pairs, and the precision.
 * @returns H x L.
 * @throws {RangeError} if sizes differ or `length` is not a non-negative integer.
 * @throws {TypeError} if the precision is unknown.
 *
 * @example
 * ```ts
 * import { vandermondeKernels } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One pair, exp(+-i / 10): a cosine.
 * const weights = new Float64Array([0.5, 0]);
 * const factors = new Float64Array([Math.cos(0.1), Math.sin(0.1)]);
 * const k = vandermondeKernels(weights, factors, 50);
 * assertAlmostEquals(k.get(0, 30), Math.cos(3), 1e-13);
 * ```
 */
export function vandermondeKernels<T extends DType = "float64">(
  weights: Float64Array,
  factors: Float64Array,
  length: number,
  options: VandermondeKernelOptions & { dtype?: T } = {},
): Matrix<RealArray> {
  requireOptions("options", options, ["features", "pairs", "dtype"]);
  const { features = 1, pairs = true, dtype = "float64" } = options;
  requireSameSize("weights", weights, "factors", factors);
  const n = requireModes("factors", factors, features);
  requireInteger("length", length);
  requireBoolean("pairs", pairs);
  requireOneOf<DType>("dtype", dtype, DTYPES);
  const out = Matrix.zeros(features, length, dtype as DType);
  if (length === 0 || n === 0) return out;
  const steps = babySteps(length);
  const giants = Math.ceil(length / steps);
  // Row g of `left` and column b of `right` have 2N numbers each: both parts of every mode.
  const left = allocateLike(out.data, giants * 2 * n);
  const right = allocateLike(out.data, 2 * n * steps);
  const padded = giants * steps === length ? undefined : allocateLike(out.data, giants * steps);
  const blas = engine();
  for (let h = 0; h < features; h++) {
    for (let k = 0; k < n; k++) {
      const factor = complexAt(factors, h * n + k);
      const weight = scale(complexAt(weights, h * n + k), pairs ? 2 : 1);
      const baby = { table: right, re: 2 * k * steps, im: (2 * k + 1) * steps, stride: 1 };
      const giant = { table: left, re: 2 * k, im: 2 * k + 1, stride: 2 * n };
      // Conjugate powers bring the minus sign of the imaginary parts.
      fillPowers(baby, steps, conjugate(factor), complex(1));
      fillPowers(giant, giants, power(factor, steps), weight);
    }
    const row = out.data.subarray(h * length, (h + 1) * length);
    blas.gemm(false, false, giants, steps, 2 * n, 1, left, 2 * n, right, steps, 0, padded ?? row, steps);
    if (padded) row.set(padded.subarray(0, length));
  }
  return out;
}

/** The two sums of which every gradient of a kernel is a combination. */
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
 * @throws {RangeError} if `factors` is not H x N complex numbers.
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
  requireMatrix("gradient", gradient);
  requireInteger("gradient.rows", gradient.rows, { min: 1 });
  const features = gradient.rows;
  const length = gradient.columns;
  const n = requireModes("factors", factors, features);
  const zeroth = new Float64Array(2 * features * n);
  const first = new Float64Array(2 * features * n);
  if (length === 0 || n === 0) return { zeroth, first };
  const steps = babySteps(length);
  const giants = Math.ceil(length / steps);
  // Rows of the table: p^b of every mode (real, imaginary), then b p^b of every mode.
  const table = allocateLike(gradient.data, 4 * n * steps);
  const product = allocateLike(gradient.data, giants * 4 * n);
  const padded = giants * steps === length ? undefined : allocate(gradient.dtype, giants * steps);
  const blas = engine();
  for (let h = 0; h < features; h++) {
    for (let k = 0; k < n; k++) {
      const re = 2 * k * steps;
      const im = re + steps;
      const shift = 2 * n * steps;
      fillPowers({ table, re, im, stride: 1 }, steps, complexAt(factors, h * n + k), complex(1));
      for (let b = 0; b < steps; b++) {
        table[shift + re + b] = b * table[re + b];
        table[shift + im + b] = b * table[im + b];
      }
    }
    const row = gradient.data.subarray(h * length, (h + 1) * length);
    padded?.set(row);
    blas.gemm(
      false,
      true,
      giants,
      4 * n,
      steps,
      1,
      padded ?? row,
      steps,
      table,
      steps,
      0,
      product,
      4 * n,
    );
    for (let k = 0; k < n; k++) {
      const leap = power(complexAt(factors, h * n + k), steps);
      const { sum, weighted } = sumOverGiants(product, 2 * k, n, steps, leap);
      setComplexAt(zeroth, h * n + k, sum);
      setComplexAt(first, h * n + k, weighted);
    }
  }
  return { zeroth, first };
}

/**
 * The sums of one mode over the giant steps: row g of `product` holds `sum_b g[l] p^b` from column `at` and
 * `sum_b b g[l] p^b` from 2 n columns on, with l = steps g + b.
 */
function sumOverGiants(
  product: RealArray,
  at: number,
  n: number,
  steps: number,
  leap: Complex,
): { sum: Complex; weighted: Complex } {
  const { re: leapRe, im: leapIm } = leap;
  let sumRe = 0;
  let sumIm = 0;
  let weightedRe = 0;
  let weightedIm = 0;
  let x = 1;
  let y = 0;
  let passed = 0;
  for (let p = at; p < product.length; p += 4 * n, passed += steps) {
    const re = product[p];
    const im = product[p + 1];
    const shiftedRe = product[p + 2 * n] + passed * re;
    const shiftedIm = product[p + 2 * n + 1] + passed * im;
    sumRe += x * re - y * im;
    sumIm += x * im + y * re;
    weightedRe += x * shiftedRe - y * shiftedIm;
    weightedIm += x * shiftedIm + y * shiftedRe;
    const next = x * leapRe - y * leapIm;
    y = x * leapIm + y * leapRe;
    x = next;
  }
  return { sum: { re: sumRe, im: sumIm }, weighted: { re: weightedRe, im: weightedIm } };
}

/** Returns N for H x N complex numbers. @throws {RangeError} */
function requireModes(name: string, values: Float64Array, features: number): number {
  requireInteger("features", features, { min: 1 });
  const count = requireComplexVector(name, values);
  if (count % features !== 0) {
    throw new RangeError(`\`${name}\` must hold ${features} x N complex numbers, got ${count}`);
  }
  return count / features;
}
