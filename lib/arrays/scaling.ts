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
