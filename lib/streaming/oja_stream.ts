import { requireInteger, requireNumber, type Rng } from "../arrays/mod.ts";
import { normalized } from "./random_order_eigenvector.ts";
import { addRow, requireStreamRow, rowDot, squaredNorm, type StreamRow } from "./stream_row.ts";

/** Options of {@linkcode OjaStream}. */
export interface OjaOptions {
  /** Length of a row. */
  d: number;
  /** The learning rate, or what it is at row i = 1, 2, ... */
  learningRate: number | ((i: number) => number);
  /** Where the start comes from. */
  rng: Rng;
  /** Start. Default: uniform on the sphere. */
  start?: Float64Array;
}

/** Rows with little growth that may pass between two normalizations. */
const ROWS_BETWEEN = 64;

/**
 * Oja's rule, `v <- v + learningRate a <a, v>`, with v kept at unit length and its growth counted: the
 * simplest estimator of the top eigenvector of a stream of rows a (Oja 1982; with the growth as a test of
 * success, Price & Xun 2024, arXiv 2408.10332). Memory d words.
 *
 * @throws {RangeError} for options out of range; by `push` for a row of another length or with entries that
 * are not finite.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { OjaStream } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const oja = new OjaStream({ d: 2, learningRate: 1, rng: new Rng(0), start: new Float64Array([1, 1]) });
 * oja.push(new Float64Array([1, 0])); // (1, 1) / sqrt 2 becomes (2, 1) / sqrt 2
 * assertAlmostEquals(oja.vector()[0], 2 / Math.sqrt(5), 1e-15);
 * assertAlmostEquals(oja.logNorm(), Math.log(5 / 2) / 2, 1e-15);
 * ```
 */
export class OjaStream {
  readonly #d: number;
  readonly #v: Float64Array;
  readonly #rate: number | ((i: number) => number);
  #logNorm = 0;
  #rows = 0;
  #since = 0;

  /** Starts a stream. */
  constructor({ d, learningRate, rng, start }: OjaOptions) {
    this.#d = requireInteger("d", d, { min: 1 });
    if (typeof learningRate === "number") requireNumber("learningRate", learningRate, { min: 0 });
    this.#rate = learningRate;
    this.#v = start === undefined ? rng.sphere(d) : normalized("start", start, d);
  }

  /** Takes in the next row. */
  push(row: StreamRow): void {
    const square = requireStreamRow(row, this.#d);
    this.#rows++;
    const rate = typeof this.#rate === "number"
      ? this.#rate
      : requireNumber("learningRate", this.#rate(this.#rows), { min: 0 });
    addRow(this.#v, row, rate * rowDot(row, this.#v));
    // A row lets v grow by 1 + rate |a|^2 at most; small growth can wait.
    if (++this.#since === ROWS_BETWEEN || rate * square > 1) this.#normalize();
  }

  /** The estimate, of unit length. */
  vector(): Float64Array {
    this.#normalize();
    return this.#v.slice();
  }

  /** The logarithm of the growth: of the norm that v would have without normalization. */
  logNorm(): number {
    this.#normalize();
    return this.#logNorm;
  }

  /** Words of memory. */
  get words(): number {
    return this.#d;
  }

  #normalize(): void {
    const norm = Math.sqrt(squaredNorm(this.#v));
    for (let j = 0; j < this.#d; j++) this.#v[j] /= norm;
    this.#logNorm += Math.log(norm);
    this.#since = 0;
  }
}
