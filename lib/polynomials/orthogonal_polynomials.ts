import { Matrix, requireFinite, requireInteger, requireNumbers, requireOneOf } from "../arrays/mod.ts";
import { type Recurrence, recurrenceOf } from "./recurrence.ts";

/**
 * A family of polynomials, one of each degree:
 *
 * | family | orthonormal with respect to |
 * | --- | --- |
 * | `legendre` | the uniform probability measure on [-1, 1]: `sqrt(2 j + 1) P_j` |
 * | `hermite` | the standard normal distribution: `He_j / sqrt(j!)` |
 * | `chebyshev` | the arcsine distribution on [-1, 1]: `T_0`, then `sqrt(2) T_j` |
 */
export type PolynomialFamily = "legendre" | "hermite" | "chebyshev";

/** The names of {@linkcode PolynomialFamily}. */
export const polynomialFamilies: readonly PolynomialFamily[] = ["legendre", "hermite", "chebyshev"];

/**
 * The values of the polynomials of degree 0, 1, ..., `count` - 1 at some points, orthonormal with respect to a
 * probability measure.
 *
 * The recurrence is that of the normalized polynomials, `b_{j+1} p_{j+1}(x) = x p_j(x) - b_j p_{j-1}(x)` with the
 * entries `b_j` of the Jacobi matrix, which loses no digits inside the support for hundreds of degrees.
 *
 * @param family Which polynomials.
 * @param count How many; the highest degree is one less.
 * @param x The points.
 * @returns One row per point, one column per degree.
 * @throws {RangeError} if `count` is not a positive integer, or a point is not finite.
 * @throws {TypeError} if the family is unknown, or an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { orthonormalPolynomials } from "refigure/polynomials";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const values = orthonormalPolynomials("legendre", 3, [0.5]);
 * assertAlmostEquals(values.get(0, 2), Math.sqrt(5) * (3 * 0.25 - 1) / 2, 1e-15);
 * ```
 */
export function orthonormalPolynomials(
  family: PolynomialFamily,
  count: number,
  x: ArrayLike<number>,
): Matrix {
  requireOneOf("family", family, polynomialFamilies);
  requireInteger("count", count, { min: 1, max: 1e6 });
  requireNumbers("x", x);
  requireFinite("`x`", x);
  const recurrence = recurrenceOf(family, count);
  const out = Matrix.zeros(x.length, count);
  for (let i = 0; i < x.length; i++) fill(recurrence, x[i], out.data, i * count);
  return out;
}

/**
 * Evaluates orthonormal polynomials at one point after the other, into the same array: for loops in which
 * {@linkcode orthonormalPolynomials} would spend its time on memory.
 *
 * @param family Which polynomials.
 * @param count How many.
 * @returns A function from a point to the values there; it returns the same array each time.
 * @throws {RangeError} if `count` is not a positive integer.
 * @throws {TypeError} if the family is unknown.
 *
 * @example
 * ```ts
 * import { polynomialEvaluator } from "refigure/polynomials";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const values = polynomialEvaluator("hermite", 3);
 * assertAlmostEquals(values(2)[2], (2 ** 2 - 1) / Math.sqrt(2), 1e-15);
 * ```
 */
export function polynomialEvaluator(family: PolynomialFamily, count: number): (x: number) => Float64Array {
  requireOneOf("family", family, polynomialFamilies);
  requireInteger("count", count, { min: 1, max: 1e6 });
  const recurrence = recurrenceOf(family, count);
  const out = new Float64Array(count);
  return (x) => {
    fill(recurrence, x, out, 0);
    return out;
  };
}

function fill({ slope, back }: Recurrence, x: number, out: Float64Array, start: number): void {
  let before = 0;
  let value = 1;
  out[start] = 1;
  for (let j = 1; j < slope.length; j++) {
    const next = slope[j] * x * value - back[j] * before;
    before = value;
    value = next;
    out[start + j] = value;
  }
}
