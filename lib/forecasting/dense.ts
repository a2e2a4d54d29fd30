/** Linear maps and layer normalization over rows, with their derivatives. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";

/** Adds to each row: a product with ones, which adds a vector of numbers at a time. */
export function addToRows(y: RealArray, bias: RealArray): void {
  const rows = y.length / bias.length;
  const ones = allocateLike(y, rows).fill(1);
  product(y, ones, bias, [rows, bias.length, 1], { beta: 1 });
}

/** `y += x`. */
export function addTo(y: RealArray, x: RealArray): void {
  engine().addScaled(y, 1, x);
}

/** `y *= x`, entry by entry; four at a time, as V8 does not unroll loops. */
export function multiplyBy(y: RealArray, x: RealArray): void {
  let k = 0;
  for (; k + 4 <= y.length; k += 4) {
    y[k] *= x[k];
    y[k + 1] *= x[k + 1];
    y[k + 2] *= x[k + 2];
    y[k + 3] *= x[k + 3];
  }
  for (; k < y.length; k++) y[k] *= x[k];
}

/** Adds the sum of the rows to `sums`, row by row. */
export function addRowsTo(sums: RealArray, y: RealArray): void {
  // Two loops, as one that meets both classes of arrays runs at half the speed.
  if (sums instanceof Float32Array) addRowsOfSingles(sums, y as Float32Array);
  else addRowsOfDoubles(sums, y as Float64Array);
}

function addRowsOfDoubles(sums: Float64Array, y: Float64Array): void {
  const { length } = sums;
  for (let i = 0; i < y.length; i += length) for (let j = 0; j < length; j++) sums[j] += y[i + j];
}

/** Four rows for each time that a sum is read and written. */
function addRowsOfSingles(sums: Float32Array, y: Float32Array): void {
  const { length } = sums;
  let i = 0;
  for (; i + 4 * length <= y.length; i += 4 * length) {
    for (let j = 0; j < length; j++) {
      const at = i + j;
      let sum = Math.fround(sums[j] + y[at]);
      sum = Math.fround(sum + y[at + length]);
      sum = Math.fround(sum + y[at + 2 * length]);
      sums[j] = sum + y[at + 3 * length];
    }
  }
  for (; i < y.length; i += length) for (let j = 0; j < length; j++) sums[j] += y[i + j];
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

/** Adds the sum of the rows of y times x, entry by entry, to `sums`, row by row. */
function addRowProductsTo(sums: RealArray, y: RealArray, x: RealArray): void {
  const { length } = sums;
  let i = 0;
  if (sums instanceof Float32Array) {
    for (; i + 4 * length <= y.length; i += 4 * length) {
      for (let j = 0; j < length; j++) {
        const at = i + j;
        let sum = Math.fround(sums[j] + y[at] * x[at]);
        sum = Math.fround(sum + y[at + length] * x[at + length]);
        sum = Math.fround(sum + y[at + 2 * length] * x[at + 2 * length]);
        sums[j] = sum + y[at + 3 * length] * x[at + 3 * length];
      }
    }
  }
  for (; i < y.length; i += length) for (let j = 0; j < length; j++) sums[j] += y[i + j] * x[i + j];
}

/** Of each row of y the sum of its weighted entries, and that of the same times x. Four rows at a time. */
function weightedSumsOfRows(y: RealArray, x: RealArray, weights: RealArray): [Float64Array, Float64Array] {
  const width = weights.length;
  const sums = new Float64Array(y.length / width);
  const inner = new Float64Array(sums.length);
  let i = 0;
  for (; i + 4 <= sums.length; i += 4) {
    const [p, q, r, s] = [i * width, (i + 1) * width, (i + 2) * width, (i + 3) * width];
    let [a, b, c, d] = [0, 0, 0, 0];
    let [e, f, g, h] = [0, 0, 0, 0];
    for (let j = 0; j < width; j++) {
      const weight = weights[j];
      const first = y[p + j] * weight;
      const second = y[q + j] * weight;
      const third = y[r + j] * weight;
      const fourth = y[s + j] * weight;
      a += first;
      b += second;
      c += third;
      d += fourth;
      e += first * x[p + j];
      f += second * x[q + j];
      g += third * x[r + j];
      h += fourth * x[s + j];
    }
    sums.set([a, b, c, d], i);
    inner.set([e, f, g, h], i);
  }
  for (; i < sums.length; i++) {
    for (let j = 0; j < width; j++) {
      const by = y[i * width + j] * weights[j];
      sums[i] += by;
      inner[i] += by * x[i * width + j];
    }
  }
  return [sums, inner];
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
  const means = meansOfRows(x, width);
  const inverse = squaresOfRows(x, means);
  for (let i = 0; i < inverse.length; i++) {
    const from = i * width;
    const mean = means[i];
    const scale = 1 / Math.sqrt(inverse[i] / width + 1e-5);
    inverse[i] = scale;
    for (let j = 0; j < width; j++) {
      normalized[from + j] = (x[from + j] - mean) * scale;
      y[from + j] = normalized[from + j] * weights[j] + bias[j];
    }
  }
  return { y, tape: { normalized, inverse } };
}

/** The mean of each row. Four rows at a time: a sum waits for its last term, four of them do not wait for each other. */
function meansOfRows(x: RealArray, width: number): Float64Array {
  const means = new Float64Array(x.length / width);
  let i = 0;
  for (; i + 4 <= means.length; i += 4) {
    const end = (i + 1) * width;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = i * width; k < end; k++) {
      a += x[k];
      b += x[k + width];
      c += x[k + 2 * width];
      d += x[k + 3 * width];
    }
    means[i] = a / width;
    means[i + 1] = b / width;
    means[i + 2] = c / width;
    means[i + 3] = d / width;
  }
  for (; i < means.length; i++) {
    let sum = 0;
    for (let k = i * width; k < (i + 1) * width; k++) sum += x[k];
    means[i] = sum / width;
  }
  return means;
}

/** The sum of squared distances from the mean in each row. */
function squaresOfRows(x: RealArray, means: Float64Array): Float64Array {
  const width = x.length / means.length;
  const squares = new Float64Array(means.length);
  let i = 0;
  for (; i + 4 <= means.length; i += 4) {
    const end = (i + 1) * width;
    const [p, q, r, s] = [means[i], means[i + 1], means[i + 2], means[i + 3]];
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = i * width; k < end; k++) {
      a += (x[k] - p) ** 2;
      b += (x[k + width] - q) ** 2;
      c += (x[k + 2 * width] - r) ** 2;
      d += (x[k + 3 * width] - s) ** 2;
    }
    squares[i] = a;
    squares[i + 1] = b;
    squares[i + 2] = c;
    squares[i + 3] = d;
  }
  for (; i < means.length; i++) {
    for (let k = i * width; k < (i + 1) * width; k++) squares[i] += (x[k] - means[i]) ** 2;
  }
  return squares;
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
  addRowsTo(gradient.bias, dy);
  addRowProductsTo(gradient.weights, dy, normalized);
  const [means, inner] = weightedSumsOfRows(dy, normalized, weights);
  for (let i = 0; i < inverse.length; i++) {
    const from = i * width;
    const mean = means[i] / width;
    const along = inner[i] / width;
    const scale = inverse[i];
    for (let j = 0; j < width; j++) {
      dx[from + j] = scale * (dy[from + j] * weights[j] - mean - normalized[from + j] * along);
    }
  }
  return dx;
}
