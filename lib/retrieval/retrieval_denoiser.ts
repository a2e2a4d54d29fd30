import {
  allocate,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { type EdmPreconditioning, edmPreconditioning } from "../diffusion/mod.ts";
import { initializeLayer } from "../networks/initialization.ts";
import { denoiseCompiled } from "./compiled_denoiser.ts";
import { attend, attendBackward, type AttentionShape } from "./cross_attention.ts";
import { requireIndices } from "./rows.ts";
import { silu, siluWithSlope } from "./silu.ts";

/**
 * What the network's output is: `"preconditioned"`, a mixture of noise and signal of unit variance at every
 * noise level (Karras et al. 2022); or `"signal"`, the denoised example itself, with the same weight at all
 * levels.
 */
export type DenoiserPrediction = "preconditioned" | "signal";

const PREDICTIONS: readonly DenoiserPrediction[] = ["preconditioned", "signal"];

/** Options of {@linkcode RetrievalDenoiser}. */
export interface RetrievalDenoiserOptions<Precision extends DType = "float32"> {
  /** Numbers per example, d. */
  dim: number;
  /** Numbers per token of a neighbour. Default: no attention, a model without a database. */
  tokenDim?: number;
  /** Width H of the hidden layers. Default 64. */
  width?: number;
  /** Length of keys and queries. Default 32. */
  keyDim?: number;
  /** Standard deviation of the data, all numbers pooled. */
  sigmaData: number;
  /** What the output is. Default `"preconditioned"`. */
  prediction?: DenoiserPrediction;
  /** Precision of parameters and of all that is computed. Default `"float32"`. */
  dtype?: Precision;
  /** All parameters, to start from a copy of them; then `rng` is not used. */
  parameters?: RealArray;
  /** Stream of the start; each layer has a stream of its own. Needed without `parameters`. */
  rng?: Rng;
}

/** Neighbours of n examples: k rows of a table for each. */
export interface Neighbors {
  /**
   * The table, N x tokenDim; or, if `projected` is true, what {@linkcode RetrievalDenoiser.projectTokens}
   * made of it.
   */
  tokens: Matrix<RealArray>;
  /** Rows of the table, n x k, example by example. */
  indices: Int32Array;
  /** Whether `tokens` are projected already, which saves most of the work of attention. Default false. */
  projected?: boolean;
}

/** Options of {@linkcode RetrievalDenoiser.denoise}. */
export interface DenoiseOptions<Data extends RealArray = Float32Array> {
  /** Where the weights of attention are written, n x k. */
  attention?: RealArray;
  /** Where the result is written, n x dim. Default: a new matrix. */
  out?: Matrix<Data>;
}

/** What {@linkcode RetrievalDenoiser.lossAndGradient} returns. */
export interface DenoisingLoss<Data extends RealArray = Float32Array> {
  /** The loss. */
  loss: number;
  /** Its derivatives by the parameters, flat. */
  gradient: Data;
}

/** A linear layer: views of the flat parameters. */
interface Layer<Data extends RealArray> {
  weights: Matrix<Data>;
  bias: Data;
}

type LayerName = "input" | "noise" | "query" | "keyValue" | "context" | "first" | "second" | "output";

/** Storage of one pass. */
interface Tape<Data extends RealArray> {
  rows: number;
  k: number;
  inputs: Data;
  features: Data;
  /** Hidden states: after the first layer, after attention, after each residual layer. */
  hidden: [Data, Data, Data, Data];
  /** Activations of a residual layer. */
  branch: Data;
  queries: Data;
  weights: Data;
  context: Data;
  outputs: Data;
}

/** Storage of a pass back. */
interface Reverse<Data extends RealArray> {
  rows: number;
  /** Length of the table. */
  table: number;
  noisy: Data;
  /** Slopes of the activations of the first layer and of the residual ones. */
  slopes: [Data, Data, Data];
  byOutput: Data;
  byHidden: Data;
  byBranch: Data;
  byQuery: Data;
  byTable: Data;
}

/** Sines and cosines of the noise level that the network is given. */
const FREQUENCIES = [0.5, 1, 2, 4, 8, 16, 32, 64];
const FEATURES = 2 * FREQUENCIES.length;

/** Rows that go through the network at once: their activations stay in the second-level cache. */
const BLOCK_ROWS = 128;

/**
 * A denoiser that sees, beside the noisy example, the tokens of a few entries of a database:
 * retrieval-augmented diffusion (Blattmann et al. 2022), with a small fully connected network in place of
 * the U-Net. Since the content comes from the database, a database that is swapped after training changes
 * what is generated.
 *
 * With H = `width`, `e` the sines and cosines of a quarter of log sigma times 0.5, 1, 2, ..., 64, and
 * neighbours y_j:
 *
 *     h = silu(W_in in(sigma) x + W_e e)
 *     h = h + W_o sum_j softmax_j(W_q h . W_k y_j / sqrt(keyDim)) W_v y_j       only with `tokenDim`
 *     h = h + silu(W_1 h),  h = h + silu(W_2 h),  F = W_out h
 *     D(x; sigma) = skip(sigma) x + out(sigma) F
 *
 * with the factors of `edmPreconditioning` of `refigure/diffusion`. All layers have biases and start uniform
 * within 1/sqrt(inputs), the last one with a tenth of that and zero bias. Tokens have no order: permuting
 * the neighbours of an example changes nothing but rounding.
 *
 * The parameters are one flat array, layer by layer: input, noise, query, keys over values, context, the two
 * residual layers, output; of each the weights `[out, in]` row by row, then the biases.
 *
 * @example With hardly any noise there is nothing to remove
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { RetrievalDenoiser } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * const net = new RetrievalDenoiser({ dim: 2, tokenDim: 2, width: 8, sigmaData: 1, rng: new Rng(0) });
 * const tokens = Matrix.fromRows([[1, 0], [0, 1]]);
 * const x = Matrix.fromRows([[0.1, 0.2]]);
 * const near = net.denoise(x, 1e-3, { tokens, indices: Int32Array.of(0, 1) });
 * assertEquals(Array.from(near.data, (value) => value.toFixed(2)), ["0.10", "0.20"]);
 * ```
 */
export class RetrievalDenoiser<Precision extends DType = "float32"> {
  /** Numbers per example. */
  readonly dim: number;
  /** Numbers per token; 0 for a model without attention. */
  readonly tokenDim: number;
  /** Width of the hidden layers. */
  readonly width: number;
  /** Length of keys and queries. */
  readonly keyDim: number;
  /** Standard deviation of the data. */
  readonly sigmaData: number;
  /** What the output is. */
  readonly prediction: DenoiserPrediction;
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the model. */
  readonly parameters: ArrayOf<Precision>;
  readonly #layers: Partial<Record<LayerName, Layer<ArrayOf<Precision>>>>;
  #spare: Tape<ArrayOf<Precision>> | undefined;
  #spareReverse: Reverse<ArrayOf<Precision>> | undefined;
  #level: { sigma: number; factors: EdmPreconditioning } | undefined;

  /**
   * A model at its start.
   *
   * @param options Sizes and the start.
   * @throws {RangeError} if a size is not a positive integer, `sigmaData` is not positive, or `parameters`
   * has another length than the model needs.
   * @throws {TypeError} if an option or a name is unknown, or neither `parameters` nor `rng` is given.
   */
  constructor(options: RetrievalDenoiserOptions<Precision>) {
    requireOptions("options", options, [
      "dim",
      "tokenDim",
      "width",
      "keyDim",
      "sigmaData",
      "prediction",
      "dtype",
      "parameters",
      "rng",
    ]);
    const { dim, tokenDim = 0, width = 64, keyDim = 32, sigmaData, prediction = "preconditioned" } = options;
    const { dtype = "float32" as Precision, parameters, rng } = options;
    this.dim = requireInteger("dim", dim, { min: 1, max: 2 ** 20 });
    this.tokenDim = requireInteger("tokenDim", tokenDim, { max: 2 ** 20 });
    this.width = requireInteger("width", width, { min: 1, max: 2 ** 14 });
    this.keyDim = requireInteger("keyDim", keyDim, { min: 1, max: 2 ** 14 });
    this.sigmaData = requireNumber("sigmaData", sigmaData, { above: 0 });
    this.prediction = requireOneOf("prediction", prediction, PREDICTIONS);
    this.dtype = requireOneOf<DType>("dtype", dtype, DTYPES) as Precision;
    let count = 0;
    for (const [, inputs, outputs] of this.#shapes()) count += (inputs + 1) * outputs;
    this.parameters = allocate(dtype, count);
    this.#layers = this.#views(this.parameters);
    if (parameters !== undefined) {
      requireLength("parameters", requireRealArray("parameters", parameters), count);
      this.parameters.set(parameters);
    } else {
      requireRng("rng", rng!);
      for (const [name] of this.#shapes()) {
        const { weights, bias } = this.#layer(name);
        initializeLayer("pytorch", weights.data, bias, rng!.split(name));
      }
      const { weights, bias } = this.#layer("output");
      for (let i = 0; i < weights.data.length; i++) weights.data[i] *= 0.1;
      bias.fill(0);
    }
  }

  /**
   * Keys and values of tokens: a table that {@linkcode RetrievalDenoiser.denoise} takes in place of the
   * tokens, so that the projections of a database are computed once and not at every noise level.
   *
   * @param tokens N x tokenDim.
   * @returns N x (keyDim + width).
   * @throws {RangeError} if the model has no attention, or the number of columns is not `tokenDim`.
   */
  projectTokens(tokens: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    this.#requireAttention("tokens");
    requireMatrix("tokens", tokens);
    requireSameShape("tokens", tokens, { rows: tokens.rows, columns: this.tokenDim });
    const { weights } = this.#layer("keyValue");
    const out = new Matrix(tokens.rows, weights.rows, allocate(this.dtype, tokens.rows * weights.rows));
    this.#linear("keyValue", tokens.rows, this.#data(tokens), out.data);
    return out;
  }

  /**
   * The denoised examples D(x; sigma, neighbours).
   *
   * @param x n x dim noisy examples.
   * @param sigma Standard deviation of the noise: one for all, or one for each example.
   * @param neighbors Their neighbours; `null` for tokens that are all zero, the unconditional branch of
   * guidance. A model without attention takes `null` only.
   * @param options Where the result and the weights of attention are written.
   * @returns n x dim. NaN in an example makes its row NaN.
   * @throws {RangeError} if a size does not fit, `sigma` is not positive, or a neighbour is not in the table.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  denoise(
    x: Matrix<RealArray>,
    sigma: number | ArrayLike<number>,
    neighbors: Neighbors | null,
    options: DenoiseOptions<ArrayOf<Precision>> = {},
  ): Matrix<ArrayOf<Precision>> {
    requireMatrix("x", x);
    requireSameShape("x", x, { rows: x.rows, columns: this.dim });
    const sigmas = this.#sigmas(sigma, x.rows);
    requireOptions("options", options, ["attention", "out"]);
    const { attention, out = new Matrix(x.rows, this.dim, allocate(this.dtype, x.rows * this.dim)) } =
      options;
    requireSameShape("out", requireMatrix("out", out), x);
    requireRealArray("out.data", out.data, this.dtype);
    const { table, indices, k } = this.#table(neighbors, x.rows);
    if (attention !== undefined) {
      requireLength("attention", requireRealArray("attention", attention), x.rows * k);
    }
    const noisy = this.#data(x);
    if (this.#denoiseCompiled(sigma, noisy, table, indices, k, out.data, attention)) return out;
    for (let start = 0; start < x.rows; start += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, x.rows - start);
      const tape = this.#tape(rows, k);
      this.#forward(tape, noisy, sigmas, start, rows, table, indices);
      attention?.set(tape.weights.subarray(0, rows * k), start * k);
      let at = start * this.dim;
      let from = 0;
      for (let i = 0; i < rows; i++) {
        const { skip, out: factor } = this.#factors(sigmas[start + i]);
        for (let c = 0; c < this.dim; c++, at++, from++) {
          out.data[at] = skip * noisy[at] + factor * tape.outputs[from];
        }
      }
    }
    return out;
  }

  /**
   * The denoising loss of examples x and its gradient, in one pass: the mean over all n x dim entries of
   * `((D(x + sigma z) - x) / out(sigma))^2`; with the prediction `"signal"`, of `(D(x + sigma z) - x)^2`.
   *
   * @param clean n x dim examples x.
   * @param noise n x dim standard normal numbers z.
   * @param sigma One noise level per example.
   * @param neighbors Their neighbours, not projected; `null` as for {@linkcode RetrievalDenoiser.denoise}.
   * @param options `out`: where the gradient is written. Default: a new array.
   * @returns Loss and gradient; NaN where an example or a parameter is.
   * @throws {RangeError} if a size does not fit, there are no examples, a level is not positive, a neighbour
   * is not in the table, or the tokens are projected.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  lossAndGradient(
    clean: Matrix<RealArray>,
    noise: Matrix<RealArray>,
    sigma: ArrayLike<number>,
    neighbors: Neighbors | null,
    options: { out?: ArrayOf<Precision> } = {},
  ): DenoisingLoss<ArrayOf<Precision>> {
    requireMatrix("clean", clean);
    requireSameShape("clean", clean, { rows: clean.rows, columns: this.dim });
    const n = requireInteger("clean.rows", clean.rows, { min: 1 });
    requireSameShape("noise", requireMatrix("noise", noise), { rows: n, columns: this.dim });
    requireNumbers("sigma", sigma, { length: n });
    const sigmas = this.#sigmas(sigma, n);
    requireOptions("options", options, ["out"]);
    const gradient = options.out ?? allocate(this.dtype, this.parameters.length);
    requireLength("out", requireRealArray("out", gradient, this.dtype), this.parameters.length);
    if (neighbors?.projected === true) {
      throw new RangeError("`neighbors.projected` must be false: a loss needs the tokens");
    }
    const { table, indices, k } = this.#table(neighbors, n);
    const tape = this.#tape(n, k);
    const reverse = this.#reverse(n, table.length);
    const { noisy, byOutput } = reverse;
    let at = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < this.dim; c++, at++) noisy[at] = clean.data[at] + sigmas[i] * noise.data[at];
    }
    this.#forward(tape, noisy, sigmas, 0, n, table, indices, reverse);
    let loss = 0;
    at = 0;
    for (let i = 0; i < n; i++) {
      const { skip, out: factor } = this.#factors(sigmas[i]);
      for (let c = 0; c < this.dim; c++, at++) {
        const error = tape.outputs[at] - (clean.data[at] - skip * noisy[at]) / factor;
        loss += error * error;
        byOutput[at] = 2 * error / (n * this.dim);
      }
    }
    this.#backward(tape, reverse, n, table, indices, neighbors, this.#views(gradient));
    return { loss: loss / (n * this.dim), gradient };
  }

  /** The pass of {@linkcode denoise} in WebAssembly: of single precision at one level. Returns false if it is another. */
  #denoiseCompiled(
    sigma: number | ArrayLike<number>,
    noisy: ArrayOf<Precision>,
    table: ArrayOf<Precision>,
    indices: Int32Array,
    k: number,
    out: ArrayOf<Precision>,
    attention: RealArray | undefined,
  ): boolean {
    if (this.dtype !== "float32" || typeof sigma !== "number") return false;
    const factors = this.#factors(sigma);
    const features = new Float32Array(FEATURES);
    writeFeatures(factors.noise, features, 0);
    const { dim, width, tokenDim } = this;
    const keyDim = tokenDim > 0 ? this.keyDim : 0;
    const layers = this.#layers as Partial<Record<LayerName, Layer<Float32Array>>>;
    const [n, blockRows] = [noisy.length / dim, BLOCK_ROWS];
    return denoiseCompiled({
      ...{ layers, n, dim, width, keyDim, factors, features, indices, k, blockRows, attention },
      noisy: noisy as Float32Array,
      table: table as Float32Array,
      out: out as Float32Array,
    });
  }

  /** Names, inputs and outputs of the layers, in the order of the parameters. */
  #shapes(): [name: LayerName, inputs: number, outputs: number][] {
    const { dim, width, keyDim, tokenDim } = this;
    const attention: [LayerName, number, number][] = [
      ["query", width, keyDim],
      // Keys and values share their inputs: one product computes both.
      ["keyValue", tokenDim, keyDim + width],
      ["context", width, width],
    ];
    return [
      ["input", dim, width],
      ["noise", FEATURES, width],
      ...(tokenDim > 0 ? attention : []),
      ["first", width, width],
      ["second", width, width],
      ["output", width, dim],
    ];
  }

  /** Layers as views of a flat array. */
  #views(flat: ArrayOf<Precision>): Partial<Record<LayerName, Layer<ArrayOf<Precision>>>> {
    const layers: Partial<Record<LayerName, Layer<ArrayOf<Precision>>>> = {};
    let at = 0;
    const take = (count: number) => flat.subarray(at, at += count) as ArrayOf<Precision>;
    for (const [name, inputs, outputs] of this.#shapes()) {
      layers[name] = { weights: new Matrix(outputs, inputs, take(outputs * inputs)), bias: take(outputs) };
    }
    return layers;
  }

  #layer(name: LayerName): Layer<ArrayOf<Precision>> {
    return this.#layers[name]!;
  }

  /**
   * The factors around the network; those of the last level are kept, as most calls have one level for all.
   */
  #factors(sigma: number): EdmPreconditioning {
    if (this.#level?.sigma !== sigma) {
      const factors = edmPreconditioning(sigma, this.sigmaData);
      if (this.prediction === "signal") {
        factors.skip = 0;
        factors.out = 1;
      }
      this.#level = { sigma, factors };
    }
    return this.#level.factors;
  }

  #requireAttention(name: string): void {
    if (this.tokenDim === 0) {
      throw new RangeError(`\`${name}\` must be null: the model has no attention, its \`tokenDim\` is 0`);
    }
  }

  #sigmas(sigma: number | ArrayLike<number>, n: number): ArrayLike<number> {
    if (typeof sigma === "number") {
      requireNumber("sigma", sigma, { above: 0 });
      return new Float64Array(n).fill(sigma);
    }
    requireNumbers("sigma", sigma, { length: n });
    for (let i = 0; i < n; i++) requireNumber(`sigma[${i}]`, sigma[i], { above: 0 });
    return sigma;
  }

  /** Keys and values, and which rows of them the examples attend to. */
  #table(
    neighbors: Neighbors | null,
    n: number,
  ): { table: ArrayOf<Precision>; indices: Int32Array; k: number } {
    if (neighbors === null) {
      if (this.tokenDim === 0) return { table: allocate(this.dtype, 0), indices: new Int32Array(0), k: 0 };
      // Of zero tokens all keys are equal, so that one is as good as k.
      const { bias } = this.#layer("keyValue");
      return { table: bias, indices: new Int32Array(n), k: 1 };
    }
    requireOptions("neighbors", neighbors, ["tokens", "indices", "projected"]);
    this.#requireAttention("neighbors");
    const { tokens, indices, projected = false } = neighbors;
    requireBoolean("neighbors.projected", projected);
    requireMatrix("neighbors.tokens", tokens);
    const columns = projected ? this.keyDim + this.width : this.tokenDim;
    requireSameShape("neighbors.tokens", tokens, { rows: tokens.rows, columns });
    requireIndices("neighbors.indices", indices, tokens.rows);
    const k = n === 0 ? 1 : indices.length / n;
    if (!Number.isInteger(k) || k === 0) {
      throw new RangeError(
        `\`neighbors.indices\` must have k entries per example, a multiple of ${n}, got ${indices.length}`,
      );
    }
    return { table: this.#data(projected ? tokens : this.projectTokens(tokens)), indices, k };
  }

  /** Entries in the model's precision. */
  #data(a: Matrix<RealArray>): ArrayOf<Precision> {
    return a.dtype === this.dtype ? a.data as ArrayOf<Precision> : a.astype(this.dtype).data;
  }

  /** Room for a pass; kept for the next one. */
  #tape(rows: number, k: number): Tape<ArrayOf<Precision>> {
    if (this.#spare !== undefined && this.#spare.rows >= rows && this.#spare.k >= k) return this.#spare;
    const room = (columns: number) => allocate(this.dtype, rows * columns);
    const { dim, width, keyDim } = this;
    return this.#spare = {
      rows,
      k,
      inputs: room(dim),
      features: room(FEATURES),
      hidden: [room(width), room(width), room(width), room(width)],
      branch: room(width),
      queries: room(keyDim),
      weights: room(k),
      context: room(width),
      outputs: room(dim),
    };
  }

  /** Room for a pass back of n examples; kept for the next one. */
  #reverse(n: number, table: number): Reverse<ArrayOf<Precision>> {
    if (this.#spareReverse?.rows === n && this.#spareReverse.table === table) return this.#spareReverse;
    const room = (columns: number) => allocate(this.dtype, n * columns);
    const { dim, width, keyDim } = this;
    return this.#spareReverse = {
      rows: n,
      table,
      noisy: room(dim),
      slopes: [room(width), room(width), room(width)],
      byOutput: room(dim),
      byHidden: room(width),
      byBranch: room(width),
      byQuery: room(keyDim),
      byTable: allocate(this.dtype, table),
    };
  }

  #shape(n: number, indices: Int32Array, total: number): AttentionShape {
    const k = total === 0 ? 0 : indices.length / total;
    return { n, k, keyDim: this.keyDim, valueDim: this.width };
  }

  /** `out = a weights^T + bias` for `rows` rows of `a`; or added to `out`. */
  #linear(name: LayerName, rows: number, a: RealArray, out: RealArray, isAdded = false): void {
    if (rows === 0) return;
    const { weights, bias } = this.#layer(name);
    const { rows: m, columns: n } = weights;
    if (isAdded) {
      let at = 0;
      for (let i = 0; i < rows; i++) for (let c = 0; c < m; c++, at++) out[at] += bias[c];
    } else for (let i = 0; i < rows; i++) out.set(bias, i * m);
    engine().gemm(false, true, rows, m, n, 1, a, n, weights.data, n, 1, out, m);
  }

  /** F of rows `start` to `start + rows` of the noisy examples, into the tape's outputs. */
  #forward(
    tape: Tape<ArrayOf<Precision>>,
    noisy: ArrayOf<Precision>,
    sigmas: ArrayLike<number>,
    start: number,
    rows: number,
    table: ArrayOf<Precision>,
    indices: Int32Array,
    reverse?: Reverse<ArrayOf<Precision>>,
  ): void {
    const { dim, width } = this;
    const { inputs, features, hidden, branch, queries, weights, context, outputs } = tape;
    let at = 0;
    let f = 0;
    for (let i = 0; i < rows; i++, f += FEATURES) {
      const sigma = sigmas[start + i];
      const factors = this.#factors(sigma);
      let from = (start + i) * dim;
      for (let c = 0; c < dim; c++, at++, from++) {
        inputs[at] = factors.in * noisy[from];
      }
      if (i > 0 && sigma === sigmas[start + i - 1]) features.copyWithin(f, f - FEATURES, f);
      else {
        writeFeatures(factors.noise, features, f);
      }
    }
    const [start0, attended, first, second] = hidden;
    this.#linear("input", rows, inputs, start0);
    this.#linear("noise", rows, features, start0, true);
    activate(start0, rows * width, reverse?.slopes[0]);
    let last = start0;
    if (this.tokenDim > 0) {
      this.#linear("query", rows, start0, queries);
      const shape = this.#shape(rows, indices, sigmas.length);
      attend(shape, queries, table, indices, start * shape.k, weights, context);
      attended.set(start0.subarray(0, rows * width));
      this.#linear("context", rows, context, attended, true);
      last = attended;
    }
    for (
      const [name, next, slope] of [["first", first, reverse?.slopes[1]], [
        "second",
        second,
        reverse?.slopes[2],
      ]] as const
    ) {
      this.#linear(name, rows, last, branch);
      activate(branch, rows * width, slope);
      for (let i = 0; i < rows * width; i++) next[i] = last[i] + branch[i];
      last = next;
    }
    this.#linear("output", rows, last, outputs);
  }

  /** Writes the gradient, from derivatives by the outputs F, after a forward pass of all n rows. */
  #backward(
    tape: Tape<ArrayOf<Precision>>,
    reverse: Reverse<ArrayOf<Precision>>,
    n: number,
    table: ArrayOf<Precision>,
    indices: Int32Array,
    neighbors: Neighbors | null,
    gradient: Partial<Record<LayerName, Layer<ArrayOf<Precision>>>>,
  ): void {
    const { width, keyDim } = this;
    const { slopes, byOutput, byHidden, byBranch, byQuery, byTable } = reverse;
    const [start0, attended, first, second] = tape.hidden;
    this.#intoLayer(gradient.output!, n, byOutput, second);
    this.#through("output", n, byOutput, byHidden);
    const before = this.tokenDim > 0 ? attended : start0;
    for (
      const [name, from, slope] of [["second", first, slopes[2]], [
        "first",
        before,
        slopes[1],
      ]] as const
    ) {
      for (let i = 0; i < n * width; i++) byBranch[i] = byHidden[i] * slope[i];
      this.#intoLayer(gradient[name]!, n, byBranch, from);
      this.#through(name, n, byBranch, byHidden, true);
    }
    if (this.tokenDim > 0) {
      this.#intoLayer(gradient.context!, n, byHidden, tape.context);
      const byContext = byBranch;
      this.#through("context", n, byHidden, byContext);
      byTable.fill(0);
      const shape = this.#shape(n, indices, n);
      attendBackward(shape, tape.queries, table, indices, tape.weights, byContext, byQuery, byTable);
      this.#intoLayer(gradient.query!, n, byQuery, start0);
      this.#through("query", n, byQuery, byHidden, true);
      const rows = table.length / (keyDim + width);
      const tokens = neighbors === null
        ? allocate(this.dtype, rows * this.tokenDim)
        : this.#data(neighbors.tokens);
      this.#intoLayer(gradient.keyValue!, rows, byTable, tokens);
    }
    for (let i = 0; i < n * width; i++) byHidden[i] *= slopes[0][i];
    this.#intoLayer(gradient.input!, n, byHidden, tape.inputs);
    this.#intoLayer(gradient.noise!, n, byHidden, tape.features);
  }

  /** Derivatives by a layer's weights and biases, from those by its outputs. */
  #intoLayer({ weights, bias }: Layer<RealArray>, rows: number, deltas: RealArray, inputs: RealArray): void {
    const { rows: m, columns: n } = weights;
    engine().gemm(true, false, m, n, rows, 1, deltas, m, inputs, n, 0, weights.data, n);
    bias.fill(0);
    let at = 0;
    for (let i = 0; i < rows; i++) for (let c = 0; c < m; c++, at++) bias[c] += deltas[at];
  }

  /** Derivatives by a layer's inputs, from those by its outputs; or added to `out`. */
  #through(name: LayerName, rows: number, deltas: RealArray, out: RealArray, isAdded = false): void {
    const { rows: m, columns: n } = this.#layer(name).weights;
    const { data } = this.#layer(name).weights;
    engine().gemm(false, false, rows, n, m, 1, deltas, m, data, n, isAdded ? 1 : 0, out, n);
  }
}

/** Sines and cosines of a noise level, into `out` from `at` on. */
function writeFeatures(noise: number, out: RealArray, at: number): void {
  FREQUENCIES.forEach((frequency, j) => {
    out[at + 2 * j] = Math.sin(frequency * noise);
    out[at + 2 * j + 1] = Math.cos(frequency * noise);
  });
}

/** The activation, with its derivatives where they are wanted. */
function activate(z: RealArray, count: number, slope: RealArray | undefined): void {
  if (slope === undefined) silu(z, count);
  else siluWithSlope(z, count, slope);
}
