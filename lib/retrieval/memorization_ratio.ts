import { type Matrix, type RealArray, requireInteger } from "../arrays/mod.ts";
import { median } from "simple-statistics";
import { nearestNeighbors } from "../statistics/mod.ts";

/**
 * The median distance of generated examples from their nearest training example, over that of held-out
 * examples: 1 where a model is as far from its training set as new data are, near 0 where it copies.
 *
 * @param generated m x d, one example per row.
 * @param train n x d training examples.
 * @param test Held-out examples, d columns.
 * @returns The ratio.
 * @throws {RangeError} if a set is empty, sizes differ, an entry is NaN or infinite, or the median distance
 * of the held-out examples is 0.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { memorizationRatio } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * const train = Matrix.fromRows([[0], [10]]);
 * assertEquals(memorizationRatio(Matrix.fromRows([[1], [9]]), train, Matrix.fromRows([[4], [12]])), 1 / 3);
 * ```
 */
export function memorizationRatio(
  generated: Matrix<RealArray>,
  train: Matrix<RealArray>,
  test: Matrix<RealArray>,
): number {
  const [sampled, expected] = ([["generated", generated], ["test", test]] as const).map(
    ([name, examples]) => {
      const { values } = nearestNeighbors(examples, train);
      requireInteger(`${name}.rows`, examples.rows, { min: 1 });
      return median(Array.from(values));
    },
  );
  if (expected === 0) {
    throw new RangeError("`test` must not consist of training examples: its median distance is 0");
  }
  return sampled / expected;
}
