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
import {
  type PoincareBatchNormVjp,
  poincareBatchNormVjp,
  poincareInit,
  type PoincareLinearVjp,
  poincareLinearVjp,
} from "../hyperbolic/mod.ts";
import { classificationError, requireLabels, softmaxCrossEntropy } from "./softmax_cross_entropy.ts";

/** Options of {@linkcode PoincareMlp}. */
export interface PoincareMlpOptions {
  /** Layer sizes, inputs first, classes last: `[64, 32, 32, 10]` has three layers. */
  widths: readonly number[];
  /** The curvature is -c; c > 0. Default 0.1. */
  c?: number;
  /** How weights start, truncated where a layer is not square. Default `"identity"`. */
  init?: "identity" | "orthogonal" | "hnn++";
  /** Batch normalization of hidden layers, before the rectifier: none (default), or with one of two means. */
  norm?: "none" | "midpoint" | "frechet";
  /** Factor on the outputs, which makes logits of them. Default 5. */
  logitScale?: number;
  /** Stream of the start. */
  rng: Rng;
}

/** A parameter of a network. */
export interface NamedMatrix {
  /** Its name, such as "layer 0 normals". */
  name: string;
  /** Its values; writing to them changes the network. */
  value: Matrix;
}

/** One layer at work: its passes, and which of its outputs the rectifier let through. */
interface LayerPass {
  linear: PoincareLinearVjp;
  norm: PoincareBatchNormVjp | undefined;
  output: Matrix;
}

/**
 * A network of Poincaré fully connected layers for classification in float64, with its gradient written out:
 * tangent vectors at the origin in and out of every layer, rectifiers between them, the outputs times a
 * factor as logits. Batch normalization uses the statistics of the batch at hand, also for {@linkcode
 * PoincareMlp.loss}, as the official code of Poincaré ResNet does.
 *
 * @example The gradient is the slope of the loss
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { PoincareMlp } from "refigure/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new PoincareMlp({ widths: [3, 4, 2], init: "hnn++", rng: new Rng(0) });
 * const x = new Rng(1).normalMatrix(5, 3);
 * const labels = Int32Array.of(0, 1, 1, 0, 1);
 * const slope = net.gradients(x, labels).gradients[0].get(1, 2);
 * const { value } = net.parameters[0];
 * const h = 1e-5;
 * value.set(1, 2, value.get(1, 2) + h);
 * const above = net.loss(x, labels);
 * value.set(1, 2, value.get(1, 2) - 2 * h);
 * assertAlmostEquals((above - net.loss(x, labels)) / (2 * h), slope, 1e-8);
 * ```
 */
export class PoincareMlp {
  /**
   * All parameters, layer by layer: normals, offsets, and with batch normalization mean and variance (1 x 1).
   */
  readonly parameters: readonly NamedMatrix[];
  readonly #layers: number;
  readonly #perHidden: number;
  readonly #c: number;
  readonly #norm: "none" | "midpoint" | "frechet";
  readonly #logitScale: number;

  /**
   * A network at its start.
   *
   * @param options Sizes and the start.
   * @throws {RangeError} if there are fewer than two widths, one is not a positive integer, or a number is
   * out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(options: PoincareMlpOptions) {
    requireOptions("options", options, ["widths", "c", "init", "norm", "logitScale", "rng"]);
    const { widths, c = 0.1, init = "identity", norm = "none", logitScale = 5, rng } = options;
    requireNumbers("widths", widths);
    requireInteger("widths.length", widths.length, { min: 2 });
    for (let i = 0; i < widths.length; i++) requireInteger(`widths[${i}]`, widths[i], { min: 1 });
    this.#c = requireNumber("c", c, { above: 0 });
    requireOneOf("init", init, ["identity", "orthogonal", "hnn++"]);
    this.#norm = requireOneOf("norm", norm, ["none", "midpoint", "frechet"]);
    this.#logitScale = requireNumber("logitScale", logitScale, { above: 0 });
    requireRng("rng", rng);
    this.#layers = widths.length - 1;
    this.#perHidden = norm === "none" ? 2 : 4;
    this.parameters = Array.from({ length: this.#layers }, (_, layer) => {
      const [n, m] = [widths[layer], widths[layer + 1]];
      const own = [
        { name: "normals", value: poincareInit(init, n, m, { rng: rng.split(`layer ${layer}`) }) },
        { name: "offsets", value: Matrix.zeros(1, m) },
      ];
      if (norm !== "none" && layer < this.#layers - 1) {
        own.push({ name: "mean", value: Matrix.zeros(1, m) }, {
          name: "variance",
          value: Matrix.from(1, 1, () => 1),
        });
      }
      return own.map(({ name, value }) => ({ name: `layer ${layer} ${name}`, value }));
    }).flat();
  }

  /**
   * Mean cross-entropy of a batch, in nats.
   *
   * @param x One example per row.
   * @param labels Its class, from 0.
   * @throws {RangeError} if a size does not fit, or a label is not a class.
   */
  loss(x: Matrix, labels: Int32Array): number {
    this.#requireBatch(x, labels);
    return softmaxCrossEntropy(this.#logits(this.#forward(x)), labels).loss;
  }

  /**
   * Fraction of a batch whose largest logit is not its label's; arguments as for {@linkcode
   * PoincareMlp.loss}.
   */
  errorRate(x: Matrix, labels: Int32Array): number {
    this.#requireBatch(x, labels);
    return classificationError(this.#logits(this.#forward(x)), labels);
  }

  /**
   * The tangent vectors after every layer, before the factor on the last one: N x width each.
   *
   * @throws {RangeError} if `x` has another number of columns than the network has inputs.
   */
  features(x: Matrix): Matrix[] {
    this.#requireInputs(x);
    return this.#forward(x).map(({ output }) => output);
  }

  /**
   * The loss of a batch and its gradients, one per parameter; arguments as for {@linkcode PoincareMlp.loss}.
   */
  gradients(x: Matrix, labels: Int32Array): { loss: number; gradients: Matrix[] } {
    this.#requireBatch(x, labels);
    const passes = this.#forward(x);
    const { loss, gradient } = softmaxCrossEntropy(this.#logits(passes), labels);
    const gradients: Matrix[] = [];
    let delta = gradient.times(this.#logitScale);
    for (let layer = this.#layers - 1; layer >= 0; layer--) {
      const { linear, norm, output } = passes[layer];
      const first = this.#perHidden * layer;
      if (layer < this.#layers - 1) {
        for (let k = 0; k < output.data.length; k++) if (!(output.data[k] > 0)) delta.data[k] = 0;
      }
      if (norm !== undefined) {
        const found = norm.gradients(delta);
        gradients[first + 2] = found.theta;
        gradients[first + 3] = Matrix.from(1, 1, () => found.gamma);
        delta = found.u;
      }
      const found = linear.gradients(delta);
      gradients[first] = found.Z;
      gradients[first + 1] = found.r;
      delta = found.u;
    }
    return { loss, gradients };
  }

  #requireInputs(x: Matrix): void {
    const inputs = this.parameters[0].value.rows;
    if (requireMatrix("x", x).columns !== inputs) {
      throw new RangeError(
        `\`x\` must have ${inputs} columns, one per input of the network, got ${x.columns}`,
      );
    }
    requireInteger("x.rows", x.rows, { min: 1 });
  }

  #requireBatch(x: Matrix, labels: Int32Array): void {
    this.#requireInputs(x);
    requireLabels(labels, x.rows, this.parameters[this.parameters.length - 1].value.columns);
  }

  #logits(passes: LayerPass[]): Matrix {
    return passes[passes.length - 1].output.times(this.#logitScale);
  }

  #forward(x: Matrix): LayerPass[] {
    const passes: LayerPass[] = [];
    const c = this.#c;
    let u = x;
    for (let layer = 0; layer < this.#layers; layer++) {
      const [Z, r, theta, gamma] = this.parameters.slice(this.#perHidden * layer).map(({ value }) => value);
      const linear = poincareLinearVjp(u, Z, r, { c });
      if (layer === this.#layers - 1) {
        passes.push({ linear, norm: undefined, output: linear.value });
        break;
      }
      const norm = this.#norm === "none"
        ? undefined
        // A variance that training made tiny or negative is taken for tiny.
        : poincareBatchNormVjp(linear.value, theta, Math.max(gamma.data[0], 1e-6), { c, mean: this.#norm });
      const output = (norm ?? linear).value.map((value) => value > 0 ? value : value <= 0 ? 0 : NaN);
      passes.push({ linear, norm, output });
      u = output;
    }
    return passes;
  }
}
