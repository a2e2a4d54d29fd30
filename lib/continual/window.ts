import { allocate, type DType, type RealArray, requireInteger } from "../arrays/mod.ts";
import { sizeOf } from "./check.ts";
import { Delay } from "./delay.ts";
import { CoModule, type OperationCount, setKernel, type StreamKernel } from "./module.ts";
import { RingBuffer } from "./ring_buffer.ts";

/**
 * The last n frames with every frame: `[C, ...positions]` becomes `[C, n, ...positions]`, the oldest first.
 * The residual of retroactive attention.
 *
 * The cache of the authors' library for this purpose (`RetroactiveUnity`, version 1.2.4) takes its index
 * modulo n - 1 in a buffer of n places, so that its rows are in the wrong order from step 2(n - 1) on.
 *
 * @example
 * ```ts
 * import { CoWindow } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const window = new CoWindow(2, { shape: [1] });
 * assertEquals([5, 6, 7].map((x) => window.step(Float64Array.of(x))), [
 *   null,
 *   Float64Array.of(5, 6),
 *   Float64Array.of(6, 7),
 * ]);
 * ```
 */
export class CoWindow extends CoModule {
  /**
   * A window without frames.
   *
   * @param length n.
   * @param options `shape` of a frame, channels first; `dtype`, default "float64".
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(length: number, options: { shape: readonly number[]; dtype?: DType }) {
    super();
    requireInteger("length", length, { min: 1 });
    // A Delay has the same options, and checks them.
    const { inputShape, dtype } = new Delay(0, options);
    setKernel(this, new WindowKernel(length, inputShape, dtype));
  }
}

class WindowKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField: number;
  readonly padding = 0;
  readonly stride = 1;
  readonly delay: number;
  readonly buffers: readonly RealArray[];
  readonly counters: readonly Float64Array[];
  readonly #ring: RingBuffer;
  readonly #out: RealArray;

  constructor(length: number, shape: readonly number[], dtype: DType) {
    const [channels, ...positions] = shape;
    this.inputShape = shape;
    this.outputShape = [channels, length, ...positions];
    this.dtype = dtype;
    this.receptiveField = length;
    this.delay = length - 1;
    this.#ring = new RingBuffer(length, sizeOf(shape), { dtype });
    this.#out = allocate(dtype, length * sizeOf(shape));
    this.buffers = [this.#ring.data];
    this.counters = [this.#ring.counter];
  }

  outputFrames(frames: number): number {
    return frames - this.receptiveField + 1;
  }

  forward(clip: RealArray, frames: number): RealArray {
    const n = this.receptiveField;
    const count = this.outputFrames(frames);
    const [channels] = this.inputShape;
    const positions = sizeOf(this.inputShape) / channels;
    const out = allocate(this.dtype, channels * count * n * positions);
    for (let c = 0; c < channels; c++) {
      for (let t = 0; t < count; t++) {
        const from = (c * frames + t) * positions;
        out.set(clip.subarray(from, from + n * positions), (c * count + t) * n * positions);
      }
    }
    return out;
  }

  advance(frame: RealArray): RealArray | null {
    this.#ring.push(frame);
    const n = this.receptiveField;
    if (this.#ring.count < n) return null;
    const [channels] = this.inputShape;
    const positions = frame.length / channels;
    for (let i = 0; i < n; i++) {
      const old = this.#ring.at(n - 1 - i);
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < positions; p++) this.#out[(c * n + i) * positions + p] = old[c * positions + p];
      }
    }
    return this.#out;
  }

  flush(): RealArray[] {
    return [];
  }

  operations(): OperationCount {
    return { mul: 0, add: 0, exp: 0 };
  }
}
