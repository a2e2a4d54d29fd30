import {
  type DType,
  type RealArray,
  requireFunction,
  requireInteger,
  requireLength,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { allocateLike } from "../arrays/mod.ts";
import { dtypeOf, DTYPES, requirePositions, requireShape, requireVector, sizeOf } from "./check.ts";
import { CoModule, type Mode, type OperationCount, setKernel, type StreamKernel, times } from "./module.ts";

/** Options of {@linkcode Stepwise}. */
export interface StepwiseOptions {
  /** Shape of an input frame, channels first. */
  inputShape: readonly number[];
  /** Shape of an output frame. Default: that of the input. */
  outputShape?: readonly number[];
  /** Precision. Default "float64". */
  dtype?: DType;
  /** Operations per frame, for counts. Default: none. */
  operations?: OperationCount;
}

/** A function of frames: `x` has shape `[C, frames, ...positions]` and so has the result. */
export type FrameFunction = (x: RealArray, frames: number) => RealArray;

/**
 * A function that treats every frame by itself, as a module: an activation, a product with a matrix, a norm
 * over channels. What normalizes over time is not one.
 *
 * @example
 * ```ts
 * import { CoSequential, Delay, Stepwise } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const square = new Stepwise((x) => x.map((value) => value * value), { inputShape: [2] });
 * const net = new CoSequential([square, new Delay(1, { shape: [2] })]);
 * assertEquals(net.step(Float64Array.of(1, 2)), null);
 * assertEquals(net.step(Float64Array.of(3, 4)), Float64Array.of(1, 4));
 * ```
 */
export class Stepwise extends CoModule {
  /**
   * Wraps a function.
   *
   * @param apply Takes one frame or a clip, `[C, frames, ...positions]`, and how many frames there are. It
   * must not change its argument.
   * @param options Shapes and precision.
   * @throws {RangeError} if a shape is not one; in a step, if the function returns another size.
   * @throws {TypeError} if `apply` is not a function, or an option is of the wrong type or unknown.
   */
  constructor(apply: FrameFunction, options: StepwiseOptions) {
    super();
    requireFunction("apply", apply);
    requireOptions("options", options, ["inputShape", "outputShape", "dtype", "operations"]);
    const { dtype = "float64", operations = { mul: 0, add: 0, exp: 0 } } = options;
    requireOneOf("dtype", dtype, DTYPES);
    const inputShape = requireShape("inputShape", options.inputShape);
    const outputShape = options.outputShape === undefined
      ? inputShape
      : requireShape("outputShape", options.outputShape);
    requireOptions("operations", operations, ["mul", "add", "exp"]);
    for (const name of ["mul", "add", "exp"] as const) {
      requireNumber(`operations.${name}`, operations[name], { min: 0 });
    }
    const checked = (x: RealArray, frames: number) => {
      const out = apply(x, frames);
      requireRealArray("apply(x, frames)", out, dtype);
      requireLength("apply(x, frames)", out, frames * sizeOf(outputShape));
      return out;
    };
    setKernel(this, new StepwiseKernel(checked, { inputShape, outputShape, dtype, operations }));
  }
}

/** A function of one frame at a time. */
export class StepwiseKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField = 1;
  readonly padding = 0;
  readonly stride = 1;
  readonly delay = 0;
  readonly buffers: readonly RealArray[] = [];
  readonly counters: readonly Float64Array[] = [];
  readonly #apply: FrameFunction;
  readonly #operations: OperationCount;

  constructor(apply: FrameFunction, options: Required<StepwiseOptions>) {
    this.#apply = apply;
    this.inputShape = options.inputShape;
    this.outputShape = options.outputShape;
    this.dtype = options.dtype;
    this.#operations = options.operations;
  }

  outputFrames(frames: number): number {
    return frames;
  }

  forward(clip: RealArray, frames: number): RealArray {
    return this.#apply(clip, frames);
  }

  advance(frame: RealArray): RealArray | null {
    return this.#apply(frame, 1);
  }

  flush(): RealArray[] {
    return [];
  }

  operations(mode: Mode, frames: number): OperationCount {
    return times(this.#operations, mode === "forward" ? frames : 1);
  }
}

/**
 * The rectifier max(x, 0), entry by entry; NaN stays NaN.
 *
 * @param shape Shape of a frame, channels first.
 * @param options `dtype`, default "float64".
 * @throws {RangeError | TypeError} if the shape or the precision is none.
 *
 * @example
 * ```ts
 * import { coRelu } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(coRelu([2]).step(Float64Array.of(-1, 2)), Float64Array.of(0, 2));
 * ```
 */
export function coRelu(shape: readonly number[], options: { dtype?: DType } = {}): Stepwise {
  requireOptions("options", options, ["dtype"]);
  return new Stepwise(relu, { inputShape: requireShape("shape", shape), dtype: options.dtype });
}

/** max(x, 0), as a new array; NaN stays. */
export function relu(x: RealArray): RealArray {
  const out = allocateLike(x, x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] <= 0 ? 0 : x[i];
  return out;
}

/** A scale and a shift per channel. */
export interface NormWeights {
  /** Factor of each channel. */
  scale: RealArray;
  /** Added to each channel. */
  shift: RealArray;
}

/**
 * Normalization over the channels of a position, `scale (x - mean) / sqrt(variance + eps) + shift` with the
 * mean and the variance (divided by C) of that position (Ba, Kiros and Hinton 2016).
 *
 * @param weights Scale and shift, C numbers each; their precision is the module's.
 * @param options `positions`: shape of a frame without its channels, default `[]`; `eps`, default 1e-5.
 * @throws {RangeError | TypeError} if a size or a value is out of range, or an option is unknown.
 *
 * @example
 * ```ts
 * import { coLayerNorm } from "refigure/continual";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const norm = coLayerNorm({ scale: Float64Array.of(1, 1), shift: Float64Array.of(0, 5) }, { eps: 0 });
 * const [first, second] = norm.step(Float64Array.of(2, 4))!;
 * assertAlmostEquals(first, -1);
 * assertAlmostEquals(second, 6);
 * ```
 */
export function coLayerNorm(
  weights: NormWeights,
  options: { positions?: readonly number[]; eps?: number } = {},
): Stepwise {
  requireOptions("options", options, ["positions", "eps"]);
  const { positions = [], eps = 1e-5 } = options;
  requirePositions("positions", positions);
  requireNumber("eps", eps, { min: 0 });
  requireNorm("weights", weights);
  const channels = weights.scale.length;
  requireInteger("weights.scale.length", channels, { min: 1 });
  const size = channels * sizeOf(positions);
  return new Stepwise((x) => layerNorm(x, weights, eps), {
    inputShape: [channels, ...positions],
    dtype: dtypeOf(weights.scale),
    operations: { mul: 4 * size, add: 5 * size, exp: 0 },
  });
}

/** Throws unless scale and shift are finite, of one length and precision. @throws {TypeError | RangeError} */
export function requireNorm(name: string, weights: NormWeights, channels?: number, dtype?: DType): void {
  requireOptions(name, weights, ["scale", "shift"]);
  const { scale, shift } = weights;
  requireRealArray(`${name}.scale`, scale);
  requireVector(`${name}.scale`, scale, channels ?? scale.length, dtype ?? dtypeOf(scale));
  requireVector(`${name}.shift`, shift, scale.length, dtypeOf(scale));
}

/** Layer normalization of `[C, columns]` over C, as a new array. */
export function layerNorm(x: RealArray, { scale, shift }: NormWeights, eps: number): RealArray {
  const channels = scale.length;
  const columns = x.length / channels;
  const out = allocateLike(x, x.length);
  for (let p = 0; p < columns; p++) {
    let mean = 0;
    for (let at = p; at < x.length; at += columns) mean += x[at];
    mean /= channels;
    let variance = 0;
    for (let at = p; at < x.length; at += columns) variance += (x[at] - mean) ** 2;
    const factor = 1 / Math.sqrt(variance / channels + eps);
    for (let c = 0; c < channels; c++) {
      const at = c * columns + p;
      out[at] = scale[c] * (x[at] - mean) * factor + shift[c];
    }
  }
  return out;
}
