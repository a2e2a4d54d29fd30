import {
  allocate,
  allocateLike,
  describeValue,
  type DType,
  type RealArray,
  requireBoolean,
  requireLength,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { showShape, sizeOf } from "./check.ts";

/** Numbers of arithmetic operations; a division counts as a multiplication. */
export interface OperationCount {
  /** Multiplications. */
  mul: number;
  /** Additions and subtractions. */
  add: number;
  /** Exponentials. */
  exp: number;
}

/** What a count is of: a whole clip at once, or one output of the stream. */
export type Mode = "forward" | "step";

/** State of a module: copies of its buffers and counters, in a fixed order. */
export type ContinualState = readonly RealArray[];

/**
 * What a module does, without the checks. A frame has shape `[C, ...positions]` and a clip `[C, T,
 * ...positions]`, both row-major. Not public: modules reach each other's by {@linkcode kernelOf}.
 */
export interface StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding: number;
  readonly stride: number;
  readonly delay: number;
  /** What is kept of the frames. */
  readonly buffers: readonly RealArray[];
  /** Positions in time. */
  readonly counters: readonly Float64Array[];
  /** Frames of `forward` for a clip of so many. */
  outputFrames(frames: number): number;
  forward(clip: RealArray, frames: number): RealArray;
  /** One step; the result may be a buffer that the next step overwrites. */
  advance(frame: RealArray): RealArray | null;
  /** The outputs that the padding at the end brings, as copies. May leave the state as it comes out. */
  flush(): RealArray[];
  operations(mode: Mode, frames: number): OperationCount;
}

const kernels = new WeakMap<CoModule, StreamKernel>();

/** Gives a module its kernel; for constructors. */
export function setKernel(module: CoModule, kernel: StreamKernel): void {
  kernels.set(module, kernel);
}

/** The kernel of a module. @throws {TypeError} if `module` is not one. */
export function kernelOf(name: string, module: CoModule): StreamKernel {
  const kernel = typeof module === "object" && module !== null ? kernels.get(module) : undefined;
  if (kernel === undefined) {
    throw new TypeError(`\`${name}\` must be a CoModule, got ${describeValue(module)}`);
  }
  return kernel;
}

/**
 * A part of a network that computes the same function in two ways: `forward` on a whole clip, and `step` on
 * one frame of a stream after the other, with the same weights.
 *
 * A frame is a typed array of shape `inputShape = [C, ...positions]`, a clip of shape `[C, T, ...positions]`,
 * both row-major. Positions are what a temporal kernel treats alike: pixels, joints, or streams in parallel.
 *
 * After `delay` steps the outputs of `step` are the frames of `forward`, in order, with the padding at the
 * start included; those that need the padding at the end come when `steps` is asked for it. `step` returns
 * null while it warms up, and on all but every `stride`-th frame.
 *
 * Source: Hedegaard and Iosifidis, "Continual Inference: A Library for Efficient Online Inference with Deep
 * Neural Networks in PyTorch", ECCV workshops 2022, arXiv 2204.03418.
 *
 * @example
 * ```ts
 * import { CoConv1d, CoModule } from "refigure/continual";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const conv = new CoConv1d({ shape: [1, 1, 3], data: Float64Array.of(1, 2, 3) });
 * assert(conv instanceof CoModule);
 * const clip = Float64Array.of(0, 0, 1, 0, 0);
 * assertEquals(conv.forward(clip), Float64Array.of(3, 2, 1));
 * assertEquals(conv.steps(clip), Float64Array.of(3, 2, 1));
 * conv.reset();
 * assertEquals(Array.from(clip, (x) => conv.step(Float64Array.of(x))?.[0]), [undefined, undefined, 3, 2, 1]);
 * const state = conv.getState();
 * conv.step(Float64Array.of(7));
 * conv.setState(state);
 * assertEquals(conv.step(Float64Array.of(1)), Float64Array.of(3));
 * ```
 */
export abstract class CoModule {
  /** Shape of an input frame, channels first. */
  get inputShape(): readonly number[] {
    return kernelOf("this", this).inputShape;
  }

  /** Shape of an output frame, channels first. */
  get outputShape(): readonly number[] {
    return kernelOf("this", this).outputShape;
  }

  /** Precision of frames, weights and state. */
  get dtype(): DType {
    return kernelOf("this", this).dtype;
  }

  /** How many frames of the input an output depends on. */
  get receptiveField(): number {
    return kernelOf("this", this).receptiveField;
  }

  /** Frames of padding at each end of a clip, counted at the input. */
  get padding(): number {
    return kernelOf("this", this).padding;
  }

  /** Input frames per output frame. */
  get stride(): number {
    return kernelOf("this", this).stride;
  }

  /**
   * How many steps pass before the first output: `receptiveField - 1 - padding`, and what is delayed on
   * purpose.
   */
  get delay(): number {
    return kernelOf("this", this).delay;
  }

  /**
   * The function on a whole clip; the state is neither read nor changed.
   *
   * @param clip `[C, T, ...positions]`; T follows from the length.
   * @returns `[C', T', ...positions']`; empty if the clip is shorter than the receptive field less the
   * padding.
   * @throws {RangeError} if the length is not that of whole frames, at least one.
   * @throws {TypeError} if the clip is not a typed array of the module's precision.
   */
  forward<Data extends RealArray>(clip: Data): Data {
    const kernel = kernelOf("this", this);
    const frames = requireClip(kernel, clip);
    if (kernel.outputFrames(frames) <= 0) return allocateLike(clip, 0);
    return kernel.forward(clip, frames) as Data;
  }

  /**
   * Takes one frame of the stream.
   *
   * @param frame `[C, ...positions]`.
   * @param options `updateState`: with false the state stays as it was, at the cost of a copy. Default true.
   * @returns The output frame, or null where there is none.
   * @throws {RangeError} if the frame has another size.
   * @throws {TypeError} if it is not a typed array of the module's precision.
   */
  step<Data extends RealArray>(frame: Data, options: { updateState?: boolean } = {}): Data | null {
    requireOptions("options", options, ["updateState"]);
    const { updateState = true } = options;
    requireBoolean("updateState", updateState);
    const kernel = kernelOf("this", this);
    requireRealArray("frame", frame, kernel.dtype);
    const size = sizeOf(kernel.inputShape);
    if (frame.length !== size) {
      throw new RangeError(
        `\`frame\` must have shape ${showShape(kernel.inputShape)}, ${size} numbers, got ${frame.length}`,
      );
    }
    const saved = updateState ? undefined : this.getState();
    const out = kernel.advance(frame)?.slice() ?? null;
    if (saved !== undefined) this.setState(saved);
    return out as Data | null;
  }

  /**
   * Takes the frames of a clip one by one.
   *
   * @param clip `[C, T, ...positions]`.
   * @param options `padEnd`: also returns the outputs that see the padding at the end; the stream can go on
   * afterwards as if it had not been asked for. Default false.
   * @returns The outputs that are not null, as a clip `[C', T', ...positions']`; empty if there are none.
   * @throws {RangeError} if the length is not that of whole frames, at least one.
   * @throws {TypeError} if the clip is not a typed array of the module's precision.
   */
  steps<Data extends RealArray>(clip: Data, options: { padEnd?: boolean } = {}): Data {
    requireOptions("options", options, ["padEnd"]);
    const { padEnd = false } = options;
    requireBoolean("padEnd", padEnd);
    const kernel = kernelOf("this", this);
    const frames = requireClip(kernel, clip);
    const outputs: RealArray[] = [];
    for (let t = 0; t < frames; t++) {
      const out = kernel.advance(frameOf(clip, kernel.inputShape, frames, t));
      if (out !== null) outputs.push(out.slice());
    }
    if (padEnd) {
      const saved = this.getState();
      for (const out of kernel.flush()) outputs.push(out);
      this.setState(saved);
    }
    return clipOf(outputs, kernel.outputShape, kernel.dtype) as Data;
  }

  /** Forgets all frames. */
  reset(): void {
    for (const array of changing(kernelOf("this", this))) array.fill(0);
  }

  /** A copy of the state. */
  getState(): ContinualState {
    return changing(kernelOf("this", this)).map((array) => array.slice());
  }

  /**
   * Goes back to a state of this module, or of one with the same sizes.
   *
   * @throws {TypeError} if `state` is not a list of typed arrays, or of another precision.
   * @throws {RangeError} if it has other sizes.
   */
  setState(state: ContinualState): void {
    const arrays = changing(kernelOf("this", this));
    if (!Array.isArray(state)) {
      throw new TypeError(`\`state\` must be what getState returns, got ${describeValue(state)}`);
    }
    state.forEach((array, i) => requireRealArray(`state[${i}]`, array));
    requireLength("state", state, arrays.length);
    arrays.forEach((array, i) => {
      requireRealArray(`state[${i}]`, state[i], array instanceof Float32Array ? "float32" : "float64");
      requireLength(`state[${i}]`, state[i], array.length);
    });
    arrays.forEach((array, i) => array.set(state[i]));
  }
}

/** Everything that changes from step to step. */
function changing({ buffers, counters }: StreamKernel): RealArray[] {
  return [...buffers, ...counters];
}

/** Returns how many frames a clip has. @throws {RangeError | TypeError} */
function requireClip({ inputShape, dtype }: StreamKernel, clip: RealArray): number {
  requireRealArray("clip", clip, dtype);
  const size = sizeOf(inputShape);
  const frames = clip.length / size;
  if (!Number.isInteger(frames) || frames === 0) {
    const [channels, ...positions] = inputShape;
    throw new RangeError(
      `\`clip\` must have shape ${showShape([channels, "T", ...positions])}, T times ${size} numbers, got ` +
        `${clip.length}`,
    );
  }
  return frames;
}

/** Frame t of a clip of so many, as a copy. */
export function frameOf(clip: RealArray, shape: readonly number[], frames: number, t: number): RealArray {
  const [channels] = shape;
  const positions = sizeOf(shape) / channels;
  const frame = allocate(clip instanceof Float32Array ? "float32" : "float64", channels * positions);
  for (let c = 0; c < channels; c++) {
    const from = (c * frames + t) * positions;
    for (let p = 0; p < positions; p++) frame[c * positions + p] = clip[from + p];
  }
  return frame;
}

/** The clip of some frames of one shape. */
export function clipOf(frames: readonly RealArray[], shape: readonly number[], dtype: DType): RealArray {
  const [channels] = shape;
  const size = sizeOf(shape);
  const positions = size / channels;
  const clip = allocate(dtype, frames.length * size);
  frames.forEach((frame, t) => {
    for (let c = 0; c < channels; c++) {
      const to = (c * frames.length + t) * positions;
      for (let p = 0; p < positions; p++) clip[to + p] = frame[c * positions + p];
    }
  });
  return clip;
}

/** Frames `start` to `start + count` of a clip of so many, as a clip. */
export function sliceFrames(
  clip: RealArray,
  shape: readonly number[],
  frames: number,
  start: number,
  count: number,
): RealArray {
  if (start === 0 && count === frames) return clip;
  const [channels] = shape;
  const positions = sizeOf(shape) / channels;
  const out = allocate(clip instanceof Float32Array ? "float32" : "float64", channels * count * positions);
  for (let c = 0; c < channels; c++) {
    const from = (c * frames + start) * positions;
    out.set(clip.subarray(from, from + count * positions), c * count * positions);
  }
  return out;
}

/** Zero of every operation, or the sum of counts. */
export function total(counts: readonly OperationCount[]): OperationCount {
  return counts.reduce(
    (sum, { mul, add, exp }) => ({ mul: sum.mul + mul, add: sum.add + add, exp: sum.exp + exp }),
    { mul: 0, add: 0, exp: 0 },
  );
}

/** A count so many times. */
export function times({ mul, add, exp }: OperationCount, factor: number): OperationCount {
  return { mul: factor * mul, add: factor * add, exp: factor * exp };
}
