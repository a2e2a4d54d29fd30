import { allocate, type DType, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { RingBuffer } from "./ring_buffer.ts";
import { softmax } from "../arrays/softmax.ts";

/**
 * Single-output attention of one head: the last n keys and values, and the last queries where an older one
 * asks.
 */
export class SingleOutputCore {
  readonly buffers: readonly RealArray[];
  /** Tokens so far. */
  readonly counter: Float64Array;
  readonly counters: readonly Float64Array[];
  readonly #keys: RingBuffer;
  readonly #values: RingBuffer;
  readonly #queries: RingBuffer;
  readonly #age: number;
  readonly #scale: number;
  readonly #weights: RealArray;

  /** @param age How many tokens ago the query came; 0 for the newest. */
  constructor(window: number, dim: number, age: number, dtype: DType) {
    this.#keys = new RingBuffer(window, dim, { dtype });
    this.#values = new RingBuffer(window, dim, { dtype });
    this.#queries = new RingBuffer(age + 1, dim, { dtype });
    this.#age = age;
    this.#scale = 1 / Math.sqrt(dim);
    this.#weights = allocate(dtype, window);
    this.buffers = [this.#keys.data, this.#values.data, this.#queries.data];
    this.counter = this.#keys.counter;
    this.counters = [this.#keys.counter, this.#values.counter, this.#queries.counter];
  }

  /** Takes a token. */
  push(q: RealArray, k: RealArray, v: RealArray): void {
    this.#queries.push(q);
    this.#keys.push(k);
    this.#values.push(v);
  }

  /** Writes the output over a full window; the order of keys in a sum does not matter. */
  write(out: RealArray): void {
    const { length: n, size: d, data } = this.#keys;
    const weights = this.#weights;
    engine().gemv(false, n, d, data, d, this.#queries.at(this.#age), weights);
    for (let i = 0; i < n; i++) weights[i] *= this.#scale;
    softmax(weights);
    engine().gemv(true, n, d, this.#values.data, d, weights, out);
  }
}
