import { Matrix } from "../arrays/mod.ts";
import type { StreamRow } from "./stream_row.ts";

/**
 * The rows of largest norm so far, in a min-heap: the lightest one is at the root and is evicted first; of
 * equal ones, the latest. Memory is allocated once, `capacity (d + 2)` words and a row for the one that is
 * evicted.
 */
export class HeavyRows {
  /** How many rows are kept now. */
  size = 0;
  /** The row that the last {@linkcode put} evicted. */
  readonly evicted: Float64Array;
  readonly #capacity: number;
  readonly #d: number;
  readonly #rows: Float64Array;
  readonly #keys: Float64Array;
  readonly #arrivals: Float64Array;

  constructor(capacity: number, d: number) {
    this.#capacity = capacity;
    this.#d = d;
    this.#rows = new Float64Array(capacity * d);
    this.#keys = new Float64Array(capacity);
    this.#arrivals = new Float64Array(capacity);
    this.evicted = new Float64Array(d);
  }

  /** Words of memory. */
  get words(): number {
    return this.#rows.length + this.#keys.length + this.#arrivals.length + this.evicted.length;
  }

  /**
   * A row whose squared norm is at most this is not kept; -1 while there is room, Infinity if nothing ever
   * is.
   */
  get threshold(): number {
    if (this.size < this.#capacity) return -1;
    return this.#capacity === 0 ? Infinity : this.#keys[0];
  }

  /**
   * Keeps a row that is above the threshold; true if another one had to leave, which then is in `evicted`.
   */
  put(row: StreamRow, square: number, arrival: number): boolean {
    const full = this.size === this.#capacity;
    if (full) {
      this.evicted.set(this.#rows.subarray(0, this.#d));
      this.#write(0, row, square, arrival);
      this.#sink(0);
    } else {
      this.#write(this.size, row, square, arrival);
      this.#rise(this.size++);
    }
    return full;
  }

  /** The rows kept and the numbers under which they arrived, in the order of their arrival; copies. */
  inOrder(): { arrivals: number[]; rows: Matrix } {
    const rows = Matrix.zeros(this.size, this.#d);
    const order = Array.from({ length: this.size }, (_, i) => i)
      .sort((a, b) => this.#arrivals[a] - this.#arrivals[b]);
    order.forEach((i, place) => rows.data.set(this.#row(i), place * this.#d));
    return { arrivals: order.map((i) => this.#arrivals[i]), rows };
  }

  #row(i: number): Float64Array {
    return this.#rows.subarray(i * this.#d, (i + 1) * this.#d);
  }

  #write(i: number, row: StreamRow, square: number, arrival: number): void {
    const place = this.#row(i);
    if (row instanceof Float64Array) place.set(row);
    else {
      place.fill(0);
      row.indices.forEach((index, k) => place[index] = row.values[k]);
    }
    this.#keys[i] = square;
    this.#arrivals[i] = arrival;
  }

  #isLighter(i: number, j: number): boolean {
    const a = this.#keys[i];
    const b = this.#keys[j];
    return a < b || (a === b && this.#arrivals[i] > this.#arrivals[j]);
  }

  #rise(i: number): void {
    for (let parent = (i - 1) >> 1; i > 0 && this.#isLighter(i, parent); i = parent, parent = (i - 1) >> 1) {
      this.#swap(i, parent);
    }
  }

  #sink(i: number): void {
    for (;;) {
      let lightest = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.size && this.#isLighter(child, lightest)) lightest = child;
      }
      if (lightest === i) return;
      this.#swap(i, lightest);
      i = lightest;
    }
  }

  #swap(i: number, j: number): void {
    for (const list of [this.#keys, this.#arrivals]) {
      const kept = list[i];
      list[i] = list[j];
      list[j] = kept;
    }
    const a = this.#row(i);
    const b = this.#row(j);
    for (let k = 0; k < a.length; k++) {
      const kept = a[k];
      a[k] = b[k];
      b[k] = kept;
    }
  }
}
