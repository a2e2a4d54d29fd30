import {
  allocate,
  allocateLike,
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
import { engine } from "../blas/choice.ts";
import { activate } from "../networks/activation.ts";
import { localKernel } from "./local_kernel.ts";
import { requireOddTaps, requireScale, RESAMPLING_METHODS, type ResamplingMethod } from "./resampling.ts";
import { spectralKernel } from "./spectral_kernel.ts";

/** The integral operator of each layer of an {@linkcode OperatorNetwork}. */
export type OperatorKernel =
  | {
    /** A spectral convolution: a Fourier neural operator. */
    kind: "spectral";
    /** Modes that are kept. */
    modes: number;
  }
  | {
    /** A convolution: a local integral on other grids than that of training. */
    kind: "local";
    /** Number of taps, odd. */
    taps: number;
    /** Points of the grid on which the taps are given. */
    trainN: number;
  };

/** Options of {@linkcode OperatorNetwork}. */
export interface OperatorNetworkOptions<Precision extends DType = "float32"> {
  /** The integral operator. */
  kernel: OperatorKernel;
  /** Channels of the layers. Default 16. */
  width?: number;
  /** Layers with an integral operator. Default 3. */
  layers?: number;
  /** Channels between the two linear maps at the end. Default 48. */
  hidden?: number;
  /** All parameters, to start from a copy of them; then `rng` is not used. */
  parameters?: RealArray;
  /** Precision. Default `"float32"`. */
  dtype?: Precision;
  /** Stream of the start; each layer has a stream of its own. Needed without `parameters`. */
  rng?: Rng;
}

/** Options of {@linkcode OperatorNetwork.forward}. */
export interface OperatorForwardOptions {
  /** What convolutions do on another grid than that of training. Default `"hat"`. */
  method?: ResamplingMethod;
}

/** Options of {@linkcode OperatorNetwork.vjp}. */
export interface OperatorVjpOptions<Data extends RealArray> extends OperatorForwardOptions {
  /** Where the gradient is written. Default: a new array. */
  out?: Data;
}

/** An integral operator on one grid: adds K v to z, or its derivatives to `dv` and `dKernel`. */
export interface KernelPass {
  /** z += K v. */
  forward(v: RealArray, kernel: RealArray, z: RealArray): void;
  /** dv += K^T dz, dKernel += the derivatives of dz . K v by the kernel. */
  backward(v: RealArray, kernel: RealArray, dz: RealArray, dv: RealArray, dKernel: RealArray): void;
}

/** Storage of one pass on one grid, with the layers' integral operator for it. */
interface Tape<Data> {
  readonly n: number;
  readonly functions: number;
  readonly method: ResamplingMethod;
  readonly pass: KernelPass;
  /** u, sin 2 pi x, cos 2 pi x: [channel][point][function], as all that follows. */
  readonly inputs: Data;
  /** Inputs of every layer, and of the end. */
  readonly values: Data[];
  /** Derivatives of the activations. */
  readonly slopes: Data[];
  readonly hidden: Data;
  readonly hiddenSlope: Data;
  readonly outputs: Data;
}

interface Linear<Data> {
  weights: Data;
  bias: Data;
}

interface Parts<Data> {
  lift: Linear<Data>;
  layers: (Linear<Data> & { kernel: Data })[];
  head: Linear<Data>;
  last: Linear<Data>;
}

/** Channels that go in: the function and its place on the circle. */
const INPUTS = 3;
/** Points of all functions that go through the network at once. */
const BLOCK = 2 ** 14;

/**
 * A network that maps periodic functions on [0, 1) to functions, on any uniform grid: the channels (u, sin 2
 * pi x, cos 2 pi x) are mapped to `width` channels; layers compute `v <- gelu(K v + W v + b)`, the last one
 * without gelu; two linear maps with a gelu between lead to one channel. K is a spectral convolution (Fourier
 * neural operator, Li et al. 2021) or a local integral given by the taps of a convolution (Berner et al.
 * 2025), see {@linkcode OperatorKernel}. All of it but K acts on each point alone.
 *
 * `parameters` is one flat array: lift `[width, 3]` and bias; of each layer K (spectral: `[mode][re,
 * im][in][out]`; local: `[tap][in][out]`), W `[out, in]`, b; head `[hidden, width]` and bias; `[1, hidden]`
 * and bias. Linear maps start normal with variance 1 / inputs, taps with variance 1 / (taps width), real and
 * imaginary parts of modes with deviation 1 / width; biases are zero.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OperatorNetwork } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const fno = new OperatorNetwork({ kernel: { kind: "spectral", modes: 4 }, rng: new Rng(0) });
 * const wave = (n: number) => Matrix.from(1, n, (_, j) => Math.sin(2 * Math.PI * j / n));
 * // The same function on two grids.
 * assertAlmostEquals(fno.forward(wave(64)).get(0, 8), fno.forward(wave(256)).get(0, 32), 1e-4);
 * ```
 */
export class OperatorNetwork<Precision extends DType = "float32"> {
  /** The integral operator. */
  readonly kernel: OperatorKernel;
  /** Channels of the layers. */
  readonly width: number;
  /** Layers with an integral operator. */
  readonly layers: number;
  /** Channels between the two linear maps at the end. */
  readonly hidden: number;
  /** Precision. */
  readonly dtype: Precision;
  /** All parameters. Writing to them changes the network. */
  readonly parameters: ArrayOf<Precision>;
  #spare: Tape<ArrayOf<Precision>> | undefined;

  /**
   * A network at its start.
   *
   * @param options The integral operator, sizes and the start.
   * @throws {RangeError} if a size is out of range, the number of taps is even, or `parameters` has another
   * length than the network needs.
   * @throws {TypeError} if an option or a name is unknown, or neither `parameters` nor `rng` is given.
   */
  constructor(options: OperatorNetworkOptions<Precision>) {
    requireOptions("options", options, [
      "kernel",
      "width",
      "layers",
      "hidden",
      "parameters",
      "dtype",
      "rng",
    ]);
    const { kernel, width = 16, layers = 3, hidden = 48, parameters, rng } = options;
    const { dtype = "float32" as Precision } = options;
    this.kernel = requireKernel(kernel);
    this.width = requireInteger("width", width, { min: 1, max: 4096 });
    this.layers = requireInteger("layers", layers, { min: 1, max: 1000 });
    this.hidden = requireInteger("hidden", hidden, { min: 1, max: 2 ** 16 });
    this.dtype = requireOneOf<DType>("dtype", dtype, DTYPES) as Precision;
    const kernelSize = this.#kernelSize();
    const count = width * (INPUTS + 1) + layers * (kernelSize + width * (width + 1)) +
      hidden * (width + 1) + hidden + 1;
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
   * The outputs for some functions on one grid.
   *
   * @param u Functions at the points j / columns, one per row.
   * @param options What convolutions do on another grid.
   * @returns As many functions on the same grid.
   * @throws {RangeError} if there are no points, a value is not finite, or the grid does not fit that of
   * training.
   * @throws {TypeError} if an argument is of the wrong type, or the method or an option is unknown.
   */
  forward(u: Matrix<RealArray>, options: OperatorForwardOptions = {}): Matrix<ArrayOf<Precision>> {
    requireOptions("options", options, ["method"]);
    const method = this.#requireGrid(u, options.method);
    const n = u.columns;
    const out = new Matrix(u.rows, n, allocate(this.dtype, u.data.length));
    const parts = this.#parts(this.parameters);
    const most = Math.max(1, Math.floor(BLOCK / n));
    for (let start = 0; start < u.rows; start += most) {
      const rows = Math.min(most, u.rows - start);
      const tape = this.#tape(n, rows, method);
      this.#forward(tape, parts, u.data.subarray(start * n, (start + rows) * n));
      swapAxes(tape.outputs, out.data.subarray(start * n, (start + rows) * n), n, rows);
      this.#spare = tape;
    }
    return out;
  }

  /**
   * Reverse mode: the derivatives of the sum of cotangents times outputs by the parameters.
   *
   * @param u Functions at the points j / columns, one per row.
   * @param cotangents As many functions; or a function of the outputs that returns them, so that a loss costs
   * one pass.
   * @param options Where to write; what convolutions do on another grid.
   * @returns Outputs, and the gradient, flat.
   * @throws {RangeError} as {@linkcode OperatorNetwork.forward}, or if a size does not fit.
   * @throws {TypeError} if an argument is of the wrong type, or the method or an option is unknown.
   *
   * @example The bias of the last map adds to every output
   * ```ts
   * import { Matrix, Rng } from "refigure/arrays";
   * import { OperatorNetwork } from "refigure/operators";
   * import { assertEquals } from "@std/assert";
   *
   * const net = new OperatorNetwork({ kernel: { kind: "local", taps: 3, trainN: 8 }, rng: new Rng(0) });
   * const { parameters } = net.vjp(Matrix.zeros(2, 8), Matrix.from(2, 8, () => 1));
   * assertEquals(parameters.at(-1), 16);
   * ```
   */
  vjp(
    u: Matrix<RealArray>,
    cotangents: Matrix<RealArray> | ((outputs: Matrix<ArrayOf<Precision>>) => Matrix<RealArray>),
    options: OperatorVjpOptions<ArrayOf<Precision>> = {},
  ): { outputs: Matrix<ArrayOf<Precision>>; parameters: ArrayOf<Precision> } {
    requireOptions("options", options, ["method", "out"]);
    const method = this.#requireGrid(u, options.method);
    const { out = allocate(this.dtype, this.parameters.length) } = options;
    requireRealArray("out", out, this.dtype);
    requireLength("out", out, this.parameters.length);
    if (typeof cotangents !== "function") {
      requireSameShape("cotangents", requireMatrix("cotangents", cotangents), u);
    }
    out.fill(0);
    const { rows, columns: n } = u;
    const tape = this.#tape(n, rows, method);
    this.#forward(tape, this.#parts(this.parameters), u.data);
    const outputs = new Matrix(rows, n, allocate(this.dtype, rows * n));
    swapAxes(tape.outputs, outputs.data, n, rows);
    const given = typeof cotangents === "function" ? cotangents(outputs) : cotangents;
    requireSameShape("cotangents(...)", requireMatrix("cotangents(...)", given), u);
    this.#backward(tape, given.data, this.#parts(out));
    this.#spare = tape;
    return { outputs, parameters: out };
  }

  #kernelSize(): number {
    const { kernel, width } = this;
    return (kernel.kind === "spectral" ? 2 * kernel.modes : kernel.taps) * width * width;
  }

  #start(rng: Rng): void {
    const { kernel, width } = this;
    const fill = (to: ArrayOf<Precision>, scale: number, label: string) =>
      to.set(rng.split(label).normals(to.length, scale));
    const parts = this.#parts(this.parameters);
    fill(parts.lift.weights, Math.sqrt(1 / INPUTS), "lift");
    const scale = kernel.kind === "spectral" ? 1 / width : Math.sqrt(1 / (kernel.taps * width));
    parts.layers.forEach((layer, l) => {
      fill(layer.kernel, scale, `kernel ${l}`);
      fill(layer.weights, Math.sqrt(1 / width), `weights ${l}`);
    });
    fill(parts.head.weights, Math.sqrt(1 / width), "head");
    fill(parts.last.weights, Math.sqrt(1 / this.hidden), "last");
  }

  /** Views of a flat array of parameters, or of derivatives by them. */
  #parts(flat: ArrayOf<Precision>): Parts<ArrayOf<Precision>> {
    const { width, hidden } = this;
    const kernelSize = this.#kernelSize();
    let at = 0;
    const take = (count: number) => flat.subarray(at, at += count) as ArrayOf<Precision>;
    const linear = (outputs: number, inputs: number) => ({
      weights: take(outputs * inputs),
      bias: take(outputs),
    });
    return {
      lift: linear(width, INPUTS),
      layers: Array.from({ length: this.layers }, () => ({
        kernel: take(kernelSize),
        ...linear(width, width),
      })),
      head: linear(hidden, width),
      last: linear(1, hidden),
    };
  }

  #requireGrid(u: Matrix<RealArray>, method: ResamplingMethod = "hat"): ResamplingMethod {
    requireMatrix("u", u);
    requireInteger("u.columns", u.columns, { min: 1, max: 2 ** 20 });
    requireFinite("`u` must be finite", u.data, u.columns);
    requireOneOf("method", method, RESAMPLING_METHODS);
    const { kernel } = this;
    if (kernel.kind === "local" && method !== "naive") requireScale(u.columns, kernel.trainN);
    return method;
  }

  /**
   * Storage for a pass. It is taken out while it is in use: what computes cotangents may call the network.
   */
  #tape(n: number, functions: number, method: ResamplingMethod): Tape<ArrayOf<Precision>> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare?.n === n && spare.functions === functions && spare.method === method) return spare;
    const { kernel, width, hidden, layers } = this;
    const columns = n * functions;
    const room = (channels: number) => allocate(this.dtype, channels * columns);
    const inputs = room(INPUTS);
    for (let j = 0; j < n; j++) {
      const angle = 2 * Math.PI * j / n;
      inputs.fill(Math.sin(angle), columns + j * functions, columns + (j + 1) * functions);
      inputs.fill(Math.cos(angle), 2 * columns + j * functions, 2 * columns + (j + 1) * functions);
    }
    return {
      n,
      functions,
      method,
      pass: kernel.kind === "spectral"
        ? spectralKernel(this.parameters, { n, functions, width, modes: kernel.modes })
        : localKernel(this.parameters, { n, functions, width, method, ...kernel }),
      inputs,
      values: Array.from({ length: layers + 1 }, () => room(width)),
      slopes: Array.from({ length: layers - 1 }, () => room(width)),
      hidden: room(hidden),
      hiddenSlope: room(hidden),
      outputs: room(1),
    };
  }

  #forward(tape: Tape<ArrayOf<Precision>>, parts: Parts<ArrayOf<Precision>>, u: RealArray): void {
    const { n, functions, pass, inputs, values, slopes, hidden, hiddenSlope, outputs } = tape;
    const columns = n * functions;
    swapAxes(u, inputs.subarray(0, columns), functions, n);
    applyLinear(parts.lift, inputs, values[0], columns);
    parts.layers.forEach((layer, l) => {
      const z = values[l + 1];
      applyLinear(layer, values[l], z, columns);
      pass.forward(values[l], layer.kernel, z);
      if (l < this.layers - 1) activate("gelu", z, z.length, slopes[l]);
    });
    applyLinear(parts.head, values[this.layers], hidden, columns);
    activate("gelu", hidden, hidden.length, hiddenSlope);
    applyLinear(parts.last, hidden, outputs, columns);
  }

  #backward(
    tape: Tape<ArrayOf<Precision>>,
    cotangents: RealArray,
    gradient: Parts<ArrayOf<Precision>>,
  ): void {
    const { n, functions, pass, inputs, values, slopes, hidden, hiddenSlope, outputs } = tape;
    const columns = n * functions;
    const parts = this.#parts(this.parameters);
    // The outputs and slopes are not needed any more: derivatives take their place.
    swapAxes(cotangents, outputs, functions, n);
    const dHidden = allocateLike(hidden, hidden.length);
    linearDerivatives(parts.last, hidden, outputs, columns, gradient.last, dHidden);
    multiply(dHidden, hiddenSlope);
    let dv = allocateLike(hidden, this.width * columns);
    linearDerivatives(parts.head, values[this.layers], dHidden, columns, gradient.head, dv);
    for (let l = this.layers - 1; l >= 0; l--) {
      if (l < this.layers - 1) multiply(dv, slopes[l]);
      const before = allocateLike(hidden, this.width * columns);
      linearDerivatives(parts.layers[l], values[l], dv, columns, gradient.layers[l], before);
      pass.backward(values[l], parts.layers[l].kernel, dv, before, gradient.layers[l].kernel);
      dv = before;
    }
    linearDerivatives(parts.lift, inputs, dv, columns, gradient.lift);
  }
}

/** @throws {RangeError | TypeError} unless it describes an integral operator. */
function requireKernel(kernel: OperatorKernel): OperatorKernel {
  if (typeof kernel !== "object" || kernel === null) {
    requireOptions("kernel", kernel as { kind: string }, ["kind"]);
  }
  requireOneOf("kernel.kind", kernel.kind, ["spectral", "local"]);
  if (kernel.kind === "spectral") {
    requireOptions("kernel", kernel, ["kind", "modes"]);
    requireInteger("kernel.modes", kernel.modes, { min: 1, max: 2 ** 16 });
  } else {
    requireOptions("kernel", kernel, ["kind", "taps", "trainN"]);
    requireOddTaps("kernel.taps", kernel.taps);
    requireInteger("kernel.taps", kernel.taps, { max: 2 ** 16 });
    requireInteger("kernel.trainN", kernel.trainN, { min: 1, max: 2 ** 20 });
  }
  return { ...kernel };
}

/** [rows][columns] as [columns][rows]. */
function swapAxes(from: RealArray, to: RealArray, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  }
}

/** y = W x + b for channels x. */
function applyLinear<Data extends RealArray>(map: Linear<Data>, x: Data, y: Data, columns: number): void {
  const outputs = map.bias.length;
  const inputs = map.weights.length / outputs;
  for (let o = 0; o < outputs; o++) y.fill(map.bias[o], o * columns, (o + 1) * columns);
  if (columns === 0) return;
  engine().gemm(false, false, outputs, columns, inputs, 1, map.weights, inputs, x, columns, 1, y, columns);
}

/** Adds the derivatives by weights and bias; writes those by x, if they are wanted. */
function linearDerivatives<Data extends RealArray>(
  map: Linear<Data>,
  x: Data,
  dy: Data,
  columns: number,
  gradient: Linear<Data>,
  dx?: Data,
): void {
  const outputs = map.bias.length;
  const inputs = map.weights.length / outputs;
  if (columns === 0) return;
  const { weights } = gradient;
  engine().gemm(false, true, outputs, inputs, columns, 1, dy, columns, x, columns, 1, weights, inputs);
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = o * columns; i < (o + 1) * columns; i++) sum += dy[i];
    gradient.bias[o] += sum;
  }
  if (dx === undefined) return;
  engine().gemm(true, false, inputs, columns, outputs, 1, map.weights, inputs, dy, columns, 0, dx, columns);
}

function multiply(values: RealArray, factors: RealArray): void {
  for (let i = 0; i < values.length; i++) values[i] *= factors[i];
}
