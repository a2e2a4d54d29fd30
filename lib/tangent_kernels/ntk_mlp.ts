import {
  allocate,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { engine } from "../blas/choice.ts";
import { activate, type Activation, requireActivation } from "./activation.ts";

/** Options of {@linkcode NtkMlp}. */
export interface NtkMlpOptions<Precision extends DType = "float64"> {
  /** Number of inputs n0. */
  inputs: number;
  /** Width n of every hidden layer. */
  width: number;
  /** Number of weight layers L: depth 4 has three hidden layers. */
  depth: number;
  /** Weight of the biases. Default 0.1. */
  beta?: number;
  /** Non-linearity. Default `"relu"`. */
  activation?: Activation;
  /** Precision of weights and activations. Default `"float64"`. */
  dtype?: Precision;
  /** Where the standard normal weights come from. */
  rng: Rng;
}

/** A forward pass and the derivatives of the output, for N inputs. */
interface Pass<Data extends RealArray> {
  /** `activations[l]`: the input of weight layer l, N x n_l. */
  activations: Matrix<Data>[];
  /** `deltas[l]`: derivative of the output by the pre-activations of weight layer l, N x n_(l+1). */
  deltas: Matrix<Data>[];
  /** The outputs, one per input. */
  outputs: Data;
}

/**
 * A fully connected network with one output in the tangent-kernel parametrization: layer l computes
 * `W a / sqrt(n_l) + beta b` with all entries of W and b standard normal (Jacot, Gabriel & Hongler 2018,
 * section 2). So its outputs *and* its learning speed keep their size as the width grows.
 *
 * An entry of the input that is NaN makes the outputs of its row NaN.
 *
 * @throws {RangeError} if a size is below 1 or `beta` < 0.
 * @throws {TypeError} if the activation, the precision or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { infiniteKernels, NtkMlp } from "refigure/tangent_kernels";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const x = Matrix.fromRows([[1, 0], [0, 1]]);
 * const y = new Float64Array([1, -1]);
 * const net = new NtkMlp({ inputs: 2, width: 1000, depth: 2, rng: new Rng(1) });
 * // A wide network's tangent kernel is nearly the deterministic one.
 * assertAlmostEquals(net.tangentKernel(x).get(0, 0), infiniteKernels(x, { depth: 2 }).ntk.get(0, 0), 0.1);
 * const before = net.gradientStep(x, y, 1);
 * assert(net.gradientStep(x, y, 1) < before);
 * ```
 */
export class NtkMlp<Precision extends DType = "float64"> {
  /** Number of inputs. */
  readonly inputs: number;
  /** Width of the hidden layers. */
  readonly width: number;
  /** Number of weight layers. */
  readonly depth: number;
  /** Weight of the biases. */
  readonly beta: number;
  /** Non-linearity. */
  readonly activation: Activation;
  /** Precision. */
  readonly dtype: Precision;
  /** `weights[l]` is n_(l+1) x n_l. Writing to it changes the network. */
  readonly weights: Matrix<ArrayOf<Precision>>[];
  /** `biases[l]` has n_(l+1) entries. Writing to it changes the network. */
  readonly biases: ArrayOf<Precision>[];

  /** A network with standard normal parameters. */
  constructor(options: NtkMlpOptions<Precision>) {
    requireOptions("options", options, ["inputs", "width", "depth", "beta", "activation", "dtype", "rng"]);
    const { beta = 0.1, activation = "relu", rng } = options;
    requireRng("rng", rng);
    this.inputs = requireInteger("inputs", options.inputs, { min: 1 });
    this.width = requireInteger("width", options.width, { min: 1 });
    this.depth = requireInteger("depth", options.depth, { min: 1 });
    this.beta = requireNumber("beta", beta, { min: 0 });
    this.activation = requireActivation(activation);
    const { dtype = "float64" as Precision } = options;
    requireOneOf<DType>("dtype", dtype, DTYPES);
    this.dtype = dtype;
    this.weights = [];
    this.biases = [];
    for (let layer = 0; layer < this.depth; layer++) {
      const from = layer === 0 ? this.inputs : this.width;
      const to = layer === this.depth - 1 ? 1 : this.width;
      const stream = rng.split(layer);
      this.weights.push(new Matrix(to, from, this.#array(stream.normals(to * from))));
      this.biases.push(this.#array(stream.normals(to)));
    }
  }

  /**
   * The outputs at N inputs, one per row.
   *
   * @throws {RangeError} if the number of columns is not that of the inputs.
   */
  forward(x: Matrix): Float64Array {
    return Float64Array.from(this.#forward(x).outputs);
  }

  /**
   * The tangent kernel: inner products of the output's parameter derivatives at N1 and N2 inputs, without
   * forming them (sum over layers of a product of two small Gram matrices).
   *
   * @param x1 N1 inputs, one per row.
   * @param options `x2`: N2 inputs. Default: `x1`.
   * @returns N1 x N2, in double precision.
   */
  tangentKernel(x1: Matrix, options: { x2?: Matrix } = {}): Matrix {
    requireOptions("options", options, ["x2"]);
    const { x2 = x1 } = options;
    const left = this.#pass(x1, "x1");
    const right = x2 === x1 ? left : this.#pass(x2, "x2");
    return this.#kernel(left, right);
  }

  /**
   * One step of gradient descent on `1/(2N) sum_i (f(x_i) - y_i)^2`.
   *
   * @param x N inputs, one per row.
   * @param y N targets.
   * @param stepSize Step size, at least 0.
   * @returns The cost before the step.
   * @throws {RangeError} if a size does not fit, an entry of `x` or `y` is not finite, or the cost is not,
   * because steps are too large; the weights are left as they were.
   */
  gradientStep(x: Matrix, y: ArrayLike<number>, stepSize: number): number {
    requireMatrix("x", x);
    requireLength("y", requireNumbers("y", y), x.rows);
    requireInteger("x.rows", x.rows, { min: 1 });
    requireFinite("Cannot learn at `x`", x.data, x.columns);
    requireFinite("Cannot learn `y`", y);
    requireNumber("stepSize", stepSize, { min: 0 });
    return this.#step(this.#pass(x), y, stepSize);
  }

  /**
   * The parameter derivatives of the outputs, N x P: weights layer after layer, each followed by its biases.
   * For checks and for {@linkcode linearize}; the tangent kernel does not need it.
   */
  jacobian(x: Matrix): Matrix {
    const { activations, deltas } = this.#pass(x);
    const size = this.weights.reduce((sum, w) => sum + w.data.length + w.rows, 0);
    const out = Matrix.zeros(x.rows, size);
    for (let i = 0; i < x.rows; i++) {
      let k = i * size;
      for (let layer = 0; layer < this.depth; layer++) {
        const a = activations[layer].row(i);
        const d = deltas[layer].row(i);
        const scale = 1 / Math.sqrt(a.length);
        for (let p = 0; p < d.length; p++) {
          for (let q = 0; q < a.length; q++) out.data[k++] = scale * d[p] * a[q];
        }
        for (let p = 0; p < d.length; p++) out.data[k++] = this.beta * d[p];
      }
    }
    return out;
  }

  #array(values: ArrayLike<number>): ArrayOf<Precision> {
    const out = allocate(this.dtype, values.length);
    out.set(values);
    return out;
  }

  #zeros(rows: number, columns: number): Matrix<ArrayOf<Precision>> {
    return new Matrix(rows, columns, allocate(this.dtype, rows * columns));
  }

  #forward(
    x: Matrix,
    name = "x",
  ): { activations: Matrix<ArrayOf<Precision>>[]; slopes: RealArray[]; outputs: ArrayOf<Precision> } {
    if (requireMatrix(name, x).columns !== this.inputs) {
      throw new RangeError(
        `\`${name}\` must have ${this.inputs} columns, one per input of the network, got ${x.columns}`,
      );
    }
    const activations = [new Matrix(x.rows, x.columns, this.#array(x.data))];
    const slopes: RealArray[] = [];
    for (let layer = 0;; layer++) {
      const w = this.weights[layer];
      const b = this.biases[layer];
      const a = activations[layer];
      const pre = this.#zeros(x.rows, w.rows);
      for (let i = 0; i < x.rows; i++) {
        for (let p = 0; p < w.rows; p++) pre.data[i * w.rows + p] = this.beta * b[p];
      }
      // alpha and beta of the product spare two sweeps: pre = a W^T / sqrt(n) + beta b.
      engine().gemm(
        false,
        true,
        x.rows,
        w.rows,
        w.columns,
        1 / Math.sqrt(w.columns),
        a.data,
        w.columns,
        w.data,
        w.columns,
        1,
        pre.data,
        w.rows,
      );
      if (layer === this.depth - 1) return { activations, slopes, outputs: pre.data };
      const slope = allocate(this.dtype, pre.data.length);
      activate(this.activation, pre.data, pre.data, slope);
      activations.push(pre);
      slopes.push(slope);
    }
  }

  #pass(x: Matrix, name = "x"): Pass<ArrayOf<Precision>> {
    const { activations, slopes, outputs } = this.#forward(x, name);
    const deltas = new Array<Matrix<ArrayOf<Precision>>>(this.depth);
    deltas[this.depth - 1] = this.#zeros(x.rows, 1);
    deltas[this.depth - 1].data.fill(1);
    for (let layer = this.depth - 1; layer > 0; layer--) {
      const w = this.weights[layer];
      const d = this.#zeros(x.rows, w.columns);
      const slope = slopes[layer - 1];
      engine().gemm(
        false,
        false,
        x.rows,
        w.columns,
        w.rows,
        1 / Math.sqrt(w.columns),
        deltas[layer].data,
        w.rows,
        w.data,
        w.columns,
        0,
        d.data,
        w.columns,
      );
      for (let k = 0; k < d.data.length; k++) d.data[k] *= slope[k];
      deltas[layer - 1] = d;
    }
    return { activations, deltas, outputs };
  }

  #kernel(left: Pass<ArrayOf<Precision>>, right: Pass<ArrayOf<Precision>>): Matrix {
    const out = Matrix.zeros(left.outputs.length, right.outputs.length);
    const bias = this.beta * this.beta;
    for (let layer = 0; layer < this.depth; layer++) {
      const back = matmul(left.deltas[layer], right.deltas[layer], { transposeB: true }).data;
      const forth = matmul(left.activations[layer], right.activations[layer], { transposeB: true }).data;
      const scale = 1 / this.weights[layer].columns;
      for (let k = 0; k < out.data.length; k++) out.data[k] += back[k] * (forth[k] * scale + bias);
    }
    return out;
  }

  #step(
    { activations, deltas, outputs }: Pass<ArrayOf<Precision>>,
    y: ArrayLike<number>,
    stepSize: number,
  ): number {
    const rows = outputs.length;
    const residual = new Float64Array(rows);
    let cost = 0;
    for (let i = 0; i < rows; i++) {
      const error = outputs[i] - y[i];
      cost += error * error / (2 * rows);
      residual[i] = error / rows;
    }
    if (!Number.isFinite(cost)) {
      throw new RangeError(
        `The cost is ${cost}: the weights are not finite or too large, ` +
          "as after steps with too large a `stepSize`",
      );
    }
    // Every delta comes from the weights before the step, so the layers may be updated in any order.
    for (let layer = 0; layer < this.depth; layer++) {
      const w = this.weights[layer];
      const b = this.biases[layer];
      const d = deltas[layer].data;
      for (let i = 0; i < rows; i++) {
        const r = residual[i];
        for (let p = 0; p < w.rows; p++) {
          d[i * w.rows + p] *= r;
          b[p] -= stepSize * this.beta * d[i * w.rows + p];
        }
      }
      engine().gemm(
        true,
        false,
        w.rows,
        w.columns,
        rows,
        -stepSize / Math.sqrt(w.columns),
        d,
        w.rows,
        activations[layer].data,
        w.columns,
        1,
        w.data,
        w.columns,
      );
    }
    return cost;
  }
}
