import { requireInteger } from "../arrays/mod.ts";

/**
 * β_n / β_{n_i} with β_a = B(a/2, 1/2): the factor on tangent vectors of dimension n_i that are concatenated
 * to dimension n, which keeps the expected norm (β-concatenation; Shimizu et al. 2021).
 *
 * @param part Dimension n_i of each part, from 1.
 * @param whole Dimension n of the concatenation, from 1.
 * @returns The factor; about √(part / whole).
 * @throws {RangeError} if a dimension is not a positive integer, or above 10^8.
 *
 * @example
 * ```ts
 * import { betaRatio } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Three channels, 3 x 3 taps.
 * assertAlmostEquals(betaRatio(3, 27), 0.309962034, 1e-9);
 * ```
 */
export function betaRatio(part: number, whole: number): number {
  requireInteger("part", part, { min: 1, max: 1e8 });
  requireInteger("whole", whole, { min: 1, max: 1e8 });
  return halfBeta(whole) / halfBeta(part);
}

/**
 * B(a/2, 1/2): π and 2 for a = 1 and 2, and a factor a/(a + 1) from a to a + 2; for large a its asymptotic
 * series.
 */
function halfBeta(a: number): number {
  if (a > 200) {
    // Γ(a/2)/Γ(a/2 + 1/2) = √(2/a) (1 + 1/(4a) + 1/(32a²) - 5/(128a³) - 21/(2048a⁴) + ...)
    const x = 1 / a;
    return Math.sqrt(2 * Math.PI * x) * (1 + x * (1 / 4 + x * (1 / 32 - x * (5 / 128 + x * (21 / 2048)))));
  }
  let value = a % 2 === 1 ? Math.PI : 2;
  for (let k = a % 2 === 1 ? 1 : 2; k < a; k += 2) value *= k / (k + 1);
  return value;
}
