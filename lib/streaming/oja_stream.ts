import { requireInteger, requireNumber, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { normalized } from "./random_order_eigenvector.ts";
import { addRow, requireStreamRow, rowDot, squaredNorm, type StreamRow } from "./stream_row.ts";

/** Options of {@linkcode OjaStream}. */
export interface OjaOptions {
  /** Length of a row. */
  d: number;
  /** The learning rate, or a function of the row's number i = 1, 2, ... */
  learningRate: number | ((i: number) => number);
  /** Stream of the start; not needed with `start`. */
  rng?: Rng;
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
 * are not finite, or a step that overflows.
 * @throws {TypeError} for an unknown option, if neither `start` nor `rng` is given, or by `push` for a value
 * that is not a row.
 *
 * @example
 * ```ts
 * import { OjaStream } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const oja = new OjaStream({ d: 2, learningRate: 1, start: new Float64Array([1, 1]) });
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
  constructor(options: OjaOptions) {
    requireOptions("options", options, ["d", "learningRate", "rng", "start"]);
    const { d, learningRate, rng, start } = options;
    this.#d = requireInteger("d", d, { min: 1 });
    if (typeof learningRate !== "function") requireNumber("learningRate", learningRate, { min: 0 });
    this.#rate = learningRate;
    if (rng !== undefined) requireRng("rng", rng);
    if (start === undefined && rng === undefined) {
      throw new TypeError("Either `start` or `rng` must be given");
    }
    this.#v = start === undefined ? rng!.sphere(d) : normalized("start", start, d);
  }

  /** Takes in the next row. */
  push(row: StreamRow): void {
    const square = requireStreamRow(row, this.#d);
    this.#rows++;
    const rate = typeof this.#rate === "number"
      ? this.#rate
      : requireNumber(`learningRate(${this.#rows})`, this.#rate(this.#rows), { min: 0 });
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
    if (!(norm < Infinity)) {
      throw new RangeError(
        `Cannot take in row ${this.#rows}: \`learningRate\` times its squared norm overflows`,
      );
    }
    for (let j = 0; j < this.#d; j++) this.#v[j] /= norm;
    this.#logNorm += Math.log(norm);
    this.#since = 0;
  }
}
