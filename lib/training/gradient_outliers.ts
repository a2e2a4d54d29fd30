import { type Matrix, type RealArray, requireNumber, type Rng } from "../arrays/mod.ts";

/** Options of {@linkcode addOutliers}. */
export interface OutlierNoise {
  /** Probability that an entry is hit, in [0, 1]. */
  probability: number;
  /** What is added to a hit entry, with a random sign, in units of the matrix's root mean square. */
  size: number;
}

/**
 * Adds rare huge errors to a matrix, in place: what heavy-tailed gradient noise looks like. Which entries are
 * hit depends on the stream and the shape alone, so that runs of different optimizers are hit alike.
 *
 * @returns How many entries were hit.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { addOutliers } from "refigure/training";
 * import { assertEquals } from "@std/assert";
 *
 * const g = Matrix.fromRows([[1, -1], [1, -1]]);
 * assertEquals(addOutliers(g, { probability: 1, size: 100 }, new Rng(0)), 4);
 * for (const x of g.data) assertEquals(Math.round(Math.abs(x) / 100), 1);
 * ```
 */
export function addOutliers(
  matrix: Matrix<RealArray>,
  { probability, size }: OutlierNoise,
  rng: Rng,
): number {
  requireNumber("probability", probability, { min: 0, max: 1 });
  requireNumber("size", size, { min: 0 });
  const g = matrix.data;
  let sum = 0;
  let hits = 0;
  for (let i = 0; i < g.length; i++) sum += g[i] * g[i];
  const added = size * Math.sqrt(sum / Math.max(1, g.length));
  for (let i = 0; i < g.length; i++) {
    if (rng.uniform() >= probability) continue;
    g[i] += rng.uniform() < 0.5 ? -added : added;
    hits++;
  }
  return hits;
}
