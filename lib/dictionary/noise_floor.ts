import { gammaln } from "simple-statistics";
import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";

/**
 * The absolute moment `E |g|^q` of a standard normal number.
 *
 * @param q Above -1.
 * @throws {RangeError} if `q` is out of range.
 *
 * @example
 * ```ts
 * import { absoluteMoment } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(absoluteMoment(3), 2 * Math.sqrt(2 / Math.PI), 1e-13);
 * ```
 */
export function absoluteMoment(q: number): number {
  requireNumber("q", q, { above: -1 });
  return Math.exp(q / 2 * Math.LN2 + gammaln((q + 1) / 2)) / Math.sqrt(Math.PI);
}

/**
 * The variance of the skew part of a one-sample gradient of the p-th power objective, relative to its mean,
 * near the solution: `(m_{2p-2} - m_p^2) / (2 m_p^2)` with `m_q` the {@linkcode absoluteMoment}. Derived; it
 * falls towards 0 for p to 2, where the objective stops telling dictionaries apart.
 *
 * @param p Above 2.
 * @throws {RangeError} if `p` is at most 2.
 *
 * @example
 * ```ts
 * import { skewNoise } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(skewNoise(4), 1 / 3, 1e-13);
 * ```
 */
export function skewNoise(p: number): number {
  requireNumber("p", p, { above: 2 });
  const square = absoluteMoment(p) ** 2;
  const noise = (absoluteMoment(2 * p - 2) - square) / (2 * square);
  // For large p both moments overflow, but their ratio is a ratio of gamma functions.
  return Number.isFinite(noise) ? noise : Math.exp(logMomentRatio(p)) / 2 - 0.5;
}

/** `ln(m_{2p-2} / m_p^2)`. */
function logMomentRatio(p: number): number {
  return -Math.LN2 + gammaln(p - 0.5) + Math.log(Math.PI) / 2 - 2 * gammaln((p + 1) / 2);
}

/**
 * The dictionary error that stochastic Frank-Wolfe has left at step size `gamma`, on samples that are
 * Bernoulli-Gaussian: `(n - 1) skewNoise(p) gamma / (batch (1 - theta))`. Derived for slowly decaying step
 * sizes.
 *
 * @throws {RangeError} if an argument is out of range.
 *
 * @example
 * ```ts
 * import { noiseFloor } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const gamma = 2 * 3002 ** -0.75;
 * assertAlmostEquals(noiseFloor({ n: 10, batch: 10, theta: 0.3, gamma }), 5.646e-4, 1e-7);
 * ```
 */
export function noiseFloor(
  options: { n: number; p?: number; batch: number; theta: number; gamma: number },
): number {
  requireOptions("options", options, ["n", "p", "batch", "theta", "gamma"]);
  const { n, p = 3, batch, theta, gamma } = options;
  requireInteger("n", n, { min: 1 });
  requireInteger("batch", batch, { min: 1 });
  requireNumber("theta", theta, { above: 0, below: 1 });
  requireNumber("gamma", gamma, { min: 0 });
  return (n - 1) * skewNoise(p) * gamma / (batch * (1 - theta));
}
