import {
  type Matrix,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { gram, largestMagnitude } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { rowDot, squaredNorm } from "./stream_row.ts";

/** The top of the spectrum of `A^T A`. */
export interface SpectralGap {
  /** `lambda1 / lambda2`; Infinity if the second is 0 up to rounding. */
  gap: number;
  /** The top eigenvector. */
  v1: Float64Array;
  /** The largest eigenvalue. */
  lambda1: number;
  /** The next one. */
  lambda2: number;
}

/**
 * The top eigenvector of `A^T A` and its gap `R = lambda1 / lambda2`, from the Gram matrix: exact, with d^2
 * words of memory.
 *
 * @param a n x d matrix, or its d x d Gram matrix with `isGram`.
 * @param options `isGram`: whether `a` is the Gram matrix. Default false.
 * @throws {RangeError} if an entry is not finite or there are no columns.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { spectralGap } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { gap, v1 } = spectralGap(Matrix.fromRows([[2, 0], [0, 1], [0, 0]]));
 * assertAlmostEquals(gap, 4, 1e-14);
 * assertAlmostEquals(Math.abs(v1[0]), 1, 1e-14);
 * ```
 */
export function spectralGap(a: Matrix, options: { isGram?: boolean } = {}): SpectralGap {
  requireMatrix("a", a);
  requireOptions("options", options, ["isGram"]);
  const { isGram = false } = options;
  requireBoolean("isGram", isGram);
  const d = requireInteger("a.columns", a.columns, { min: 1 });
  requireFinite("Cannot find the spectrum of `a`", a.data, d);
  const scale = isGram ? 1 : squareScale(largestMagnitude(a.data));
  const { values, vectors } = eigh(isGram ? a : gram(scale === 1 ? a : a.times(scale)));
  const restore = (value: number) => value / scale / scale;
  const lambda1 = values[d - 1];
  const second = d > 1 ? values[d - 2] : 0;
  const lambda2 = second > 4 * d * Number.EPSILON * lambda1 ? second : 0;
  return {
    gap: lambda2 === 0 ? Infinity : lambda1 / lambda2,
    v1: vectors.column(d - 1),
    lambda1: restore(lambda1),
    lambda2: restore(lambda2),
  };
}

/**
 * A factor for numbers up to `largest` with which their squares neither over- nor underflow; 1 where they do
 * not.
 */
function squareScale(largest: number): number {
  return largest === 0 || (largest > 1e-130 && largest < 1e130) ? 1 : 2 ** -Math.floor(Math.log2(largest));
}

/** Both vectors, scaled where their squares would over- or underflow. @throws {TypeError | RangeError} */
function comparable(u: Float64Array, v: Float64Array): [Float64Array, Float64Array] {
  requireRealArray("u", u, "float64");
  requireLength("v", requireRealArray("v", v, "float64"), u.length);
  const scaled = ([["u", u], ["v", v]] as const).map(([name, x]) => {
    requireFinite(`Cannot compare \`${name}\``, x);
    const largest = largestMagnitude(x);
    if (largest === 0) throw new RangeError(`\`${name}\` must not be zero: it has no direction`);
    const scale = squareScale(largest);
    return scale === 1 ? x : x.map((value) => value * scale);
  });
  return [scaled[0], scaled[1]];
}

/**
 * The squared correlation `<u, v>^2 / (|u|^2 |v|^2)`, the squared cosine of the angle: the same for any signs
 * and norms.
 *
 * @throws {RangeError} if the lengths differ, a vector is zero, or an entry is not finite.
 *
 * @example
 * ```ts
 * import { squaredCorrelation } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(squaredCorrelation(new Float64Array([1, 1]), new Float64Array([-3, 0])), 0.5, 1e-15);
 * ```
 */
export function squaredCorrelation(u: Float64Array, v: Float64Array): number {
  const [x, y] = comparable(u, v);
  return rowDot(x, y) ** 2 / (squaredNorm(x) * squaredNorm(y));
}

/**
 * The squared sine of the angle between two vectors, `1 -` {@linkcode squaredCorrelation}, without its
 * cancellation: right also where it is 1e-30.
 *
 * @throws {RangeError} if the lengths differ, a vector is zero, or an entry is not finite.
 *
 * @example
 * ```ts
 * import { squaredSine } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(squaredSine(new Float64Array([1, 1e-12]), new Float64Array([1, 0])) / 1e-24, 1, 1e-12);
 * ```
 */
export function squaredSine(u: Float64Array, v: Float64Array): number {
  const [x, y] = comparable(u, v);
  const along = rowDot(x, y) / squaredNorm(y);
  return squaredNorm(x.map((value, j) => value - along * y[j])) / squaredNorm(x);
}

/**
 * How many rows are heavy: those with `|a|^2 >= c ||A||_F^2 / d` (Kacham & Woodruff 2024; c stands for their
 * 1 / polylog d).
 *
 * @param norms Norms of all rows.
 * @param d Length of a row.
 * @param options The constant `c`, default 0.3.
 * @returns Their number.
 * @throws {RangeError} if `d` or `c` is not positive, or a norm is negative or not finite.
 *
 * @example
 * ```ts
 * import { heavyRowCount } from "refigure/streaming";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(heavyRowCount(new Float64Array([2, 0.5, 0.5, 0.5]), 10), 4);
 * assertEquals(heavyRowCount(new Float64Array([2, 0.5, 0.5, 0.5]), 2), 1);
 * ```
 */
export function heavyRowCount(norms: Float64Array, d: number, options: { c?: number } = {}): number {
  requireRealArray("norms", norms, "float64");
  norms.forEach((norm, i) => requireNumber(`norms[${i}]`, norm, { min: 0 }));
  requireInteger("d", d, { min: 1 });
  requireOptions("options", options, ["c"]);
  const { c = 0.3 } = options;
  requireNumber("c", c, { above: 0 });
  const least = c * squaredNorm(norms) / d;
  return norms.reduce((count, norm) => count + (norm * norm >= least && norm > 0 ? 1 : 0), 0);
}
