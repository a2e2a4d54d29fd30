/** The activation of the denoiser, over arrays. Not public. */
import type { RealArray } from "../arrays/mod.ts";

/** 2^-200 to 2^200. */
const POWERS = Float64Array.from({ length: 401 }, (_, i) => 2 ** (i - 200));

/** Adding it and taking it away again rounds to an integer. */
const ROUND = 1.5 * 2 ** 52;

/**
 * exp(x) for single precision, with a relative error below 1e-8: 2^n times a polynomial in the rest of x
 * over log 2, which is a few times as fast as `Math.exp`. From |x| = 138 on it stays what it is there; NaN
 * stays NaN.
 */
export function singleExp(x: number): number {
  const bounded = x > 138 ? 138 : x < -138 ? -138 : x;
  const n = bounded * Math.LOG2E + ROUND - ROUND;
  const r = bounded - n * Math.LN2;
  const even = 1 + r * r * (1 / 2 + r * r * (1 / 24 + r * r / 720));
  const odd = r * (1 + r * r * (1 / 6 + r * r * (1 / 120 + r * r / 5040)));
  return (even + odd) * POWERS[n + 200];
}

/** Entries of {@linkcode TABLE} per unit, and where it ends: beyond, z sigmoid(z) is z or zero to 5e-8. */
const PER_UNIT = 1024;
const REACH = 20;

/** z sigmoid(z) at the points of a grid: straight lines between them are exact to 7e-8. */
export const TABLE: Float64Array = Float64Array.from({ length: 2 * REACH * PER_UNIT + 2 }, (_, i) => {
  const z = i / PER_UNIT - REACH;
  return z / (1 + Math.exp(-z));
});

/** Replaces the first `count` entries of z by z sigmoid(z); in single precision to 1e-7. */
export function silu(z: RealArray, count: number): void {
  if (z instanceof Float64Array) {
    for (let i = 0; i < count; i++) z[i] /= 1 + Math.exp(-z[i]);
    return;
  }
  const end = 2 * REACH * PER_UNIT;
  for (let i = 0; i < count; i++) {
    const place = (z[i] + REACH) * PER_UNIT;
    if (place > 0 && place < end) {
      const below = place | 0;
      z[i] = TABLE[below] + (place - below) * (TABLE[below + 1] - TABLE[below]);
    } else if (z[i] < 0) z[i] = 0;
  }
}

/** The same, with the derivatives, to 1e-8. */
export function siluWithSlope(z: RealArray, count: number, slope: RealArray): void {
  const exp = z instanceof Float32Array ? singleExp : Math.exp;
  for (let i = 0; i < count; i++) {
    const s = 1 / (1 + exp(-z[i]));
    slope[i] = s * (1 + z[i] * (1 - s));
    z[i] *= s;
  }
}
