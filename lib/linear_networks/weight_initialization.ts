import {
  type Matrix,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { qr } from "../linalg/mod.ts";

/** Draws a weight matrix of the given size. */
export type WeightInitializer = (rows: number, columns: number, options: { rng: Rng }) => Matrix;

/** Options of the initializers. */
export interface WeightOptions {
  /** Factor on all weights. Default 1. */
  gain?: number;
}

/** The gain in checked options. @throws {TypeError | RangeError} */
function requireGain(options: WeightOptions): number {
  requireOptions("options", options, ["gain"]);
  const { gain = 1 } = options;
  return requireNumber("gain", gain, { min: 0 });
}

/**
 * Independent normal entries of variance gain^2 / columns, so that a layer keeps the length of its input on
 * average.
 *
 * @throws {RangeError} if the gain is negative or not finite.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { gaussianWeights } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = gaussianWeights()(200, 100, { rng: new Rng(0) });
 * assertAlmostEquals(w.data.reduce((sum, x) => sum + x * x, 0), 200, 10);
 * ```
 */
export function gaussianWeights(options: WeightOptions = {}): WeightInitializer {
  const gain = requireGain(options);
  return (rows, columns, { rng }) =>
    requireRng("rng", rng).normalMatrix(rows, columns, gain / Math.sqrt(columns));
}

/**
 * Orthonormal rows or columns, whichever are fewer, uniformly distributed, times the gain (Saxe, McClelland &
 * Ganguli 2014, section 3.1; the same law as PyTorch's `orthogonal_`).
 *
 * @throws {RangeError} if the gain is negative or not finite.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { gram } from "refigure/blas";
 * import { orthogonalWeights } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = orthogonalWeights()(3, 5, { rng: new Rng(0) });
 * assertAlmostEquals(gram(w, { side: "right" }).get(1, 1), 1, 1e-14);
 * ```
 */
export function orthogonalWeights(options: WeightOptions = {}): WeightInitializer {
  const gain = requireGain(options);
  return (rows, columns, { rng }) => {
    requireRng("rng", rng);
    // The factorization makes the diagonal of r positive, without which q would not be uniform.
    const { q } = qr(rng.normalMatrix(Math.max(rows, columns), Math.min(rows, columns)));
    return (rows >= columns ? q : q.transpose()).times(gain);
  };
}

/**
 * A random matrix of at most a given rank with entries of variance gain^2 / columns.
 *
 * @throws {RangeError} if the rank is not a positive integer, or the gain is negative or not finite.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { lowRankWeights } from "refigure/linear_networks";
 * import { singularValues } from "refigure/linalg";
 * import { assertLess } from "@std/assert";
 *
 * assertLess(singularValues(lowRankWeights(2)(6, 5, { rng: new Rng(0) }))[2], 1e-14);
 * ```
 */
export function lowRankWeights(rank: number, options: WeightOptions = {}): WeightInitializer {
  requireInteger("rank", rank, { min: 1 });
  const gain = requireGain(options);
  return (rows, columns, { rng }) =>
    matmul(
      requireRng("rng", rng).normalMatrix(rows, rank, gain / Math.sqrt(rank)),
      rng.normalMatrix(rank, columns, 1 / Math.sqrt(columns)),
    );
}
