import {
  allocate,
  allocateLike,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireFinite,
  requireFunction,
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
import { activate } from "../networks/activation.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { attend, attendBackward, type AttentionShape, softmaxRows } from "./attention.ts";
import { requireSeries } from "./check.ts";
import {
  addRowsTo,
  layerNorm,
  layerNormBackward,
  type Linear,
  linear,
  linearBackward,
  type NormTape,
  product,
} from "./dense.ts";
import { normLinVjp, normLinWeights } from "./normlin.ts";
import { requireBasis } from "./ortho_basis.ts";
import { forecastWindows, normalizeWindows, takeWindows, weightedL1Loss } from "./windows.ts";

/**
 * How a layer of {@linkcode OLinear} mixes variates: by NormLin, by multi-head attention, by a free matrix with a
 * bias, by the fixed softmax of a correlation matrix (OLinear-C), or not at all.
 */
export type VariateMixer = "normlin" | "attention" | "linear" | "correlation" | "none";

const MIXERS: readonly VariateMixer[] = ["normlin", "attention", "linear", "correlation", "none"];

/** Options of {@linkcode OLinear}. */
export interface OLinearOptions<Precision extends DType = "float32"> {
  /** Number of series, N. */
  variates: number;
  /** Samples that a forecast looks at, T. */
  inputLength: number;
  /** Samples that it predicts, tau. */
  horizon: number;
  /** T x T, one basis vector per row, such as of `orthoBasis`. Default: the identity. */
  inputBasis?: Matrix;
  /** tau x tau. Default: the identity. */
  outputBasis?: Matrix;
  /** Length d of the learned vector that each value is multiplied by. Default 16. */
  embedding?: number;
  /** Features per variate, D. Default 512. */
  width?: number;
  /** Features of the hidden layers, F. Default: `width`. */
  hidden?: number;
  /** Layers. Default 2. */
  layers?: number;
  /** How variates are mixed. Default `"normlin"`. */
  mixer?: VariateMixer;
  /** Heads of the mixer `"attention"`, a divisor of `width`. Default 8. */
  heads?: number;
  /** N x N correlation of the series; needed by the mixer `"correlation"`, and by no other. */
  correlation?: Matrix;
  /** All parameters, to start from a copy of them; then `rng` is not used. */
  parameters?: RealArray;
  /** Precision. Default `"float32"`. */
  dtype?: Precision;
  /** Stream of the start. Needed without `parameters`. */
  rng?: Rng;
}

/** Options of {@linkcode OLinear.vjp}. */
export interface OLinearVjpOptions<Data extends RealArray> {
  /** Where the gradient is written. Default: a new array. */
  out?: Data;
}

/** The maps that the linear parts of an {@linkcode OLinear} amount to. */
export interface FusedOLinear<Data extends RealArray> {
  /** From the normalized window to the first features: D x T. */
  encoder: Matrix<Data>;
  /** What each variate adds there: N x D. */
  encoderBias: Matrix<Data>;
  /** From the last features to the hidden layer of the head: F x D. */
  decoder: Matrix<Data>;
  /** What each variate adds there: N x F. */
  decoderBias: Matrix<Data>;
}

interface Layer<Data> {
  /** N x N; absent for attention and none. */
  mixing: Data | undefined;
  /** One per variate, after a linear mixer. */
  mixingBias: Data | undefined;
  /** Value and output maps, after query and key for attention; empty for none. */
  maps: Linear<Data>[];
  mixingNorm: Linear<Data> | undefined;
  first: Linear<Data>;
  second: Linear<Data>;
  norm: Linear<Data>;
}

interface Parts<Data> {
  scale: Data;
  shift: Data;
  phi: Data;
  encoderDelta: Data;
  encoder: Linear<Data>;
  layers: Layer<Data>[];
  norm: Linear<Data>;
  decoder: Linear<Data>;
  decoderDelta: Data;
  head: Linear<Data>;
  last: Linear<Data>;
}

/** What a layer keeps for its derivatives. */
interface LayerTape<Data> {
  input: Data;
  mapped: Data[];
  mixed: Data;
  /** Weights of the mixing: N x N, or of attention. */
  weights: Data;
  mixingNorm: NormTape<Data> | undefined;
  middle: Data;
  hidden: Data;
  slope: Data;
  norm: NormTape<Data>;
}

/** What the linear parts amount to, with what their derivatives need. */
interface Fused<Data> {
  encoder: Data;
  encoderBias: Data;
  decoder: Data;
  decoderBias: Data;
  /** Sum of the encoder's copies, for delta: D x T. */
  summed: Data;
  /** The decoder in the output basis: d tau x D. */
  rotated: Data;
  rotatedBias: Data;
  /** Sum of the head's copies, for delta: F x tau. */
  summedHead: Data;
}

/** What a pass keeps for its derivatives. */
interface Tape<Data> {
  batch: number;
  normalized: Data;
  deviation: Float64Array;
  x: Data;
  fused: Fused<Data>;
  layers: LayerTape<Data>[];
  norm: NormTape<Data>;
  features: Data;
  hidden: Data;
  slope: Data;
  forecasts: Data;
}

/** Added to the scale when the affine map of a window is undone. */
const SCALE_EPS = 1e-10;

/**
 * OLinear (Yue et al. 2025): forecasts of several series by linear layers in an orthonormal basis. Windows are
 * normalized (RevIN), written in the input basis, multiplied by a learned vector of length d, and mapped to D features
 * per variate; layers mix variates (`H <- LN(H + (A (H Wv + bv)) Wo + bo)`, see {@linkcode VariateMixer}) and features
 * (`H <- LN(H + Linear(gelu(Linear(H))))`); a linear map leads to d coefficients per step of the horizon in the output
 * basis, and two linear maps with a gelu between to the forecast, which gets the window's mean and deviation back.
 *
 * All that is linear between two non-linear steps is one matrix, in training too: the basis, the learned vector and
 * the first map are one D x T matrix, and the last map of the features, the output basis and the first map of the head
 * one F x D matrix. There is no dropout.
 *
 * `parameters` is one flat array: scale and shift of RevIN `[N]`; phi `[d]`; delta of the encoder `[N, T]`; encoder
 * `[D, d T]` and bias; per layer the mixing `[N, N]` (and `[N]` for `"linear"`), maps of the mixer `[D, D]` and bias
 * (query, key, value, output for attention; value, output for others), weights and bias of its normalization,
 * `[F, D]`, `[D, F]` with biases, weights and bias of the normalization; weights and bias of the last normalization;
 * decoder `[d tau, D]` and bias; delta of the decoder `[N, tau]`; head `[F, d tau]` and `[tau, F]` with biases. Linear
 * maps start uniform within 1 / sqrt(inputs), NormLin and phi as in the paper (identity plus normal, normal).
 *
 * @example A forecast follows its window's scale
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OLinear } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sizes = { variates: 2, inputLength: 8, horizon: 4, embedding: 2, width: 8, heads: 2 };
 * const net = new OLinear({ ...sizes, rng: new Rng(0) });
 * const x = Matrix.from(2, 8, (i, j) => 100 * Math.sin(i + j));
 * const [one, other] = [net.predict(x), net.predict(x.map((value) => 3 * value + 50))];
 * assertAlmostEquals(other.get(1, 2), 3 * one.get(1, 2) + 50, 1e-2);
 * ```
 */
export class OLinear<Precision extends DType = "float32"> {
  /** Number of series. */
  readonly variates: number;
  /** Samples that a forecast looks at. */
  readonly inputLength: number;
  /** Samples that it predicts. */
  readonly horizon: number;
  /** Length of the learned vector. */
  readonly embedding: number;
  /** Features per variate. */
  readonly width: number;
  /** Features of the hidden layers. */
  readonly hidden: number;
  /** Layers. */
  readonly layers: number;
  /** How variates are mixed. */
  readonly mixer: VariateMixer;
  /** Heads of attention. */
  readonly heads: number;
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the network. */
  readonly parameters: ArrayOf<Precision>;
  readonly #inputBasis: ArrayOf<Precision>;
  readonly #outputBasis: ArrayOf<Precision>;
  readonly #fixed: ArrayOf<Precision> | undefined;

  /**
   * A network at its start.
   *
   * @param options Sizes, bases, the mixer and the start.
   * @throws {RangeError} if a size is out of range or does not fit, or an entry of a matrix is not finite.
   * @throws {TypeError} if an argument is of the wrong type, an option or a name is unknown, `correlation` is missing
   * or not needed, or neither `parameters` nor `rng` is given.
   */
  constructor(options: OLinearOptions<Precision>) {
    requireOptions("options", options, [
      "variates",
      "inputLength",
      "horizon",
      "inputBasis",
      "outputBasis",
      "embedding",
      "width",
      "hidden",
      "layers",
      "mixer",
      "heads",
      "correlation",
      "parameters",
      "dtype",
      "rng",
    ]);
    const { variates, inputLength, horizon, inputBasis, outputBasis, embedding = 16, width = 512 } = options;
    const { hidden = width, layers = 2, mixer = "normlin", heads = 8, correlation, parameters, rng } =
      options;
    this.variates = requireInteger("variates", variates, { min: 1, max: 2 ** 14 });
    this.inputLength = requireInteger("inputLength", inputLength, { min: 1, max: 2 ** 13 });
    this.horizon = requireInteger("horizon", horizon, { min: 1, max: 2 ** 13 });
    this.embedding = requireInteger("embedding", embedding, { min: 1, max: 4096 });
    this.width = requireInteger("width", width, { min: 1, max: 2 ** 14 });
    this.hidden = requireInteger("hidden", hidden, { min: 1, max: 2 ** 14 });
    this.layers = requireInteger("layers", layers, { max: 1000 });
    this.mixer = requireOneOf("mixer", mixer, MIXERS);
    this.heads = requireInteger("heads", heads, { min: 1 });
    if (mixer === "attention" && width % heads !== 0) {
      throw new RangeError(`\`heads\` must divide \`width\`, ${width}, got ${heads}`);
    }
    const dtype = this.dtype = requireOneOf<DType>(
      "dtype",
      options.dtype === undefined ? "float32" : options.dtype,
      DTYPES,
    ) as Precision;
    const stored = (name: string, matrix: Matrix | undefined, n: number) => {
      const copy = allocate(dtype, n * n);
      copy.set(requireBasis(name, matrix === undefined ? Matrix.identity(n) : matrix, n).data);
      requireFinite(`\`${name}\` must be finite`, copy, n);
      return copy;
    };
    this.#inputBasis = stored("inputBasis", inputBasis, inputLength);
    this.#outputBasis = stored("outputBasis", outputBasis, horizon);
    if ((mixer === "correlation") !== (correlation !== undefined)) {
      throw new TypeError('`correlation` must be given for the mixer "correlation", and for no other');
    }
    if (correlation !== undefined) {
      this.#fixed = stored("correlation", correlation, variates);
      softmaxRows(this.#fixed, variates);
    }
    let count = 0;
    this.#visit((length) => {
      count += length;
      return allocate(dtype, 0);
    });
    requireInteger("the number of parameters", count, { max: 2 ** 28 });
    this.parameters = allocate(dtype, count);
    if (parameters !== undefined) {
      requireLength("parameters", requireRealArray("parameters", parameters), count);
      this.parameters.set(parameters);
    } else {
      this.#start(requireRng("rng", rng!));
    }
  }

  /**
   * Forecasts.
   *
   * @param inputs Samples x variates rows of `inputLength` values, the variates of a sample together, as of
   * `forecastWindows`.
   * @returns As many rows of `horizon` values. NaN in a window makes the forecasts of its sample NaN.
   * @throws {RangeError} if the rows are not whole samples, or of another length.
   * @throws {TypeError} if it is not a matrix.
   */
  predict(inputs: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    this.#requireInputs(inputs);
    return this.#forward(inputs, this.#parts(this.parameters)).outputs;
  }

  /**
   * Reverse mode: the derivatives of the sum of cotangents times forecasts by the parameters.
   *
   * @param inputs As for {@linkcode OLinear.predict}.
   * @param cotangents One row of `horizon` values per row; or a function of the forecasts that returns them, so that a
   * loss costs one pass.
   * @param options Where to write.
   * @returns Forecasts, and the gradient, flat.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   *
   * @example
   * ```ts
   * import { Matrix, Rng } from "refigure/arrays";
   * import { OLinear } from "refigure/forecasting";
   * import { assertEquals } from "@std/assert";
   *
   * const sizes = { variates: 2, inputLength: 8, horizon: 4, embedding: 2, width: 8 };
   * const net = new OLinear({ ...sizes, rng: new Rng(0) });
   * const { parameters } = net.vjp(new Rng(1).normalMatrix(6, 8), Matrix.zeros(6, 4));
   * assertEquals(parameters.every((value) => value === 0), true);
   * ```
   */
  vjp(
    inputs: Matrix<RealArray>,
    cotangents: Matrix<RealArray> | ((outputs: Matrix<ArrayOf<Precision>>) => Matrix<RealArray>),
    options: OLinearVjpOptions<ArrayOf<Precision>> = {},
  ): { outputs: Matrix<ArrayOf<Precision>>; parameters: ArrayOf<Precision> } {
    this.#requireInputs(inputs);
    requireOptions("options", options, ["out"]);
    const { out = allocate(this.dtype, this.parameters.length) } = options;
    requireRealArray("out", out, this.dtype);
    requireLength("out", out, this.parameters.length);
    const shape = { rows: inputs.rows, columns: this.horizon };
    if (typeof cotangents !== "function") {
      requireSameShape("cotangents", requireMatrix("cotangents", cotangents), shape);
    }
    const parts = this.#parts(this.parameters);
    const { outputs, tape } = this.#forward(inputs, parts);
    const given = typeof cotangents === "function" ? cotangents(outputs) : cotangents;
    requireSameShape("cotangents(...)", requireMatrix("cotangents(...)", given), shape);
    out.fill(0);
    this.#backward(tape, given, parts, this.#parts(out));
    return { outputs, parameters: out };
  }

  /**
   * The matrices that the linear parts amount to, which is what is computed with.
   *
   * @returns New matrices.
   *
   * @example
   * ```ts
   * import { Rng } from "refigure/arrays";
   * import { OLinear } from "refigure/forecasting";
   * import { assertEquals } from "@std/assert";
   *
   * const net = new OLinear({ variates: 2, inputLength: 8, horizon: 4, width: 16, rng: new Rng(0) });
   * const { encoder, decoder } = net.fused();
   * assertEquals([encoder.rows, encoder.columns, decoder.rows, decoder.columns], [16, 8, 16, 16]);
   * ```
   */
  fused(): FusedOLinear<ArrayOf<Precision>> {
    const { encoder, encoderBias, decoder, decoderBias } = this.#fuse(this.#parts(this.parameters));
    const { width, hidden, inputLength, variates } = this;
    return {
      encoder: new Matrix(width, inputLength, encoder),
      encoderBias: new Matrix(variates, width, encoderBias),
      decoder: new Matrix(hidden, width, decoder),
      decoderBias: new Matrix(variates, hidden, decoderBias),
    };
  }

  /**
   * How a layer weighs variates: an N x N matrix whose row is what goes into one variate. Attention, which depends on
   * the input, is averaged over heads and samples.
   *
   * @param layer Which layer, from 0.
   * @param inputs Needed by attention, not used by others.
   * @returns N x N; the identity for the mixer `"none"`.
   * @throws {RangeError} if there is no such layer, or the inputs do not fit.
   * @throws {TypeError} if `inputs` is missing for attention.
   *
   * @example
   * ```ts
   * import { Rng } from "refigure/arrays";
   * import { OLinear } from "refigure/forecasting";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * const net = new OLinear({ variates: 3, inputLength: 8, horizon: 4, width: 16, rng: new Rng(0) });
   * assertAlmostEquals(net.mixing(0).row(1).reduce((sum, value) => sum + value, 0), 1, 1e-6);
   * ```
   */
  mixing(layer: number, inputs?: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    requireInteger("layer", layer, { max: this.layers - 1 });
    if (inputs !== undefined || this.mixer === "attention") this.#requireInputs(inputs!);
    const { variates, dtype } = this;
    const mean = allocate(dtype, variates * variates);
    if (this.mixer === "attention") {
      const { tape } = this.#forward(inputs!, this.#parts(this.parameters));
      const { weights } = tape.layers[layer];
      const share = mean.length / weights.length;
      for (let k = 0; k < weights.length; k++) mean[k % mean.length] += weights[k] * share;
    } else if (this.mixer === "none") {
      for (let v = 0; v < variates; v++) mean[v * (variates + 1)] = 1;
    } else {
      mean.set(this.#mixing(this.#parts(this.parameters).layers[layer]));
    }
    return new Matrix(variates, variates, mean);
  }

  #requireInputs(inputs: Matrix<RealArray>): void {
    requireMatrix("inputs", inputs);
    const { variates, inputLength } = this;
    if (inputs.columns !== inputLength) {
      throw new RangeError(
        `\`inputs\` must have inputLength = ${inputLength} columns, got ${inputs.columns}`,
      );
    }
    if (inputs.rows % variates !== 0 || inputs.rows === 0) {
      throw new RangeError(
        `\`inputs\` must have whole samples of ${variates} rows, one per variate, got ${inputs.rows} rows`,
      );
    }
  }

  /** All parameters in order, by a function that takes the next ones: their number, bound and start. */
  #visit<Data>(take: (length: number, start: number | "one" | "normal" | "normlin") => Data): Parts<Data> {
    const { variates, inputLength, horizon, embedding, width, hidden, mixer } = this;
    const map = (outputs: number, inputs: number): Linear<Data> => ({
      weights: take(outputs * inputs, 1 / Math.sqrt(inputs)),
      bias: take(outputs, 1 / Math.sqrt(inputs)),
    });
    const norm = (): Linear<Data> => ({ weights: take(width, "one"), bias: take(width, 0) });
    const maps = mixer === "none" ? 0 : mixer === "attention" ? 4 : 2;
    // In the order in which properties are written.
    return {
      scale: take(variates, "one"),
      shift: take(variates, 0),
      phi: take(embedding, "normal"),
      encoderDelta: take(variates * inputLength, 0),
      encoder: map(width, embedding * inputLength),
      layers: Array.from({ length: this.layers }, () => ({
        mixing: mixer === "normlin"
          ? take(variates * variates, "normlin")
          : mixer === "linear"
          ? take(variates * variates, 1 / Math.sqrt(variates))
          : undefined,
        mixingBias: mixer === "linear" ? take(variates, 1 / Math.sqrt(variates)) : undefined,
        maps: Array.from({ length: maps }, () => map(width, width)),
        mixingNorm: maps > 0 ? norm() : undefined,
        first: map(hidden, width),
        second: map(width, hidden),
        norm: norm(),
      })),
      norm: norm(),
      decoder: map(embedding * horizon, width),
      decoderDelta: take(variates * horizon, 0),
      head: map(hidden, embedding * horizon),
      last: map(horizon, hidden),
    };
  }

  /** Views of a flat array of parameters, or of derivatives by them. */
  #parts(flat: ArrayOf<Precision>): Parts<ArrayOf<Precision>> {
    let at = 0;
    return this.#visit((length) => flat.subarray(at, at += length) as ArrayOf<Precision>);
  }

  #start(rng: Rng): void {
    const { variates, parameters } = this;
    let at = 0;
    let part = 0;
    this.#visit((length, start) => {
      const to = parameters.subarray(at, at += length);
      const stream = rng.split(`part ${part++}`);
      if (start === "one") to.fill(1);
      else if (typeof start === "number") {
        for (let k = 0; k < length; k++) to[k] = stream.uniform(-start, start);
      } else to.set(stream.normals(length));
      if (start === "normlin") { for (let v = 0; v < variates; v++) to[v * (variates + 1)] += 1; }
    });
  }

  /** N x N weights of the mixing of one layer. */
  #mixing({ mixing }: Layer<ArrayOf<Precision>>): ArrayOf<Precision> {
    if (this.#fixed !== undefined) return this.#fixed;
    const { variates, mixer } = this;
    return mixer === "normlin" ? normLinWeights(new Matrix(variates, variates, mixing!)).data : mixing!;
  }

  #fuse(parts: Parts<ArrayOf<Precision>>): Fused<ArrayOf<Precision>> {
    const { phi, encoderDelta, encoder, decoder, decoderDelta, head } = parts;
    const { variates, inputLength: T, horizon, embedding, width, hidden, dtype } = this;
    // encoder = (sum_e phi_e W_e) inputBasis; a delta goes in the place of all d copies.
    const weighted = allocate(dtype, width * T);
    const summed = allocate(dtype, width * T);
    let k = 0;
    for (let i = 0; i < width; i++) {
      for (let e = 0; e < embedding; e++) {
        for (let t = i * T; t < (i + 1) * T; t++, k++) {
          weighted[t] += phi[e] * encoder.weights[k];
          summed[t] += encoder.weights[k];
        }
      }
    }
    const first = allocate(dtype, width * T);
    product(first, weighted, this.#inputBasis, [width, T, T]);
    const encoderBias = allocate(dtype, variates * width);
    for (let v = 0; v < variates; v++) encoderBias.set(encoder.bias, v * width);
    product(encoderBias, encoderDelta, summed, [variates, width, T], { transposeB: true, beta: 1 });
    // decoder = sum_e V_e outputBasis^T W_e, with V_e of the head.
    const rotated = allocate(dtype, embedding * horizon * width);
    const rotatedBias = allocate(dtype, embedding * horizon);
    for (let e = 0; e < embedding; e++) {
      const [from, to] = [e * horizon, (e + 1) * horizon];
      product(
        rotated.subarray(from * width, to * width),
        this.#outputBasis,
        decoder.weights.subarray(from * width, to * width),
        [horizon, width, horizon],
        { transposeA: true },
      );
      product(rotatedBias.subarray(from, to), this.#outputBasis, decoder.bias.subarray(from, to), [
        horizon,
        1,
        horizon,
      ], { transposeA: true });
    }
    const second = allocate(dtype, hidden * width);
    product(second, head.weights, rotated, [hidden, width, embedding * horizon]);
    const summedHead = allocate(dtype, hidden * horizon);
    k = 0;
    for (let i = 0; i < hidden; i++) {
      for (let e = 0; e < embedding; e++) {
        for (let t = i * horizon; t < (i + 1) * horizon; t++, k++) summedHead[t] += head.weights[k];
      }
    }
    const common = allocate(dtype, hidden);
    common.set(head.bias);
    product(common, head.weights, rotatedBias, [hidden, 1, embedding * horizon], { beta: 1 });
    const decoderBias = allocate(dtype, variates * hidden);
    for (let v = 0; v < variates; v++) decoderBias.set(common, v * hidden);
    product(decoderBias, decoderDelta, summedHead, [variates, hidden, horizon], {
      transposeB: true,
      beta: 1,
    });
    return {
      encoder: first,
      encoderBias,
      decoder: second,
      decoderBias,
      summed,
      rotated,
      rotatedBias,
      summedHead,
    };
  }

  /** Rows by variate, so that mixing them is one product: row v batch + b in the place of b variates + v. */
  #byVariate(from: Matrix<RealArray>, to: ArrayOf<Precision>): ArrayOf<Precision> {
    const { variates } = this;
    const batch = from.rows / variates;
    for (let b = 0; b < batch; b++) {
      for (let v = 0; v < variates; v++) to.set(from.row(b * variates + v), (v * batch + b) * from.columns);
    }
    return to;
  }

  #forward(
    inputs: Matrix<RealArray>,
    parts: Parts<ArrayOf<Precision>>,
  ): { outputs: Matrix<ArrayOf<Precision>>; tape: Tape<ArrayOf<Precision>> } {
    const { variates, inputLength, horizon, dtype, mixer } = this;
    const { rows } = inputs;
    const batch = rows / variates;
    const shape: AttentionShape = { variates, batch, width: this.width, heads: this.heads };
    const { windows, mean, deviation } = normalizeWindows(inputs);
    const normalized = this.#byVariate(windows, allocate(dtype, rows * inputLength));
    const x = allocateLike(normalized, normalized.length);
    let k = 0;
    for (let r = 0; r < rows; r++) {
      const v = Math.floor(r / batch);
      for (let t = 0; t < inputLength; t++, k++) x[k] = normalized[k] * parts.scale[v] + parts.shift[v];
    }
    const fused = this.#fuse(parts);
    let h = this.#affine(x, fused.encoder, fused.encoderBias, batch);
    const layers = parts.layers.map((layer): LayerTape<ArrayOf<Precision>> => {
      const input = h;
      let middle = input;
      let mapped: ArrayOf<Precision>[] = [];
      let mixed = input;
      let weights = allocate(dtype, 0);
      let mixingNorm: NormTape<ArrayOf<Precision>> | undefined;
      if (mixer !== "none") {
        mapped = layer.maps.slice(0, -1).map((map) => linear(input, map));
        if (mixer === "attention") {
          ({ mixed, weights } = attend(mapped[0], mapped[1], mapped[2], shape));
        } else {
          weights = this.#mixing(layer);
          mixed = allocateLike(input, input.length);
          product(mixed, weights, mapped[0], [variates, batch * this.width, variates]);
          layer.mixingBias?.forEach((bias, v) => {
            for (let k = v * batch * this.width; k < (v + 1) * batch * this.width; k++) mixed[k] += bias;
          });
        }
        const sum = linear(mixed, layer.maps[layer.maps.length - 1]);
        for (let k = 0; k < sum.length; k++) sum[k] += input[k];
        ({ y: middle, tape: mixingNorm } = layerNorm(sum, layer.mixingNorm!));
      }
      const hidden = linear(middle, layer.first);
      const slope = allocateLike(hidden, hidden.length);
      activate("gelu", hidden, hidden.length, slope);
      const sum = linear(hidden, layer.second);
      for (let k = 0; k < sum.length; k++) sum[k] += middle[k];
      const { y, tape: norm } = layerNorm(sum, layer.norm);
      h = y;
      return { input, mapped, mixed, weights, mixingNorm, middle, hidden, slope, norm };
    });
    const { y: features, tape: norm } = layerNorm(h, parts.norm);
    const hidden = this.#affine(features, fused.decoder, fused.decoderBias, batch);
    const slope = allocateLike(hidden, hidden.length);
    activate("gelu", hidden, hidden.length, slope);
    const forecasts = linear(hidden, parts.last);
    const outputs = new Matrix(rows, horizon, allocate(dtype, rows * horizon));
    for (let r = 0; r < rows; r++) {
      const v = r % variates;
      const from = (v * batch + Math.floor(r / variates)) * horizon;
      const scale = deviation[r] / (parts.scale[v] + SCALE_EPS);
      for (let k = 0; k < horizon; k++) {
        outputs.data[r * horizon + k] = (forecasts[from + k] - parts.shift[v]) * scale + mean[r];
      }
    }
    const tape = { batch, normalized, deviation, x, fused, layers, norm, features, hidden, slope, forecasts };
    return { outputs, tape };
  }

  /** `x W^T`, plus the row of the variate. */
  #affine(
    x: ArrayOf<Precision>,
    weights: ArrayOf<Precision>,
    bias: ArrayOf<Precision>,
    batch: number,
  ): ArrayOf<Precision> {
    const { variates } = this;
    const outputs = bias.length / variates;
    const y = allocateLike(x, variates * batch * outputs);
    product(y, x, weights, [variates * batch, outputs, weights.length / outputs], { transposeB: true });
    let k = 0;
    for (let r = 0; r < variates * batch; r++) {
      const from = Math.floor(r / batch) * outputs;
      for (let j = 0; j < outputs; j++, k++) y[k] += bias[from + j];
    }
    return y;
  }

  #backward(
    tape: Tape<ArrayOf<Precision>>,
    cotangents: Matrix<RealArray>,
    parts: Parts<ArrayOf<Precision>>,
    gradient: Parts<ArrayOf<Precision>>,
  ): void {
    const { variates, inputLength: T, horizon, embedding, width, hidden: F, dtype } = this;
    const { batch, fused } = tape;
    const rows = variates * batch;
    const byVariate = (dy: ArrayOf<Precision>, columns: number) => {
      const sums = allocate(dtype, variates * columns);
      for (let v = 0; v < variates; v++) {
        const block = dy.subarray(v * batch * columns, (v + 1) * batch * columns);
        addRowsTo(sums.subarray(v * columns, (v + 1) * columns), block);
      }
      return sums;
    };
    // The forecast's scale.
    const dy = this.#byVariate(cotangents, allocate(dtype, rows * horizon));
    let k = 0;
    for (let r = 0; r < rows; r++) {
      const v = Math.floor(r / batch);
      const scale = parts.scale[v] + SCALE_EPS;
      const deviation = tape.deviation[(r % batch) * variates + v];
      for (let t = 0; t < horizon; t++, k++) {
        dy[k] *= deviation / scale;
        gradient.shift[v] -= dy[k];
        gradient.scale[v] -= dy[k] * (tape.forecasts[k] - parts.shift[v]) / scale;
      }
    }
    // The head.
    const dHidden = linearBackward(tape.hidden, dy, parts.last, gradient.last);
    for (let k = 0; k < dHidden.length; k++) dHidden[k] *= tape.slope[k];
    const dBias = byVariate(dHidden, F);
    const dDecoder = allocate(dtype, F * width);
    product(dDecoder, dHidden, tape.features, [F, width, rows], { transposeA: true });
    const dFeatures = allocate(dtype, rows * width);
    product(dFeatures, dHidden, fused.decoder, [rows, width, F]);
    const inner = embedding * horizon;
    addRowsTo(gradient.head.bias, dBias);
    product(gradient.head.weights, dDecoder, fused.rotated, [F, inner, width], { transposeB: true, beta: 1 });
    product(gradient.head.weights, gradient.head.bias, fused.rotatedBias, [F, inner, 1], { beta: 1 });
    const dSummedHead = allocate(dtype, F * horizon);
    product(dSummedHead, dBias, parts.decoderDelta, [F, horizon, variates], { transposeA: true });
    addToCopies(gradient.head.weights, dSummedHead, horizon, embedding);
    product(gradient.decoderDelta, dBias, fused.summedHead, [variates, horizon, F], { beta: 1 });
    const dRotated = allocate(dtype, inner * width);
    product(dRotated, parts.head.weights, dDecoder, [inner, width, F], { transposeA: true });
    const dRotatedBias = allocate(dtype, inner);
    product(dRotatedBias, parts.head.weights, gradient.head.bias, [inner, 1, F], { transposeA: true });
    for (let e = 0; e < embedding; e++) {
      const [from, to] = [e * horizon, (e + 1) * horizon];
      product(
        gradient.decoder.weights.subarray(from * width, to * width),
        this.#outputBasis,
        dRotated.subarray(from * width, to * width),
        [horizon, width, horizon],
      );
      product(gradient.decoder.bias.subarray(from, to), this.#outputBasis, dRotatedBias.subarray(from, to), [
        horizon,
        1,
        horizon,
      ]);
    }
    // The layers.
    let dh = layerNormBackward(tape.norm, dFeatures, parts.norm, gradient.norm);
    for (let l = this.layers - 1; l >= 0; l--) {
      dh = this.#layerBackward(tape.layers[l], dh, parts.layers[l], gradient.layers[l], batch);
    }
    // The encoder.
    const dEncoderBias = byVariate(dh, width);
    addRowsTo(gradient.encoder.bias, dEncoderBias);
    const dEncoder = allocate(dtype, width * T);
    product(dEncoder, dh, tape.x, [width, T, rows], { transposeA: true });
    const dWeighted = allocate(dtype, width * T);
    product(dWeighted, dEncoder, this.#inputBasis, [width, T, T], { transposeB: true });
    const dSummed = allocate(dtype, width * T);
    product(dSummed, dEncoderBias, parts.encoderDelta, [width, T, variates], { transposeA: true });
    product(gradient.encoderDelta, dEncoderBias, fused.summed, [variates, T, width], { beta: 1 });
    k = 0;
    for (let i = 0; i < width; i++) {
      for (let e = 0; e < embedding; e++) {
        for (let t = i * T; t < (i + 1) * T; t++, k++) {
          gradient.encoder.weights[k] += parts.phi[e] * dWeighted[t] + dSummed[t];
          gradient.phi[e] += dWeighted[t] * parts.encoder.weights[k];
        }
      }
    }
    const dx = allocate(dtype, rows * T);
    product(dx, dh, fused.encoder, [rows, T, width]);
    k = 0;
    for (let r = 0; r < rows; r++) {
      const v = Math.floor(r / batch);
      for (let t = 0; t < T; t++, k++) {
        gradient.scale[v] += dx[k] * tape.normalized[k];
        gradient.shift[v] += dx[k];
      }
    }
  }

  #layerBackward(
    tape: LayerTape<ArrayOf<Precision>>,
    dy: ArrayOf<Precision>,
    layer: Layer<ArrayOf<Precision>>,
    gradient: Layer<ArrayOf<Precision>>,
    batch: number,
  ): ArrayOf<Precision> {
    const { variates, width, heads, mixer } = this;
    const dSum = layerNormBackward(tape.norm, dy, layer.norm, gradient.norm);
    const dHidden = linearBackward(tape.hidden, dSum, layer.second, gradient.second);
    for (let k = 0; k < dHidden.length; k++) dHidden[k] *= tape.slope[k];
    const dMiddle = linearBackward(tape.middle, dHidden, layer.first, gradient.first, dSum);
    if (mixer === "none") return dMiddle;
    const dInput = layerNormBackward(tape.mixingNorm!, dMiddle, layer.mixingNorm!, gradient.mixingNorm!);
    const last = layer.maps.length - 1;
    const dMixed = linearBackward(tape.mixed, dInput, layer.maps[last], gradient.maps[last]);
    let dMapped: ArrayOf<Precision>[];
    if (mixer === "attention") {
      const [q, k, v] = tape.mapped;
      dMapped = attendBackward([q, k, v], tape.weights, dMixed, { variates, batch, width, heads });
    } else {
      const columns = batch * width;
      const dValues = allocateLike(dMixed, dMixed.length);
      product(dValues, tape.weights, dMixed, [variates, columns, variates], { transposeA: true });
      dMapped = [dValues];
      if (layer.mixing !== undefined) {
        const by = allocateLike(dMixed, variates * variates);
        product(by, dMixed, tape.mapped[0], [variates, variates, columns], { transposeB: true });
        const matrix = (data: ArrayOf<Precision>) => new Matrix(variates, variates, data);
        gradient.mixing!.set(mixer === "normlin" ? normLinVjp(matrix(layer.mixing), matrix(by)).data : by);
      }
      if (layer.mixingBias !== undefined) {
        for (let k = 0; k < dMixed.length; k++) gradient.mixingBias![Math.floor(k / columns)] += dMixed[k];
      }
    }
    dMapped.forEach((by, i) => linearBackward(tape.input, by, layer.maps[i], gradient.maps[i], dInput));
    return dInput;
  }
}

/** Adds an array of rows of `length` to each of the `copies` beside each other in the rows of another. */
function addToCopies(to: RealArray, rows: RealArray, length: number, copies: number): void {
  let k = 0;
  for (let from = 0; from < rows.length; from += length) {
    for (let e = 0; e < copies; e++) for (let t = from; t < from + length; t++, k++) to[k] += rows[t];
  }
}

/** Options of {@linkcode trainOLinear}. */
export interface TrainOLinearOptions {
  /** Steps of Adam. Default 400. */
  steps?: number;
  /** Windows per step, drawn with replacement. Default 32. */
  batch?: number;
  /** Learning rate. Default 1e-3. */
  learningRate?: number;
  /** Called before every step. */
  onStep?: (progress: { step: number; loss: number }) => void;
  /** Stream of the batches. */
  rng: Rng;
}

/**
 * Trains an {@linkcode OLinear} on windows of some series by Adam on `weightedL1Loss`.
 *
 * @param net The network; its parameters are changed.
 * @param series Time x variates, the training part.
 * @param options Steps, batches, rate.
 * @returns The loss before every step.
 * @throws {RangeError} if a size or a rate is out of range, the series is too short, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OLinear, trainOLinear } from "refigure/forecasting";
 * import { assertLess } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const waves = Matrix.from(200, 2, (t, v) => Math.sin((v + 1) * t / 5));
 * const net = new OLinear({ variates: 2, inputLength: 16, horizon: 4, embedding: 2, width: 16, layers: 1, rng });
 * const { losses } = trainOLinear(net, waves, { steps: 100, learningRate: 5e-3, rng });
 * assertLess(losses[99], 0.5 * losses[0]);
 * ```
 */
export function trainOLinear<Precision extends DType>(
  net: OLinear<Precision>,
  series: Matrix<RealArray>,
  options: TrainOLinearOptions,
): { losses: Float64Array } {
  if (!(net instanceof OLinear)) throw new TypeError("`net` must be an OLinear");
  requireSeries(series);
  requireSameShape("series", series, { rows: series.rows, columns: net.variates });
  requireOptions("options", options, ["steps", "batch", "learningRate", "onStep", "rng"]);
  const { steps = 400, batch = 32, learningRate = 1e-3, onStep, rng } = options;
  requireInteger("steps", steps, { max: 1e7 });
  requireInteger("batch", batch, { min: 1, max: 2 ** 20 });
  requireNumber("learningRate", learningRate, { min: 0 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const stream = requireRng("rng", rng).split("batches");
  const { inputLength, horizon, dtype, variates: groupRows } = net;
  const windows = Math.max(0, series.rows - inputLength - horizon + 1);
  const all = forecastWindows(series, Array.from({ length: windows }, (_, s) => s), {
    inputLength,
    horizon,
    dtype,
  });
  const adam = flatAdam("OLinear", net.parameters, learningRate);
  const out = allocate(dtype, net.parameters.length);
  const losses = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    const drawn = Array.from({ length: batch }, () => stream.integer(windows));
    const targets = takeWindows(all.targets, drawn, { groupRows });
    net.vjp(takeWindows(all.inputs, drawn, { groupRows }), (outputs) => {
      const { loss, gradient } = weightedL1Loss(outputs, targets);
      losses[step] = loss;
      return gradient;
    }, { out });
    onStep?.({ step, loss: losses[step] });
    adam(out);
  }
  return { losses };
}
