import { type Design, designGram } from "./design_gram.ts";
import type { FunctionSpace } from "./function_space.ts";

/**
 * The density of the volume-sampled design with respect to n independent points: `n^m (n - m)! / n!` times
 * the determinant of the Gram matrix, for points drawn independently from the measure that the weights belong
 * to.
 *
 * @param space The space.
 * @param design Points and weights.
 * @returns The density; 0 where the points do not determine a function of the space, or are fewer than m.
 * @throws {RangeError} if there are no points, a point is outside of the domain, or a weight is not positive.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { legendreSpace, volumeDensity } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Two points and straight lines: 3 (x - y)^2 / 2 for independent points of the uniform measure.
 * const design = { points: new Float64Array([-0.5, 1]), weights: new Float64Array([1, 1]) };
 * assertAlmostEquals(volumeDensity(legendreSpace(2), design), 3 * 1.5 ** 2 / 2, 1e-12);
 * ```
 */
export function volumeDensity(space: FunctionSpace, design: Design): number {
  const { data: g, rows: m } = designGram(space, design);
  const n = design.points.length;
  if (n < m) return 0;
  // The logarithm of the determinant by symmetric elimination, factor by factor with n^m (n - m)! / n!.
  let log = 0;
  for (let j = 0; j < m; j++) {
    const pivot = g[j * m + j];
    if (!(pivot > 0)) return 0;
    log += Math.log(pivot) + Math.log(n / (n - j));
    for (let i = j + 1; i < m; i++) {
      const factor = g[i * m + j] / pivot;
      for (let k = j + 1; k <= i; k++) g[i * m + k] -= factor * g[k * m + j];
    }
  }
  return Math.exp(log);
}
