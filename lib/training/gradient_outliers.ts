import {
  euclideanNorm,
  type Matrix,
  type RealArray,
  requireFinite,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";

/** Options of {@linkcode addOutliers}. */
export interface OutlierNoise {
  /** Probability that an entry is hit, in [0, 1]. */
  probability: number;
  /** What is added to a hit entry, with a random sign, in units of the matrix's root mean square. */
  size: number;
  /** Stream of the places and signs. */
  rng: Rng;
}

/**
 * Adds rare huge errors to a matrix, in place, as heavy-tailed gradient noise does. Which entries are
 * hit depends on the stream and the shape only, so that runs of different optimizers are hit alike.
 *
 * @param matrix It is changed.
 * @param options Probability and size of the errors, and their stream.
 * @returns How many entries were hit.
 * @throws {RangeError} if a number is out of range, or an entry of the matrix is not finite.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { addOutliers } from "refigure/training";
 * import { assertEquals } from "@std/assert";
 *
 * const g = Matrix.fromRows([[1, -1], [1, -1]]);
 * assertEquals(addOutliers(g, { probability: 1, size: 100, rng: new Rng(0) }), 4);
 * for (const x of g.data) assertEquals(Math.round(Math.abs(x) / 100), 1);
 * ```
 */
export function addOutliers(matrix: Matrix<RealArray>, options: OutlierNoise): number {
  requireMatrix("matrix", matrix);
  requireOptions("options", options, ["probability", "size", "rng"]);
  const { probability, size, rng } = options;
  requireRng("rng", rng);
  requireNumber("probability", probability, { min: 0, max: 1 });
  requireNumber("size", size, { min: 0 });
  requireFinite("Cannot add outliers to `matrix`", matrix.data, matrix.columns);
  const g = matrix.data;
  let sum = 0;
  let hits = 0;
  for (let i = 0; i < g.length; i++) sum += g[i] * g[i];
  const count = Math.max(1, g.length);
  const isSafe = sum > 1e-280 && sum < 1e280;
  const added = size * (isSafe ? Math.sqrt(sum / count) : euclideanNorm(g) / Math.sqrt(count));
  for (let i = 0; i < g.length; i++) {
    if (rng.uniform() >= probability) continue;
    g[i] += rng.uniform() < 0.5 ? -added : added;
    hits++;
  }
  return hits;
}
