import {
  type IterationOutcome,
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { gram, matmul } from "../blas/mod.ts";
import { cholesky, choleskySolve } from "../linalg/mod.ts";
import { oneHotKernel } from "./permutation_law.ts";

/** Options of {@linkcode PermutationEnsemble}. */
export interface PermutationEnsembleOptions {
  /** The permutation: output bit j is input bit `permutation[j]`. */
  permutation: ArrayLike<number>;
  /** Hidden units m of each network. */
  width: number;
  /** As in {@linkcode PermutationTask}. Default 1. */
  firstLayerRate?: number;
  /** Randomness; network r uses the split named r. */
  rng: Rng;
}

/** How a network is trained. */
export interface PermutationTrainingOptions {
  /**
   * Steps of gradient descent. 0 leaves the network as it is. Default: as many as bring the error below 1e-6,
   * or, with a `firstLayerRate` of 0, the solution in closed form.
   */
  steps?: number;
  /** Step size of the last layer. Default {@linkcode PermutationEnsemble.stepSize}. */
  stepSize?: number;
  /** Called before every step and after the last one with the number of steps taken and the loss. */
  onStep?: (step: number, loss: number) => void;
}

/** The training of one network. */
export interface PermutationTraining extends IterationOutcome {
  /**
   * The loss `1/2 sum (F - Y)^2` over all inputs and bits, before every step and after the last one; for the
   * closed form, before and after.
   */
  losses: Float64Array;
  /** Largest error |F - Y| at the end. */
  error: number;
  /** `"finished"`, or `"diverged"` if the loss grew beyond 1e16 times the first one, or was not finite. */
  status: "finished" | "diverged";
}

/** The weights of one network. */
export interface PermutationWeights {
  /** First layer, k x m: entry (i, h) is the weight from input bit i to hidden unit h. */
  first: Matrix<Float32Array>;
  /** Last layer, k x m: entry (j, h) is the weight from hidden unit h to output bit j. */
  last: Matrix<Float32Array>;
}

/** Error below which training ends by default. */
const DEFAULT_ERROR = 1e-6;

/** A loss beyond this many times that at the start has diverged. */
const GROWTH = 1e16;

/**
 * Two-layer rectifier networks without biases, `V^T relu(W x / sqrt k) / sqrt m` with standard normal
 * weights, each trained on the k one-hot inputs of a permutation and then averaged (Giapitzakis, Back de Luca
 * & Fountoulakis 2025).
 *
 * Gradient descent runs at the best fixed step, 2 / (smallest + largest eigenvalue of the limit kernel),
 * unless another one is given. With `firstLayerRate` 0 the last layer's solution is computed in closed form
 * instead.
 *
 * @throws {RangeError} if `permutation` is not one, or a size is below 1.
 * @throws {TypeError} if an option is unknown.
 *
 * @example Decoding with four networks
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bitInputs, PermutationEnsemble } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * const ensemble = new PermutationEnsemble({ permutation: [1, 2, 0], width: 200, rng: new Rng(0) });
 * ensemble.addModels(4);
 * // One-hot inputs are the training set: y_j = x_permutation[j].
 * const decoded = ensemble.decode(bitInputs(3, 1), { threshold: 0.5 });
 * assertEquals(decoded.toRows(), [[0, 0, 1], [1, 0, 0], [0, 1, 0]]);
 * ```
 *
 * @example Outputs before training, then training with another step size
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bitInputs, PermutationEnsemble } from "refigure/tangent_kernels";
 * import { assert } from "@std/assert";
 *
 * const ensemble = new PermutationEnsemble({ permutation: [1, 0], width: 50, rng: new Rng(0) });
 * ensemble.addModels(1, { steps: 0 });
 * const before = ensemble.outputs(0, bitInputs(2, 1));
 * const { losses } = ensemble.train(0, { steps: 20, stepSize: ensemble.stepSize / 2 });
 * assert(losses[20] < losses[0] && ensemble.outputs(0, bitInputs(2, 1)).get(0, 1) !== before.get(0, 1));
 * ```
 */
export class PermutationEnsemble {
  /** Number of bits. */
  readonly k: number;
  /** Output bit j is input bit `permutation[j]`. */
  readonly permutation: Int32Array;
  /** Hidden units of each network. */
  readonly width: number;
  /** Learning rate of the first layer, relative to the last layer's. */
  readonly firstLayerRate: number;
  readonly #rng: Rng;
  readonly #networks: Network[] = [];
  readonly #targets: Matrix<Float32Array>;

  /** An ensemble without networks yet. */
  constructor(options: PermutationEnsembleOptions) {
    requireOptions("options", options, ["permutation", "width", "firstLayerRate", "rng"]);
    this.permutation = requirePermutation(options.permutation);
    this.k = this.permutation.length;
    this.width = requireInteger("width", options.width, { min: 1 });
    const { firstLayerRate = 1 } = options;
    this.firstLayerRate = requireNumber("firstLayerRate", firstLayerRate, { min: 0 });
    this.#rng = requireRng("rng", options.rng);
    this.#targets = Matrix.from(this.k, this.k, (i, j) => this.permutation[j] === i ? 1 : 0).astype(
      "float32",
    );
  }

  /** Number of networks. */
  get models(): number {
    return this.#networks.length;
  }

  /** The default step size of the last layer: 2 / (smallest + largest eigenvalue of the limit kernel). */
  get stepSize(): number {
    const { gap, offDiagonal } = oneHotKernel(this.firstLayerRate);
    return 2 * this.k / (2 * gap + this.k * offDiagonal);
  }

  /** Largest training error |F - Y| among all networks. */
  get trainingError(): number {
    return this.#networks.reduce((largest, { error }) => Math.max(largest, error), 0);
  }

  /**
   * Adds `n` networks with standard normal weights and trains each.
   *
   * @param n How many.
   * @param options How they are trained.
   * @returns The training of each.
   * @throws {RangeError} if a number is out of range.
   */
  addModels(n: number, options: PermutationTrainingOptions = {}): PermutationTraining[] {
    requireInteger("n", n, { min: 1 });
    this.#requireTraining(options);
    return Array.from({ length: n }, () => {
      const model = this.models;
      this.#networks.push(initialize(this.k, this.width, this.#rng.split(model)));
      return this.train(model, options);
    });
  }

  /**
   * Trains one network further.
   *
   * @param model Its number, from 0.
   * @param options How it is trained.
   * @returns Losses and the error at the end.
   * @throws {RangeError} if a number is out of range.
   */
  train(model: number, options: PermutationTrainingOptions = {}): PermutationTraining {
    const network = this.#network(model);
    const { steps, stepSize, onStep } = this.#requireTraining(options);
    const training =
      this.firstLayerRate === 0 && options.steps === undefined && options.stepSize === undefined
        ? solve(network, this.#targets, onStep)
        : descend(network, this.#targets, { steps, stepSize, firstLayerRate: this.firstLayerRate, onStep });
    network.error = training.error;
    return training;
  }

  /**
   * The weights of one network; copies.
   *
   * @param model Its number, from 0.
   */
  weights(model: number): PermutationWeights {
    const { first, last } = this.#network(model);
    return { first: first.clone(), last: last.clone() };
  }

  /**
   * Sets the weights of one network to copies of those given.
   *
   * @param model Its number, from 0.
   * @param weights Both layers, k x m each.
   * @throws {RangeError} if a shape does not fit or an entry is not finite.
   */
  setWeights(model: number, weights: PermutationWeights): void {
    const network = this.#network(model);
    requireOptions("weights", weights, ["first", "last"]);
    for (const name of ["first", "last"] as const) {
      requireRealArray(
        `weights.${name}.data`,
        requireMatrix(`weights.${name}`, weights[name]).data,
        "float32",
      );
      requireSameShape(`weights.${name}`, weights[name], network[name]);
      requireFinite(`Cannot use \`weights.${name}\``, weights[name].data, this.width);
    }
    network.first.data.set(weights.first.data);
    network.last.data.set(weights.last.data);
    network.error = largestError(network, this.#targets);
  }

  /**
   * The outputs of one network at B inputs, each scaled to unit length.
   *
   * @param model Its number, from 0.
   * @param bits B x k, entries 0 or 1, at least one 1 in each row.
   * @returns B x k.
   */
  outputs(model: number, bits: Matrix): Matrix {
    const network = this.#network(model);
    requireBits(bits, this.k);
    return outputs(network, unitRows(bits).astype("float32")).astype("float64");
  }

  /**
   * The average outputs at B inputs, each scaled to unit length.
   *
   * @param bits B x k, entries 0 or 1, at least one 1 in each row.
   * @returns B x k.
   */
  mean(bits: Matrix): Matrix {
    requireBits(bits, this.k);
    if (this.models === 0) {
      throw new RangeError("Cannot average: the ensemble has no models, call `addModels` first");
    }
    const x = unitRows(bits).astype("float32");
    const sum = Matrix.zeros(bits.rows, this.k);
    for (const network of this.#networks) {
      const f = outputs(network, x).data;
      for (let e = 0; e < f.length; e++) sum.data[e] += f[e];
    }
    return sum.times(1 / this.models);
  }

  /**
   * The decoded bits: 1 where the average is above a threshold.
   *
   * @param bits B x k, entries 0 or 1, at least one 1 in each row.
   * @param options The `threshold`. Default 0.
   * @returns B x k.
   */
  decode(bits: Matrix, options: { threshold?: number } = {}): Matrix {
    requireOptions("options", options, ["threshold"]);
    const { threshold = 0 } = options;
    requireNumber("threshold", threshold);
    return this.mean(bits).map((value) => value > threshold ? 1 : 0);
  }

  #network(model: number): Network {
    if (this.models === 0) throw new RangeError("The ensemble has no models, call `addModels` first");
    return this.#networks[requireInteger("model", model, { max: this.models - 1 })];
  }

  #requireTraining(
    options: PermutationTrainingOptions,
  ): Required<Pick<typeof options, "steps" | "stepSize">> & {
    onStep?: PermutationTrainingOptions["onStep"];
  } {
    requireOptions("options", options, ["steps", "stepSize", "onStep"]);
    const { stepSize = this.stepSize, onStep } = options;
    const { gap, offDiagonal } = oneHotKernel(this.firstLayerRate);
    const shrink = this.k * offDiagonal / (2 * gap + this.k * offDiagonal);
    const { steps = Math.ceil(Math.log(DEFAULT_ERROR) / Math.log(shrink)) } = options;
    requireInteger("steps", steps, { max: 1e9 });
    requireNumber("stepSize", stepSize, { above: 0 });
    if (onStep !== undefined) requireFunction("onStep", onStep);
    return { steps, stepSize, onStep };
  }
}

/** One network, both layers as k x m so that every product streams along the hidden units. */
interface Network extends PermutationWeights {
  /** Largest training error. */
  error: number;
}

function initialize(k: number, width: number, rng: Rng): Network {
  return {
    first: rng.split("first").normalMatrix(k, width).astype("float32"),
    last: rng.split("last").normalMatrix(k, width).astype("float32"),
    error: NaN,
  };
}

/** Hidden activations of the k one-hot inputs: no product, they are the columns of W. */
function oneHotHidden(first: Matrix<Float32Array>): Matrix<Float32Array> {
  const scale = 1 / Math.sqrt(first.rows);
  return first.map((w) => w > 0 ? w * scale : 0);
}

/** Writes the errors `F - Y` at the k one-hot inputs into `error`. */
function writeErrors(
  { last }: Network,
  hidden: Matrix<Float32Array>,
  y: Matrix<Float32Array>,
  error: Matrix<Float32Array>,
): void {
  const { rows: k, columns: m } = last;
  error.data.set(y.data);
  engine().gemm(false, true, k, k, m, 1 / Math.sqrt(m), hidden.data, m, last.data, m, -1, error.data, k);
}

/** `1/2 sum e^2`. */
function lossOf(errors: ArrayLike<number>): number {
  let sum = 0;
  for (let e = 0; e < errors.length; e++) sum += errors[e] * errors[e];
  return sum / 2;
}

/** The largest |e|; NaN if an entry is. */
function largestOf(errors: ArrayLike<number>): number {
  let largest = 0;
  for (let e = 0; e < errors.length; e++) largest = Math.max(largest, Math.abs(errors[e]));
  return largest;
}

function largestError(network: Network, y: Matrix<Float32Array>): number {
  const error = Matrix.zeros(y.rows, y.columns, "float32");
  writeErrors(network, oneHotHidden(network.first), y, error);
  return largestOf(error.data);
}

/** Gradient descent on both layers, the first one at `firstLayerRate` times the step size. */
function descend(
  network: Network,
  y: Matrix<Float32Array>,
  options: Required<Pick<PermutationTrainingOptions, "steps" | "stepSize">> & {
    firstLayerRate: number;
    onStep: PermutationTrainingOptions["onStep"];
  },
): PermutationTraining {
  const { steps, stepSize, firstLayerRate, onStep } = options;
  const { first, last } = network;
  const { rows: k, columns: m } = first;
  const hidden = oneHotHidden(first);
  const error = Matrix.zeros(k, k, "float32");
  const back = Matrix.zeros(k, m, "float32");
  const root = 1 / Math.sqrt(m);
  const inward = 1 / Math.sqrt(k);
  const losses = new Float64Array(steps + 1);
  const blas = engine();
  for (let step = 0;; step++) {
    writeErrors(network, hidden, y, error);
    losses[step] = lossOf(error.data);
    onStep?.(step, losses[step]);
    // A NaN is not at most anything.
    if (!(losses[step] <= GROWTH * Math.max(losses[0], 1))) {
      return {
        losses: losses.slice(0, step + 1),
        error: largestOf(error.data),
        status: "diverged",
        advice: `The loss is ${losses[step]} after ${step} steps: reduce \`stepSize\``,
      };
    }
    if (step === steps) break;
    // Both gradients before either update.
    blas.gemm(false, false, k, m, k, root * inward, error.data, k, last.data, m, 0, back.data, m);
    blas.gemm(true, false, k, m, k, -stepSize * root, error.data, k, hidden.data, m, 1, last.data, m);
    const w = first.data;
    const h = hidden.data;
    const g = back.data;
    const move = stepSize * firstLayerRate;
    for (let e = 0; e < w.length; e++) {
      if (w[e] > 0) {
        w[e] -= move * g[e];
        h[e] = w[e] > 0 ? w[e] * inward : 0;
      }
    }
  }
  return { losses, error: largestOf(error.data), status: "finished", advice: null };
}

/** The limit of gradient descent on the last layer alone: the solution closest to the start. */
function solve(
  network: Network,
  y: Matrix<Float32Array>,
  onStep: PermutationTrainingOptions["onStep"],
): PermutationTraining {
  const { first, last } = network;
  const hidden = oneHotHidden(first).astype("float64");
  const root = Math.sqrt(last.columns);
  const start = last.astype("float64");
  const missing = y.astype("float64").minus(matmul(hidden, start, { transposeB: true }).times(1 / root));
  const coefficients = choleskySolve(cholesky(gram(hidden, { side: "right" })), missing);
  const change = matmul(coefficients, hidden, { transposeA: true });
  for (let e = 0; e < last.data.length; e++) last.data[e] = start.data[e] + root * change.data[e];
  const end = matmul(hidden, last.astype("float64"), { transposeB: true }).times(1 / root).minus(y);
  const losses = Float64Array.of(lossOf(missing.data), lossOf(end.data));
  losses.forEach((loss, step) => onStep?.(step, loss));
  return { losses, error: largestOf(end.data), status: "finished", advice: null };
}

function outputs({ first, last }: PermutationWeights, x: Matrix<Float32Array>): Matrix<Float32Array> {
  const hidden = matmul(x, first);
  const scale = 1 / Math.sqrt(first.rows * first.columns);
  for (let e = 0; e < hidden.data.length; e++) {
    hidden.data[e] = hidden.data[e] > 0 ? hidden.data[e] * scale : 0;
  }
  return matmul(hidden, last, { transposeB: true });
}

function requirePermutation(given: ArrayLike<number>): Int32Array {
  requireNumbers("permutation", given);
  const k = given.length;
  const seen = new Set<number>();
  requireInteger("permutation.length", k, { min: 1 });
  for (let j = 0; j < k; j++) {
    requireInteger(`permutation[${j}]`, given[j], { max: k - 1 });
    if (seen.has(given[j])) {
      throw new RangeError(`\`permutation\` must not repeat an entry, got ${given[j]} twice`);
    }
    seen.add(given[j]);
  }
  return Int32Array.from(given);
}

/** Throws unless all entries are bits and no row is zero. @throws {TypeError | RangeError} */
export function requireBits(bits: Matrix, k?: number): void {
  requireMatrix("bits", bits);
  const columns = k ?? bits.columns;
  requireSameShape("bits", bits, { rows: bits.rows, columns });
  for (let i = 0; i < bits.rows; i++) {
    let ones = 0;
    for (let j = 0; j < columns; j++) {
      const bit = bits.get(i, j);
      if (bit !== 0 && bit !== 1) {
        throw new RangeError(`\`bits\`: expected 0/1 entries, got ${bit} at (${i}, ${j})`);
      }
      ones += bit;
    }
    if (ones === 0) {
      throw new RangeError(`\`bits\`: an input must have at least one nonzero bit, row ${i} has none`);
    }
  }
}

/** Rows divided by their length: the inputs of the network. */
export function unitRows(bits: Matrix): Matrix {
  const scale = Array.from(
    { length: bits.rows },
    (_, i) => 1 / Math.sqrt(bits.row(i).reduce((sum, b) => sum + b * b, 0)),
  );
  return bits.map((bit, i) => bit * scale[i]);
}
