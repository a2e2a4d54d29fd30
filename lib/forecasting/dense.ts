/** Linear maps and layer normalization over rows, with their derivatives. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";

/** Adds to each row. */
export function addToRows(y: RealArray, bias: RealArray): void {
  const { length } = bias;
  for (let i = 0; i < y.length; i += length) for (let j = 0; j < length; j++) y[i + j] += bias[j];
}

/** Adds the sum of the rows to `sums`. */
export function addRowsTo(sums: RealArray, y: RealArray): void {
  const { length } = sums;
  for (let i = 0; i < y.length; i += length) for (let j = 0; j < length; j++) sums[j] += y[i + j];
}

/** `c = alpha op(a) op(b) + beta c` for whole matrices, m x n with the inner size k. */
export function product(
  c: RealArray,
  a: RealArray,
  b: RealArray,
  [m, n, k]: readonly [number, number, number],
  { transposeA = false, transposeB = false, beta = 0 } = {},
): void {
  engine().gemm(transposeA, transposeB, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, beta, c, n);
}

/** A linear map: weights are outputs x inputs. */
export interface Linear<Data> {
  weights: Data;
  bias: Data;
}

/** `x W^T + b` for rows x. */
export function linear<Data extends RealArray>(x: Data, { weights, bias }: Linear<Data>): Data {
  const outputs = bias.length;
  const inputs = weights.length / outputs;
  const rows = x.length / inputs;
  const y = allocateLike(x, rows * outputs);
  product(y, x, weights, [rows, outputs, inputs], { transposeB: true });
  addToRows(y, bias);
  return y;
}

/** Adds the derivatives of a linear map to `gradient`; returns those by its inputs, added to `dx` if given. */
export function linearBackward<Data extends RealArray>(
  x: Data,
  dy: Data,
  { weights, bias }: Linear<Data>,
  gradient: Linear<Data>,
  dx?: Data,
): Data {
  const outputs = bias.length;
  const inputs = weights.length / outputs;
  const rows = x.length / inputs;
  product(gradient.weights, dy, x, [outputs, inputs, rows], { transposeA: true, beta: 1 });
  addRowsTo(gradient.bias, dy);
  const to = dx ?? allocateLike(x, x.length);
  product(to, dy, weights, [rows, inputs, outputs], { beta: dx === undefined ? 0 : 1 });
  return to;
}

/** What layer normalization keeps for its derivatives. */
export interface NormTape<Data> {
  /** Normalized inputs. */
  normalized: Data;
  /** One over the deviation of each row. */
  inverse: Float64Array;
}

/** Rows normalized to mean 0 and variance 1 (eps 1e-5), times `weights`, plus `bias`. */
export function layerNorm<Data extends RealArray>(
  x: Data,
  { weights, bias }: Linear<Data>,
): { y: Data; tape: NormTape<Data> } {
  const width = bias.length;
  const normalized = allocateLike(x, x.length);
  const y = allocateLike(x, x.length);
  const inverse = new Float64Array(x.length / width);
  for (let i = 0; i < inverse.length; i++) {
    const from = i * width;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += x[from + j];
    const mean = sum / width;
    let square = 0;
    for (let j = 0; j < width; j++) square += (x[from + j] - mean) ** 2;
    const scale = inverse[i] = 1 / Math.sqrt(square / width + 1e-5);
    for (let j = 0; j < width; j++) {
      normalized[from + j] = (x[from + j] - mean) * scale;
      y[from + j] = normalized[from + j] * weights[j] + bias[j];
    }
  }
  return { y, tape: { normalized, inverse } };
}

/** Adds derivatives to `gradient`; returns those by the inputs. */
export function layerNormBackward<Data extends RealArray>(
  { normalized, inverse }: NormTape<Data>,
  dy: Data,
  { weights, bias }: Linear<Data>,
  gradient: Linear<Data>,
): Data {
  const width = bias.length;
  const dx = allocateLike(dy, dy.length);
  for (let i = 0; i < inverse.length; i++) {
    const from = i * width;
    let mean = 0;
    let along = 0;
    for (let j = 0; j < width; j++) {
      const by = dy[from + j];
      gradient.weights[j] += by * normalized[from + j];
      gradient.bias[j] += by;
      mean += by * weights[j];
      along += by * weights[j] * normalized[from + j];
    }
    mean /= width;
    along /= width;
    for (let j = 0; j < width; j++) {
      dx[from + j] = inverse[i] * (dy[from + j] * weights[j] - mean - normalized[from + j] * along);
    }
  }
  return dx;
}
