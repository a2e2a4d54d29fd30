import { requireNumber } from "../arrays/mod.ts";

/** NaN and infinity propagate to the result. */
const ANY = { finite: false };

/**
 * The error function, to full double precision: its series with positive terms near 0, its complement's
 * continued fraction further out (Abramowitz & Stegun 7.1.6, 7.1.14). NaN for NaN.
 *
 * @throws {TypeError} if `x` is not a number.
 *
 * @example
 * ```ts
 * import { erf } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(erf(0.5), 0.5204998778130465, 1e-15);
 * assertAlmostEquals(erf(-3), -0.9999779095030014, 1e-15);
 * ```
 */
export function erf(x: number): number {
  requireNumber("x", x, ANY);
  const size = Math.abs(x);
  if (size >= 2) return Math.sign(x) * (1 - erfcTail(size));
  return erfSeries(x);
}

/**
 * The complementary error function 1 - erf(x), with small relative error also where it is tiny, down to
 * 1e-300. NaN for NaN.
 *
 * @throws {TypeError} if `x` is not a number.
 *
 * @example
 * ```ts
 * import { erfc } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(erfc(10) / 2.088487583762545e-45, 1, 1e-12);
 * ```
 */
export function erfc(x: number): number {
  requireNumber("x", x, ANY);
  if (x >= 2) return erfcTail(x);
  return x <= -2 ? 2 - erfcTail(-x) : 1 - erfSeries(x);
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** exp(x^2) erfc(x) for x >= 1.4, by the continued fraction from its far end. */
function scaledTail(x: number): number {
  const terms = Math.ceil(12 + 400 / (x * x));
  let fraction = x;
  for (let n = terms; n >= 1; n--) fraction = x + n / 2 / fraction;
  return 1 / (Math.sqrt(Math.PI) * fraction);
}

function erfcTail(x: number): number {
  return Math.exp(-x * x) * scaledTail(x);
}

/**
 * The distribution function of the standard normal distribution, with small relative error also in the lower
 * tail. NaN for NaN.
 *
 * @throws {TypeError} if `x` is not a number.
 *
 * @example
 * ```ts
 * import { normalCdf } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(normalCdf(1.959963984540054), 0.975, 1e-14);
 * ```
 */
export function normalCdf(x: number): number {
  requireNumber("x", x, ANY);
  return erfc(-x * Math.SQRT1_2) / 2;
}

/**
 * The logarithm of {@linkcode normalCdf}, also where that is close to 1 or smaller than any double.
 * NaN for NaN.
 *
 * @throws {TypeError} if `x` is not a number.
 *
 * @example
 * ```ts
 * import { normalLogCdf } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(normalLogCdf(-40), -804.6084420137538, 1e-9);
 * assertAlmostEquals(normalLogCdf(9) / -1.1285884059538405e-19, 1, 1e-12);
 * ```
 */
export function normalLogCdf(x: number): number {
  requireNumber("x", x, ANY);
  if (x > -2) return Math.log1p(-erfc(x * Math.SQRT1_2) / 2);
  return Math.log(scaledTail(-x * Math.SQRT1_2) / 2) - x * x / 2;
}

/**
 * The quantile of the standard normal distribution: the x below which a fraction `p` of it lies.
 *
 * @param p Between 0 and 1, both excluded.
 * @throws {RangeError} if `p` is outside its range.
 * @throws {TypeError} if `p` is not a number.
 *
 * @example
 * ```ts
 * import { normalQuantile } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(normalQuantile(0.9), 1.2815515655446004, 1e-12);
 * ```
 */
export function normalQuantile(p: number): number {
  requireNumber("p", p, { above: 0, below: 1 });
  if (p > 0.5) return -normalQuantile(1 - p);
  // Newton on the logarithm, which is concave: from the far left it climbs without overshooting.
  let x = p > 0.01 ? -1 : -Math.sqrt(-2 * Math.log(p));
  for (let i = 0; i < 60; i++) {
    const log = normalLogCdf(x);
    const slope = Math.exp(-x * x / 2 - log) / Math.sqrt(2 * Math.PI);
    const move = (log - Math.log(p)) / slope;
    x -= move;
    if (Math.abs(move) < 1e-15 * Math.abs(x) + 1e-16) break;
  }
  return x;
}
