/** Numbers as text, and the small statistics that claims and rows need. */

import { requireInteger, requireNumber, requireNumbers } from "../arrays/mod.ts";

/** Magnitudes below this are rounding noise of float64; their digits differ between processors. */
const NOISE = 1e-13;

/**
 * A number as text: `digits` significant ones, powers of ten where that is shorter, and "below 1e-13" for
 * rounding noise, whose digits differ between processors.
 *
 * @param digits Significant digits. Default 4.
 *
 * @example
 * ```ts
 * import { formatNumber } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatNumber(0.123456), "0.1235");
 * assertEquals(formatNumber(6.02214e23), "6.022e+23");
 * assertEquals(formatNumber(1500), "1500");
 * assertEquals(formatNumber(8.9e-15), "below 1e-13");
 * ```
 */
export function formatNumber(value: number, digits = 4): string {
  requireNumber("value", value, { finite: false });
  requireInteger("digits", digits, { min: 1, max: 17 });
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value + 0);
  const size = Math.abs(value);
  if (size < NOISE) return `below ${NOISE}`;
  return size < 1e-3 || size >= 1e7
    ? value.toExponential(digits - 1).replace(/\.?0+e/, "e")
    : String(Number(value.toPrecision(digits)));
}

/**
 * The smallest and the largest of some values as text: `0.98..1.02`, or one number if they are equal.
 *
 * @param digits Significant digits. Default 4.
 *
 * @example
 * ```ts
 * import { formatRange } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatRange([1.02, 0.98, 1]), "0.98..1.02");
 * assertEquals(formatRange([2, 2]), "2");
 * assertEquals(formatRange([]), "no values");
 * ```
 */
export function formatRange(values: readonly number[], digits = 4): string {
  requireNumbers("values", values);
  requireInteger("digits", digits, { min: 1, max: 17 });
  if (values.length === 0) return "no values";
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isNaN(value)) return "NaN";
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const lowText = formatNumber(low, digits);
  const highText = formatNumber(high, digits);
  if (lowText === highText) return lowText;
  // Noise beside a number is zero; two signs of noise are noise.
  if (Math.abs(low) < NOISE && Math.abs(high) < NOISE) return `below ${NOISE}`;
  return `${Math.abs(low) < NOISE ? "0" : lowText}..${Math.abs(high) < NOISE ? "0" : highText}`;
}

/**
 * The arithmetic mean; NaN if there are no values, so that a claim on nothing does not hold.
 *
 * @example
 * ```ts
 * import { mean } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mean([1, 2, 6]), 3);
 * assertEquals(mean([]), NaN);
 * ```
 */
export function mean(values: readonly number[]): number {
  requireNumbers("values", values);
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
