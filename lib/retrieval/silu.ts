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

/**
 * Replaces the first `count` entries of z by z sigmoid(z), and writes the derivatives where they are wanted.
 */
export function silu(z: RealArray, count: number, slope?: RealArray): void {
  const exp = z instanceof Float32Array ? singleExp : Math.exp;
  if (slope === undefined) {
    for (let i = 0; i < count; i++) z[i] /= 1 + exp(-z[i]);
    return;
  }
  for (let i = 0; i < count; i++) {
    const s = 1 / (1 + exp(-z[i]));
    slope[i] = s * (1 + z[i] * (1 - s));
    z[i] *= s;
  }
}
