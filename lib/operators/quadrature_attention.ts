import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireLength,
  requireMatrix,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { softmax } from "../arrays/softmax.ts";
import { matmul } from "../blas/mod.ts";

/** Options of {@linkcode quadratureAttention}. */
export interface QuadratureAttentionOptions {
  /** Quadrature weights of the points of `k` and `v`, positive. Default: all equal, with sum 1. */
  weights?: ArrayLike<number>;
  /** `"softmax"` (default), or `"linear"`, without the exponential and its normalization. */
  kind?: "softmax" | "linear";
}

/**
 * Attention as an integral over the points y of the keys, by quadrature with weights w:
 * `sum_j w_j exp(q(x) . k(y_j)) v(y_j) / sum_j w_j exp(q(x) . k(y_j))`, that is, with ln w added to the
 * logits; or the linear form `q(x)^T sum_j w_j k(y_j) v(y_j)^T`. On points that are not uniform, plain
 * attention (equal weights) tends to another integral, weighted by the density of the points.
 *
 * @param q Queries, N x d.
 * @param k Keys, M x d.
 * @param v Values, M x C.
 * @param options Weights, kind.
 * @returns N x C.
 * @throws {RangeError} if sizes do not fit, a number is not finite, or a weight is not positive.
 * @throws {TypeError} if an argument is of the wrong type, or the kind or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { quadratureAttention } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Equal keys: the weighted mean of the values.
 * const ones = Matrix.fromRows([[1], [1]]);
 * const mean = quadratureAttention(ones, ones, Matrix.fromRows([[0], [4]]), { weights: [3, 1] });
 * assertAlmostEquals(mean.get(0, 0), 1, 1e-15);
 * ```
 */
export function quadratureAttention(
  q: Matrix<RealArray>,
  k: Matrix<RealArray>,
  v: Matrix<RealArray>,
  options: QuadratureAttentionOptions = {},
): Matrix {
  for (const [name, matrix] of [["q", q], ["k", k], ["v", v]] as const) {
    requireFinite(`\`${name}\` must be finite`, requireMatrix(name, matrix).data, matrix.columns);
  }
  requireOptions("options", options, ["weights", "kind"]);
  const points = k.rows;
  if (points === 0) throw new RangeError("`k` must have at least one row, got 0");
  if (q.columns !== k.columns) {
    throw new RangeError(`\`q\` must have the ${k.columns} columns of \`k\`, got ${q.columns}`);
  }
  if (v.rows !== points) throw new RangeError(`\`v\` must have the ${points} rows of \`k\`, got ${v.rows}`);
  const { weights = new Float64Array(points).fill(1 / points), kind = "softmax" } = options;
  requireWeights(weights, points);
  requireOneOf("kind", kind, ["softmax", "linear"]);
  const [queries, keys, values] = [q, k, v].map((matrix) => matrix.astype("float64"));
  if (kind === "linear") {
    const weighted = values.map((value, j) => weights[j] * value);
    return matmul(queries, matmul(keys, weighted, { transposeA: true }));
  }
  const attention = matmul(queries, keys, { transposeB: true });
  for (let x = 0; x < attention.rows; x++) {
    const logits = attention.row(x);
    for (let j = 0; j < points; j++) logits[j] += Math.log(weights[j]);
    softmax(logits);
  }
  return matmul(attention, values);
}

/** @throws {RangeError | TypeError} unless there is a positive weight for each point. */
function requireWeights(weights: ArrayLike<number>, points: number): void {
  requireNumbers("weights", weights, { finite: true });
  requireLength("weights", weights, points);
  for (let j = 0; j < points; j++) {
    if (!(weights[j] > 0)) throw new RangeError(`\`weights\` must be positive, entry ${j} is ${weights[j]}`);
  }
}
