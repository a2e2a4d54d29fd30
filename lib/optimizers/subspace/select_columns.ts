import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireOptions,
} from "../../arrays/mod.ts";
import { requireNorm } from "../checks.ts";

/** Options of {@linkcode columnScores} and {@linkcode selectColumns}. */
export interface ColumnScoreOptions {
  /** Sum of absolute values (1) or of squares (2). Default 2. */
  norm?: 1 | 2;
}

/**
 * Scores the columns of a matrix: the sum of absolute values (`norm` 1) or of squares (`norm` 2).
 *
 * @returns One score per column.
 * @throws {RangeError} if `norm` is neither 1 nor 2.
 * @throws {TypeError} if `s` is not a matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { columnScores } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const s = Matrix.fromRows([[1, -3], [2, 0]]);
 * assertEquals(columnScores(s, { norm: 1 }), Float64Array.of(3, 3));
 * assertEquals(columnScores(s), Float64Array.of(5, 9));
 * ```
 */
export function columnScores(s: Matrix<RealArray>, options: ColumnScoreOptions = {}): Float64Array {
  requireMatrix("s", s);
  requireOptions("options", options, ["norm"]);
  const norm = requireNorm(options.norm);
  const { rows, columns, data } = s;
  const scores = new Float64Array(columns);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    if (norm === 1) { for (let j = 0; j < columns; j++, k++) scores[j] += Math.abs(data[k]); }
    else for (let j = 0; j < columns; j++, k++) scores[j] += data[k] * data[k];
  }
  return scores;
}

/**
 * The indices of the r largest scores, in ascending order; among equal scores the lowest index wins.
 *
 * @param scores Numbers, none of them NaN.
 * @param r How many.
 * @returns The indices.
 * @throws {RangeError} if `r` is not an integer from 1 to the number of scores, or a score is NaN.
 *
 * @example
 * ```ts
 * import { largestIndices } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(largestIndices([1, 5, 2, 5, 2], 3), Int32Array.of(1, 2, 3));
 * ```
 */
export function largestIndices(scores: ArrayLike<number>, r: number): Int32Array {
  requireNumbers("scores", scores);
  requireInteger("r", r, { min: 1, max: scores.length });
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`\`scores[${i}]\` must be a number, got NaN`);
  }
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  return Int32Array.from(order.slice(0, r)).sort();
}

/**
 * The r columns of a transformed gradient that keep most of it (Modoranu et al., arXiv 2505.17967, section
 * 3.2).
 *
 * By squares (`norm` 2, the default) the choice is the best that a fixed orthonormal basis allows, and what
 * is lost is at most the share 1 - r/n. By absolute values (`norm` 1, the official code's default) there is
 * no such guarantee.
 *
 * @param s m x n, the gradient in the coordinates of the basis.
 * @param r How many columns, from 1 to n.
 * @param options The score of a column.
 * @returns Their indices, ascending; the lowest on ties.
 * @throws {RangeError} if `r` is out of range or an entry is not finite.
 * @throws {TypeError} if `s` is not a matrix or an option is unknown.
 *
 * @example One large entry against many small ones: the two norms disagree
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { selectColumns } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const s = Matrix.from(100, 2, (i, j) => j === 0 ? 0.02 : i === 0 ? 1 : 0);
 * assertEquals(selectColumns(s, 1, { norm: 1 }), Int32Array.of(0));
 * assertEquals(selectColumns(s, 1, { norm: 2 }), Int32Array.of(1));
 * ```
 */
export function selectColumns(
  s: Matrix<RealArray>,
  r: number,
  options: ColumnScoreOptions = {},
): Int32Array {
  requireMatrix("s", s);
  requireInteger("r", r, { min: 1, max: s.columns });
  const scores = columnScores(s, options);
  // A column's score is finite only if all its entries are.
  if (!scores.every(Number.isFinite)) requireFinite("Cannot select columns", s.data, s.columns);
  return largestIndices(scores, r);
}
