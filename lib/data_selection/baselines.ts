import {
  type Matrix,
  type RealArray,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { meanOfColumns } from "./odis_select.ts";
import { principalScores, standardizeScores } from "./principal_scores.ts";
import { topIndices } from "./top_indices.ts";

/** Options for {@linkcode topAverage}. */
export interface TopAverageOptions {
  /**
   * Ranks by the mean of the first so many principal scores instead of the mean of all standardized scores.
   * Default 0: the standardized scores.
   */
  directions?: number;
  /** As in {@linkcode PrincipalScoresOptions}. Default 0.005. */
  clip?: number;
}

/** Options for {@linkcode sampleTop}. */
export interface SampleTopOptions extends TopAverageOptions {
  /** Where random numbers come from. */
  rng: Rng;
}

/**
 * The documents with the best average score: what the paper on ODiS calls score-based selection.
 *
 * @param scores N x p, one document per row; larger is better.
 * @param budget How many documents, from 1 to N.
 * @param options What is averaged.
 * @returns Rows of the selected documents, best first.
 * @throws {RangeError} if `budget` or an option is out of range, all columns are constant, or a score is NaN
 * or infinite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { topAverage } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...topAverage(Matrix.fromRows([[1, 1], [3, 3], [0, 0], [2, 2]]), 2, { clip: 0 })], [1, 3]);
 * ```
 */
export function topAverage(
  scores: Matrix<RealArray>,
  budget: number,
  options: TopAverageOptions = {},
): Uint32Array {
  requireOptions("options", options, ["directions", "clip"]);
  const averages = averageScores(scores, options);
  requireInteger("budget", budget, { min: 1, max: averages.length });
  return topIndices(averages, budget);
}

/**
 * A random sample of the documents whose average score is in the top `fraction`: a broader range of scores
 * than {@linkcode topAverage}.
 *
 * @param scores N x p, one document per row; larger is better.
 * @param budget How many documents, from 1 to the number in the top fraction.
 * @param fraction Which share of the documents is sampled from, in (0, 1]; their number is rounded up.
 * @param options Where random numbers come from, and what is averaged.
 * @returns Rows of the selected documents, in random order.
 * @throws {RangeError} if `budget`, `fraction` or an option is out of range, all columns are constant, or a
 * score is NaN or infinite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { sampleTop } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * const scores = Matrix.fromRows([[1, 1], [3, 3], [0, 0], [2, 2]]);
 * assertEquals([...sampleTop(scores, 2, 0.5, { rng: new Rng(0), clip: 0 })].sort(), [1, 3]);
 * ```
 */
export function sampleTop(
  scores: Matrix<RealArray>,
  budget: number,
  fraction: number,
  options: SampleTopOptions,
): Uint32Array {
  requireOptions("options", options, ["directions", "clip", "rng"]);
  const { rng, ...rest } = options;
  requireRng("rng", rng);
  requireNumber("fraction", fraction, { above: 0, max: 1 });
  const averages = averageScores(scores, rest);
  const top = topIndices(averages, Math.ceil(fraction * averages.length));
  requireInteger("budget", budget, { min: 1, max: top.length });
  return randomSelect(top.length, budget, { rng }).map((at) => top[at]);
}

/**
 * Distinct documents, all sets equally likely.
 *
 * @param n How many documents there are.
 * @param budget How many of them are selected, from 1 to n.
 * @param options Where random numbers come from.
 * @returns Rows of the selected documents, in random order.
 * @throws {RangeError} if `n` or `budget` is out of range.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { randomSelect } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...randomSelect(3, 3, { rng: new Rng(0) })].sort(), [0, 1, 2]);
 * ```
 */
export function randomSelect(n: number, budget: number, options: { rng: Rng }): Uint32Array {
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  requireInteger("n", n, { min: 1, max: 2 ** 31 - 1 });
  requireInteger("budget", budget, { min: 1, max: n });
  return Uint32Array.from(rng.permutation(n).subarray(0, budget));
}

function averageScores(scores: Matrix<RealArray>, { directions = 0, clip }: TopAverageOptions): Float64Array {
  requireInteger("directions", directions, { min: 0 });
  if (directions === 0) {
    const { standardized } = standardizeScores(scores, clip);
    return meanOfColumns(standardized, standardized.columns);
  }
  const { projected, rank } = principalScores(scores, { clip });
  requireInteger("directions", directions, { max: rank });
  return meanOfColumns(projected, directions);
}
