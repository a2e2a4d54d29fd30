/** Quintics without checks, for loops. Not public. */
import type { NewtonSchulzCoefficients } from "./coefficients.ts";

/** The composition of quintics at x. */
export function composeQuintics(x: number, coefficients: NewtonSchulzCoefficients): number {
  for (const [a, b, c] of coefficients) {
    const x2 = x * x;
    x *= a + x2 * (b + x2 * c);
  }
  return x;
}
