import { Matrix, requireInstance, requireNumber, requireNumbers, requireOptions } from "../arrays/mod.ts";
import { FunctionSpace } from "./function_space.ts";

/** Points at which a function is measured, and their weights in the least-squares fit. */
export interface Design {
  /** The points. */
  points: Float64Array;
  /**
   * One positive number per point: the density of mu with respect to the measure that the point comes from.
   */
  weights: Float64Array;
}

/**
 * The Gram matrix `G = (1/n) sum_i w_i phi(x_i) phi(x_i)^T` of a design. For every design of {@linkcode
 * sampleDesign} its expectation is the identity matrix, to which it converges as points are added.
 *
 * @param space The space.
 * @param design Points and weights.
 * @returns m x m.
 * @throws {RangeError} if there are no points, a point is outside of the domain, or a weight is not positive.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { designGram, legendreSpace } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The two Gauss-Legendre points integrate products of straight lines exactly.
 * const x = 1 / Math.sqrt(3);
 * const design = { points: new Float64Array([-x, x]), weights: new Float64Array([1, 1]) };
 * const g = designGram(legendreSpace(2), design);
 * [1, 0, 0, 1].forEach((value, k) => assertAlmostEquals(g.data[k], value, 1e-15));
 * ```
 */
export function designGram(space: FunctionSpace, design: Design): Matrix {
  requireInstance("space", space, FunctionSpace);
  requireDesign(design);
  const { points, weights } = design;
  const phi = space.evaluate(points);
  const m = space.dimension;
  const gram = Matrix.zeros(m, m);
  const g = gram.data;
  for (let i = 0; i < points.length; i++) {
    const row = phi.data.subarray(i * m, (i + 1) * m);
    const weight = weights[i] / points.length;
    for (let j = 0; j < m; j++) {
      const weighted = weight * row[j];
      for (let k = 0; k <= j; k++) g[j * m + k] += weighted * row[k];
    }
  }
  for (let j = 0; j < m; j++) for (let k = 0; k < j; k++) g[k * m + j] = g[j * m + k];
  return gram;
}

/** Options of {@linkcode isWellConditioned}. */
export interface ConditionOptions {
  /** How far below 1 the smallest eigenvalue may be, in (0, 1). Default 1/2. */
  delta?: number;
}

/**
 * Whether the smallest eigenvalue of a design's Gram matrix is at least `1 - delta`: then noise and what the
 * space cannot represent are amplified by at most `1 / (1 - delta)`.
 *
 * Decided by whether the matrix minus `1 - delta` has a Cholesky factorization (Sylvester's law of inertia),
 * which is a tenth of the work of the eigenvalue.
 *
 * @param space The space.
 * @param design Points and weights.
 * @param options How well.
 * @returns True or false.
 * @throws {RangeError} if `delta` is not in (0, 1), or as {@linkcode designGram} does.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { isWellConditioned, legendreSpace } from "refigure/sampling";
 * import { assertEquals } from "@std/assert";
 *
 * const space = legendreSpace(2);
 * const weights = new Float64Array([1, 1]);
 * assertEquals(isWellConditioned(space, { points: new Float64Array([-0.6, 0.6]), weights }), true);
 * assertEquals(isWellConditioned(space, { points: new Float64Array([0.1, 0.2]), weights }), false);
 * ```
 */
export function isWellConditioned(
  space: FunctionSpace,
  design: Design,
  options: ConditionOptions = {},
): boolean {
  requireOptions("options", options, ["delta"]);
  const { delta = 0.5 } = options;
  requireNumber("delta", delta, { above: 0, below: 1 });
  const { data: g, rows: m } = designGram(space, design);
  for (let j = 0; j < m; j++) g[j * m + j] -= 1 - delta;
  for (let j = 0; j < m; j++) {
    let pivot = g[j * m + j];
    for (let k = 0; k < j; k++) pivot -= g[j * m + k] ** 2;
    if (!(pivot > 0)) return false;
    const root = Math.sqrt(pivot);
    for (let i = j + 1; i < m; i++) {
      let sum = g[i * m + j];
      for (let k = 0; k < j; k++) sum -= g[i * m + k] * g[j * m + k];
      g[i * m + j] = sum / root;
    }
    g[j * m + j] = root;
  }
  return true;
}

/** Throws unless `design` has points, and a positive weight for each. */
export function requireDesign(design: Design): void {
  // Further fields, such as `draws` of what sampleDesign returns, are fine.
  const { points, weights } = design ?? {};
  requireInstance("design.points", points, Float64Array);
  requireInstance("design.weights", weights, Float64Array);
  if (points.length === 0) throw new RangeError("`design.points` must have at least one point, got none");
  requireNumbers("design.weights", weights, { length: points.length, finite: true });
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] > 0)) requireNumber(`design.weights[${i}]`, weights[i], { above: 0 });
  }
}
