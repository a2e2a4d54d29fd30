import type { RealArray } from "./matrix.ts";

/**
 * The power of two that brings the largest entry of `values` to [1, 2), or 1 for zeros: multiplying by it is
 * exact, and keeps squares from over- and underflowing. Its inverse restores the results. Split in two so
 * that each half is a normal number, even for the smallest denormals.
 */
export function powerOfTwoScale(values: ArrayLike<number>): { half: number; other: number } {
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]));
  if (largest === 0 || !Number.isFinite(largest)) return { half: 1, other: 1 };
  // log2 of a denormal is exact enough: a neighbouring power serves as well.
  const exponent = -Math.floor(Math.log2(largest));
  const first = Math.trunc(exponent / 2);
  return { half: 2 ** first, other: 2 ** (exponent - first) };
}

/** Values scaled to a largest entry near 1, and how to scale back. */
export interface Scaled {
  /** The values times `half * other`, in a Float64Array of their own. */
  data: Float64Array;
  /** First half of the factor. */
  half: number;
  /** Second half of the factor. */
  other: number;
  /** Divides by the factor. */
  restore(x: number): number;
}

/** A Float64Array copy of `values`, scaled to a largest entry near 1, and how to scale back. */
export function scaled(values: ArrayLike<number>): Scaled {
  const { half, other } = powerOfTwoScale(values);
  const data = Float64Array.from(values);
  if (half !== 1 || other !== 1) { for (let k = 0; k < data.length; k++) data[k] = data[k] * half * other; }
  return { data, half, other, restore: (x) => x / half / other };
}

/** Numbers with magnitudes beyond this are divided by {@linkcode tamed}: sums of a million would overflow. */
const LARGE = { single: 2 ** 110, double: 2 ** 1000 };

/**
 * Numbers whose sums cannot overflow: `values` themselves, or a copy divided by a power of two. For results
 * that do not depend on the scale, or are multiplied by `divisor` afterwards.
 */
export function tamed<Data extends RealArray>(values: Data): { data: Data; divisor: number } {
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]));
  const large = values instanceof Float32Array ? LARGE.single : LARGE.double;
  if (!(largest > large && largest < Infinity)) return { data: values, divisor: 1 };
  const divisor = 2 ** Math.floor(Math.log2(largest));
  return { data: values.map((value) => value / divisor) as Data, divisor };
}
