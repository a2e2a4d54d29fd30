import { requireInstance, requireNumbers } from "../arrays/mod.ts";
import { FunctionSpace } from "./function_space.ts";

/** A quadrature rule for the measure of a space: the weights add up to 1. */
export interface MeasureRule {
  /** The nodes. */
  nodes: ArrayLike<number>;
  /** Their weights. */
  weights: ArrayLike<number>;
}

/**
 * By how much repeated draws of the determinantal point process lower the mean squared error that a residual
 * `g` causes, compared with as many independent points of the leverage density: `1 - (1 / |g|^2) iint K(x,
 * y)^3 / (K(x, x) K(y, y)) g(x) g(y) dmu dmu`. At most 1, as that kernel is positive semidefinite; close to 1
 * for a residual that oscillates much faster than the functions of the space.
 *
 * @param space The space.
 * @param residual The values of `g`, which should be orthogonal to the space, at the nodes.
 * @param rule A quadrature rule; the work is proportional to the square of its length.
 * @returns The factor.
 * @throws {RangeError} if the lengths differ, a number is not finite, or the residual is zero.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { gaussLegendre } from "refigure/numerics";
 * import { legendreSpace, repetitionFactor } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Constants: the "draws" are independent points, and nothing is gained.
 * const { nodes, weights } = gaussLegendre(8);
 * const rule = { nodes, weights: weights.map((w) => w / 2) };
 * assertAlmostEquals(repetitionFactor(legendreSpace(1), nodes, rule), 1, 1e-12);
 * ```
 */
export function repetitionFactor(
  space: FunctionSpace,
  residual: ArrayLike<number>,
  rule: MeasureRule,
): number {
  requireInstance("space", space, FunctionSpace);
  const { nodes, weights } = rule ?? {};
  requireNumbers("rule.nodes", nodes);
  requireNumbers("rule.weights", weights, { length: nodes.length, finite: true });
  requireNumbers("residual", residual, { length: nodes.length, finite: true });
  const { data: phi, columns: m } = space.evaluate(nodes);
  const scaled = new Float64Array(nodes.length);
  let square = 0;
  for (let i = 0; i < nodes.length; i++) {
    let leverage = 0;
    for (let j = 0; j < m; j++) leverage += phi[i * m + j] ** 2;
    scaled[i] = weights[i] * residual[i] / leverage;
    square += weights[i] * residual[i] ** 2;
  }
  if (!(square > 0)) throw new RangeError("`residual` must not be zero at all nodes");
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    for (let k = 0; k <= i; k++) {
      let kernel = 0;
      for (let j = 0; j < m; j++) kernel += phi[i * m + j] * phi[k * m + j];
      sum += (k === i ? 1 : 2) * kernel ** 3 * scaled[i] * scaled[k];
    }
  }
  return 1 - sum / square;
}
