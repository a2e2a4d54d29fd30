import { gammaln } from "simple-statistics";
import { requireInteger, requireNumber } from "../arrays/mod.ts";
import { normalQuantile } from "./normal.ts";

/** Beyond, two terms of the expansion around the normal distribution are exact to 1e-14. */
const NEARLY_NORMAL = 1e5;

/**
 * The quantile of Student's t distribution: the t below which a fraction `p` of it lies.
 *
 * @param p Between 0 and 1, both excluded.
 * @param degreesOfFreedom At least 1.
 * @throws {RangeError} if an argument is outside its range.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { studentQuantile } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(studentQuantile(0.975, 10), 2.228138852, 1e-8);
 * ```
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  requireNumber("p", p, { above: 0, below: 1 });
  requireInteger("degreesOfFreedom", degreesOfFreedom, { min: 1 });
  if (degreesOfFreedom > NEARLY_NORMAL) {
    // Abramowitz & Stegun 26.7.5.
    const z = normalQuantile(p);
    const first = (z ** 3 + z) / 4;
    const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
    return z + (first + second / degreesOfFreedom) / degreesOfFreedom;
  }
  if (p < 0.5) return -quantileAbove(p, degreesOfFreedom);
  return quantileAbove(1 - p, degreesOfFreedom);
}

/** The t above which a fraction `tail`, at most a half, of the distribution lies. */
function quantileAbove(tail: number, nu: number): number {
  // Far out the tail itself is compared: one minus it has lost its digits.
  const isBelow = (t: number) => tail > 1e-4 ? 1 - studentTail(t, nu) < 1 - tail : studentTail(t, nu) > tail;
  let low = 0;
  let high = 1;
  while (isBelow(high)) high *= 2;
  for (let i = 0; i < 80 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The fraction of Student's t distribution above t >= 0 (Abramowitz & Stegun 26.7.1). */
function studentTail(t: number, nu: number): number {
  if (t > 1e100) {
    // The first term of the incomplete beta function's series; x = nu / t^2 itself would underflow.
    const a = nu / 2;
    const logX = Math.log(nu) - 2 * Math.log(t);
    return Math.exp(gammaln(a + 0.5) - gammaln(a) - gammaln(0.5) + a * logX) / a / 2;
  }
  return incompleteBeta(nu / 2, 0.5, nu / (nu + t * t)) / 2;
}

/** The regularized incomplete beta function, by its continued fraction (Abramowitz & Stegun 26.5.8). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; above it, the mirror image does.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(
    gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x),
  ) / a;
  let c = 1;
  let d = 1 / (1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m < 300; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}
