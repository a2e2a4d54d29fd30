import {
  type RealArray,
  requireFinite,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { boundsOf, fromMean, fromRoot } from "./cosh_rms_bounds.ts";

/** The root mean square of hyperbolic cosines, R(x) = sqrt(mean cosh^2 x_i), and what it adds to 1. */
export interface CoshRms {
  /** R, at least 1. */
  rms: number;
  /** R - 1 without cancellation, exact to relative rounding where R itself rounds to 1. */
  rmsMinus1: number;
}

/** Options of {@linkcode coshRms}. */
export interface CoshRmsOptions {
  /** Factor on the entries: R(gamma x). Default 1. */
  gamma?: number;
  /**
   * `"exact"` takes sinh^2 of every entry. `"series"` needs the sums of x^2, x^4 and x^6 only, one pass
   * without any transcendental function; where the bound of its remainder is more than 1e-10 of R - 1 the
   * exact form is taken. `"auto"` (the default) is the series above 1000 entries.
   */
  method?: "auto" | "exact" | "series";
}

/** Entries above which the series is used. */
const MANY = 1000;
/** Largest remainder of the series, as a share of mean sinh^2. */
const REMAINDER = 1e-10;
/**
 * sinh^2 x = x^2 + x^4 / 3 + 2 x^6 / 45 + ...; the next coefficients are bounded by that of x^8 times
 * cosh(2x).
 */
const C4 = 1 / 3;
const C6 = 2 / 45;
const C8 = 1 / 315;

/**
 * The root mean square of cosh over the entries, AuON's "emergency brake" (Maity 2025, arXiv 2509.24320,
 * section 3).
 *
 * Since cosh^2 = 1 + sinh^2, with s = mean sinh^2: R = sqrt(1 + s) and R - 1 = s / (1 + sqrt(1 + s)). Sums
 * are float64.
 *
 * @param x Any entries, at least one.
 * @param options Factor on the entries, and how the mean is computed.
 * @returns R and R - 1.
 * @throws {RangeError} if there is no entry, one is not finite, gamma is not positive, or R is beyond the
 * largest number: cosh is from 710.5 on.
 * @throws {TypeError} if `x` is not a Float64Array or a Float32Array, or an option is unknown or of the wrong
 * type.
 *
 * @example
 * ```ts
 * import { coshRms } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const flat = new Float64Array(16).fill(1 / 4);
 * assertAlmostEquals(coshRms(flat).rms, Math.cosh(1 / 4), 1e-15);
 * ```
 */
export function coshRms(x: RealArray, options: CoshRmsOptions = {}): CoshRms {
  requireRealArray("x", x);
  requireOptions("options", options, ["gamma", "method"]);
  const { gamma = 1, method = "auto" } = options;
  requireNumber("gamma", gamma, { above: 0 });
  requireInteger("x.length", x.length, { min: 1 });
  requireOneOf("method", method, ["auto", "exact", "series"]);
  const series = method === "series" || (method === "auto" && x.length > MANY);
  const s = series ? seriesOf(powerSums(x), gamma, x.length) : undefined;
  return s === undefined ? exact(x, gamma) : fromMean(s);
}

/**
 * Bounds of R(gamma x) for all x with n entries and Euclidean norm 1:
 *
 *     cosh(gamma / sqrt n)  <=  R  <=  sqrt(1 + sinh(gamma)^2 / n),
 *
 * attained by equal magnitudes and by a single entry. (cosh^2 sqrt y is convex in y = x_i^2, and the y sum to
 * gamma^2: Jensen's inequality, and the extreme points of the simplex.)
 *
 * @param n Number of entries.
 * @param gamma Factor on the entries.
 * @returns The two bounds, and both minus 1 without cancellation.
 * @throws {RangeError} if n is not a positive integer, gamma is not positive, or the upper bound is beyond
 * the largest number: for n = 1 from gamma = 710.5 on, for n = 10^6 from 717.4 on.
 *
 * @example
 * ```ts
 * import { coshRms, coshRmsBounds } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { lower, upper } = coshRmsBounds(16, 1);
 * assertAlmostEquals(lower, 1.0314130998795732, 1e-15);
 * assertAlmostEquals(upper, coshRms(Float64Array.of(1, ...new Array(15).fill(0))).rms, 1e-15);
 * ```
 */
export function coshRmsBounds(
  n: number,
  gamma: number,
): { lower: number; upper: number; lowerMinus1: number; upperMinus1: number } {
  requireInteger("n", n, { min: 1 });
  requireNumber("gamma", gamma, { above: 0 });
  const { low, high } = boundsOf(n, gamma);
  if (high.rms === Infinity) {
    throw new RangeError(
      `The upper bound for \`gamma\` ${gamma} and \`n\` ${n}, sqrt(1 + sinh(gamma)^2 / n), is beyond the largest number`,
    );
  }
  return { lower: low.rms, upper: high.rms, lowerMinus1: low.rmsMinus1, upperMinus1: high.rmsMinus1 };
}

/** What {@linkcode directionCoshRms} finds. */
export interface DirectionCoshRms extends CoshRms {
  /** Frobenius norm. */
  norm: number;
}

/** Options of {@linkcode directionCoshRms}. */
export interface DirectionCoshRmsOptions {
  /** Factor on the entries. Default 1. */
  gamma?: number;
  /** Added to the norm. Default 1e-7. */
  eps?: number;
}

/**
 * Norm and R(gamma x / (||x|| + eps)) together: for many entries in one pass over x.
 *
 * @param x Any entries.
 * @param options Factor on the entries, and what is added to the norm.
 * @returns For x = 0: norm 0 and R = 1.
 * @throws {RangeError} if an entry is not finite, gamma is not positive, eps is negative, or R is beyond the
 * largest number.
 * @throws {TypeError} if `x` is not a Float64Array or a Float32Array, or an option is unknown or of the wrong
 * type.
 *
 * @example
 * ```ts
 * import { directionCoshRms } from "refigure/optimizers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const { norm, rms } = directionCoshRms(Float64Array.of(1, 2, 3, 4, 5, 6), { eps: 0 });
 * assertEquals(norm, Math.sqrt(91));
 * assertAlmostEquals(rms, 1.0874770153285, 1e-13);
 * ```
 */
export function directionCoshRms(x: RealArray, options: DirectionCoshRmsOptions = {}): DirectionCoshRms {
  requireRealArray("x", x);
  requireOptions("options", options, ["gamma", "eps"]);
  const { gamma = 1, eps = 1e-7 } = options;
  requireNumber("gamma", gamma, { above: 0 });
  requireNumber("eps", eps, { min: 0 });
  const sums = powerSums(x);
  const norm = Math.sqrt(sums[0]);
  if (sums[0] > 1e-60 && sums[0] < 1e60) {
    const scale = gamma / (norm + eps);
    const n = x.length;
    const s = n > MANY ? seriesOf(sums, scale, n) : undefined;
    return { norm, ...(s === undefined ? exact(x, scale) : fromMean(s)) };
  }
  // Zero, not finite, or so small or large that sixth powers leave the range of float64: measured in units of
  // the largest.
  requireFinite("Cannot take the norm of the update", x);
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0) return { norm: 0, rms: 1, rmsMinus1: 0 };
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] / largest) ** 2;
  const root = Math.sqrt(sum);
  // x / (norm + eps), without ever forming a norm that overflows.
  const scaled = Float64Array.from(x, (entry) => gamma * (entry / largest) / (root + eps / largest));
  let s = 0;
  for (let i = 0; i < x.length; i++) s += Math.sinh(scaled[i]) ** 2;
  return { norm: root * largest, ...(s < Infinity ? fromMean(s / x.length) : exact(scaled, 1)) };
}

function exact(x: RealArray, gamma: number): CoshRms {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += sinhSquared(gamma * x[i]);
  }
  if (Number.isFinite(sum)) return fromMean(sum / x.length);
  requireFinite("Cannot take the hyperbolic cosine of `x`", x);
  // sinh^2 overflows, its root perhaps not: measured in units of e^largest.
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(gamma * x[i]));
  let scaled = 0;
  for (let i = 0; i < x.length; i++) {
    const y = Math.abs(gamma * x[i]);
    scaled += (Math.exp(y - largest) - Math.exp(-y - largest)) ** 2;
  }
  const half = Math.exp(largest / 2);
  const root = half * (Math.sqrt(scaled / x.length) / 2) * half;
  if (root < Infinity) return fromRoot(root);
  throw new RangeError(
    `\`gamma * x\` is too large: with an entry of ${largest} the root mean square of cosh is beyond the largest number`,
  );
}

/**
 * sinh^2: its series up to |x| = 1/2, where the first term left out is below 1e-15 of it and the library's
 * sinh ten times slower.
 */
function sinhSquared(x: number): number {
  const y = x * x;
  if (y <= 0.25) {
    const tail = 2 / 14175 + y * (2 / 467775 + y * (4 / 42567525 + y / 638512875));
    return y * (1 + y * (C4 + y * (C6 + y * (C8 + y * tail))));
  }
  const sinh = Math.sinh(x);
  return sinh * sinh;
}

/**
 * Sums of the second, fourth and sixth powers: two of each, so that an addition need not wait for the one
 * before.
 */
function powerSums(x: RealArray): [p2: number, p4: number, p6: number] {
  let a2 = 0;
  let b2 = 0;
  let a4 = 0;
  let b4 = 0;
  let a6 = 0;
  let b6 = 0;
  const even = x.length - 1;
  let i = 0;
  for (; i < even; i += 2) {
    const a = x[i] * x[i];
    const b = x[i + 1] * x[i + 1];
    const aa = a * a;
    const bb = b * b;
    a2 += a;
    b2 += b;
    a4 += aa;
    b4 += bb;
    a6 += aa * a;
    b6 += bb * b;
  }
  if (i < x.length) {
    const a = x[i] * x[i];
    a2 += a;
    a4 += a * a;
    a6 += a * a * a;
  }
  return [a2 + b2, a4 + b4, a6 + b6];
}

/** mean sinh^2(gamma x) from power sums of x, or undefined where the terms left out may matter. */
function seriesOf(
  [p2, p4, p6]: readonly [number, number, number],
  gamma: number,
  n: number,
): number | undefined {
  const square = gamma * gamma;
  const y2 = square * p2;
  const y4 = square * square * p4;
  const y6 = square ** 3 * p6;
  const s = y2 + C4 * y4 + C6 * y6;
  // The norm falls with the power: sum y^8 <= (sum y^6)^(4/3), and no entry is above (sum y^6)^(1/6).
  const remainder = C8 * y6 ** (4 / 3) * Math.cosh(2 * y6 ** (1 / 6));
  return remainder <= REMAINDER * s ? s / n : undefined;
}
