/** Exponential and logarithm for limited ranges, in inner loops. Not public. */

/** exp(-40) is 4e-18. */
export const LIMIT = 40;
/** Table entries per power of two. */
const ENTRIES = 1024;
const PER_UNIT = ENTRIES / Math.LN2;
const UNIT = Math.LN2 / ENTRIES;
/** Adding it and taking it away again rounds to an integer. */
const ROUND = 1.5 * 2 ** 52;
/** 2^(-k / 1024). */
export const FRACTIONS: Float64Array = Float64Array.from({ length: ENTRIES }, (_, k) => 2 ** (-k / ENTRIES));
const POWERS = Float64Array.from({ length: Math.ceil(LIMIT / Math.LN2) + 2 }, (_, k) => 2 ** -k);

/**
 * exp(-z) for 0 <= z <= 40, within 1e-14 of itself: from a table of powers of 2^(1/1024), and a series for
 * the rest, which is below 0.0004. Several times as fast as Math.exp, which must serve all numbers. NaN stays
 * NaN.
 */
export function expOfMinus(z: number): number {
  const rounded = z * PER_UNIT + ROUND - ROUND;
  const k = rounded | 0;
  const r = rounded * UNIT - z;
  return FRACTIONS[k & (ENTRIES - 1)] * POWERS[k >> 10] *
    (1 + r * (1 + r * (1 / 2 + r * (1 / 6))));
}

/** Intervals of [1, 2]. */
const CELLS = 128;
const MIDDLES = Float64Array.from({ length: CELLS + 1 }, (_, k) => 1 + (k + 0.5) / CELLS);
/** log of the middle of interval k. */
export const LOGS: Float64Array = MIDDLES.map(Math.log);
/** One over it. */
export const RECIPROCALS: Float64Array = MIDDLES.map((middle) => 1 / middle);

/** log(1 + x) for 0 <= x <= 1, within 3e-16: from a table and a series for the rest, which is below 1/256. */
export function logOnePlus(x: number): number {
  const k = (x * CELLS) | 0;
  const r = (x - (k + 0.5) / CELLS) * RECIPROCALS[k];
  return LOGS[k] + r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6))))));
}
