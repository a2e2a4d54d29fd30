/**
 * Attention of each query to its own few rows of a table of keys and values, forward and reverse. One head.
 * Rows of the table may be shared: the keys of a database are computed once, however many queries retrieve
 * them.
 *
 * Not public.
 */
import type { RealArray } from "../arrays/mod.ts";

/** Sizes of one call. */
export interface AttentionShape {
  /** Number of queries. */
  n: number;
  /** Rows of the table per query. */
  k: number;
  /** Length of a query and of a key. */
  keyDim: number;
  /** Length of a value. A row of the table is a key, then a value. */
  valueDim: number;
}

/**
 * `weights[i, j] = softmax_j(q_i . key_ij / sqrt(keyDim))` and `context_i = sum_j weights[i, j] value_ij`.
 *
 * @param indices Rows of the table, n x k from `offset` on.
 */
export function attend(
  shape: AttentionShape,
  queries: RealArray,
  table: RealArray,
  indices: Int32Array,
  offset: number,
  weights: RealArray,
  context: RealArray,
): void {
  const { n, k, keyDim, valueDim } = shape;
  const width = keyDim + valueDim;
  const scale = 1 / Math.sqrt(keyDim);
  for (let i = 0; i < n; i++) {
    const w = i * k;
    for (let j = 0; j < k; j++) {
      const key = indices[offset + w + j] * width;
      let dot = 0;
      let q = i * keyDim;
      for (let c = 0; c < keyDim; c++, q++) dot += queries[q] * table[key + c];
      weights[w + j] = scale * dot;
    }
    softmax(weights, w, k);
    mix(shape, table, indices, offset + w, weights, w, context, i * valueDim);
  }
}

/** Scores of n queries become weights. */
export function normalize(weights: RealArray, n: number, k: number): void {
  for (let i = 0; i < n; i++) softmax(weights, i * k, k);
}

/** Replaces k scores from `w` on by their softmax. */
function softmax(weights: RealArray, w: number, k: number): void {
  let largest = -Infinity;
  for (let j = w; j < w + k; j++) if (weights[j] > largest) largest = weights[j];
  let sum = 0;
  for (let j = w; j < w + k; j++) sum += weights[j] = Math.exp(weights[j] - largest);
  for (let j = w; j < w + k; j++) weights[j] /= sum;
}

/**
 * `context = sum_j weights[j] value_j` for one query, whose rows of the table are `indices` from `first` on;
 * four values at a time, so that the context is read and written less often.
 */
function mix(
  { k, keyDim, valueDim }: AttentionShape,
  table: RealArray,
  indices: Int32Array,
  first: number,
  weights: RealArray,
  w: number,
  context: RealArray,
  out: number,
): void {
  const width = keyDim + valueDim;
  context.fill(0, out, out + valueDim);
  let j = 0;
  for (; j + 4 <= k; j += 4) {
    const a = weights[w + j];
    const b = weights[w + j + 1];
    const c = weights[w + j + 2];
    const d = weights[w + j + 3];
    const atA = indices[first + j] * width + keyDim;
    const atB = indices[first + j + 1] * width + keyDim;
    const atC = indices[first + j + 2] * width + keyDim;
    const atD = indices[first + j + 3] * width + keyDim;
    for (let e = 0; e < valueDim; e++) {
      context[out + e] += a * table[atA + e] + b * table[atB + e] + c * table[atC + e] + d * table[atD + e];
    }
  }
  for (; j < k; j++) {
    const weight = weights[w + j];
    const value = indices[first + j] * width + keyDim;
    for (let e = 0; e < valueDim; e++) context[out + e] += weight * table[value + e];
  }
}

/**
 * The derivatives of {@linkcode attend}: those by the queries are written to `queryDeltas`, those by the
 * table are added to `tableDeltas`.
 *
 * @param contextDeltas Derivatives of the loss by the context, n x valueDim.
 */
export function attendBackward(
  { n, k, keyDim, valueDim }: AttentionShape,
  queries: RealArray,
  table: RealArray,
  indices: Int32Array,
  weights: RealArray,
  contextDeltas: RealArray,
  queryDeltas: RealArray,
  tableDeltas: RealArray,
): void {
  const width = keyDim + valueDim;
  const scale = 1 / Math.sqrt(keyDim);
  const byWeight = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    const delta = i * valueDim;
    let mean = 0;
    for (let j = 0; j < k; j++) {
      const weight = weights[i * k + j];
      const value = indices[i * k + j] * width + keyDim;
      let dot = 0;
      for (let c = 0; c < valueDim; c++) {
        dot += contextDeltas[delta + c] * table[value + c];
        tableDeltas[value + c] += weight * contextDeltas[delta + c];
      }
      byWeight[j] = dot;
      mean += weight * dot;
    }
    const q = i * keyDim;
    for (let c = 0; c < keyDim; c++) queryDeltas[q + c] = 0;
    for (let j = 0; j < k; j++) {
      const byScore = scale * weights[i * k + j] * (byWeight[j] - mean);
      const key = indices[i * k + j] * width;
      for (let c = 0; c < keyDim; c++) {
        queryDeltas[q + c] += byScore * table[key + c];
        tableDeltas[key + c] += byScore * queries[q + c];
      }
    }
  }
}
