import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireSameShape,
} from "../arrays/mod.ts";

/**
 * The mixing matrix of NormLin (Yue et al. 2025, section 4.3): softplus of every weight, then rows divided by their
 * sums. Entries are positive, rows sum to one. Softmax attention has such rows too, but computes them from the input.
 *
 * @param weights n x m, learned.
 * @returns n x m; a row with a NaN or an infinity is NaN.
 * @throws {RangeError} if there are no columns.
 * @throws {TypeError} if it is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { normLinWeights } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const mixing = normLinWeights(Matrix.fromRows([[0, 1], [-1, 2]]));
 * assertAlmostEquals(mixing.get(0, 0), 0.34546657, 1e-8);
 * assertAlmostEquals(mixing.get(1, 1), 0.87162404, 1e-8);
 * ```
 */
export function normLinWeights<Data extends RealArray>(weights: Matrix<Data>): Matrix<Data> {
  const { rows, columns, data } = requireMatrix("weights", weights);
  if (columns === 0) throw new RangeError("`weights` must have at least one column, got 0");
  const out = allocateLike(data, data.length);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    let most = -Infinity;
    for (let j = 0; j < columns; j++) most = Math.max(most, data[i * columns + j]);
    // Far below zero softplus is exp, which would underflow in every entry of a row.
    const largest = most < -30 ? 1 : softplus(most);
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const w = data[i * columns + j];
      row[j] = most < -30 ? Math.exp(w - most) : softplus(w) / largest;
      sum += row[j];
    }
    for (let j = 0; j < columns; j++) out[i * columns + j] = row[j] / sum;
  }
  return new Matrix(rows, columns, out);
}

/**
 * Derivatives by the weights of the sum of cotangents times {@linkcode normLinWeights}, by
 * `dA[i][j] / dW[i][k] = sigmoid(W[i][k]) (delta[j][k] - A[i][j]) / sum_m softplus(W[i][m])`.
 *
 * @param weights n x m.
 * @param cotangents n x m.
 * @returns n x m.
 * @throws {RangeError} if the shapes differ, or there are no columns.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example Rows sum to one whatever the weights are
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { normLinVjp } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const gradient = normLinVjp(new Rng(0).normalMatrix(2, 3), Matrix.from(2, 3, () => 1));
 * gradient.data.forEach((value) => assertAlmostEquals(value, 0, 1e-15));
 * ```
 */
export function normLinVjp<Data extends RealArray>(
  weights: Matrix<Data>,
  cotangents: Matrix<Data>,
): Matrix<Data> {
  const mixing = normLinWeights(weights);
  requireSameShape("cotangents", requireMatrix("cotangents", cotangents), weights);
  const { rows, columns, data } = weights;
  const out = allocateLike(data, data.length);
  for (let i = 0; i < rows; i++) {
    let inner = 0;
    let sum = 0;
    let most = -Infinity;
    for (let k = i * columns; k < (i + 1) * columns; k++) {
      inner += cotangents.data[k] * mixing.data[k];
      sum += softplus(data[k]);
      most = Math.max(most, data[k]);
    }
    for (let k = i * columns; k < (i + 1) * columns; k++) {
      // sigmoid over the sum of softplus; far below zero both are exp, and their ratio is the mixing weight.
      const slope = most < -30 ? mixing.data[k] : 1 / (1 + Math.exp(-data[k])) / sum;
      out[k] = slope * (cotangents.data[k] - inner);
    }
  }
  return new Matrix(rows, columns, out);
}

function softplus(w: number): number {
  return Math.max(w, 0) + Math.log1p(Math.exp(-Math.abs(w)));
}

/** What mixing between variates costs for one sample. */
export interface MixingCost {
  /** Multiply-adds of multi-head attention, without its softmax. */
  attention: number;
  /** Multiply-adds of NormLin. */
  normLin: number;
}

/**
 * Multiply-adds of mixing between variates: four maps of the features and two products of variates by variates for
 * attention, two and one for NormLin, so exactly half.
 *
 * @param variates N.
 * @param width D, features per variate.
 * @returns `4 N D^2 + 2 N^2 D` and `2 N D^2 + N^2 D`.
 * @throws {RangeError} if a size is not a positive integer.
 * @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { mixingCost } from "refigure/forecasting";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mixingCost(7, 512), { attention: 7390208, normLin: 3695104 });
 * ```
 */
export function mixingCost(variates: number, width: number): MixingCost {
  requireInteger("variates", variates, { min: 1, max: 2 ** 17 });
  requireInteger("width", width, { min: 1, max: 2 ** 17 });
  const normLin = variates * width * (2 * width + variates);
  return { attention: 2 * normLin, normLin };
}
