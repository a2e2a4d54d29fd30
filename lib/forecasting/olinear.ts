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
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { softmaxRows } from "../arrays/softmax.ts";
import { backward } from "./olinear_backward.ts";
import { forward, mixingWeights } from "./olinear_forward.ts";
import { type Architecture, fuse } from "./olinear_fused.ts";
import {
  initializeParameters,
  parameterViews,
  type Parts,
  type VariateMixer,
  visitParameters,
} from "./olinear_parameters.ts";
import { requireBasis } from "./ortho_basis.ts";

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
  readonly #architecture: Architecture<ArrayOf<Precision>>;

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
    const bases = {
      inputBasis: stored("inputBasis", inputBasis, inputLength),
      outputBasis: stored("outputBasis", outputBasis, horizon),
    };
    if ((mixer === "correlation") !== (correlation !== undefined)) {
      throw new TypeError('`correlation` must be given for the mixer "correlation", and for no other');
    }
    let fixedMixing: ArrayOf<Precision> | undefined;
    if (correlation !== undefined) {
      fixedMixing = stored("correlation", correlation, variates);
      softmaxRows(fixedMixing, variates);
    }
    const sizes = { variates, inputLength, horizon, embedding, width, hidden, layers, mixer, heads };
    this.#architecture = { ...sizes, ...bases, fixedMixing };
    let count = 0;
    visitParameters(sizes, (length) => count += length);
    requireInteger("the number of parameters", count, { max: 2 ** 28 });
    this.parameters = allocate(dtype, count);
    if (parameters !== undefined) {
      requireLength("parameters", requireRealArray("parameters", parameters), count);
      this.parameters.set(parameters);
    } else {
      initializeParameters(sizes, this.parameters, requireRng("rng", rng!));
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
    return forward(this.#architecture, inputs, this.#views(this.parameters)).outputs;
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
    const parts = this.#views(this.parameters);
    const { outputs, tape } = forward(this.#architecture, inputs, parts);
    const given = typeof cotangents === "function" ? cotangents(outputs) : cotangents;
    requireSameShape("cotangents(...)", requireMatrix("cotangents(...)", given), shape);
    out.fill(0);
    backward(this.#architecture, tape, given, parts, this.#views(out));
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
    const { encoder, encoderBias, decoder, decoderBias } = fuse(
      this.#architecture,
      this.#views(this.parameters),
    );
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
      const { tape } = forward(this.#architecture, inputs!, this.#views(this.parameters));
      const { weights } = tape.layers[layer];
      const share = mean.length / weights.length;
      for (let k = 0; k < weights.length; k++) mean[k % mean.length] += weights[k] * share;
    } else if (this.mixer === "none") {
      for (let v = 0; v < variates; v++) mean[v * (variates + 1)] = 1;
    } else {
      mean.set(mixingWeights(this.#architecture, this.#views(this.parameters).layers[layer]));
    }
    return new Matrix(variates, variates, mean);
  }

  /** The parts of a flat array of parameters, or of derivatives by them. */
  #views(flat: ArrayOf<Precision>): Parts<ArrayOf<Precision>> {
    return parameterViews(this.#architecture, flat);
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
}
