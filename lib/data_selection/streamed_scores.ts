/**
 * Principal scores of many documents, block by block: no standardized matrix is stored, and rows are read from
 * memory three times, with all else in the cache. Not public.
 */
import { Matrix, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { type ColumnScale, columnScales, principalDirections } from "./principal_scores.ts";

/** Rows of a block. */
const BLOCK = 256;
/** Rows whose mean columns are centered at before their own is known, against cancellation. */
const SAMPLE = 1024;

/** What {@linkcode streamedScores} finds. */
export interface StreamedScores {
  /** How many directions have variance. */
  rank: number;
  /**
   * The scores along the first directions, one row of N for each; then, with `mean`, a row of the means of the
   * standardized scores.
   */
  along(directions: number, mean: boolean): Matrix;
}

/** The scores of {@linkcode principalScores} up to rounding, with the rows and columns exchanged. */
export function streamedScores(scores: Matrix<RealArray>, clip: number | undefined): StreamedScores {
  const { data, columns, scales } = columnScales(scores, clip);
  const { rows } = scores;
  const p = scales.length;
  const rough = scales.map(() => 0);
  const sampled = Math.min(rows, SAMPLE);
  const sample = new Float64Array(sampled * columns);
  for (let i = 0; i < sampled; i++) {
    const row = Math.floor(i * rows / sampled) * columns;
    sample.set(data.subarray(row, row + columns), i * columns);
  }
  eachBlock(sample, columns, scales, rough, (block, _, count) => {
    for (let j = 0; j < p; j++) for (let i = 0; i < count; i++) rough[j] += block[j * count + i] / sampled;
  });
  // The last row of a block is ones, so that sums of columns are products too.
  const products = new Float64Array((p + 1) ** 2);
  eachBlock(data, columns, scales, rough, (block, _, count) => {
    engine().syrk(false, p + 1, count, 1, block, count, 1, products);
  });
  const mean = scales.map((_, j) => products[p * (p + 1) + j] / rows);
  const covariance = Matrix.from(p, p, (i, j) => products[i * (p + 1) + j] / rows - mean[i] * mean[j]);
  const deviation = scales.map((_, j) => Math.sqrt(covariance.get(j, j)));
  const correlation = covariance.map((value, i, j) => value / (deviation[i] * deviation[j]));
  const { vectors, rank } = principalDirections(correlation, "loading-sum");
  return {
    rank,
    along(directions, withMean) {
      const outputs = directions + Number(withMean);
      const map = Matrix.from(
        outputs,
        p,
        (k, j) => (k < directions ? vectors.get(j, k) : 1 / p) / deviation[j],
      );
      const weights = Matrix.from(
        outputs,
        p + 1,
        (k, j) => j < p ? map.get(k, j) : -map.row(k).reduce((sum, weight, at) => sum + weight * mean[at], 0),
      );
      const out = new Matrix(outputs, rows, new Float64Array(outputs * rows));
      eachBlock(data, columns, scales, rough, (block, start, count) => {
        const to = out.data.subarray(start);
        engine().gemm(false, false, outputs, count, p + 1, 1, weights.data, p + 1, block, count, 0, to, rows);
      });
      return out;
    },
  };
}

/**
 * Calls back with blocks of rows in units and between bounds, minus a center: row j of a block is column j of `count`
 * rows, `count` apart; the last one is ones.
 */
function eachBlock(
  data: Float64Array,
  columns: number,
  scales: readonly ColumnScale[],
  center: readonly number[],
  visit: (block: Float64Array, start: number, count: number) => void,
): void {
  const rows = data.length / columns;
  const block = new Float64Array(BLOCK * (scales.length + 1));
  for (let start = 0; start < rows; start += BLOCK) {
    const count = Math.min(BLOCK, rows - start);
    let k = 0;
    scales.forEach(({ column, unit, low, high }, j) => {
      const inverse = 1 / unit;
      const middle = center[j];
      let from = start * columns + column;
      for (let i = 0; i < count; i++, from += columns) {
        const value = data[from] * inverse;
        block[k++] = (value < low ? low : value > high ? high : value) - middle;
      }
    });
    block.fill(1, k, k + count);
    visit(block, start, count);
  }
}
