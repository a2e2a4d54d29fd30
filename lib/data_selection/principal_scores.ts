import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { quantileAbs } from "../statistics/mod.ts";

/** How the sign of a principal direction is chosen. */
export type SignRule = "loading-sum" | "none";

/** Options for {@linkcode principalScores}. */
export interface PrincipalScoresOptions {
  /**
   * Probability in [0, 0.5): before all else, each column is clipped at its quantiles `clip` and `1 - clip`,
   * since otherwise a few outliers decide who is at the top of a direction of small variance. Default 0.005.
   */
  clip?: number;
  /**
   * See {@linkcode orientDirections}. With "none" the sign is that of the eigensolver. Default "loading-sum".
   */
  signRule?: SignRule;
}

/** What {@linkcode principalScores} returns; r is the number of columns that are not constant. */
export interface PrincipalScores {
  /** Eigenvalues of the correlation matrix, descending: the r variances along the directions. */
  values: Float64Array;
  /** Directions as orthonormal columns, r x r. */
  vectors: Matrix;
  /** The scores clipped and standardized to mean 0 and variance 1 (divisor N), N x r. */
  standardized: Matrix;
  /** The scores along the directions, N x r: uncorrelated, with variances `values`. */
  projected: Matrix;
  /** How many directions have variance. */
  rank: number;
  /** Columns left out because they are constant, after clipping. */
  droppedColumns: number[];
  /**
   * Directions k whose variance is less than 1.05 times that of direction k + 1: another sample rotates the
   * two into each other.
   */
  nearlyEqual: number[];
  /**
   * Other documents along the same directions, with the same clipping, means and deviations.
   *
   * @throws {RangeError} if the number of columns is another one, or an entry is NaN or infinite.
   * @throws {TypeError} if `x` is not a matrix.
   */
  project(x: Matrix<RealArray>): Matrix;
}

/** Below this share of the largest eigenvalue, an eigenvalue is rounding. */
const NO_VARIANCE = 1e-10;
/** Eigenvalues with a smaller ratio are called nearly equal. */
const NEARLY_EQUAL = 1.05;

/**
 * Principal components of quality scores: columns are clipped and standardized, and rotated to the
 * eigenvectors of their correlation matrix. The new scores are uncorrelated, but not independent unless the
 * scores are normal.
 *
 * Source: He et al. 2025 (ODiS), which decorrelates 11 scores of an LLM judge this way; the clipping and the
 * rule for signs are ours.
 *
 * @param scores N x p, one document per row; larger is better.
 * @param options Clipping and the rule for signs.
 * @returns Eigenvalues, directions, and the scores along them.
 * @throws {RangeError} if there are fewer than 2 rows, all columns are constant, an entry is NaN or infinite,
 * or an option is out of range.
 * @throws {TypeError} if `scores` is not a matrix, or an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { principalScores } from "refigure/data_selection";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const scores = Matrix.fromRows([[2, 2], [1, 3], [3, 1], [0, 0]]);
 * const { values } = principalScores(scores, { clip: 0 });
 * assertAlmostEquals(values[0], 1.2); // 1 plus the correlation 0.2
 * assertAlmostEquals(values[1], 0.8);
 * ```
 */
export function principalScores(
  scores: Matrix<RealArray>,
  options: PrincipalScoresOptions = {},
): PrincipalScores {
  requireOptions("options", options, ["clip", "signRule"]);
  const { clip, signRule = "loading-sum" } = options;
  requireOneOf("signRule", signRule, ["loading-sum", "none"]);
  const { standardized, droppedColumns, standardize } = standardizeScores(scores, clip);
  const r = standardized.columns;
  const { values: ascending, vectors: unordered } = eigh(gram(standardized).times(1 / scores.rows));
  const values = ascending.toReversed();
  const descending = Matrix.from(r, r, (i, k) => unordered.get(i, r - 1 - k));
  const vectors = signRule === "none" ? descending : orientDirections(descending);
  const rank = values.filter((value) => value > NO_VARIANCE * values[0]).length;
  return {
    values,
    vectors,
    standardized,
    projected: matmul(standardized, vectors),
    rank,
    droppedColumns,
    nearlyEqual: [...values.keys()].filter((k) => k + 1 < rank && values[k] < NEARLY_EQUAL * values[k + 1]),
    project: (x) => matmul(standardize(x), vectors),
  };
}

/**
 * Directions with signs such that their entries have a sum of at least zero, so that a large score along one
 * means a better document on balance. Where the sum vanishes (below 1e-9), the entry of largest magnitude is
 * made positive. An eigensolver's signs are arbitrary, and the wrong one selects the worst documents.
 *
 * @param vectors Directions as columns, p x k.
 * @returns A new matrix, p x k.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {TypeError} if `vectors` is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { orientDirections } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * const oriented = orientDirections(Matrix.fromRows([[-0.8, 0.6], [-0.6, -0.8]]));
 * assertEquals(oriented.toRows(), [[0.8, -0.6], [0.6, 0.8]]);
 * ```
 */
export function orientDirections(vectors: Matrix<RealArray>): Matrix {
  requireMatrix("vectors", vectors);
  requireFinite("Cannot orient the columns of `vectors`", vectors.data, vectors.columns);
  const signs = Array.from({ length: vectors.columns }, (_, k) => {
    const column = vectors.column(k);
    let sum = 0;
    let largest = 0;
    for (const entry of column) {
      sum += entry;
      if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    }
    return (Math.abs(sum) < 1e-9 ? largest : sum) < 0 ? -1 : 1;
  });
  return Matrix.from(vectors.rows, vectors.columns, (i, k) => signs[k] * vectors.get(i, k));
}

/** Columns clipped at their quantiles and standardized, without the constant ones. */
export function standardizeScores(scores: Matrix<RealArray>, clip = 0.005): {
  standardized: Matrix;
  droppedColumns: number[];
  standardize(x: Matrix<RealArray>): Matrix;
} {
  requireMatrix("scores", scores);
  const n = requireInteger("scores.rows", scores.rows, { min: 2 });
  requireInteger("scores.columns", scores.columns, { min: 1 });
  requireNumber("clip", clip, { min: 0, below: 0.5 });
  requireFinite("Cannot standardize `scores`", scores.data, scores.columns);
  const all = Array.from({ length: scores.columns }, (_, j) => columnScale(scores.column(j), clip));
  const kept = [...all.keys()].filter((j) => all[j] !== null);
  if (kept.length === 0) {
    throw new RangeError(
      `Cannot standardize \`scores\`: all columns (${scores.columns}) are constant after clipping at ${clip}`,
    );
  }
  const standardize = (x: Matrix<RealArray>) => {
    requireSameShape("x", requireMatrix("x", x), { rows: x.rows, columns: scores.columns });
    requireFinite("Cannot project `x`", x.data, x.columns);
    return Matrix.from(x.rows, kept.length, (i, j) => {
      const { unit, low, high, mean, deviation } = all[kept[j]]!;
      return (Math.min(high, Math.max(low, x.get(i, kept[j]) / unit)) - mean) / deviation;
    });
  };
  return {
    standardized: standardize(Matrix.from(n, scores.columns, (i, j) => scores.get(i, j))),
    droppedColumns: [...all.keys()].filter((j) => all[j] === null),
    standardize,
  };
}

/** Bounds, mean and deviation of a column divided by its largest size, or null if it is constant. */
function columnScale(column: RealArray, clip: number) {
  let unit = 0;
  for (const value of column) unit = Math.max(unit, Math.abs(value));
  if (unit === 0) return null;
  // In units of the largest size neither the differences nor the squares overflow.
  const scaled = Float64Array.from(column, (value) => value / unit);
  const least = scaled.reduce((a, b) => Math.min(a, b), Infinity);
  const shifted = scaled.map((value) => value - least);
  const [low, high] = [clip, 1 - clip].map((probability) => least + quantileAbs(shifted, probability));
  if (!(low < high)) return null;
  const n = scaled.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    scaled[i] = Math.min(high, Math.max(low, scaled[i]));
    sum += scaled[i];
  }
  const mean = sum / n;
  let squares = 0;
  for (const value of scaled) squares += (value - mean) ** 2;
  return { unit, low, high, mean, deviation: Math.sqrt(squares / n) };
}
