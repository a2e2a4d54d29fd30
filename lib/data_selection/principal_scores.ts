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
  const { values, vectors, rank } = principalDirections(
    gram(standardized).times(1 / standardized.rows),
    signRule,
  );
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

/** Eigenvalues and directions of a correlation matrix, and how many directions have variance. */
export function principalDirections(
  correlation: Matrix,
  signRule: SignRule,
): Pick<PrincipalScores, "values" | "vectors" | "rank"> {
  const r = correlation.rows;
  const { values: ascending, vectors: unordered } = eigh(correlation);
  const values = ascending.toReversed();
  const descending = Matrix.from(r, r, (i, k) => unordered.get(i, r - 1 - k));
  const vectors = signRule === "none" ? descending : orientDirections(descending);
  return { values, vectors, rank: values.filter((value) => value > NO_VARIANCE * values[0]).length };
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

/** How a column is standardized: divided by its largest size, clipped, centered and scaled. */
export interface ColumnScale {
  /** Which column. */
  column: number;
  /** Its largest size; in units of it neither differences nor squares overflow. */
  unit: number;
  /** Bounds in these units. */
  low: number;
  high: number;
  mean: number;
  deviation: number;
}

/** Columns clipped at their quantiles and standardized, without the constant ones. */
export function standardizeScores(scores: Matrix<RealArray>, clip = 0.005): {
  standardized: Matrix;
  droppedColumns: number[];
  standardize(x: Matrix<RealArray>): Matrix;
} {
  const { data, columns, scales, droppedColumns } = columnScales(scores, clip);
  const standardized = clipped(data, columns, scales);
  setMoments(standardized, scales);
  return {
    standardized: scaled(standardized, scales),
    droppedColumns,
    standardize(x) {
      requireSameShape("x", requireMatrix("x", x), { rows: x.rows, columns });
      requireFinite("Cannot project `x`", x.data, columns);
      return scaled(clipped(inDoubles(x).data, columns, scales), scales);
    },
  };
}

/** Units and bounds of the columns that are not constant; means and deviations are not set yet. */
export function columnScales(scores: Matrix<RealArray>, clip = 0.005): {
  data: Float64Array;
  columns: number;
  scales: ColumnScale[];
  droppedColumns: number[];
} {
  requireMatrix("scores", scores);
  requireInteger("scores.rows", scores.rows, { min: 2 });
  requireInteger("scores.columns", scores.columns, { min: 1 });
  requireNumber("clip", clip, { min: 0, below: 0.5 });
  const { data, columns } = inDoubles(scores);
  const bounds = columnBounds(data, columns, clip);
  const scales = bounds.filter(({ low, high }) => low < high);
  if (scales.length === 0) {
    throw new RangeError(
      `Cannot standardize \`scores\`: all columns (${columns}) are constant after clipping at ${clip}`,
    );
  }
  const droppedColumns = bounds.filter(({ low, high }) => !(low < high)).map(({ column }) => column);
  return { data, columns, scales, droppedColumns };
}

/** In one precision, since a loop that meets both runs at half the speed. */
function inDoubles(x: Matrix<RealArray>): Matrix {
  return x.dtype === "float64" ? x as Matrix : x.astype("float64");
}

const WHAT = "Cannot standardize `scores`";

/** Units and bounds of all columns; the bounds of one that is constant after clipping are equal. */
function columnBounds(data: Float64Array, columns: number, clip: number): ColumnScale[] {
  const least = new Float64Array(columns).fill(Infinity);
  const most = new Float64Array(columns).fill(-Infinity);
  // Column by column within blocks that stay in the cache.
  const size = 128 * columns;
  for (let start = 0; start < data.length; start += size) {
    const end = Math.min(data.length, start + size);
    for (let j = 0; j < columns; j++) {
      let low = least[j];
      let high = most[j];
      for (let k = start + j; k < end; k += columns) {
        const value = data[k];
        if (value < low) low = value;
        // True for NaN.
        if (!(value <= high)) {
          high = value;
          if (Number.isNaN(value)) break;
        }
      }
      if (!Number.isFinite(low) || !Number.isFinite(high)) requireFinite(WHAT, data, columns);
      least[j] = low;
      most[j] = high;
    }
  }
  return Array.from({ length: columns }, (_, column) => {
    const unit = Math.max(-least[column], most[column]);
    const scale = { column, unit, low: 0, high: 0, mean: 0, deviation: 1 };
    if (unit === 0) return scale;
    const start = least[column] / unit;
    if (clip === 0) {
      scale.low = start;
      scale.high = start + (most[column] / unit - start);
    } else {
      const above = new Float64Array(data.length / columns);
      for (let i = 0; i < above.length; i++) above[i] = data[i * columns + column] / unit - start;
      scale.low = start + quantileAbs(above, clip);
      scale.high = start + quantileAbs(above, 1 - clip);
    }
    return scale;
  });
}

/** The columns of some scales in their units, between their bounds. */
function clipped(data: Float64Array, columns: number, scales: readonly ColumnScale[]): Matrix {
  const kept = scales.length;
  const rows = data.length / columns;
  const out = new Float64Array(rows * kept);
  const from = Int32Array.from(scales, ({ column }) => column);
  const unit = Float64Array.from(scales, (scale) => scale.unit);
  const low = Float64Array.from(scales, (scale) => scale.low);
  const high = Float64Array.from(scales, (scale) => scale.high);
  let row = 0;
  for (let k = 0; k < out.length; row += columns) {
    for (let j = 0; j < kept; j++, k++) {
      const value = data[row + from[j]] / unit[j];
      out[k] = value < low[j] ? low[j] : value > high[j] ? high[j] : value;
    }
  }
  return new Matrix(rows, kept, out);
}

/** Sets means and deviations, with divisor N. */
function setMoments({ rows, columns, data }: Matrix, scales: readonly ColumnScale[]): void {
  const sums = new Float64Array(columns);
  for (let k = 0; k < data.length;) for (let j = 0; j < columns; j++, k++) sums[j] += data[k];
  const mean = sums.map((sum) => sum / rows);
  const squares = new Float64Array(columns);
  for (let k = 0; k < data.length;) {
    for (let j = 0; j < columns; j++, k++) {
      const off = data[k] - mean[j];
      squares[j] += off * off;
    }
  }
  scales.forEach((scale, j) => {
    scale.mean = mean[j];
    scale.deviation = Math.sqrt(squares[j] / rows);
  });
}

/** Centered and scaled, in place. */
function scaled(x: Matrix, scales: readonly ColumnScale[]): Matrix {
  const { data, columns } = x;
  const mean = Float64Array.from(scales, (scale) => scale.mean);
  const deviation = Float64Array.from(scales, (scale) => scale.deviation);
  for (let k = 0; k < data.length;) {
    for (let j = 0; j < columns; j++, k++) data[k] = (data[k] - mean[j]) / deviation[j];
  }
  return x;
}
