import {
  allocate,
  type DType,
  type RealArray,
  requireInteger,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { DTYPES, requireShape, sizeOf } from "./check.ts";
import { CoModule, type OperationCount, setKernel, type StreamKernel } from "./module.ts";
import { RingBuffer } from "./ring_buffer.ts";

/**
 * Returns each frame some steps later, and null before: what a branch needs to wait for a slower one. On a
 * clip it is the identity.
 *
 * @example
 * ```ts
 * import { Delay } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const delay = new Delay(2, { shape: [1] });
 * assertEquals([1, 2, 3, 4].map((x) => delay.step(Float64Array.of(x))?.[0]), [undefined, undefined, 1, 2]);
 * ```
 */
export class Delay extends CoModule {
  /**
   * A delay that holds nothing yet.
   *
   * @param steps Steps between a frame and its return; 0 or more.
   * @param options `shape` of a frame, channels first; `dtype`, default "float64".
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(steps: number, options: { shape: readonly number[]; dtype?: DType }) {
    super();
    requireInteger("steps", steps);
    requireOptions("options", options, ["shape", "dtype"]);
    const { dtype = "float64" } = options;
    const shape = requireShape("shape", options.shape);
    requireOneOf("dtype", dtype, DTYPES);
    setKernel(this, new DelayKernel(steps, shape, dtype));
  }
}

/** Returns each frame at once, or some steps later. */
export class DelayKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField = 1;
  readonly padding = 0;
  readonly stride = 1;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #ring: RingBuffer;

  constructor(steps: number, shape: readonly number[], dtype: DType) {
    this.inputShape = shape;
    this.outputShape = shape;
    this.dtype = dtype;
    this.delay = steps;
    this.#ring = new RingBuffer(steps + 1, sizeOf(shape), { dtype });
    this.buffers = [this.#ring.data];
    this.counters = [this.#ring.counter];
  }

  outputFrames(frames: number): number {
    return frames;
  }

  forward(clip: RealArray): RealArray {
    return clip.slice();
  }

  advance(frame: RealArray): RealArray | null {
    this.#ring.push(frame);
    return this.#ring.count > this.delay ? this.#ring.at(this.delay) : null;
  }

  flush(): RealArray[] {
    const outputs: RealArray[] = [];
    const frame = allocate(this.dtype, sizeOf(this.inputShape));
    for (let i = 0; i < this.delay; i++) {
      const out = this.advance(frame);
      if (out !== null) outputs.push(out.slice());
    }
    return outputs;
  }

  operations(): OperationCount {
    return { mul: 0, add: 0, exp: 0 };
  }
}
