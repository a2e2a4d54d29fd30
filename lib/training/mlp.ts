import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { classificationError, requireLabels, softmaxCrossEntropy } from "./softmax_cross_entropy.ts";

/** Options of {@linkcode Mlp}. */
export interface MlpOptions {
  /** Layer sizes, inputs first, classes last: `[64, 64, 64, 64, 10]` has four weight matrices. */
  widths: readonly number[];
  /** Nonlinearity between layers. Default `"relu"`. */
  activation?: "relu" | "tanh";
  /**
   * Standard deviation of a layer's entries: `"he"` sqrt(2 / fan-in) (the default) or `"fan-in"` sqrt(1 /
   * fan-in).
   */
  init?: "he" | "fan-in";
  /** Factor on the last layer's start, so that the first loss is near log(classes). Default 0.1. */
  lastScale?: number;
  /** Stream of the start. */
  rng: Rng;
}

/** Gradients of a loss, one per layer. */
export interface MlpGradients {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** Gradients of the weights, `[out, in]`. */
  weights: Matrix[];
  /** Gradients of the biases, 1 x out. */
  biases: Matrix[];
}

/**
 * A multilayer perceptron for classification in float64, with its gradient written out: small, exact, and the
 * same everywhere, for experiments that compare optimizers. Weights are `[out, in]` as in the papers; biases
 * start at zero.
 *
 * @example The gradient is the slope of the loss
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { Mlp } from "refigure/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new Mlp({ widths: [3, 4, 2], activation: "tanh", rng: new Rng(0) });
 * const x = new Rng(1).normalMatrix(5, 3);
 * const labels = Int32Array.of(0, 1, 1, 0, 1);
 * const slope = net.gradients(x, labels).weights[0].get(1, 2);
 * const h = 1e-6;
 * const w = net.weights[0];
 * w.set(1, 2, w.get(1, 2) + h);
 * const above = net.loss(x, labels);
 * w.set(1, 2, w.get(1, 2) - 2 * h);
 * assertAlmostEquals((above - net.loss(x, labels)) / (2 * h), slope, 1e-8);
 * ```
 */
export class Mlp {
  /** Weight matrices, `[out, in]`. */
  readonly weights: Matrix[];
  /** Biases, 1 x out. */
  readonly biases: Matrix[];
  readonly #activation: "relu" | "tanh";

  /**
   * A network at its start.
   *
   * @param options Sizes and the start.
   * @throws {RangeError} if there are fewer than two widths or one is not a positive integer.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(options: MlpOptions) {
    requireOptions("options", options, ["widths", "activation", "init", "lastScale", "rng"]);
    const { widths, activation = "relu", init = "he", lastScale = 0.1, rng } = options;
    requireNumbers("widths", widths);
    requireOneOf("activation", activation, ["relu", "tanh"]);
    requireOneOf("init", init, ["he", "fan-in"]);
    requireNumber("lastScale", lastScale);
    requireRng("rng", rng);
    requireInteger("widths.length", widths.length, { min: 2 });
    widths.forEach((width, i) => requireInteger(`widths[${i}]`, width, { min: 1 }));
    this.#activation = activation;
    this.weights = widths.slice(1).map((out, layer) => {
      const fanIn = widths[layer];
      const last = layer === widths.length - 2;
      const scale = Math.sqrt((init === "he" ? 2 : 1) / fanIn) * (last ? lastScale : 1);
      return rng.split(`layer ${layer}`).normalMatrix(out, fanIn, scale);
    });
    this.biases = widths.slice(1).map((out) => Matrix.zeros(1, out));
  }

  /**
   * Mean cross-entropy of a batch, in nats.
   *
   * @param x One example per row.
   * @param labels Its class, from 0.
   * @returns NaN if an input or a weight is.
   * @throws {RangeError} if a size does not fit, or a label is not a class.
   */
  loss(x: Matrix, labels: Int32Array): number {
    this.#requireBatch(x, labels);
    const activations = this.#forward(x);
    return softmaxCrossEntropy(activations[activations.length - 1], labels).loss;
  }

  /** Fraction of a batch whose largest logit is not its label's; NaN if a logit is. */
  errorRate(x: Matrix, labels: Int32Array): number {
    this.#requireBatch(x, labels);
    const activations = this.#forward(x);
    return classificationError(activations[activations.length - 1], labels);
  }

  /** The loss of a batch and its gradient; arguments as for {@linkcode Mlp.loss}. */
  gradients(x: Matrix, labels: Int32Array): MlpGradients {
    this.#requireBatch(x, labels);
    const activations = this.#forward(x);
    const { loss, gradient } = softmaxCrossEntropy(activations[activations.length - 1], labels);
    const weights: Matrix[] = [];
    const biases: Matrix[] = [];
    let delta = gradient;
    for (let layer = this.weights.length - 1; layer >= 0; layer--) {
      weights[layer] = matmul(delta, activations[layer], { transposeA: true });
      biases[layer] = columnSums(delta);
      if (layer > 0) {
        delta = matmul(delta, this.weights[layer]);
        this.#backThroughActivation(delta, activations[layer]);
      }
    }
    return { loss, weights, biases };
  }

  #requireBatch(x: Matrix, labels: Int32Array): void {
    const inputs = this.weights[0].columns;
    if (requireMatrix("x", x).columns !== inputs) {
      throw new RangeError(
        `\`x\` must have ${inputs} columns, one per input of the network, got ${x.columns}`,
      );
    }
    requireInteger("x.rows", x.rows, { min: 1 });
    requireLabels(labels, x.rows, this.weights[this.weights.length - 1].rows);
  }

  /** Inputs of every layer, then the logits. */
  #forward(x: Matrix): Matrix[] {
    const activations = [x];
    this.weights.forEach((w, layer) => {
      const out = matmul(activations[layer], w, { transposeB: true });
      const bias = this.biases[layer].data;
      const data = out.data;
      const isHidden = layer < this.weights.length - 1;
      let k = 0;
      for (let i = 0; i < out.rows; i++) for (let j = 0; j < out.columns; j++, k++) data[k] += bias[j];
      if (isHidden) activate(data, this.#activation);
      activations.push(out);
    });
    return activations;
  }

  #backThroughActivation(delta: Matrix, activation: Matrix): void {
    const d = delta.data;
    const a = activation.data;
    if (this.#activation === "relu") {
      for (let k = 0; k < d.length; k++) if (a[k] <= 0) d[k] = 0;
    } else {
      for (let k = 0; k < d.length; k++) d[k] *= 1 - a[k] * a[k];
    }
  }
}

/** Applies the nonlinearity in place; NaN stays NaN. */
function activate(data: Float64Array, activation: "relu" | "tanh"): void {
  if (activation === "tanh") {
    for (let k = 0; k < data.length; k++) data[k] = Math.tanh(data[k]);
  } else {
    // Without a branch: the signs are too irregular for the processor to predict.
    for (let k = 0; k < data.length; k++) data[k] = Math.max(data[k], 0);
  }
}

function columnSums(a: Matrix): Matrix {
  const out = Matrix.zeros(1, a.columns);
  const sums = out.data;
  const { data } = a;
  let k = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++, k++) sums[j] += data[k];
  return out;
}
