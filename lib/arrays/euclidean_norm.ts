import { requireNumbers } from "./check.ts";

/**
 * The Euclidean norm of a vector of any length, `sqrt(sum x_i^2)`. Entries are scaled by the largest one, so that
 * no square over- or underflows, and summed with compensation (Kahan 1965).
 *
 * @param x Any numbers.
 * @returns 0 for an empty vector; NaN or Infinity if an entry is not finite.
 * @throws {TypeError} if `x` is not an array of numbers.
 *
 * @example
 * ```ts
 * import { euclideanNorm } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(euclideanNorm([3, 4]), 5);
 * assertEquals(euclideanNorm([0, -1e-200]), 1e-200);
 * ```
 */
export function euclideanNorm(x: ArrayLike<number>): number {
  requireNumbers("x", x);
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    // Nothing is larger than a NaN, so it stays.
    if (size > largest || Number.isNaN(size)) largest = size;
  }
  if (!(largest > 0 && largest < Infinity)) return largest;
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < x.length; i++) {
    const share = Math.abs(x[i]) / largest;
    const summand = share * share - lost;
    const next = sum + summand;
    lost = (next - sum) - summand;
    sum = next;
  }
  return Math.sqrt(sum) * largest;
}
