import type { RealArray } from "../../arrays/mod.ts";

/** Sum of squares in float64; four sums, so that an addition need not wait for the one before. */
export function sumOfSquares(x: RealArray): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (const end = x.length - 3; i < end; i += 4) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
  }
  for (; i < x.length; i++) a += x[i] * x[i];
  return (a + b) + (c + d);
}

/** Largest absolute value; 0 for none. */
export function largestMagnitude(x: RealArray): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    if (size > largest) largest = size;
  }
  return largest;
}

/** Multiplies every entry. */
export function scaleInPlace(x: RealArray, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}

/** Adds a multiple. */
export function addScaled(y: RealArray, factor: number, x: RealArray): void {
  for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
}
