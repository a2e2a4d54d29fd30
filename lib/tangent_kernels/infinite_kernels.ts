import {
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { mirror } from "../blas/portable/mirror.ts";
import { compiledKernels } from "../wasm/module.ts";
import { type Activation, requireActivation } from "./activation.ts";
import { arccosOfNegative, arcsin } from "./arc_functions.ts";

/** Options of {@linkcode infiniteKernels}: the network, and the second set of inputs. */
export interface KernelOptions {
  /** N2 inputs, one per row. Default: those of the first argument, at half the work. */
  x2?: Matrix;
  /** Number of weight layers: depth 4 has three hidden layers. */
  depth: number;
  /** Weight of the biases. Default 0.1. */
  beta?: number;
  /** Non-linearity. Default "relu". */
  activation?: Activation;
}

/** The two kernels of a network of infinite width, N1 x N2 each. */
export interface InfiniteKernels {
  /** Covariance of the outputs at initialization (the network as a Gaussian process). */
  nngp: Matrix;
  /** The tangent kernel, with which gradient descent moves the outputs. */
  ntk: Matrix;
}

/**
 * The covariance and the tangent kernel of a fully connected network as its widths go to infinity, in the
 * parametrization of {@linkcode NtkMlp} (Jacot, Gabriel & Hongler 2018, Proposition 1 and Theorem 1):
 *
 * S1 = x.x'/n0 + beta^2, T1 = S1, and for each further layer S' = E[s(u) s(v)] + beta^2, T' = T E[s'(u)
 * s'(v)] + S' with (u, v) normal of covariance S. The expectations are closed: arc-cosine for the rectifier
 * (Cho & Saul 2009), arcsine for erf (Williams 1997).
 *
 * @param x1 N1 inputs, one per row.
 * @param options The network, and the second set of inputs.
 * @returns Both kernels, N1 x N2.
 * @throws {RangeError} if `depth` < 1 or `beta` < 0, the inputs differ in their number of columns, or an
 * entry is not finite or so large that its square overflows.
 * @throws {TypeError} if the activation or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { infiniteKernels } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { nngp, ntk } = infiniteKernels(Matrix.fromRows([[1, 0], [0, 1]]), { depth: 4 });
 * assertAlmostEquals(nngp.get(0, 0), 0.08125, 1e-15);
 * assertAlmostEquals(ntk.get(0, 0), 0.2825, 1e-15);
 * assertAlmostEquals(ntk.get(0, 1), 0.092702110174, 1e-12);
 * ```
 */
export function infiniteKernels(x1: Matrix, options: KernelOptions): InfiniteKernels {
  requireMatrix("x1", x1);
  requireOptions("options", options, ["x2", "depth", "beta", "activation"]);
  const { x2, beta = 0.1, activation = "relu" } = options;
  const depth = requireInteger("depth", options.depth, { min: 1 });
  requireNumber("beta", beta, { min: 0 });
  requireActivation(activation);
  const symmetric = x2 === undefined || x2 === x1;
  const right = x2 === undefined ? x1 : x2;
  requireMatrix("x2", right);
  requireInteger("x1.columns", x1.columns, { min: 1 });
  if (right.columns !== x1.columns) {
    throw new RangeError(`\`x2\` must have ${x1.columns} columns as \`x1\` has, got ${right.columns}`);
  }
  requireFinite("Cannot compute kernels at `x1`", x1.data, x1.columns);
  if (!symmetric) requireFinite("Cannot compute kernels at `x2`", right.data, x1.columns);
  const bias = beta * beta;
  const inputs = x1.columns;
  const variances1 = layerVariances("x1", x1, depth, bias, activation);
  const variances2 = symmetric ? variances1 : layerVariances("x2", right, depth, bias, activation);
  const nngp = Matrix.zeros(x1.rows, right.rows);
  const ntk = Matrix.zeros(x1.rows, right.rows);
  const columns = right.rows;
  const row = newRow(variances2, activation, bias);
  for (let i = 0; i < x1.rows; i++) {
    const count = symmetric ? i + 1 : columns;
    rowProducts(x1.data, i, right.data, count, inputs, row.nngp);
    for (let j = 0; j < count; j++) row.nngp[j] = row.ntk[j] = row.nngp[j] / inputs + bias;
    for (let layer = 0; layer < depth - 1; layer++) row.pass(layer, count, variances1[layer][i]);
    nngp.data.set(row.nngp.subarray(0, count), i * columns);
    ntk.data.set(row.ntk.subarray(0, count), i * columns);
  }
  if (symmetric) {
    mirror(columns, nngp.data);
    mirror(columns, ntk.data);
  }
  return { nngp, ntk };
}

/**
 * The largest variance whose products with others do not overflow; that of the error function is followed by
 * a square.
 */
const LARGEST_VARIANCE = { relu: 1e150, erf: 1e75 };

/** Variance of every layer's pre-activations at every point: `[layer][point]`. @throws {RangeError} */
function layerVariances(
  name: string,
  x: Matrix,
  depth: number,
  bias: number,
  activation: Activation,
): Float64Array[] {
  const first = new Float64Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    first[i] = rowProduct(x.data, i, x.data, i, x.columns) / x.columns + bias;
    if (!(first[i] <= LARGEST_VARIANCE[activation])) {
      throw new RangeError(
        `Cannot compute kernels at \`${name}\`: the variance at row ${i} is ${first[i]}, it must be at most ${
          LARGEST_VARIANCE[activation]
        }: scale the inputs`,
      );
    }
  }
  const layers = [first];
  for (let layer = 1; layer < depth; layer++) {
    layers.push(layers[layer - 1].map((s) =>
      // Without the factor 2 of He's scaling the rectifier halves the variance.
      bias + (activation === "relu" ? s / 2 : 2 / Math.PI * arcsin(2 * s / (1 + 2 * s)))
    ));
  }
  return layers;
}

/** A row of both kernels. */
interface Row {
  readonly nngp: Float64Array;
  readonly ntk: Float64Array;
  /** Takes its first `count` entries, of one input of variance `a` with the others, through a layer. */
  pass(layer: number, count: number, a: number): void;
}

/** A row in the memory of the compiled loops, or where there are none in arrays; the same bits. */
function newRow(variances: readonly Float64Array[], activation: Activation, bias: number): Row {
  const columns = variances[0].length;
  const compiled = compiledKernels();
  // The loops take two entries at a time.
  const bytes = 8 * (columns + columns % 2);
  const start = compiled?.scratch((2 + variances.length) * bytes) ?? 0;
  if (compiled === null || start === 0) {
    const nngp = new Float64Array(columns);
    const ntk = new Float64Array(columns);
    const nextLayer = activation === "relu" ? reluLayer : erfLayer;
    return {
      nngp,
      ntk,
      pass: (layer, count, a) => nextLayer(nngp, ntk, count, a, variances[layer], bias),
    };
  }
  const address = (k: number) => start + k * bytes;
  const numbers = (k: number) => compiled.float64.subarray(address(k) / 8, address(k) / 8 + columns);
  variances.forEach((c, layer) => numbers(2 + layer).set(c));
  const nextLayer = activation === "relu" ? compiled.run.reluLayer : compiled.run.erfLayer;
  return {
    nngp: numbers(0),
    ntk: numbers(1),
    pass: (layer, count, a) => nextLayer(address(0), address(1), count, a, address(2 + layer), bias),
  };
}

/** Takes `count` entries, of one input of variance `a` with others of variances `c`, through a layer. */
type Layer = (
  nngp: Float64Array,
  ntk: Float64Array,
  count: number,
  a: number,
  c: Float64Array,
  bias: number,
) => void;

const TURN = 2 * Math.PI;

/**
 * With p^2 the product of the variances and cos t the correlation: E[s s] = p (sin t + (pi - t) cos t) / 2 pi,
 * E[s' s'] = (pi - t) / 2 pi.
 */
const reluLayer: Layer = (nngp, ntk, count, a, c, bias) => {
  for (let k = 0; k < count; k++) {
    const s = nngp[k];
    if (s === a && s === c[k]) {
      // The same point twice: the arc cosine would lose half of the digits near 1.
      nngp[k] = s / 2 + bias;
      ntk[k] = ntk[k] / 2 + nngp[k];
      continue;
    }
    const p = Math.sqrt(a * c[k]);
    const rho = p === 0 ? 0 : Math.min(1, Math.max(-1, s / p));
    const rest = arccosOfNegative(rho);
    nngp[k] = p / TURN * (Math.sqrt((1 - rho) * (1 + rho)) + rest * rho) + bias;
    ntk[k] = ntk[k] * rest / TURN + nngp[k];
  }
};

/** With q the product of 1 + 2a and 1 + 2c: E[s s] = 2/pi asin(2s / sqrt(q)), E[s' s'] = 4/pi / sqrt(q - 4 s^2). */
const erfLayer: Layer = (nngp, ntk, count, a, c, bias) => {
  for (let k = 0; k < count; k++) {
    const s = nngp[k];
    const q = (1 + 2 * a) * (1 + 2 * c[k]);
    const slope = 4 / Math.PI / Math.sqrt(q - 4 * s * s);
    nngp[k] = 2 / Math.PI * arcsin(2 * s / Math.sqrt(q)) + bias;
    ntk[k] = ntk[k] * slope + nngp[k];
  }
};

/** Inner product of two rows; the same sum, in the same order, for variances and covariances. */
function rowProduct(a: Float64Array, i: number, b: Float64Array, j: number, columns: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += a[i * columns + k] * b[j * columns + k];
  return sum;
}

/** {@linkcode rowProduct} with the rows j < count, four at a time, whose sums do not wait for each other. */
function rowProducts(
  a: Float64Array,
  i: number,
  b: Float64Array,
  count: number,
  columns: number,
  out: Float64Array,
): void {
  let j = 0;
  for (; j + 3 < count; j += 4) {
    const first = j * columns;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < columns; k++) {
      const x = a[i * columns + k];
      const at = first + k;
      s0 += x * b[at];
      s1 += x * b[at + columns];
      s2 += x * b[at + 2 * columns];
      s3 += x * b[at + 3 * columns];
    }
    out[j] = s0;
    out[j + 1] = s1;
    out[j + 2] = s2;
    out[j + 3] = s3;
  }
  for (; j < count; j++) out[j] = rowProduct(a, i, b, j, columns);
}
