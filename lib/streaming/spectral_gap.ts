import { type Matrix, requireInteger, requireLength, requireNumber } from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { rowDot, squaredNorm } from "./stream_row.ts";

/** The top of the spectrum of `A^T A`. */
export interface SpectralGap {
  /** `lambda1 / lambda2`; Infinity if the second is 0 (rounding left aside). */
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
  const { isGram = false } = options;
  const d = requireInteger("a.columns", a.columns, { min: 1 });
  const { values, vectors } = eigh(isGram ? a : gram(a));
  const lambda1 = values[d - 1];
  const second = d > 1 ? values[d - 2] : 0;
  const lambda2 = second > 4 * d * Number.EPSILON * lambda1 ? second : 0;
  return { gap: lambda2 === 0 ? Infinity : lambda1 / lambda2, v1: vectors.column(d - 1), lambda1, lambda2 };
}

/**
 * The squared correlation `<u, v>^2 / (|u|^2 |v|^2)`, the squared cosine of the angle: blind to signs and
 * lengths.
 *
 * @throws {RangeError} if the lengths differ.
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
  requireLength("v", v, u.length);
  return rowDot(u, v) ** 2 / (squaredNorm(u) * squaredNorm(v));
}

/**
 * The squared sine of the angle between two vectors, `1 -` {@linkcode squaredCorrelation}, without its
 * cancellation: right also where it is 1e-30.
 *
 * @throws {RangeError} if the lengths differ.
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
  requireLength("v", v, u.length);
  const squared = squaredNorm(v);
  const along = rowDot(u, v) / squared;
  return squaredNorm(u.map((x, j) => x - along * v[j])) / squaredNorm(u);
}

/**
 * How many rows are heavy: those with `|a|^2 >= c ||A||_F^2 / d` (Kacham & Woodruff 2024; c stands for their
 * 1 / polylog d).
 *
 * @param norms Norms of all rows.
 * @param d Length of a row.
 * @param c Default 0.3.
 * @throws {RangeError} if `d` or `c` is not positive.
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
export function heavyRowCount(norms: Float64Array, d: number, c = 0.3): number {
  requireInteger("d", d, { min: 1 });
  requireNumber("c", c, { above: 0 });
  const least = c * squaredNorm(norms) / d;
  return norms.reduce((count, norm) => count + (norm * norm >= least && norm > 0 ? 1 : 0), 0);
}
