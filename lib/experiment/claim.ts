/**
 * Small words for claims: numbers as a reader wants them, and the usual tests of a measured value.
 *
 * @module
 */

/**
 * A number as text: `digits` significant ones, powers of ten where that is shorter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { show } from "./claim.ts";
 *
 * assertEquals(show(0.123456), "0.1235");
 * assertEquals(show(6.02214e-23), "6.022e-23");
 * assertEquals(show(1500), "1500");
 * ```
 */
export function show(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e7
    ? value.toExponential(digits - 1)
    : String(Number(value.toPrecision(digits)));
}

/** The smallest and the largest of some values, as text: `0.98..1.02`. */
export function showRange(values: readonly number[], digits = 4): string {
  if (values.length === 0) return "none";
  const low = show(Math.min(...values), digits);
  const high = show(Math.max(...values), digits);
  return low === high ? low : `${low}..${high}`;
}

/** Whether every value lies in [low, high]; no values, or one that is NaN, is a "no". */
export function allWithin(values: readonly number[], low: number, high: number): boolean {
  return values.length > 0 && values.every((value) => value >= low && value <= high);
}
