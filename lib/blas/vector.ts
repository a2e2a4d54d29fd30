import { type RealArray, requireLength, requireNumber, requireRealArray } from "../arrays/mod.ts";
import { requireSamePrecision } from "./check.ts";
import { engine } from "./choice.ts";

/**
 * The sum of squared entries, one pass at the speed of memory. Sums are float64; of a `Float32Array`, the
 * native engine sums blocks of 8,192 in single precision first (relative error about 1e-8).
 *
 * @returns NaN or Infinity if an entry is not finite or the sum overflows.
 * @throws {TypeError} if `x` is not a Float64Array or Float32Array.
 *
 * @example
 * ```ts
 * import { sumOfSquares } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sumOfSquares(Float64Array.of(3, 4)), 25);
 * ```
 */
export function sumOfSquares(x: RealArray): number {
  return engine().sumOfSquares(requireRealArray("x", x));
}

/**
 * The largest absolute value; 0 for an empty array, NaN if an entry is NaN.
 *
 * @throws {TypeError} if `x` is not a Float64Array or Float32Array.
 *
 * @example
 * ```ts
 * import { largestMagnitude } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(largestMagnitude(Float64Array.of(3, -4)), 4);
 * ```
 */
export function largestMagnitude(x: RealArray): number {
  const { largestMagnitude, sumOfSquares } = engine();
  requireRealArray("x", x);
  // Whether BLAS sees a NaN depends on the kernel; in a sum it is always seen.
  return Number.isNaN(sumOfSquares(x)) ? NaN : largestMagnitude(x);
}

/**
 * Multiplies every entry by a number, in place.
 *
 * @throws {TypeError} if `x` is not a Float64Array or Float32Array, or `factor` is not a number.
 *
 * @example
 * ```ts
 * import { scaleInPlace } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const x = Float64Array.of(3, -4);
 * scaleInPlace(x, 0.5);
 * assertEquals(x, Float64Array.of(1.5, -2));
 * ```
 */
export function scaleInPlace(x: RealArray, factor: number): void {
  requireRealArray("x", x);
  requireNumber("factor", factor, { finite: false });
  engine().scaleInPlace(x, factor);
}

/**
 * Adds a multiple of one array to another, in place: y <- y + factor x.
 *
 * @param y The array that is changed.
 * @param factor What `x` is multiplied by.
 * @param x As many numbers as `y`, in its precision.
 * @throws {RangeError} if the lengths differ.
 * @throws {TypeError} if the precisions differ, or an argument has another class.
 *
 * @example
 * ```ts
 * import { addScaled } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const y = Float64Array.of(1, 2);
 * addScaled(y, -2, Float64Array.of(3, 4));
 * assertEquals(y, Float64Array.of(-5, -6));
 * ```
 */
export function addScaled(y: RealArray, factor: number, x: RealArray): void {
  requireRealArray("y", y);
  requireNumber("factor", factor, { finite: false });
  requireRealArray("x", x);
  requireLength("x", x, y.length);
  requireSamePrecision("x", x, "y", y);
  engine().addScaled(y, factor, x);
}
