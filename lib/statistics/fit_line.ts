import { linearRegression } from "simple-statistics";
import { requireNumber, requireNumbers, requireOptions } from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";
import { studentQuantile } from "./student.ts";

/** A straight line fitted by least squares, `y = intercept + slope x`. */
export interface LineFit {
  /** Change of y per unit of x. */
  slope: number;
  /** y at x = 0. */
  intercept: number;
  /** Standard error of the slope, for independent errors of equal size; NaN with two points. */
  standardError: number;
  /** Confidence interval of the slope (Student's t); NaN with two points. */
  interval: [low: number, high: number];
  /** Share of the variance of y that the line explains; 1 if all y are equal. */
  r2: number;
  /** Number of points. */
  points: number;
}

/** Options for the fits. */
export interface FitOptions {
  /** Level of the confidence interval, between 0 and 1. Default 0.95. */
  level?: number;
}

/**
 * Fits a straight line by least squares, with a confidence interval for its slope. If all y are equal up to
 * rounding, the slope is 0.
 *
 * @param x At least two numbers that are not all equal.
 * @param y As many numbers.
 * @param options The level of the confidence interval.
 * @returns The line, and how well it fits.
 * @throws {RangeError} if there are fewer than two points, the lengths differ, a value is not finite, or all
 * x are equal up to rounding.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { fitLine } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { slope, intercept, interval } = fitLine([0, 1, 2, 3], [1, 3.1, 4.9, 7]);
 * assertAlmostEquals(slope, 1.98);
 * assertAlmostEquals(intercept, 1.03);
 * assertAlmostEquals(interval[1] - interval[0], 0.3651, 1e-4);
 * ```
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>, options: FitOptions = {}): LineFit {
  requireOptions("options", options, ["level"]);
  const { level = 0.95 } = options;
  requireNumber("level", level, { above: 0, below: 1 });
  requireNumbers("x", x, { finite: true });
  const n = x.length;
  requireNumbers("y", y, { length: n, finite: true });
  if (n < 2) throw new RangeError(`Cannot fit a line: it needs at least two points, got ${n}`);
  if (isConstant(x)) throw new RangeError(`Cannot fit a line: all \`x\` equal ${x[0]}`);
  if (isConstant(y)) {
    const none = n > 2 ? 0 : NaN;
    return { slope: 0, intercept: y[0], standardError: none, interval: [none, none], r2: 1, points: n };
  }
  // Scaled by powers of two, which is exact, so that squares neither over- nor underflow.
  const scaledX = scaled(x);
  const scaledY = scaled(y);
  const points = Array.from({ length: n }, (_, i) => [scaledX.data[i], scaledY.data[i]]);
  const meanX = points.reduce((sum, [u]) => sum + u, 0) / n;
  const meanY = points.reduce((sum, [, v]) => sum + v, 0) / n;
  // Centred first: log errors and step counts are far from zero.
  const centred = points.map(([u, v]) => [u - meanX, v - meanY]);
  const sxx = centred.reduce((sum, [u]) => sum + u * u, 0);
  const slope = linearRegression(centred).m;
  const residual = centred.reduce((sum, [u, v]) => sum + (v - slope * u) ** 2, 0);
  const syy = centred.reduce((sum, [, v]) => sum + v * v, 0);
  const standardError = n > 2 ? Math.sqrt(residual / (n - 2) / sxx) : NaN;
  const half = n > 2 ? studentQuantile((1 + level) / 2, n - 2) * standardError : NaN;
  const restoredSlope = (value: number) =>
    value / scaledY.half * scaledX.half / scaledY.other * scaledX.other;
  return {
    slope: restoredSlope(slope),
    intercept: scaledY.restore(meanY - slope * meanX),
    standardError: restoredSlope(standardError),
    interval: [restoredSlope(slope - half), restoredSlope(slope + half)],
    r2: 1 - residual / syy,
    points: n,
  };
}

/** Whether all values are equal but for the rounding of their last two bits. */
function isConstant(values: ArrayLike<number>): boolean {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  return most - least <= 4 * Number.EPSILON * Math.max(Math.abs(least), Math.abs(most));
}

/**
 * The exponent p of a power law `y = c x^p`: the slope of ln y against ln x.
 *
 * @param x At least two positive numbers that are not all equal.
 * @param y As many positive numbers.
 * @param options The level of the confidence interval.
 * @returns The line through the logarithms; its slope is p.
 * @throws {RangeError} as {@linkcode fitLine}, or if a value is not positive.
 *
 * @example
 * ```ts
 * import { fitPowerLaw } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(fitPowerLaw([1, 10, 100], [5, 0.5, 0.05]).slope, -1, 1e-12);
 * ```
 */
export function fitPowerLaw(x: ArrayLike<number>, y: ArrayLike<number>, options: FitOptions = {}): LineFit {
  return fitLine(logarithms("x", x), logarithms("y", y), options);
}

/**
 * The rate r of an exponential `y = c exp(r x)`: the slope of ln y against x.
 *
 * @param x At least two numbers that are not all equal.
 * @param y As many positive numbers.
 * @param options The level of the confidence interval.
 * @returns The line through x and the logarithms of y; its slope is r.
 * @throws {RangeError} as {@linkcode fitLine}, or if a value of y is not positive.
 *
 * @example
 * ```ts
 * import { fitExponential } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(fitExponential([0, 1, 2], [8, 4, 2]).slope, Math.log(0.5), 1e-12);
 * ```
 */
export function fitExponential(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: FitOptions = {},
): LineFit {
  return fitLine(x, logarithms("y", y), options);
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  requireNumbers(name, values);
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0)) {
      throw new RangeError(`Cannot fit a law to \`${name}\`: entry ${i} must be positive, got ${values[i]}`);
    }
    out[i] = Math.log(values[i]);
  }
  return out;
}
