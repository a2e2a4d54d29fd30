import {
  type IterationOutcome,
  Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { engine } from "../blas/choice.ts";
import { eigh } from "../linalg/mod.ts";
import { HeavyRows } from "./heavy_rows.ts";
import {
  addRow,
  requireFiniteRow,
  requireStreamRow,
  rowDot,
  squaredNorm,
  type StreamRow,
} from "./stream_row.ts";

/** Bytes of rows that are read three times while they are in the cache. */
const BLOCK_BYTES = 200 * 1024;

/** Options of {@linkcode RandomOrderTopEigenvector}. */
export interface RandomOrderOptions {
  /** Length of a row. */
  d: number;
  /** How many rows will come. */
  n: number;
  /**
   * Blocks of the stream, one step of power iteration each. Default `ceil(2 log2 d)`, enough for a gap of 2;
   * 8 do for a gap of 4.
   */
  blocks?: number;
  /** How many of the largest rows are stored. 0 is block power iteration alone. */
  heavyBudget: number;
  /**
   * Rows of a Gaussian sketch of the stream, to compare candidates by {@linkcode
   * RandomOrderTopEigenvector.sketchedNorm}. Default 0.
   */
  sketchRows?: number;
  /** Stream of the start and of the sketch; not needed with `start` and without `sketchRows`. */
  rng?: Rng;
  /** Start, of any norm but 0. Default: uniform on the sphere. */
  start?: Float64Array;
}

/** The estimate from a stream. */
export interface RandomOrderResult extends IterationOutcome {
  /** The estimate of the top right singular vector, of unit length; its sign is arbitrary. */
  vector: Float64Array;
  /** The estimate of `z^T L^T L z` for the rows L that were not stored. */
  lightEigenvalue: number;
  /** How many rows are stored. */
  heavyRows: number;
  /** Words of 64 bits that were kept between rows. */
  words: number;
  /** The same in bits. */
  bits: number;
  /** `"finished"`, or `"degenerate"` if all rows so far were zero: then `vector` is the start. */
  status: "finished" | "degenerate";
}

/** The rows that an estimator stores. */
export interface StoredRows {
  /** Their numbers in the stream, from 0, ascending. */
  indices: number[];
  /** The rows themselves, in the same order. */
  rows: Matrix;
}

/**
 * The top eigenvector of `A^T A` from one pass over the rows of A in random order, with memory for a few of
 * them: the heaviest rows are stored, the others flow through block power iteration, and the two parts are
 * put together at the end. A reconstruction of the algorithm of Kacham & Woodruff, "Approximating the Top
 * Eigenvector in Random Order Streams" (NeurIPS 2024, arXiv 2412.11963).
 *
 * Every block of n / T rows is a uniform sample, so T times its Gram matrix stands for that of all light
 * rows. Rows that carry much of the spectrum alone would be missing in most blocks: those are the ones that
 * the heap holds.
 *
 * @throws {RangeError} for sizes out of range; by `push` for a row of another length, with entries that are
 * not finite, or one too many; by `result` if rows are missing.
 * @throws {TypeError} for an unknown option, without `rng` where it is needed, or by `push` for a value that
 * is not a row.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { RandomOrderTopEigenvector, squaredCorrelation } from "refigure/streaming";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rows = Matrix.fromRows([[3, 0], [0, 1], [1, 0], [0, -1]]);
 * const stream = new RandomOrderTopEigenvector({ d: 2, n: 4, blocks: 2, heavyBudget: 1, rng: new Rng(0) });
 * for (let i = 0; i < 4; i++) stream.push(rows.row(i));
 * const { vector, heavyRows, words } = stream.result();
 * assertAlmostEquals(squaredCorrelation(vector, new Float64Array([1, 0])), 1, 1e-12);
 * assertEquals([heavyRows, words], [1, 10]); // (budget + 3) d words and two numbers per stored row
 * ```
 */
export class RandomOrderTopEigenvector {
  readonly #d: number;
  readonly #n: number;
  readonly #blocks: number;
  readonly #heap: HeavyRows;
  readonly #z: Float64Array;
  readonly #w: Float64Array;
  readonly #sketch: Matrix;
  readonly #sketchRng: Rng | undefined;
  #arrived = 0;
  #block = 1;
  #lambda = 0;

  /** Starts a stream. */
  constructor(options: RandomOrderOptions) {
    requireOptions("options", options, ["d", "n", "blocks", "heavyBudget", "sketchRows", "rng", "start"]);
    const { d, n, heavyBudget, sketchRows = 0, rng, start } = options;
    this.#d = requireInteger("d", d, { min: 1 });
    this.#n = requireInteger("n", n, { min: 1 });
    const { blocks = Math.min(n, Math.max(1, Math.ceil(2 * Math.log2(d)))) } = options;
    this.#blocks = requireInteger("blocks", blocks, { min: 1, max: n });
    // More than n rows cannot be stored.
    this.#heap = new HeavyRows(Math.min(n, requireInteger("heavyBudget", heavyBudget)), d);
    requireInteger("sketchRows", sketchRows);
    if (rng !== undefined) requireRng("rng", rng);
    else if (start === undefined) throw new TypeError("Either `start` or `rng` must be given");
    else if (sketchRows > 0) throw new TypeError("`rng` must be given for `sketchRows`");
    this.#z = start === undefined ? rng!.split("start").sphere(d) : normalized("start", start, d);
    this.#w = new Float64Array(d);
    this.#sketch = Matrix.zeros(sketchRows, d);
    this.#sketchRng = rng?.split("sketch");
  }

  /** How many rows have come. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Takes in the next row. The row is copied if it is stored. */
  push(row: StreamRow): void {
    this.#requireRoom(1);
    const square = requireStreamRow(row, this.#d);
    this.#addToSketch(row);
    this.#arrived++;
    if (square > this.#heap.threshold) this.#store(row, square);
    else addRow(this.#w, row, rowDot(row, this.#z));
    if (this.#arrived === this.#blockEnd()) this.#endBlock();
  }

  /**
   * Takes in the rows of a matrix, in their order: the same as one `push` after the other up to rounding, at
   * the speed of memory.
   *
   * @param rows The next rows of the stream.
   * @throws {RangeError} if the matrix has another number of columns, too many rows, or an entry that is not
   * finite; rows before it have been taken in then.
   */
  pushRows(rows: Matrix): void {
    const d = this.#d;
    requireMatrix("rows", rows);
    requireRealArray("rows.data", rows.data, "float64");
    if (rows.columns !== d) throw new RangeError(`\`rows\` must have ${d} columns, got ${rows.columns}`);
    this.#requireRoom(rows.rows);
    const step = Math.max(4, Math.floor(BLOCK_BYTES / (8 * d)));
    const weights = new Float64Array(Math.min(step, rows.rows));
    const part = new Float64Array(d);
    const blas = engine();
    for (let from = 0; from < rows.rows;) {
      const height = Math.min(step, rows.rows - from, this.#blockEnd() - this.#arrived);
      const data = rows.data.subarray(from * d, (from + height) * d);
      const c = weights.subarray(0, height);
      // Norms first: their scalar loop hides behind the reads from memory, and the two products find the
      // block in the cache.
      const stored = this.#takeHeavy(data, height);
      blas.gemv(false, height, d, data, d, this.#z, c);
      for (const i of stored) c[i] = 0;
      // Where no norms were needed, an entry that is not finite shows in the products.
      if (!Number.isFinite(squaredNorm(c))) requireFinite("Cannot take in `rows`", data, d);
      blas.gemv(true, height, d, data, d, c, part);
      for (let j = 0; j < d; j++) this.#w[j] += part[j];
      this.#arrived += height;
      from += height;
      if (this.#arrived === this.#blockEnd()) this.#endBlock();
    }
  }

  /**
   * The rows that are stored now: the heaviest so far, as many as `heavyBudget` allows.
   *
   * @returns Copies, in the order of their arrival.
   */
  storedRows(): StoredRows {
    const { arrivals, rows } = this.#heap.inOrder();
    return { indices: arrivals.map((arrival) => arrival - 1), rows };
  }

  /** The estimate after all rows. */
  result(): RandomOrderResult {
    if (this.#arrived !== this.#n) {
      throw new RangeError(
        `Cannot compute the result: expected \`n\` = ${this.#n} rows, got ${this.#arrived}`,
      );
    }
    return this.estimate();
  }

  /** The estimate so far: from the rows stored now and the last block that is complete. */
  estimate(): RandomOrderResult {
    const stored = this.#heap.inOrder().rows;
    const last = stored.rows;
    const rows = Matrix.zeros(last + 1, this.#d);
    rows.data.set(stored.data);
    const scale = Math.sqrt(Math.max(0, this.#lambda));
    this.#z.forEach((x, j) => rows.set(last, j, scale * x));
    const products = gram(rows, { side: "right" });
    const { values, vectors } = eigh(products);
    const words = this.#heap.words + this.#z.length + this.#w.length + this.#sketch.data.length;
    const common = {
      lightEigenvalue: this.#lambda,
      heavyRows: this.#heap.size,
      words,
      bits: 64 * words,
    };
    if (!(values[last] > 0)) {
      const advice = "The squared norms of all rows so far are 0: if the rows are not, scale them up";
      return { vector: this.#z.slice(), ...common, status: "degenerate", advice };
    }
    // The eigenvector u of M M^T gives M^T u, the one of M^T M.
    const vector = new Float64Array(this.#d);
    for (let i = 0; i <= last; i++) addRow(vector, rows.row(i), vectors.get(i, last));
    return { vector: normalized("rows", vector, this.#d), ...common, status: "finished", advice: null };
  }

  /**
   * An unbiased estimate of `||A v||` (of its square) over the rows so far, from the sketch `G A` with
   * Gaussian G: ranks candidates without a second pass.
   *
   * @throws {RangeError} if the stream was started without `sketchRows`, or `v` has not length d.
   */
  sketchedNorm(v: Float64Array): number {
    requireLength("v", requireRealArray("v", v, "float64"), this.#d);
    const { rows } = this.#sketch;
    requireInteger("sketchRows", rows, { min: 1 });
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += rowDot(this.#sketch.row(i), v) ** 2;
    return Math.sqrt(sum / rows);
  }

  #blockEnd(): number {
    return Math.floor(this.#block * this.#n / this.#blocks);
  }

  /** One power step is complete. */
  #endBlock(): void {
    const norm = Math.sqrt(squaredNorm(this.#w));
    this.#lambda = this.#blocks * rowDot(this.#z, this.#w);
    if (norm > 0) this.#z.forEach((_, j) => this.#z[j] = this.#w[j] / norm);
    this.#w.fill(0);
    this.#block++;
  }

  /** Stores the heavy rows of a block and returns their places in it. */
  #takeHeavy(data: Float64Array, height: number): number[] {
    const d = this.#d;
    const heap = this.#heap;
    const sketches = this.#sketch.rows > 0;
    const stored: number[] = [];
    if (heap.threshold === Infinity && !sketches) return stored;
    let threshold = heap.threshold;
    for (let i = 0; i < height; i++) {
      const square = squaredNorm(data, i * d, (i + 1) * d);
      // A NaN is not at most the threshold.
      if (square <= threshold && !sketches) continue;
      const row = data.subarray(i * d, (i + 1) * d);
      if (!Number.isFinite(square)) requireFiniteRow(row);
      this.#addToSketch(row);
      if (square <= threshold) continue;
      stored.push(i);
      this.#store(row, square, this.#arrived + i + 1);
      threshold = heap.threshold;
    }
    return stored;
  }

  #store(row: StreamRow, square: number, arrival: number = this.#arrived): void {
    if (!this.#heap.put(row, square, arrival)) return;
    addRow(this.#w, this.#heap.evicted, rowDot(this.#heap.evicted, this.#z));
  }

  #addToSketch(row: StreamRow): void {
    for (let i = 0; i < this.#sketch.rows; i++) addRow(this.#sketch.row(i), row, this.#sketchRng!.normal());
  }

  #requireRoom(count: number): void {
    if (this.#arrived + count > this.#n) {
      throw new RangeError(`Expected \`n\` = ${this.#n} rows, got ${this.#arrived + count}`);
    }
  }
}

/** A copy of unit length. @throws {RangeError} if the length is not d or the vector zero or not finite. */
export function normalized(name: string, vector: Float64Array, d: number): Float64Array {
  requireLength(name, requireRealArray(name, vector, "float64"), d);
  const norm = Math.sqrt(squaredNorm(vector));
  if (!(norm > 0 && norm < Infinity)) {
    throw new RangeError(`\`${name}\` must have a positive, finite norm, got ${norm}`);
  }
  return vector.map((x) => x / norm);
}
