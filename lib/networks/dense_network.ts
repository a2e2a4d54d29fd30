import {
  allocate,
  type ArrayOf,
  describeValue,
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
import { activate, type ActivationFunction, requireActivation } from "./activation.ts";
import { PassStorage, type Room } from "./compiled.ts";
import { addRows, bend, multiply } from "./entries.ts";
import { INITIALIZATION_NAMES, type InitializationName, initializeLayer } from "./initialization.ts";
import { writeTangentKernel } from "./tangent_kernel.ts";
import { type EachOutput, newTangentTape, newTape, type TangentTape, type Tape } from "./tape.ts";

/** Options of {@linkcode DenseNetwork}. */
export interface DenseNetworkOptions<Precision extends DType = "float64"> {
  /** Sizes, inputs first, outputs last: `[1, 32, 32, 1]` has two hidden layers. */
  widths: readonly number[];
  /** Activation of the hidden layers, or a list with one for each of them. Default `"tanh"`. */
  activation?: ActivationFunction | readonly ActivationFunction[];
  /** Factor on the pre-activations of the hidden layers, or a list with one for each of them. Default 1. */
  scale?: number | readonly number[];
  /** How parameters start. Default `"pytorch"`. */
  init?: InitializationName;
  /** All parameters, to start from a copy of them; then `init` and `rng` are not used. */
  parameters?: RealArray;
  /** Precision of parameters and of all that is computed. Default `"float64"`. */
  dtype?: Precision;
  /** Stream of the start; each layer has a stream of its own. Needed without `parameters`. */
  rng?: Rng;
}

/** Cotangents, N x outputs, or a function that computes them for a block of rows that begins at `start`. */
export type Cotangents =
  | Matrix<RealArray>
  | ((outputs: Matrix<RealArray>, start: number) => Matrix<RealArray>);

/** Options of {@linkcode DenseNetwork.vjp}. */
export interface VjpOptions<Data extends RealArray = Float64Array> {
  /** Whether derivatives by the inputs are wanted, too. Default false. */
  inputs?: boolean;
  /** Where the gradient is written. Default: a new array. */
  out?: Data;
}

/** What {@linkcode DenseNetwork.vjp} returns. */
export interface Vjp<Data extends RealArray = Float64Array> {
  /** N x outputs. */
  outputs: Matrix<Data>;
  /** Derivatives of the sum of cotangents times outputs by the parameters, flat. */
  parameters: Data;
  /** The same by the inputs, N x inputs, if they were asked for. */
  inputs?: Matrix<Data>;
}

/** A direction in the space of parameters, of inputs, or of both. */
export interface Tangent {
  /** Flat, as the parameters. Default: zero. */
  parameters?: RealArray;
  /** N x inputs. Default: zero. */
  inputs?: Matrix<RealArray>;
}

/** What {@linkcode DenseNetwork.jvp} returns. */
export interface Jvp<Data extends RealArray = Float64Array> {
  /** N x outputs. */
  outputs: Matrix<Data>;
  /** Their derivatives in the direction, N x outputs. */
  tangents: Matrix<Data>;
}

/** Cotangents of outputs and of their tangents, N x outputs; one that is left out is zero. */
export interface TangentCotangents {
  /** Of the outputs. */
  outputs?: Matrix<RealArray>;
  /** Of the tangents. */
  tangents?: Matrix<RealArray>;
}

/** What {@linkcode DenseNetwork.vjpOfJvp} returns. */
export interface VjpOfJvp<Data extends RealArray = Float64Array> extends Vjp<Data> {
  /** Derivatives of the outputs in the direction, N x outputs. */
  tangents: Matrix<Data>;
}

/** Weights and biases of every layer as views of a flat array. */
interface Layers<Data extends RealArray> {
  weights: Matrix<Data>[];
  biases: Data[];
}

/** Storage of passes over at most `rows` inputs. */
interface PassOf<Arrays, Precision extends DType> {
  rows: number;
  storage: PassStorage<Precision, Arrays>;
}

/** What a pass with tangents writes. */
interface TangentTapes<Data> {
  tape: Tape<Data>;
  more: TangentTape<Data>;
}

/** Doubles of one layer in a block of inputs: a few such arrays stay in the second-level cache. */
const BLOCK = 8192;

/**
 * A fully connected network over one flat array of parameters, with its derivatives written out. Layer l
 * computes `phi_l(scale_l (W_l a + b_l))`, the last one `W a + b`.
 *
 * The parameters are those of layer 0, then 1, and so on: the weights `[out, in]` row by row, then the biases.
 * `parameters` may be written to, as optimizers do; `weights` and `biases` are views of it.
 *
 * Passes go over the inputs in blocks that stay in the cache. NaN in an input makes its row of outputs NaN.
 *
 * @example Fit a line by gradient descent
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { addScaled } from "refigure/blas";
 * import { DenseNetwork, meanSquaredError } from "refigure/networks";
 * import { assertLess } from "@std/assert";
 *
 * const net = new DenseNetwork({ widths: [1, 16, 1], activation: "silu", rng: new Rng(0) });
 * const x = Matrix.from(21, 1, (i) => i / 10 - 1);
 * const y = Matrix.from(21, 1, (i) => 1 - i / 10);
 * for (let step = 0; step < 500; step++) {
 *   addScaled(net.parameters, -0.1, meanSquaredError(net, x, y).gradient);
 * }
 * assertLess(meanSquaredError(net, x, y).loss, 1e-3);
 * ```
 */
export class DenseNetwork<Precision extends DType = "float64"> {
  /** Sizes, inputs first. */
  readonly widths: readonly number[];
  /** One per hidden layer. */
  readonly activations: readonly ActivationFunction[];
  /** Factors on the pre-activations, one per layer; the last is 1. */
  readonly scales: readonly number[];
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the network. */
  readonly parameters: ArrayOf<Precision>;
  /** `weights[l]` is widths[l + 1] x widths[l], a view of `parameters`. */
  readonly weights: readonly Matrix<ArrayOf<Precision>>[];
  /** `biases[l]` has widths[l + 1] entries, a view of `parameters`. */
  readonly biases: readonly ArrayOf<Precision>[];
  readonly #blockRows: number;
  #plainPass: PassOf<Tape<ArrayOf<Precision>>, Precision> | undefined;
  #tangentPass: PassOf<TangentTapes<ArrayOf<Precision>>, Precision> | undefined;

  /**
   * A network at its start.
   *
   * @param options Sizes, activations and the start.
   * @throws {RangeError} if there are fewer than two widths, a size is not a positive integer, a list has
   * another length than there are hidden layers, or `parameters` has another length than the network needs.
   * @throws {TypeError} if an option or a name is unknown, or neither `parameters` nor `rng` is given.
   */
  constructor(options: DenseNetworkOptions<Precision>) {
    requireOptions("options", options, [
      "widths",
      "activation",
      "scale",
      "init",
      "parameters",
      "dtype",
      "rng",
    ]);
    const { widths, activation = "tanh", scale = 1, init = "pytorch", parameters, rng } = options;
    const { dtype = "float64" as Precision } = options;
    requireNumbers("widths", widths);
    requireInteger("widths.length", widths.length, { min: 2 });
    Array.from(widths).forEach((width, l) => requireInteger(`widths[${l}]`, width, { min: 1 }));
    requireOneOf<DType>("dtype", dtype, DTYPES);
    requireOneOf("init", init, INITIALIZATION_NAMES);
    this.widths = Array.from(widths);
    const hidden = widths.length - 2;
    this.activations = perLayer("activation", activation, hidden, requireActivation);
    this.scales = [...perLayer("scale", scale, hidden, (name, factor) => requireNumber(name, factor)), 1];
    this.dtype = dtype;
    this.parameters = allocate(dtype, parameterCount(this.widths));
    const { weights, biases } = layersOf(this.parameters, this.widths);
    this.weights = weights;
    this.biases = biases;
    const widest = this.widths.reduce((a, b) => Math.max(a, b));
    this.#blockRows = Math.max(16, Math.floor(BLOCK / widest));
    if (parameters !== undefined) {
      requireLength("parameters", requireRealArray("parameters", parameters), this.parameters.length);
      this.parameters.set(parameters);
    } else {
      requireRng("rng", rng!);
      weights.forEach((w, l) => initializeLayer(init, w.data, biases[l], rng!.split(`layer ${l}`)));
    }
  }

  /** Number of layers with weights. */
  get depth(): number {
    return this.weights.length;
  }

  /** A network with a copy of the parameters. */
  clone(): DenseNetwork<Precision> {
    return new DenseNetwork<Precision>({
      widths: this.widths,
      activation: this.activations,
      scale: this.scales.slice(0, -1),
      parameters: this.parameters,
      dtype: this.dtype,
    });
  }

  /**
   * The outputs at N inputs, N x outputs.
   *
   * @param x N inputs, one per row.
   * @throws {RangeError} if the number of columns is not that of the inputs.
   */
  forward(x: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    const inputs = this.#inputs("x", x);
    const outputs = this.#newMatrix(x.rows, this.widths[this.depth]);
    this.#inBlocks(x.rows, (tape, start, rows) => {
      this.#forward(tape, inputs, start, rows);
      outputs.data.set(this.#outputsOf(tape, rows).data, start * outputs.columns);
    });
    return outputs;
  }

  /**
   * What the hidden layers compute: entry l is N x widths[l + 1], after the activation of hidden layer l, or
   * before it.
   *
   * @param x N inputs, one per row.
   * @param options `before`: the pre-activations, with their scale, in place of the activations. Default false.
   * @throws {RangeError} if the number of columns is not that of the inputs.
   */
  hiddenLayers(x: Matrix<RealArray>, options: { before?: boolean } = {}): Matrix<ArrayOf<Precision>>[] {
    const inputs = this.#inputs("x", x);
    requireOptions("options", options, ["before"]);
    const { before = false } = options;
    requireBoolean("before", before);
    const tape = newTape(this.widths, x.rows, (entries) => allocate(this.dtype, entries));
    this.#forward(tape, inputs, 0, x.rows);
    if (before) {
      for (let l = 0; l < this.depth - 1; l++) this.#preActivations(tape, l, x.rows, tape.slopes[l]);
    }
    return (before ? tape.slopes : tape.values.slice(1, -1)).map((data, l) =>
      new Matrix(x.rows, this.widths[l + 1], data)
    );
  }

  /**
   * Reverse mode: the derivatives of `sum_ic v_ic f_c(x_i)` by the parameters and, if asked for, by the inputs,
   * for cotangents v. With the derivatives of a loss by the outputs as cotangents it is the gradient of the
   * loss.
   *
   * @param x N inputs, one per row.
   * @param cotangents N x outputs; or a function of a block of outputs and the number of its first row, which
   * returns the cotangents of that block, so that a loss costs one pass.
   * @param options Derivatives by inputs; where to write.
   * @returns Outputs and derivatives.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if an argument is of the wrong type.
   *
   * @example Gradient by the inputs
   * ```ts
   * import { Matrix, Rng } from "refigure/arrays";
   * import { DenseNetwork } from "refigure/networks";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * const net = new DenseNetwork({ widths: [2, 8, 1], activation: "sine", rng: new Rng(0) });
   * const at = (x: number, y: number) => net.forward(Matrix.fromRows([[x, y]])).get(0, 0);
   * const { inputs } = net.vjp(Matrix.fromRows([[0.3, 0.4]]), Matrix.fromRows([[1]]), { inputs: true });
   * assertAlmostEquals(inputs!.get(0, 1), (at(0.3, 0.4 + 1e-5) - at(0.3, 0.4 - 1e-5)) / 2e-5, 1e-8);
   * ```
   */
  vjp(
    x: Matrix<RealArray>,
    cotangents: Cotangents,
    options: VjpOptions<ArrayOf<Precision>> = {},
  ): Vjp<ArrayOf<Precision>> {
    const xs = this.#inputs("x", x);
    requireOptions("options", options, ["inputs", "out"]);
    const { inputs: wantsInputs = false, out } = options;
    requireBoolean("inputs", wantsInputs);
    const shape = { rows: x.rows, columns: this.widths[this.depth] };
    if (typeof cotangents !== "function") requireSameMatrix("cotangents", cotangents, shape);
    const parameters = this.#gradientStorage(out);
    const layers = layersOf(parameters, this.widths);
    const outputs = this.#newMatrix(shape.rows, shape.columns);
    const inputs = wantsInputs ? this.#newMatrix(x.rows, x.columns) : undefined;
    this.#inBlocks(x.rows, (tape, start, rows) => {
      this.#forward(tape, xs, start, rows);
      const block = this.#outputsOf(tape, rows);
      outputs.data.set(block.data, start * shape.columns);
      const last = tape.deltas[this.depth - 1];
      if (typeof cotangents === "function") {
        const given = cotangents(block, start);
        requireSameMatrix("cotangents(...)", given, block);
        last.set(given.data);
      } else {
        const from = start * shape.columns;
        last.set(cotangents.data.subarray(from, from + rows * shape.columns));
      }
      this.#backward(tape, rows);
      this.#accumulate(tape, rows, layers);
      if (inputs !== undefined) {
        this.#toInputs(tape.deltas[0], rows, this.weights[0], false, inputs.data, start);
      }
    });
    return inputs === undefined ? { outputs, parameters } : { outputs, parameters, inputs };
  }

  /**
   * Forward mode: outputs and their derivatives in a direction of the parameters, of the inputs, or of both.
   *
   * @param x N inputs, one per row.
   * @param tangent The direction.
   * @returns Outputs and their tangents, N x outputs each.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if the direction has neither part, or an argument is of the wrong type.
   */
  jvp(x: Matrix<RealArray>, tangent: Tangent): Jvp<ArrayOf<Precision>> {
    const xs = this.#inputs("x", x);
    const direction = this.#direction(x, tangent);
    const outputs = this.#newMatrix(x.rows, this.widths[this.depth]);
    const tangents = this.#newMatrix(x.rows, this.widths[this.depth]);
    this.#inTangentBlocks(x.rows, ({ tape, more }, start, rows) => {
      this.#forwardTangent(tape, more, xs, direction, start, rows);
      const count = rows * outputs.columns;
      outputs.data.set(tape.values[this.depth].subarray(0, count), start * outputs.columns);
      tangents.data.set(more.preTangents[this.depth - 1].subarray(0, count), start * outputs.columns);
    });
    return { outputs, tangents };
  }

  /**
   * Reverse mode over forward mode: the derivatives of `sum_ic (v_ic f_c(x_i) + w_ic f'_c(x_i))` by parameters
   * and inputs, where f' are the tangents in a fixed direction. With a direction of parameters it gives
   * Hessian-vector products; with a direction of inputs, gradients of losses on derivatives of the network, such
   * as the eikonal loss or a partial differential equation.
   *
   * @param x N inputs, one per row.
   * @param tangent The direction, which is held fixed.
   * @param cotangents v and w, N x outputs each; or a function of a block of outputs, their tangents and the
   * number of the first row, which returns those of that block.
   * @param options Derivatives by inputs; where to write.
   * @returns Outputs, tangents and derivatives.
   * @throws {RangeError} if a size does not fit.
   * @throws {TypeError} if the direction has neither part, or an argument is of the wrong type.
   */
  vjpOfJvp(
    x: Matrix<RealArray>,
    tangent: Tangent,
    cotangents:
      | TangentCotangents
      | ((outputs: Matrix<RealArray>, tangents: Matrix<RealArray>, start: number) => TangentCotangents),
    options: VjpOptions<ArrayOf<Precision>> = {},
  ): VjpOfJvp<ArrayOf<Precision>> {
    const xs = this.#inputs("x", x);
    const direction = this.#direction(x, tangent);
    requireOptions("options", options, ["inputs", "out"]);
    const { inputs: wantsInputs = false, out } = options;
    requireBoolean("inputs", wantsInputs);
    const columns = this.widths[this.depth];
    const whole = typeof cotangents === "function"
      ? undefined
      : requireTangentCotangents("cotangents", cotangents, { rows: x.rows, columns });
    const parameters = this.#gradientStorage(out);
    const layers = layersOf(parameters, this.widths);
    const outputs = this.#newMatrix(x.rows, columns);
    const tangents = this.#newMatrix(x.rows, columns);
    const inputs = wantsInputs ? this.#newMatrix(x.rows, x.columns) : undefined;
    this.#inTangentBlocks(x.rows, ({ tape, more }, start, rows) => {
      this.#forwardTangent(tape, more, xs, direction, start, rows);
      const from = start * columns;
      const count = rows * columns;
      const block = this.#outputsOf(tape, rows);
      const lastTangents = more.preTangents[this.depth - 1].subarray(0, count) as ArrayOf<Precision>;
      outputs.data.set(block.data, from);
      tangents.data.set(lastTangents, from);
      const delta = tape.deltas[this.depth - 1];
      const tangentDelta = more.tangentDeltas[this.depth - 1];
      if (typeof cotangents === "function") {
        const given = cotangents(block, new Matrix(rows, columns, lastTangents), start);
        requireTangentCotangents("cotangents(...)", given, block);
        setOrClear(delta, given.outputs?.data, count);
        setOrClear(tangentDelta, given.tangents?.data, count);
      } else {
        setOrClear(delta, whole!.outputs?.data.subarray(from, from + count), count);
        setOrClear(tangentDelta, whole!.tangents?.data.subarray(from, from + count), count);
      }
      this.#backwardTangent(tape, more, direction.layers, rows);
      this.#accumulate(tape, rows, layers);
      this.#accumulateTangent(more, rows, layers);
      if (inputs !== undefined) {
        this.#toInputs(tape.deltas[0], rows, this.weights[0], false, inputs.data, start);
        if (direction.layers !== undefined) {
          this.#toInputs(more.tangentDeltas[0], rows, direction.layers.weights[0], true, inputs.data, start);
        }
      }
    });
    return inputs === undefined
      ? { outputs, tangents, parameters }
      : { outputs, tangents, parameters, inputs };
  }

  /**
   * The derivatives of the outputs by the parameters: row `i * outputs + c` belongs to output c at input i. For
   * checks; {@linkcode DenseNetwork.tangentKernel} does not need it.
   *
   * @param x N inputs, one per row.
   * @returns (N outputs) x parameters.
   * @throws {RangeError} if the number of columns is not that of the inputs.
   */
  jacobian(x: Matrix<RealArray>): Matrix<ArrayOf<Precision>> {
    const tape = this.#eachOutput("x", x);
    const out = this.#newMatrix(tape.rows, this.parameters.length);
    for (let i = 0; i < tape.rows; i++) {
      const { weights, biases } = layersOf(out.row(i), this.widths);
      for (let l = 0; l < this.depth; l++) {
        const inputs = this.widths[l];
        const outputs = this.widths[l + 1];
        for (let p = 0; p < outputs; p++) {
          const d = this.scales[l] * tape.deltas[l][i * outputs + p];
          biases[l][p] = d;
          for (let q = 0; q < inputs; q++) {
            weights[l].data[p * inputs + q] = d * tape.values[l][i * inputs + q];
          }
        }
      }
    }
    return out;
  }

  /**
   * The tangent kernel J(x1) J(x2)^T (Jacot, Gabriel & Hongler 2018), without the Jacobian: a sum over layers of
   * `scale^2 (A A^T + 1) * (D D^T)`, entry by entry, with the layer's inputs A and the derivatives D by its
   * pre-activations. Row and column `i * outputs + c` belong to output c at input i.
   *
   * @param x1 N1 inputs, one per row.
   * @param options `x2`: N2 inputs. Default: `x1`, at half the work.
   * @returns (N1 outputs) x (N2 outputs).
   * @throws {RangeError} if the number of columns is not that of the inputs.
   *
   * @example
   * ```ts
   * import { Matrix, Rng } from "refigure/arrays";
   * import { gram } from "refigure/blas";
   * import { DenseNetwork } from "refigure/networks";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * const net = new DenseNetwork({ widths: [1, 8, 8, 1], rng: new Rng(0) });
   * const x = Matrix.fromRows([[0.1], [0.7]]);
   * const explicit = gram(net.jacobian(x), { side: "right" });
   * assertAlmostEquals(net.tangentKernel(x).get(0, 1), explicit.get(0, 1), 1e-13);
   * ```
   */
  tangentKernel(
    x1: Matrix<RealArray>,
    options: { x2?: Matrix<RealArray> } = {},
  ): Matrix<ArrayOf<Precision>> {
    requireOptions("options", options, ["x2"]);
    const { x2 = x1 } = options;
    const left = this.#eachOutput("x1", x1);
    const right = x2 === x1 ? left : this.#eachOutput("x2", x2);
    return this.#kernel(left, right);
  }

  #kernel(
    left: EachOutput<ArrayOf<Precision>>,
    right: EachOutput<ArrayOf<Precision>>,
  ): Matrix<ArrayOf<Precision>> {
    const out = this.#newMatrix(left.rows, right.rows);
    writeTangentKernel(this, left, right, out);
    return out;
  }

  /** A pass whose row `i * outputs + c` has the derivatives of output c at input i. */
  #eachOutput(name: string, x: Matrix<RealArray>): EachOutput<ArrayOf<Precision>> {
    const columns = this.widths[this.depth];
    const inputs = this.#inputs(name, x);
    const repeated = columns === 1 ? inputs : allocate(this.dtype, inputs.length * columns);
    if (columns > 1) {
      for (let row = 0; row < x.rows * columns; row++) {
        const i = Math.floor(row / columns);
        repeated.set(inputs.subarray(i * x.columns, (i + 1) * x.columns), row * x.columns);
      }
    }
    const rows = x.rows * columns;
    const every = (widths: readonly number[]) => widths.map((width) => allocate(this.dtype, rows * width));
    const all = {
      rows,
      values: [repeated, ...every(this.widths.slice(1, -1))],
      deltas: every(this.widths.slice(1)),
    };
    this.#inBlocks(rows, (tape, start, count) => {
      this.#forward(tape, repeated, start, count);
      const last = tape.deltas[this.depth - 1].fill(0);
      for (let k = 0; k < count; k++) last[k * columns + (start + k) % columns] = 1;
      this.#backward(tape, count);
      for (let l = 0; l < this.depth; l++) {
        const width = this.widths[l + 1];
        all.deltas[l].set(tape.deltas[l].subarray(0, count * width), start * width);
        if (l + 1 < this.depth) {
          all.values[l + 1].set(tape.values[l + 1].subarray(0, count * width), start * width);
        }
      }
    });
    return all;
  }

  #newMatrix(rows: number, columns: number): Matrix<ArrayOf<Precision>> {
    return new Matrix(rows, columns, allocate(this.dtype, rows * columns));
  }

  /** The entries of N inputs in the precision of the network. */
  #inputs(name: string, x: Matrix<RealArray>): ArrayOf<Precision> {
    if (requireMatrix(name, x).columns !== this.widths[0]) {
      throw new RangeError(
        `\`${name}\` must have ${this.widths[0]} columns, one per input of the network, got ${x.columns}`,
      );
    }
    return x.dtype === this.dtype ? x.data as ArrayOf<Precision> : x.astype(this.dtype).data;
  }

  #gradientStorage(out: ArrayOf<Precision> | undefined): ArrayOf<Precision> {
    if (out === undefined) return allocate(this.dtype, this.parameters.length);
    requireRealArray("out", out, this.dtype);
    requireLength("out", out, this.parameters.length);
    if (out.buffer === this.parameters.buffer) {
      throw new RangeError("`out` must not be the parameters of the network");
    }
    return out.fill(0) as ArrayOf<Precision>;
  }

  #direction(
    x: Matrix<RealArray>,
    tangent: Tangent,
  ): { layers?: Layers<ArrayOf<Precision>>; inputs?: ArrayOf<Precision> } {
    requireOptions("tangent", tangent, ["parameters", "inputs"]);
    const { parameters, inputs } = tangent;
    if (parameters === undefined && inputs === undefined) {
      throw new TypeError("`tangent` must have `parameters` or `inputs`, got neither");
    }
    if (parameters !== undefined) {
      requireLength(
        "tangent.parameters",
        requireRealArray("tangent.parameters", parameters),
        this.parameters.length,
      );
    }
    if (inputs !== undefined) requireSameMatrix("tangent.inputs", inputs, x);
    const own = allocate(this.dtype, parameters === undefined ? 0 : parameters.length);
    if (parameters !== undefined) own.set(parameters);
    return {
      layers: parameters === undefined ? undefined : layersOf(own, this.widths),
      inputs: inputs === undefined ? undefined : this.#inputs("tangent.inputs", inputs),
    };
  }

  /** Calls `pass` for blocks of rows, with storage that is kept for the next call. */
  #inBlocks(rows: number, pass: (tape: Tape<ArrayOf<Precision>>, start: number, rows: number) => void): void {
    this.#plainPass = this.#passOf(
      rows,
      this.#plainPass,
      (atOnce, room) => newTape(this.widths, atOnce, room),
    );
    this.#eachBlock(rows, this.#plainPass, pass);
  }

  /** The same with storage for tangents. */
  #inTangentBlocks(
    rows: number,
    pass: (tapes: TangentTapes<ArrayOf<Precision>>, start: number, rows: number) => void,
  ): void {
    this.#tangentPass = this.#passOf(rows, this.#tangentPass, (atOnce, room) => ({
      tape: newTape(this.widths, atOnce, room),
      more: newTangentTape(this.widths, atOnce, room),
    }));
    this.#eachBlock(rows, this.#tangentPass, pass);
  }

  /** The storage that is there if it is large enough for blocks of so many rows, else a new one. */
  #passOf<Arrays>(
    rows: number,
    present: PassOf<Arrays, Precision> | undefined,
    build: (atOnce: number, room: Room<ArrayOf<Precision>>) => Arrays,
  ): PassOf<Arrays, Precision> {
    const atOnce = Math.min(rows, this.#blockRows);
    if (present !== undefined && present.rows >= atOnce) return present;
    return { rows: atOnce, storage: new PassStorage(this.dtype, (room) => build(atOnce, room)) };
  }

  #eachBlock<Arrays>(
    rows: number,
    { storage }: PassOf<Arrays, Precision>,
    pass: (arrays: Arrays, start: number, rows: number) => void,
  ): void {
    storage.use((arrays) => {
      for (let start = 0; start < rows; start += this.#blockRows) {
        pass(arrays, start, Math.min(this.#blockRows, rows - start));
      }
    });
  }

  #outputsOf(tape: Tape<ArrayOf<Precision>>, rows: number): Matrix<ArrayOf<Precision>> {
    const columns = this.widths[this.depth];
    return new Matrix(
      rows,
      columns,
      tape.values[this.depth].subarray(0, rows * columns) as ArrayOf<Precision>,
    );
  }

  /** `out = scale_l (values[l] W^T + b)`. */
  #preActivations(tape: Tape<ArrayOf<Precision>>, l: number, rows: number, out: ArrayOf<Precision>): void {
    fillRows(out, this.biases[l], this.scales[l], rows);
    product(false, true, rows, this.weights[l], this.scales[l], tape.values[l], 1, out);
  }

  #forward(tape: Tape<ArrayOf<Precision>>, x: ArrayOf<Precision>, start: number, rows: number): void {
    const columns = this.widths[0];
    tape.values[0] = x.subarray(start * columns, (start + rows) * columns) as ArrayOf<Precision>;
    for (let l = 0; l < this.depth; l++) {
      const z = tape.values[l + 1];
      this.#preActivations(tape, l, rows, z);
      if (l < this.depth - 1) activate(this.activations[l], z, rows * this.widths[l + 1], tape.slopes[l]);
    }
  }

  /** From the cotangents in the last deltas to all deltas. */
  #backward({ slopes, deltas }: Tape<ArrayOf<Precision>>, rows: number): void {
    for (let l = this.depth - 1; l > 0; l--) {
      const below = deltas[l - 1];
      const slope = slopes[l - 1];
      product(false, false, rows, this.weights[l], this.scales[l], deltas[l], 0, below);
      multiply(below, below, slope, rows * this.widths[l]);
    }
  }

  /** Adds the block's part of the gradient. */
  #accumulate(
    { values, deltas, sums }: Tape<ArrayOf<Precision>>,
    rows: number,
    { weights, biases }: Layers<ArrayOf<Precision>>,
  ): void {
    for (let l = 0; l < this.depth; l++) {
      outerProducts(rows, this.scales[l], deltas[l], values[l], weights[l]);
      addRows(biases[l], deltas[l], this.scales[l], rows, sums);
    }
  }

  /** `out = scale_0 delta W`, or added to it. */
  #toInputs(
    delta: ArrayOf<Precision>,
    rows: number,
    weights: Matrix<ArrayOf<Precision>>,
    added: boolean,
    out: ArrayOf<Precision>,
    start: number,
  ): void {
    const columns = weights.columns;
    const target = out.subarray(start * columns, (start + rows) * columns) as ArrayOf<Precision>;
    product(false, false, rows, weights, this.scales[0], delta, added ? 1 : 0, target);
  }

  #forwardTangent(
    tape: Tape<ArrayOf<Precision>>,
    { curvatures, preTangents, tangents }: TangentTape<ArrayOf<Precision>>,
    x: ArrayOf<Precision>,
    { layers, inputs }: { layers?: Layers<ArrayOf<Precision>>; inputs?: ArrayOf<Precision> },
    start: number,
    rows: number,
  ): void {
    const from = start * this.widths[0];
    const to = from + rows * this.widths[0];
    tape.values[0] = x.subarray(from, to) as ArrayOf<Precision>;
    tangents[0] = inputs?.subarray(from, to) as ArrayOf<Precision> | undefined;
    for (let l = 0; l < this.depth; l++) {
      const z = tape.values[l + 1];
      const scale = this.scales[l];
      const moved = preTangents[l];
      this.#preActivations(tape, l, rows, z);
      if (layers !== undefined) {
        fillRows(moved, layers.biases[l], scale, rows);
        product(false, true, rows, layers.weights[l], scale, tape.values[l], 1, moved);
      }
      const tangent = tangents[l];
      if (tangent !== undefined) {
        product(false, true, rows, this.weights[l], scale, tangent, layers === undefined ? 0 : 1, moved);
      }
      if (l === this.depth - 1) return;
      const count = rows * this.widths[l + 1];
      const slope = tape.slopes[l];
      const next = tangents[l + 1]!;
      activate(this.activations[l], z, count, slope, curvatures[l]);
      multiply(next, slope, moved, count);
    }
  }

  /** From the cotangents in the last deltas and tangent deltas to all of them. */
  #backwardTangent(
    { slopes, deltas }: Tape<ArrayOf<Precision>>,
    { curvatures, preTangents, tangentDeltas }: TangentTape<ArrayOf<Precision>>,
    layers: Layers<ArrayOf<Precision>> | undefined,
    rows: number,
  ): void {
    for (let l = this.depth - 1; l > 0; l--) {
      const scale = this.scales[l];
      const below = deltas[l - 1];
      const tangentBelow = tangentDeltas[l - 1];
      product(false, false, rows, this.weights[l], scale, deltas[l], 0, below);
      if (layers !== undefined) {
        product(false, false, rows, layers.weights[l], scale, tangentDeltas[l], 1, below);
      }
      product(false, false, rows, this.weights[l], scale, tangentDeltas[l], 0, tangentBelow);
      const count = rows * this.widths[l];
      bend(below, tangentBelow, slopes[l - 1], curvatures[l - 1], preTangents[l - 1], count);
    }
  }

  /** Adds the part of the gradient that goes through the tangents. */
  #accumulateTangent(
    { tangents, tangentDeltas }: TangentTape<ArrayOf<Precision>>,
    rows: number,
    { weights }: Layers<ArrayOf<Precision>>,
  ): void {
    for (let l = 0; l < this.depth; l++) {
      const tangent = tangents[l];
      if (tangent !== undefined) outerProducts(rows, this.scales[l], tangentDeltas[l], tangent, weights[l]);
    }
  }
}

/** How many parameters a network of these widths has. */
function parameterCount(widths: readonly number[]): number {
  let count = 0;
  for (let l = 0; l + 1 < widths.length; l++) count += (widths[l] + 1) * widths[l + 1];
  return count;
}

/** Weights and biases as views of a flat array. */
function layersOf<Data extends RealArray>(flat: Data, widths: readonly number[]): Layers<Data> {
  const weights: Matrix<Data>[] = [];
  const biases: Data[] = [];
  let at = 0;
  const take = (count: number) => flat.subarray(at, at += count) as Data;
  for (let l = 0; l + 1 < widths.length; l++) {
    weights.push(new Matrix(widths[l + 1], widths[l], take(widths[l + 1] * widths[l])));
    biases.push(take(widths[l + 1]));
  }
  return { weights, biases };
}

/** An option for every hidden layer as a list. */
function perLayer<Value>(
  name: string,
  given: Value | readonly Value[],
  hidden: number,
  check: (name: string, value: Value) => Value,
): Value[] {
  if (!Array.isArray(given)) {
    const value = check(name, given as Value);
    return Array.from({ length: hidden }, () => value);
  }
  const values = given.map((value, l) => check(`${name}[${l}]`, value));
  if (values.length !== hidden) {
    throw new RangeError(
      `\`${name}\` must have ${hidden} entries, one per hidden layer, got ${values.length}`,
    );
  }
  return values;
}

function requireSameMatrix(
  name: string,
  given: Matrix<RealArray>,
  shape: { rows: number; columns: number },
): void {
  requireSameShape(name, requireMatrix(name, given), shape);
}

function requireTangentCotangents(
  name: string,
  given: TangentCotangents,
  shape: { rows: number; columns: number },
): TangentCotangents {
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`\`${name}\` must be an object of matrices, got ${describeValue(given)}`);
  }
  requireOptions(name, given, ["outputs", "tangents"]);
  if (given.outputs !== undefined) requireSameMatrix(`${name}.outputs`, given.outputs, shape);
  if (given.tangents !== undefined) requireSameMatrix(`${name}.tangents`, given.tangents, shape);
  return given;
}

function setOrClear(target: RealArray, values: RealArray | undefined, count: number): void {
  if (values === undefined) target.fill(0, 0, count);
  else target.set(values);
}

/** Writes `scale * row` into the first `rows` rows of `out`. */
function fillRows(out: RealArray, row: RealArray, scale: number, rows: number): void {
  const width = row.length;
  if (rows === 0) return;
  for (let j = 0; j < width; j++) out[j] = scale * row[j];
  let done = 1;
  for (; 2 * done <= rows; done *= 2) out.copyWithin(done * width, 0, done * width);
  out.copyWithin(done * width, 0, (rows - done) * width);
}

/** `out = alpha op(a) op(weights) + beta out` for `rows` rows of `a`. */
function product(
  transposeA: false,
  transposeWeights: boolean,
  rows: number,
  weights: Matrix<RealArray>,
  alpha: number,
  a: RealArray,
  beta: number,
  out: RealArray,
): void {
  if (rows === 0) return;
  const inner = transposeWeights ? weights.columns : weights.rows;
  const outer = transposeWeights ? weights.rows : weights.columns;
  engine().gemm(
    transposeA,
    transposeWeights,
    rows,
    outer,
    inner,
    alpha,
    a,
    inner,
    weights.data,
    weights.columns,
    beta,
    out,
    outer,
  );
}

/** `weights += alpha deltas^T values` over `rows` rows. */
function outerProducts(
  rows: number,
  alpha: number,
  deltas: RealArray,
  values: RealArray,
  weights: Matrix<RealArray>,
): void {
  if (rows === 0) return;
  const { rows: m, columns: n } = weights;
  engine().gemm(true, false, m, n, rows, alpha, deltas, m, values, n, 1, weights.data, n);
}
