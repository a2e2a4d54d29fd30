import { requireInteger, requireNumber, requireNumbers } from "../arrays/mod.ts";
import { gaussLegendre } from "../numerics/mod.ts";
import { normalQuantile } from "../statistics/mod.ts";

/** The integrand is smooth: this many nodes give 12 digits up to correlations of 0.99. */
const RULE = gaussLegendre(200);

/**
 * The overlap of two top lists by scores that are jointly normal: P(X > z, Y > z) / q with z the quantile at
 * 1 - q. It is q without correlation.
 *
 * By Plackett's identity (1954), P(X > z, Y > z) = q² + ∫ exp(-z² / (1 + sin θ)) dθ / 2π over θ from 0 to
 * arcsin ρ. For q = 1/2 it is 1/4 + arcsin(ρ) / 2π exactly.
 *
 * @param q Share of the documents in each list, in (0, 1).
 * @param rho Correlation of the scores, in [-1, 1].
 * @returns |A ∩ B| / |A| for lists of an infinite sample.
 * @throws {RangeError} if an argument is out of range.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { gaussianOverlap } from "refigure/data_selection";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gaussianOverlap(0.5, 0.5), 2 / 3, 1e-12);
 * assertAlmostEquals(gaussianOverlap(0.05, 0), 0.05, 1e-12);
 * ```
 */
export function gaussianOverlap(q: number, rho: number): number {
  requireNumber("q", q, { above: 0, below: 1 });
  requireNumber("rho", rho, { min: -1, max: 1 });
  if (rho === 1) return 1;
  const z = normalQuantile(q);
  const half = Math.asin(rho) / 2;
  let integral = 0;
  for (let i = 0; i < RULE.nodes.length; i++) {
    const theta = half * (1 + RULE.nodes[i]);
    integral += RULE.weights[i] * Math.exp(-z * z / (1 + Math.sin(theta)));
  }
  return Math.max(0, q + half * integral / (2 * Math.PI * q));
}

/**
 * Mean and variance of a standard normal variable among its top q: m = φ(z) / q and 1 + z m - m², with z the
 * quantile at 1 - q.
 *
 * @param q Share, in (0, 1).
 * @returns Mean and variance.
 * @throws {RangeError} if `q` is out of range.
 * @throws {TypeError} if `q` is not a number.
 *
 * @example
 * ```ts
 * import { truncatedNormal } from "refigure/data_selection";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { mean, variance } = truncatedNormal(0.5);
 * assertAlmostEquals(mean, Math.sqrt(2 / Math.PI), 1e-12);
 * assertAlmostEquals(variance, 1 - 2 / Math.PI, 1e-12);
 * ```
 */
export function truncatedNormal(q: number): { mean: number; variance: number } {
  requireNumber("q", q, { above: 0, below: 1 });
  const z = -normalQuantile(q);
  const mean = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) / q;
  return { mean, variance: 1 + z * mean - mean * mean };
}

/**
 * The total variance (see {@linkcode totalVariance}) of a selection from normal scores: the union of the top
 * q/K along each of the first K principal directions, in equal shares, overlaps neglected. With m and v the
 * mean and variance of {@linkcode truncatedNormal} at q/K, it is
 * `Σ λ - ((1 - v)/K - m² (1/K - 1/K²)) Σ_{k ≤ K} λ_k`.
 *
 * One direction lowers the variance below that of all documents; the means of several lists lie apart, which
 * raises it above.
 *
 * @param values Variances λ along the directions, the first one first.
 * @param q Share of the documents selected, in (0, 1).
 * @param directions How many directions K, from 1 to the number of values.
 * @returns The total variance.
 * @throws {RangeError} if an argument is out of range.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { selectionVariance } from "refigure/data_selection";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const values = [6, ...Array(10).fill(0.5)]; // 11 scores with correlations of 1/2
 * assertAlmostEquals(selectionVariance(values, 0.04, 1), 5.782, 1e-3);
 * assertAlmostEquals(selectionVariance(values, 0.04, 4), 19.296, 1e-3);
 * ```
 */
export function selectionVariance(values: ArrayLike<number>, q: number, directions: number): number {
  requireNumbers("values", values, { finite: true });
  for (let k = 0; k < values.length; k++) requireNumber(`values[${k}]`, values[k], { min: 0 });
  requireNumber("q", q, { above: 0, below: 1 });
  requireInteger("directions", directions, { min: 1, max: values.length });
  const { mean, variance } = truncatedNormal(q / directions);
  const change = (1 - variance) / directions - mean ** 2 * (1 / directions - 1 / directions ** 2);
  let total = 0;
  for (let k = 0; k < values.length; k++) total += values[k] * (k < directions ? 1 - change : 1);
  return total;
}
