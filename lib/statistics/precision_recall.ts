import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireOptions,
} from "../arrays/mod.ts";
import { nearestNeighbors } from "./nearest_neighbors.ts";

/** What {@linkcode precisionRecall} returns. */
export interface PrecisionRecall {
  /** Share of the generated examples that lie within the manifold of real ones. */
  precision: number;
  /** Share of the real examples that lie within the manifold of generated ones. */
  recall: number;
}

/**
 * Precision and recall of generated examples (Kynkäänniemi et al. 2019): the manifold of a sample is the
 * union of balls around its points, each as large as the distance to the k-th nearest other point of the
 * sample. Precision is quality, recall is diversity.
 *
 * @param real n x d, one example per row.
 * @param generated m x d, one example per row.
 * @param options `k`: which neighbour gives a ball's radius. Default 3.
 * @returns Both shares, from 0 to 1.
 * @throws {RangeError} if a sample has no more than k rows, the numbers of columns differ, or an entry is
 * NaN or infinite.
 * @throws {TypeError} if an argument is not a matrix, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { precisionRecall } from "refigure/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const real = Matrix.fromRows([[0], [1], [10], [11]]);
 * // Near one half of the real points.
 * const generated = Matrix.fromRows([[0.2], [0.4], [0.6], [0.8]]);
 * assertEquals(precisionRecall(real, generated, { k: 1 }), { precision: 1, recall: 0.5 });
 * ```
 */
export function precisionRecall(
  real: Matrix<RealArray>,
  generated: Matrix<RealArray>,
  options: { k?: number } = {},
): PrecisionRecall {
  requireMatrix("real", real);
  requireMatrix("generated", generated);
  requireOptions("options", options, ["k"]);
  const { k = 3 } = options;
  requireInteger("k", k, { min: 1 });
  requireInteger("real.rows", real.rows, { min: k + 1 });
  requireInteger("generated.rows", generated.rows, { min: k + 1 });
  requireInteger("generated.columns", generated.columns, { min: real.columns, max: real.columns });
  requireFinite("Cannot compare with `real`", real.data, real.columns);
  requireFinite("Cannot compare `generated`", generated.data, generated.columns);
  return { precision: share(generated, real, k), recall: share(real, generated, k) };
}

/** The share of `examples` that lie within the manifold of `sample`. */
function share(examples: Matrix<RealArray>, sample: Matrix<RealArray>, k: number): number {
  // A point is its own nearest neighbour.
  const { values } = nearestNeighbors(sample, sample, { k: k + 1 });
  const d = sample.columns;
  let inside = 0;
  for (let i = 0; i < examples.rows; i++) {
    const example = examples.row(i);
    for (let j = 0; j < sample.rows; j++) {
      const radius = values[j * (k + 1) + k];
      const limit = radius * radius;
      let sum = 0;
      let at = j * d;
      for (let c = 0; c < d && sum <= limit; c++, at++) {
        const difference = example[c] - sample.data[at];
        sum += difference * difference;
      }
      if (sum <= limit) {
        inside++;
        break;
      }
    }
  }
  return inside / examples.rows;
}
