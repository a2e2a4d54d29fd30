import {
  allocate,
  type DType,
  type RealArray,
  requireInteger,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { DTYPES, requireShape, sizeOf } from "./check.ts";
import { CoModule, type Mode, type OperationCount, setKernel, type StreamKernel, times } from "./module.ts";

/** Options of {@linkcode CoAvgPool} and {@linkcode CoMaxPool}. */
export interface PoolOptions {
  /** Shape of a frame, channels first. */
  shape: readonly number[];
  /** Input frames per output frame. Default 1. */
  stride?: number;
  /** Precision. Default "float64". */
  dtype?: DType;
}

/**
 * The mean of the last `window` frames, entry by entry.
 *
 * Sums over the last frames are made of two parts, the sums from each old frame up to a boundary and the sum
 * since (van Herk 1992; Gil and Werman 1993): three additions per number and step whatever the window, and
 * nothing is ever subtracted, so that errors do not accumulate and a NaN is gone when its frame is.
 *
 * @example
 * ```ts
 * import { CoAvgPool } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new CoAvgPool(2, { shape: [1] });
 * assertEquals(pool.steps(Float64Array.of(1, 3, 5)), Float64Array.of(2, 4));
 * assertEquals(pool.forward(Float64Array.of(1, 3, 5)), Float64Array.of(2, 4));
 * ```
 */
export class CoAvgPool extends CoModule {
  /**
   * A mean over an empty past.
   *
   * @param window Frames, at least 1.
   * @param options Shape of a frame, stride, precision.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(window: number, options: PoolOptions) {
    super();
    setKernel(this, poolKernel(window, options, "mean"));
  }
}

/**
 * The largest of the last `window` frames, entry by entry; NaN while one of them is NaN. Two comparisons per
 * number and step whatever the window, by the scheme of {@linkcode CoAvgPool}.
 *
 * @example
 * ```ts
 * import { CoMaxPool } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new CoMaxPool(3, { shape: [1] });
 * assertEquals(pool.steps(Float64Array.of(5, 1, 2, 0, 1)), Float64Array.of(5, 2, 2));
 * ```
 */
export class CoMaxPool extends CoModule {
  /**
   * A maximum over an empty past.
   *
   * @param window Frames, at least 1.
   * @param options Shape of a frame, stride, precision.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(window: number, options: PoolOptions) {
    super();
    setKernel(this, poolKernel(window, options, "max"));
  }
}

function poolKernel(window: number, options: PoolOptions, kind: "mean" | "max"): PoolKernel {
  requireInteger("window", window, { min: 1 });
  requireOptions("options", options, ["shape", "stride", "dtype"]);
  const { stride = 1, dtype = "float64" } = options;
  const shape = requireShape("shape", options.shape);
  requireInteger("stride", stride, { min: 1 });
  requireOneOf("dtype", dtype, DTYPES);
  return new PoolKernel(window, shape, stride, dtype, kind);
}

class PoolKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding = 0;
  readonly stride: number;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #isMean: boolean;
  /** Frame by frame: of those before the boundary, what they and all later ones up to it come to. */
  readonly #past: Float64Array;
  /** What the frames since the boundary come to. */
  readonly #recent: Float64Array;
  readonly #seen: Float64Array = new Float64Array(1);
  readonly #out: RealArray;

  constructor(window: number, shape: readonly number[], stride: number, dtype: DType, kind: "mean" | "max") {
    this.inputShape = shape;
    this.outputShape = shape;
    this.dtype = dtype;
    this.receptiveField = window;
    this.stride = stride;
    this.delay = window - 1;
    this.#isMean = kind === "mean";
    const size = sizeOf(shape);
    this.#past = allocate("float64", window * size);
    this.#recent = allocate("float64", size);
    this.#out = allocate(dtype, size);
    this.buffers = [this.#past, this.#recent];
    this.counters = [this.#seen];
  }

  outputFrames(frames: number): number {
    return Math.floor((frames - this.receptiveField) / this.stride) + 1;
  }

  forward(clip: RealArray, frames: number): RealArray {
    const [channels] = this.inputShape;
    const positions = sizeOf(this.inputShape) / channels;
    const count = this.outputFrames(frames);
    const window = this.receptiveField;
    const out = allocate(this.dtype, channels * count * positions);
    for (let c = 0; c < channels; c++) {
      for (let t = 0; t < count; t++) {
        for (let p = 0; p < positions; p++) {
          const from = (c * frames + t * this.stride) * positions + p;
          let value = clip[from];
          for (let i = 1; i < window; i++) value = this.#join(value, clip[from + i * positions]);
          out[(c * count + t) * positions + p] = this.#isMean ? value / window : value;
        }
      }
    }
    return out;
  }

  #join(a: number, b: number): number {
    return this.#isMean ? a + b : Math.max(a, b);
  }

  advance(frame: RealArray): RealArray | null {
    const window = this.receptiveField;
    const t = this.#seen[0]++;
    const size = frame.length;
    const slot = t % window;
    const past = this.#past;
    const recent = this.#recent;
    past.set(frame, slot * size);
    if (slot === 0) recent.set(frame);
    else for (let p = 0; p < size; p++) recent[p] = this.#join(recent[p], frame[p]);
    const isDue = t >= this.delay && (t - this.delay) % this.stride === 0;
    if (isDue) {
      const factor = this.#isMean ? 1 / window : 1;
      // The oldest frame is the one after the newest in the ring, unless the newest is the last of the ring.
      const oldest = (slot + 1) * size;
      for (let p = 0; p < size; p++) {
        const value = slot === window - 1 ? recent[p] : this.#join(past[oldest + p], recent[p]);
        this.#out[p] = factor * value;
      }
    }
    if (slot === window - 1) {
      // The boundary moves here: sums of the whole ring, from its end.
      for (let at = (window - 1) * size - 1; at >= 0; at--) past[at] = this.#join(past[at], past[at + size]);
    }
    return isDue ? this.#out : null;
  }

  flush(): RealArray[] {
    return [];
  }

  operations(mode: Mode, frames: number): OperationCount {
    const size = sizeOf(this.inputShape);
    const mul = this.#isMean ? size : 0;
    if (mode === "forward") {
      const one = { mul, add: size * (this.receptiveField - 1), exp: 0 };
      return times(one, Math.max(0, this.outputFrames(frames)));
    }
    // Per frame one addition to the recent sum and one to a past sum; one more per output.
    return { mul, add: this.receptiveField === 1 ? 0 : size * (2 * this.stride + 1), exp: 0 };
  }
}
