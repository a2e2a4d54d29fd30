import { Matrix, requireInteger, requireNumber, requireSameShape, type Rng } from "../arrays/mod.ts";
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

/**
 * Two-layer rectifier networks without biases, `V^T relu(W x / sqrt k) / sqrt m` with standard normal
 * weights, each trained on the k one-hot inputs of a permutation and then averaged (Giapitzakis, Back de Luca
 * & Fountoulakis 2025).
 *
 * Gradient descent runs at the best fixed step, 2 / (smallest + largest eigenvalue of the limit kernel). With
 * `firstLayerRate` 0 the last layer's solution is computed in closed form instead.
 *
 * @throws {RangeError} if `permutation` is not one, or a size is below 1.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bitInputs, PermutationEnsemble } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * const ensemble = new PermutationEnsemble({ permutation: [1, 2, 0], width: 200, rng: new Rng(0) });
 * ensemble.addModels(4);
 * // One-hot inputs are the training set: y_j = x_permutation[j].
 * assertEquals(ensemble.decode(bitInputs(3, 1), 0.5).toRows(), [[0, 0, 1], [1, 0, 0], [0, 1, 0]]);
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
  /** Largest training error |F - Y| among all networks. */
  trainingError = 0;
  readonly #rng: Rng;
  readonly #networks: Network[] = [];

  /** An ensemble without networks yet. */
  constructor(options: PermutationEnsembleOptions) {
    this.permutation = requirePermutation(options.permutation);
    this.k = this.permutation.length;
    this.width = requireInteger("width", options.width, { min: 1 });
    this.firstLayerRate = requireNumber("firstLayerRate", options.firstLayerRate ?? 1, { min: 0 });
    this.#rng = options.rng;
  }

  /** Number of networks. */
  get models(): number {
    return this.#networks.length;
  }

  /**
   * Trains `n` more networks, `steps` steps of gradient descent each. Default: as many as bring the error
   * below 1e-6.
   */
  addModels(n: number, options: { steps?: number } = {}): void {
    requireInteger("n", n, { min: 1 });
    const { gap, offDiagonal } = oneHotKernel(this.firstLayerRate);
    const shrink = this.k * offDiagonal / (2 * gap + this.k * offDiagonal);
    const steps = requireInteger("steps", options.steps ?? Math.ceil(Math.log(1e-6) / Math.log(shrink)), {
      min: 1,
    });
    const targets = Matrix.from(this.k, this.k, (i, j) => this.permutation[j] === i ? 1 : 0).astype(
      "float32",
    );
    for (let i = 0; i < n; i++) {
      const network = initialize(this.k, this.width, this.#rng.split(this.models));
      const error = this.firstLayerRate === 0
        ? solveLastLayer(network, targets)
        : train(network, targets, 2 * this.k / (2 * gap + this.k * offDiagonal), this.firstLayerRate, steps);
      this.trainingError = Math.max(this.trainingError, error);
      this.#networks.push(network);
    }
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

  /** The decoded bits, B x k: 1 where the average is above `threshold` (default 0). */
  decode(bits: Matrix, threshold = 0): Matrix {
    return this.mean(bits).map((value) => value > threshold ? 1 : 0);
  }
}

/** One network, both layers as k x m so that every product streams along the hidden units. */
interface Network {
  first: Matrix<Float32Array>;
  last: Matrix<Float32Array>;
}

function initialize(k: number, width: number, rng: Rng): Network {
  return {
    first: rng.split("first").normalMatrix(k, width).astype("float32"),
    last: rng.split("last").normalMatrix(k, width).astype("float32"),
  };
}

/** Hidden activations of the k one-hot inputs: no product, they are the columns of W. */
function oneHotHidden(first: Matrix<Float32Array>): Matrix<Float32Array> {
  const scale = 1 / Math.sqrt(first.rows);
  return first.map((w) => w > 0 ? w * scale : 0);
}

function train(network: Network, y: Matrix<Float32Array>, step: number, rate: number, steps: number): number {
  const { first, last } = network;
  const k = first.rows;
  const m = first.columns;
  const hidden = oneHotHidden(first);
  const error = Matrix.zeros(k, k, "float32");
  const back = Matrix.zeros(k, m, "float32");
  const root = 1 / Math.sqrt(m);
  const inward = 1 / Math.sqrt(k);
  const blas = engine();
  const evaluate = () => {
    error.data.set(y.data);
    blas.gemm(false, true, k, k, m, root, hidden.data, m, last.data, m, -1, error.data, k);
  };
  for (let s = 0; s < steps; s++) {
    evaluate();
    // Both gradients before either update.
    blas.gemm(false, false, k, m, k, root * inward, error.data, k, last.data, m, 0, back.data, m);
    blas.gemm(true, false, k, m, k, -step * root, error.data, k, hidden.data, m, 1, last.data, m);
    const w = first.data;
    const h = hidden.data;
    const g = back.data;
    const move = step * rate;
    for (let e = 0; e < w.length; e++) {
      if (w[e] > 0) {
        w[e] -= move * g[e];
        h[e] = w[e] > 0 ? w[e] * inward : 0;
      }
    }
  }
  evaluate();
  return error.data.reduce((largest, e) => Math.max(largest, Math.abs(e)), 0);
}

/** Where gradient descent on the last layer alone ends: the solution closest to the start. */
function solveLastLayer({ first, last }: Network, y: Matrix<Float32Array>): number {
  const hidden = oneHotHidden(first).astype("float64");
  const root = Math.sqrt(last.columns);
  const start = last.astype("float64");
  const missing = y.astype("float64").minus(matmul(hidden, start, { transposeB: true }).times(1 / root));
  const coefficients = choleskySolve(cholesky(gram(hidden, { side: "right" })), missing);
  const change = matmul(coefficients, hidden, { transposeA: true });
  for (let e = 0; e < last.data.length; e++) last.data[e] = start.data[e] + root * change.data[e];
  const end = matmul(hidden, last.astype("float64"), { transposeB: true }).times(1 / root);
  return end.minus(y).data.reduce((largest, e) => Math.max(largest, Math.abs(e)), 0);
}

function outputs({ first, last }: Network, x: Matrix<Float32Array>): Matrix<Float32Array> {
  const hidden = matmul(x, first);
  const scale = 1 / Math.sqrt(first.rows * first.columns);
  for (let e = 0; e < hidden.data.length; e++) {
    hidden.data[e] = hidden.data[e] > 0 ? hidden.data[e] * scale : 0;
  }
  return matmul(hidden, last, { transposeB: true });
}

function requirePermutation(given: ArrayLike<number>): Int32Array {
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

/** Throws unless all entries are bits and no row is zero. */
export function requireBits(bits: Matrix, k = bits.columns): void {
  requireSameShape("bits", bits, { rows: bits.rows, columns: k });
  for (let i = 0; i < bits.rows; i++) {
    let ones = 0;
    for (let j = 0; j < k; j++) {
      const bit = bits.get(i, j);
      if (bit !== 0 && bit !== 1) {
        throw new TypeError(`\`bits\`: expected 0/1 entries, got ${bit} at (${i}, ${j})`);
      }
      ones += bit;
    }
    if (ones === 0) {
      throw new RangeError(`\`bits\`: an input must have at least one nonzero bit, row ${i} has none`);
    }
  }
}

/** Rows divided by their length: what the network is fed. */
export function unitRows(bits: Matrix): Matrix {
  const scale = Array.from(
    { length: bits.rows },
    (_, i) => 1 / Math.sqrt(bits.row(i).reduce((sum, b) => sum + b * b, 0)),
  );
  return bits.map((bit, i) => bit * scale[i]);
}
