import { euclideanNorm, Matrix, requireInteger, requireOptions } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { addRow, requireStreamRow, type StreamRow } from "./stream_row.ts";

/**
 * Frequent Directions: a sketch B of `rows` rows with `||A^T A - B^T B|| <= ||A||_F^2 / rows` for any order
 * of the rows of A (Liberty 2013, "Simple and deterministic matrix sketching"; Ghashami et al. 2016). The
 * buffer has twice as many rows, so that it shrinks once every `rows` rows: memory `2 rows d` words.
 *
 * @throws {RangeError} for sizes out of range; by `push` for a row of another length or with entries that are
 * not finite.
 * @throws {TypeError} for an unknown option, or by `push` for a value that is not a row.
 *
 * @example
 * ```ts
 * import { FrequentDirections, squaredCorrelation } from "refigure/streaming";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sketch = new FrequentDirections({ d: 3, rows: 1 });
 * for (const row of [[0, 1, 0], [5, 0, 0], [0, 0, 1]]) sketch.push(new Float64Array(row));
 * assertAlmostEquals(squaredCorrelation(sketch.vector(), new Float64Array([1, 0, 0])), 1, 1e-12);
 * ```
 */
export class FrequentDirections {
  readonly #rows: number;
  readonly #buffer: Matrix;
  #used = 0;

  /** Starts a sketch, of `rows` rows, of vectors of length `d`. */
  constructor(options: { d: number; rows: number }) {
    requireOptions("options", options, ["d", "rows"]);
    const { d, rows } = options;
    requireInteger("d", d, { min: 1 });
    this.#rows = requireInteger("rows", rows, { min: 1 });
    this.#buffer = Matrix.zeros(2 * rows, d);
  }

  /** Takes in the next row. */
  push(row: StreamRow): void {
    requireStreamRow(row, this.#buffer.columns);
    if (this.#used === this.#buffer.rows) this.#shrink();
    const place = this.#buffer.row(this.#used++);
    place.fill(0);
    addRow(place, row, 1);
  }

  /** The sketch B, `rows` x d, its rows orthogonal and the heaviest first. */
  sketch(): Matrix {
    if (this.#used > this.#rows) this.#shrink();
    return this.#buffer.slice(0, this.#rows);
  }

  /** The top right singular vector of the sketch; zero if all rows were zero. */
  vector(): Float64Array {
    this.#shrink(false);
    const top = this.#buffer.row(0);
    const norm = euclideanNorm(top);
    return norm > 0 ? top.map((x) => x / norm) : top.slice();
  }

  /** Words of memory. */
  get words(): number {
    return this.#buffer.data.length;
  }

  /**
   * Rotates the rows so that they are orthogonal, and subtracts from all squared singular values the first
   * one that does not fit.
   */
  #shrink(loses = this.#used > this.#rows): void {
    const { rows, columns } = this.#buffer;
    const kept = this.#buffer.slice(0, this.#used);
    const { values, vectors } = eigh(gram(kept, { side: "right" }));
    const last = values.length - 1;
    const lost = loses ? Math.max(0, values[last - this.#rows]) : 0;
    const turned = matmul(vectors, kept, { transposeA: true });
    this.#buffer.data.fill(0);
    let used = 0;
    for (let i = last; i >= 0 && used < rows; i--) {
      const square = values[i] - lost;
      if (square <= 1e-15 * values[last]) break;
      const place = this.#buffer.row(used++);
      const scale = Math.sqrt(square / values[i]);
      for (let j = 0; j < columns; j++) place[j] = scale * turned.get(i, j);
    }
    this.#used = used;
  }
}
