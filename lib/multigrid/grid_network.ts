import {
  allocate,
  type ArrayOf,
  type DType,
  Matrix,
  type RealArray,
  requireBoolean,
  requireLength,
  requireMatrix,
  requireOptions,
  requireRealArray,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { type BoundLayer, type GridLayer, tensorSize } from "./layer.ts";

/** A named part of the parameters of a {@linkcode GridNetwork}. */
export interface NetworkTensor<Data extends RealArray = RealArray> {
  /** Such as `S2.1`, the first smoother of the second level; with its layer in front if there are several. */
  readonly name: string;
  /** Kernels are `[taps, channels in, channels out]`, row by row of a two-dimensional kernel. */
  readonly shape: readonly number[];
  /** The entries, a view of `parameters`. */
  readonly data: Data;
}

/** Cotangents, or a function that computes them from the outputs. */
export type GridCotangents = Matrix<RealArray> | ((outputs: Matrix<RealArray>) => Matrix<RealArray>);

/** Options of {@linkcode GridNetwork.vjp}. */
export interface GridVjpOptions<Data extends RealArray = Float64Array> {
  /** Whether derivatives by the inputs are wanted, too. Default false. */
  inputs?: boolean;
  /** Where the gradient is written. Default: a new array. */
  out?: Data;
}

/** What {@linkcode GridNetwork.vjp} returns. */
export interface GridVjp<Data extends RealArray = Float64Array> {
  /** N x points times channels. */
  outputs: Matrix<Data>;
  /** Derivatives of the sum of cotangents times outputs by the parameters, flat. */
  parameters: Data;
  /** The same by the inputs, if they were asked for. */
  inputs?: Matrix<Data>;
}

/** What a {@linkcode GridNetwork} is made of; builders such as {@linkcode mgNo} know it. */
interface Construction<Precision extends DType> {
  dimension: 1 | 2;
  n: number;
  layers: readonly GridLayer[];
  dtype: Precision;
  rng: Rng;
}

interface Binding<Data extends RealArray> {
  batch: number;
  layers: BoundLayer<Data>[];
  input: Data;
  cotangents: Data;
}

/**
 * A network between functions on a grid, over one flat array of parameters, with its derivatives written out.
 * {@linkcode mgConv}, {@linkcode mgNo}, {@linkcode fourierOperator} and {@linkcode localOperator} build one.
 *
 * A function is a row of a matrix: its points in order, row by row of a square, and at each point its
 * channels. NaN in an input makes outputs NaN.
 *
 * @example The adjoint of a learned operator
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { type GridNetwork, mgConv } from "refigure/multigrid";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net: GridNetwork = mgConv({ dimension: 1, n: 7, levels: 3, rng: new Rng(0) });
 * const f = new Rng(1).normalMatrix(1, 7);
 * const v = new Rng(2).normalMatrix(1, 7);
 * const { outputs, inputs } = net.vjp(f, v, { inputs: true });
 * const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k], 0);
 * assertAlmostEquals(dot(outputs.data, v.data), dot(f.data, inputs!.data), 1e-13);
 * ```
 */
export class GridNetwork<Precision extends DType = "float64"> {
  /** 1 for functions on an interval, 2 for functions on a square. */
  readonly dimension: 1 | 2;
  /** Points per axis. */
  readonly n: number;
  /** Channels of an input. */
  readonly channelsIn: number;
  /** Channels of an output. */
  readonly channelsOut: number;
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the network. */
  readonly parameters: ArrayOf<Precision>;
  /** The parts of the parameters. */
  readonly tensors: readonly NetworkTensor<ArrayOf<Precision>>[];
  readonly #layers: readonly GridLayer[];
  readonly #gradient: ArrayOf<Precision>;
  #binding: Binding<ArrayOf<Precision>> | undefined;
  #scratch: ArrayOf<Precision>;

  /** @ignore Builders call it. */
  constructor(construction: Construction<Precision>) {
    const { dimension, n, layers, dtype, rng } = construction;
    this.dimension = dimension;
    this.n = n;
    this.channelsIn = layers[0].input.channels;
    this.channelsOut = layers[layers.length - 1].output.channels;
    this.dtype = dtype;
    this.#layers = layers;
    const all = layers.flatMap(({ tensors }) => tensors);
    this.parameters = allocate(dtype, all.reduce((sum, info) => sum + tensorSize(info), 0));
    this.#gradient = allocate(dtype, this.parameters.length);
    this.#scratch = allocate(dtype, 0);
    const views = this.#views(this.parameters).flat();
    this.tensors = all.map(({ name, shape }, k) => ({ name, shape, data: views[k] }));
    all.forEach(({ start: [low, high] }, k) => {
      const stream = rng.split(k);
      for (let i = 0; i < views[k].length; i++) views[k][i] = stream.uniform(low, high);
    });
  }

  /**
   * Outputs for N functions, N x points times channels.
   *
   * @param x N functions, one per row.
   * @throws {RangeError} if the number of columns is not points times channels.
   * @throws {TypeError} if `x` is not a matrix.
   */
  forward(x: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    const binding = this.#bind("x", x);
    return this.#outputs(this.#forward(binding, x), binding);
  }

  /**
   * Reverse mode: the derivatives of the sum of cotangents times outputs by the parameters and, if asked for,
   * by the inputs. For a linear network the latter are the adjoint applied to the cotangents.
   *
   * @param x N functions, one per row.
   * @param cotangents Of the size of the outputs; or a function of the outputs that returns them, so that a
   * loss costs one pass.
   * @param options Derivatives by inputs; where to write.
   * @returns Outputs and derivatives.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  vjp(
    x: Matrix<RealArray>,
    cotangents: GridCotangents,
    options: GridVjpOptions<ArrayOf<Precision>> = {},
  ): GridVjp<ArrayOf<Precision>> {
    const binding = this.#bind("x", x);
    requireOptions("options", options, ["inputs", "out"]);
    const { inputs: wantsInputs = false, out = allocate(this.dtype, this.parameters.length) } = options;
    requireBoolean("inputs", wantsInputs);
    requireLength("out", requireRealArray("out", out, this.dtype), this.parameters.length);
    const shape = { rows: x.rows, columns: this.channelsOut * this.n ** this.dimension };
    if (typeof cotangents !== "function") requireSameMatrix("cotangents", cotangents, shape);
    const outputs = this.#outputs(this.#forward(binding, x), binding);
    const given = typeof cotangents === "function" ? cotangents(outputs) : cotangents;
    requireSameMatrix("cotangents", given, shape);
    toChannels(given, this.channelsOut, binding.cotangents);
    this.#gradient.fill(0);
    let delta = binding.cotangents;
    for (const layer of binding.layers.toReversed()) delta = layer.backward(delta);
    out.set(this.#gradient);
    if (!wantsInputs) return { outputs, parameters: out };
    const inputs = new Matrix(x.rows, x.columns, allocate(this.dtype, x.data.length));
    fromChannels(delta, this.channelsIn, inputs);
    return { outputs, parameters: out, inputs };
  }

  #forward(binding: Binding<ArrayOf<Precision>>, x: Matrix<RealArray>): ArrayOf<Precision> {
    toChannels(x, this.channelsIn, binding.input);
    let y = binding.input;
    for (const layer of binding.layers) y = layer.forward(y);
    return y;
  }

  #outputs(y: ArrayOf<Precision>, { batch }: { batch: number }): Matrix<ArrayOf<Precision>> {
    const columns = this.channelsOut * this.n ** this.dimension;
    const outputs = new Matrix(batch, columns, allocate(this.dtype, batch * columns));
    fromChannels(y, this.channelsOut, outputs);
    return outputs;
  }

  /** Storage for a batch; the last one is kept. */
  #bind(name: string, x: Matrix<RealArray>): Binding<ArrayOf<Precision>> {
    requireMatrix(name, x);
    const columns = this.channelsIn * this.n ** this.dimension;
    requireSameShape(name, x, { rows: x.rows, columns });
    if (this.#binding?.batch === x.rows) return this.#binding;
    const values = this.#views(this.parameters);
    const gradients = this.#views(this.#gradient);
    const room = (length: number) => allocate(this.dtype, length);
    const scratch = (length: number) => {
      if (this.#scratch.length < length) this.#scratch = room(length);
      return this.#scratch;
    };
    const last = this.#layers[this.#layers.length - 1].output;
    return this.#binding = {
      batch: x.rows,
      layers: this.#layers.map((layer, k) =>
        layer.bind({
          batch: x.rows,
          dtype: this.dtype,
          values: values[k],
          gradients: gradients[k],
          allocate: room,
          scratch,
        })
      ),
      input: room(x.data.length),
      cotangents: room(x.rows * last.channels * last.points),
    };
  }

  /** Views of a flat array: one per tensor, by layer. */
  #views(flat: ArrayOf<Precision>): ArrayOf<Precision>[][] {
    let at = 0;
    return this.#layers.map(({ tensors }) =>
      tensors.map((info) => flat.subarray(at, at += tensorSize(info)) as ArrayOf<Precision>)
    );
  }
}

/** @throws {TypeError | RangeError} unless it is a matrix of that shape. */
function requireSameMatrix(
  name: string,
  matrix: Matrix<RealArray>,
  shape: { rows: number; columns: number },
): void {
  requireSameShape(name, requireMatrix(name, matrix), shape);
}

/** From functions in rows to `[channels, points, batch]`. */
function toChannels({ rows, columns, data }: Matrix<RealArray>, channels: number, out: RealArray): void {
  const points = columns / channels;
  for (let b = 0; b < rows; b++) {
    let k = b * columns;
    for (let p = 0; p < points; p++) {
      for (let c = 0; c < channels; c++) out[(c * points + p) * rows + b] = data[k++];
    }
  }
}

/** The way back. */
function fromChannels(y: RealArray, channels: number, { rows, columns, data }: Matrix<RealArray>): void {
  const points = columns / channels;
  for (let b = 0; b < rows; b++) {
    let k = b * columns;
    for (let p = 0; p < points; p++) {
      for (let c = 0; c < channels; c++) data[k++] = y[(c * points + p) * rows + b];
    }
  }
}
