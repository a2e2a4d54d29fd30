import {
  allocate,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  requireFinite,
  requireInstance,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { matmul } from "../blas/mod.ts";

/** Options of {@linkcode VanillaRnn}. */
export interface VanillaRnnOptions<Precision extends DType = "float32"> {
  /** Number of inputs. */
  inputs: number;
  /** Number of neurons N. */
  hidden: number;
  /** Number of outputs (classes). */
  outputs: number;
  /** Step over time constant, in (0, 1]; 1 means no leak. Default 1. */
  alpha?: number;
  /** Recurrent weights at the start, N x N, copied. Default: normal with standard deviation 1.25/sqrt(N). */
  recurrent?: Matrix;
  /** Precision of weights and activity. Default `"float32"`. */
  dtype?: Precision;
  /** Where the weights come from. */
  rng: Rng;
}

/** Gradients of the three weight matrices, and the loss they belong to. */
export interface RnnGradients<Precision extends DType> {
  /** Cross-entropy, mean over all steps and trials, in nats. */
  loss: number;
  /** By the input weights. */
  input: Matrix<ArrayOf<Precision>>;
  /** By the recurrent weights. */
  recurrent: Matrix<ArrayOf<Precision>>;
  /** By the output weights. */
  output: Matrix<ArrayOf<Precision>>;
}

/** Momentum gradient descent: `v <- momentum v + g`, `theta <- theta - learningRate v`. */
export interface RnnStepOptions {
  /** Default 0.003. */
  learningRate?: number;
  /** Default 0.9. */
  momentum?: number;
}

/**
 * A rectifier network with recurrent weights and no biases (Liu et al. 2023):
 * `h_t = relu((1 - alpha) h_(t-1) + alpha (W_in x_t + W h_(t-1)))` from `h = 0`, `o_t = W_out h_t`. Input and
 * output weights start uniform in `+-1/sqrt(fan in)`. Trained by back-propagation through time on the
 * cross-entropy at every step.
 *
 * Sequences are matrices whose row `t B + b` is step t of trial b, of B trials.
 *
 * @throws {RangeError} if a size is below 1, `alpha` is not in (0, 1], or `recurrent` is not N x N and
 * finite.
 * @throws {TypeError} if an option or the precision is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { perceptualDecision, VanillaRnn } from "refigure/recurrent";
 * import { assert } from "@std/assert";
 *
 * const rnn = new VanillaRnn({ inputs: 3, hidden: 20, outputs: 3, rng: new Rng(1) });
 * const rng = new Rng(2);
 * const step = () => rnn.trainStep(perceptualDecision({ batch: 32, rng }), { learningRate: 0.02 });
 * const first = step();
 * for (let i = 0; i < 50; i++) step();
 * assert(step() < first);
 * ```
 */
export class VanillaRnn<Precision extends DType = "float32"> {
  /** Step over time constant. */
  readonly alpha: number;
  /** Precision. */
  readonly dtype: Precision;
  /** Input weights, N x inputs. Writing to it changes the network, as for the other two. */
  readonly input: Matrix<ArrayOf<Precision>>;
  /** Recurrent weights, N x N; entry (i, j) is the weight from neuron j to neuron i. */
  readonly recurrent: Matrix<ArrayOf<Precision>>;
  /** Output weights, outputs x N. */
  readonly output: Matrix<ArrayOf<Precision>>;
  #velocity: { input: ArrayOf<Precision>; recurrent: ArrayOf<Precision>; output: ArrayOf<Precision> };
  #steps = 0;

  /** Draws the weights, each matrix from a stream of its own. */
  constructor(options: VanillaRnnOptions<Precision>) {
    requireOptions("options", options, ["inputs", "hidden", "outputs", "alpha", "recurrent", "dtype", "rng"]);
    const { alpha = 1, rng } = options;
    requireRng("rng", rng);
    const inputs = requireInteger("inputs", options.inputs, { min: 1 });
    const n = requireInteger("hidden", options.hidden, { min: 1 });
    const outputs = requireInteger("outputs", options.outputs, { min: 1 });
    this.alpha = requireNumber("alpha", alpha, { above: 0, max: 1 });
    const { dtype = "float32" as Precision } = options;
    requireOneOf<DType>("dtype", dtype, DTYPES);
    this.dtype = dtype;
    const uniform = (label: string, rows: number, columns: number) => {
      const stream = rng.split(label);
      const bound = 1 / Math.sqrt(columns);
      return Matrix.from(rows, columns, () => stream.uniform(-bound, bound)).astype(this.dtype);
    };
    this.input = uniform("input", n, inputs);
    this.output = uniform("output", outputs, n);
    const { recurrent = rng.split("recurrent").normalMatrix(n, n, 1.25 / Math.sqrt(n)) } = options;
    requireSameShape("recurrent", requireMatrix("recurrent", recurrent), { rows: n, columns: n });
    requireFinite("Cannot start at `recurrent`", recurrent.data, n);
    this.recurrent = recurrent.astype(this.dtype);
    this.#velocity = {
      input: allocate(this.dtype, this.input.data.length),
      recurrent: allocate(this.dtype, n * n),
      output: allocate(this.dtype, this.output.data.length),
    };
  }

  /**
   * Runs B trials.
   *
   * @param x Inputs, T B x inputs, step after step.
   * @param batch Number of trials B.
   * @returns Activity (T B x N) and outputs before the softmax (T B x outputs).
   * @throws {RangeError} if the number of columns is not that of the inputs, or the rows are not a multiple
   * of `batch`.
   */
  forward(
    x: Matrix<ArrayOf<Precision>>,
    batch: number,
  ): { hidden: Matrix<ArrayOf<Precision>>; logits: Matrix<ArrayOf<Precision>> } {
    const steps = this.#requireSteps(x, batch);
    const n = this.recurrent.rows;
    const { alpha } = this;
    const hidden = matmul(x, this.input, { transposeB: true });
    const h = hidden.data;
    const size = batch * n;
    for (let t = 0; t < steps; t++) {
      const now = h.subarray(t * size, (t + 1) * size);
      if (t > 0) {
        const before = h.subarray((t - 1) * size, t * size);
        engine().gemm(false, true, batch, n, n, alpha, before, n, this.recurrent.data, n, alpha, now, n);
        if (alpha < 1) { for (let i = 0; i < size; i++) now[i] += (1 - alpha) * before[i]; }
      } else if (alpha < 1) { for (let i = 0; i < size; i++) now[i] *= alpha; }
      for (let i = 0; i < size; i++) if (!(now[i] > 0)) now[i] = now[i] === now[i] ? 0 : NaN;
    }
    return { hidden, logits: matmul(hidden, this.output, { transposeB: true }) };
  }

  /**
   * Loss and gradients by back-propagation through time. All steps' products with `W_in` and `W_out`, and the
   * sum over steps of every weight gradient, are one matrix product each; only `W^T delta` must go step by
   * step.
   *
   * @param x Inputs, T B x inputs, step after step.
   * @param labels The class at every row of `x`.
   * @param batch Number of trials B.
   * @returns NaN where an input or a weight is.
   */
  gradients(x: Matrix<ArrayOf<Precision>>, labels: Int32Array, batch: number): RnnGradients<Precision> {
    requireMatrix("x", x);
    requireLength("labels", requireInstance("labels", labels, Int32Array), x.rows);
    const { hidden, logits } = this.forward(x, batch);
    const n = this.recurrent.rows;
    const { alpha } = this;
    const loss = crossEntropyInPlace(logits, labels);
    const output = matmul(logits, hidden, { transposeA: true });
    const delta = matmul(logits, this.output);
    const d = delta.data;
    const h = hidden.data;
    const size = batch * n;
    for (let t = x.rows / batch - 1; t >= 0; t--) {
      const now = d.subarray(t * size, (t + 1) * size);
      const from = t * size;
      for (let i = 0; i < size; i++) if (!(h[from + i] > 0)) now[i] = Number.isNaN(h[from + i]) ? NaN : 0;
      if (t === 0) break;
      const before = d.subarray((t - 1) * size, t * size);
      engine().gemm(false, false, batch, n, n, alpha, now, n, this.recurrent.data, n, 1, before, n);
      if (alpha < 1) { for (let i = 0; i < size; i++) before[i] += (1 - alpha) * now[i]; }
    }
    const recurrent = new Matrix(n, n, allocate(this.dtype, n * n));
    const late = x.rows - batch;
    if (late > 0) {
      engine().gemm(true, false, n, n, late, alpha, d.subarray(size), n, h, n, 0, recurrent.data, n);
    }
    const input = matmul(delta, x, { transposeA: true });
    if (alpha < 1) { for (let i = 0; i < input.data.length; i++) input.data[i] *= alpha; }
    return { loss, input, recurrent, output };
  }

  /**
   * One step of momentum gradient descent on all three weight matrices.
   *
   * @param trials Inputs, classes and the number of trials.
   * @param options Learning rate and momentum.
   * @returns The loss before the step.
   * @throws {Error} "training diverged at iteration i" when the loss is not finite; the weights are left as
   * they were.
   */
  trainStep(
    trials: { x: Matrix<ArrayOf<Precision>>; labels: Int32Array; batch: number },
    options: RnnStepOptions = {},
  ): number {
    requireOptions("trials", trials, ["x", "labels", "batch"]);
    requireOptions("options", options, ["learningRate", "momentum"]);
    const { learningRate = 0.003, momentum = 0.9 } = options;
    requireNumber("learningRate", learningRate, { min: 0 });
    requireNumber("momentum", momentum, { min: 0, below: 1 });
    const gradients = this.gradients(trials.x, trials.labels, trials.batch);
    if (!Number.isFinite(gradients.loss)) throw new Error(`training diverged at iteration ${this.#steps}`);
    for (const name of ["input", "recurrent", "output"] as const) {
      const w = this[name].data;
      const v = this.#velocity[name];
      const g = gradients[name].data;
      for (let i = 0; i < w.length; i++) {
        v[i] = momentum * v[i] + g[i];
        w[i] -= learningRate * v[i];
      }
    }
    this.#steps++;
    return gradients.loss;
  }

  #requireSteps(x: Matrix<ArrayOf<Precision>>, batch: number): number {
    requireRealArray("x.data", requireMatrix("x", x).data, this.dtype);
    requireInteger("batch", batch, { min: 1 });
    if (x.columns !== this.input.columns || x.rows === 0 || x.rows % batch > 0) {
      throw new RangeError(
        `\`x\` must have ${this.input.columns} columns and a multiple of ${batch} rows, ` +
          `got ${x.rows} x ${x.columns}`,
      );
    }
    return x.rows / batch;
  }
}

/**
 * Replaces logits by the gradient of the mean cross-entropy, `(softmax - one-hot) / rows`, and returns the
 * cross-entropy.
 */
function crossEntropyInPlace<Data extends Float32Array | Float64Array>(
  logits: Matrix<Data>,
  labels: Int32Array,
): number {
  const { rows, columns, data } = logits;
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const label = labels[i];
    const start = i * columns;
    if (!(label >= 0 && label < columns)) {
      throw new RangeError(`\`labels\` must be from 0 to ${columns - 1}, got ${label} at ${i}`);
    }
    let largest = -Infinity;
    let sum = 0;
    for (let k = 0; k < columns; k++) largest = Math.max(largest, data[start + k]);
    for (let k = 0; k < columns; k++) sum += Math.exp(data[start + k] - largest);
    loss += largest + Math.log(sum) - data[start + label];
    for (let k = 0; k < columns; k++) data[start + k] = Math.exp(data[start + k] - largest) / sum / rows;
    data[start + label] -= 1 / rows;
  }
  return loss / rows;
}
