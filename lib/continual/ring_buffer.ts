import {
  allocate,
  type DType,
  type RealArray,
  requireInteger,
  requireLength,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { DTYPES } from "./check.ts";

/**
 * The last `length` frames of a stream, in one typed array that is never moved: a new frame overwrites the
 * oldest one. Frames that have not come yet are zeros.
 *
 * @example
 * ```ts
 * import { RingBuffer } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const last = new RingBuffer(2, 1);
 * for (const x of [1, 2, 3]) last.push(Float64Array.of(x));
 * assertEquals([last.at(0)[0], last.at(1)[0]], [3, 2]);
 * assertEquals(last.data, Float64Array.of(3, 2));
 * ```
 */
export class RingBuffer {
  /** Frames kept. */
  readonly length: number;
  /** Numbers per frame. */
  readonly size: number;
  /** The frames, one after the other; frame number t of the stream is at place `t % length`. */
  readonly data: RealArray;
  /** One number, how many frames have come. With `data` it is the whole state. */
  readonly counter: Float64Array = new Float64Array(1);

  /**
   * A ring of zeros.
   *
   * @param length Frames kept, at least 1.
   * @param size Numbers per frame, at least 1.
   * @param options `dtype`: precision. Default "float64".
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if the precision is unknown.
   */
  constructor(length: number, size: number, options: { dtype?: DType } = {}) {
    requireOptions("options", options, ["dtype"]);
    const { dtype = "float64" } = options;
    this.length = requireInteger("length", length, { min: 1 });
    this.size = requireInteger("size", size, { min: 1 });
    requireOneOf("dtype", dtype, DTYPES);
    this.data = allocate(dtype, length * size);
  }

  /** How many frames have come since the start, those that are overwritten included. */
  get count(): number {
    return this.counter[0];
  }

  /** Place of the next frame; once `length` frames have come, that of the oldest. */
  get slot(): number {
    return this.counter[0] % this.length;
  }

  /**
   * Copies a frame into the ring.
   *
   * @throws {RangeError} if it does not have `size` numbers.
   * @throws {TypeError} if it is not a typed array.
   */
  push(frame: RealArray): void {
    requireRealArray("frame", frame);
    requireLength("frame", frame, this.size);
    this.data.set(frame, this.slot * this.size);
    this.counter[0]++;
  }

  /**
   * The frame that came `age` pushes before the newest one, as a view that is overwritten later.
   *
   * @throws {RangeError} unless `age` is an integer from 0 to `length - 1`.
   */
  at(age: number): RealArray {
    requireInteger("age", age, { max: this.length - 1 });
    const place = (this.counter[0] + this.length - 1 - age) % this.length;
    return this.data.subarray(place * this.size, (place + 1) * this.size);
  }

  /** Back to zeros and no frames. */
  reset(): void {
    this.data.fill(0);
    this.counter.fill(0);
  }
}
