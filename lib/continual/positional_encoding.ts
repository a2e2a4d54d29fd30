import {
  allocate,
  type DType,
  type Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { DTYPES, requireWeights } from "./check.ts";
import { CoModule, type Mode, type OperationCount, setKernel, type StreamKernel } from "./module.ts";

/** Options of {@linkcode RecyclingPositionalEncoding}. */
export interface PositionalEncodingOptions {
  /** Learned encodings, count x dim. Default: cyclic ones. */
  table?: Matrix<RealArray>;
  /** Precision of the cyclic encodings; that of the table otherwise. Default "float64". */
  dtype?: DType;
}

/**
 * Adds encoding number `t mod count` to token t. A token keeps its encoding while it moves through the window
 * of n tokens, so that what was computed from it stays valid. With `count >= 2n - 1` no two pairs of tokens
 * of a window at different distances have the same pair of encodings.
 *
 * Cyclic encodings are cosines and sines that have whole numbers of periods in `count` tokens.
 *
 * Source: Hedegaard, Bakhtiarnia and Iosifidis, arXiv 2201.06268, section 3.4.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { RecyclingPositionalEncoding } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const table = Matrix.fromRows([[10], [20], [30]]);
 * const encoding = new RecyclingPositionalEncoding(1, 3, { table });
 * assertEquals(encoding.steps(Float64Array.of(1, 2, 3, 4)), Float64Array.of(11, 22, 33, 14));
 * ```
 */
export class RecyclingPositionalEncoding extends CoModule {
  /**
   * Encodings, at token 0.
   *
   * @param dim Numbers per token E.
   * @param count Encodings.
   * @param options A table of learned encodings, or a precision.
   * @throws {RangeError} if a size is out of range or does not fit, or an entry is not finite.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(dim: number, count: number, options: PositionalEncodingOptions = {}) {
    super();
    requireInteger("dim", dim, { min: 1 });
    requireInteger("count", count, { min: 1 });
    requireOptions("options", options, ["table", "dtype"]);
    const { table } = options;
    if (table !== undefined) requireMatrix("table", table);
    const { dtype = table?.dtype ?? "float64" } = options;
    requireOneOf("dtype", dtype, DTYPES);
    if (table !== undefined) requireWeights("table", table, count, dim, dtype);
    setKernel(this, new EncodingKernel(dim, count, table?.data.slice() ?? cyclic(dim, count, dtype), dtype));
  }
}

function cyclic(dim: number, count: number, dtype: DType): RealArray {
  const table = allocate(dtype, count * dim);
  for (let t = 0; t < count; t++) {
    for (let j = 0; j < dim; j++) {
      const angle = 2 * Math.PI * t * (Math.floor(j / 2) + 1) / count;
      table[t * dim + j] = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}

class EncodingKernel implements StreamKernel {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly dtype: DType;
  readonly receptiveField = 1;
  readonly padding = 0;
  readonly stride = 1;
  readonly delay = 0;
  readonly buffers: readonly RealArray[] = [];
  readonly counters: readonly Float64Array[];
  readonly #table: RealArray;
  readonly #count: number;
  readonly #seen: Float64Array = new Float64Array(1);

  constructor(dim: number, count: number, table: RealArray, dtype: DType) {
    this.inputShape = [dim];
    this.outputShape = [dim];
    this.dtype = dtype;
    this.#table = table;
    this.#count = count;
    this.counters = [this.#seen];
  }

  outputFrames(frames: number): number {
    return frames;
  }

  forward(clip: RealArray, frames: number): RealArray {
    return this.#add(clip, frames, 0);
  }

  advance(frame: RealArray): RealArray | null {
    return this.#add(frame, 1, this.#seen[0]++);
  }

  #add(x: RealArray, frames: number, first: number): RealArray {
    const [dim] = this.inputShape;
    const out = x.slice();
    for (let t = 0; t < frames; t++) {
      const row = ((first + t) % this.#count) * dim;
      for (let e = 0; e < dim; e++) out[e * frames + t] += this.#table[row + e];
    }
    return out;
  }

  flush(): RealArray[] {
    return [];
  }

  operations(mode: Mode, frames: number): OperationCount {
    return { mul: 0, add: this.inputShape[0] * (mode === "forward" ? frames : 1), exp: 0 };
  }
}
