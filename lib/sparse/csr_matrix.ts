import { requireVector } from "./check.ts";
import {
  describeValue,
  Matrix,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";

/** An entry of a sparse matrix: row, column, value. */
export type SparseEntry = readonly [row: number, column: number, value: number];

/** Options of {@linkcode CsrMatrix.apply}. */
export interface ApplyOptions {
  /** Where the result is written; not `x` itself. Default a new array. */
  out?: Float64Array;
}

/**
 * A sparse matrix in compressed rows: the entries of row i are `values[k]` in the columns `columnIndices[k]`
 * for k from `rowPointers[i]` to `rowPointers[i + 1]`, in ascending order of the columns.
 *
 * @example
 * ```ts
 * import { CsrMatrix } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * const a = new CsrMatrix(2, 3, [[0, 0, 2], [1, 2, -1]]);
 * assertEquals([...a.apply(new Float64Array([1, 1, 4]))], [2, -4]);
 * ```
 */
export class CsrMatrix {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
  /** Where each row begins in the two other arrays; `rows + 1` numbers. */
  readonly rowPointers: Int32Array;
  /** The column of each entry. */
  readonly columnIndices: Int32Array;
  /** The value of each entry. */
  readonly values: Float64Array;

  /**
   * A matrix from its entries in any order; those of the same place are added.
   *
   * @param rows Number of rows.
   * @param columns Number of columns.
   * @param entries Row, column and value of each entry.
   * @throws {RangeError} if a size or an index is out of range, or a value is not finite.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  constructor(rows: number, columns: number, entries: Iterable<SparseEntry>) {
    requireInteger("rows", rows, { max: 2 ** 30 });
    requireInteger("columns", columns, { max: 2 ** 30 });
    if (typeof entries !== "object" || entries === null || !(Symbol.iterator in entries)) {
      throw new TypeError(
        `\`entries\` must be a list of [row, column, value], got ${describeValue(entries)}`,
      );
    }
    const sorted: SparseEntry[] = [];
    for (const entry of entries) {
      if (!Array.isArray(entry) || entry.length !== 3) {
        throw new TypeError(`An entry must be [row, column, value], got ${describeValue(entry)}`);
      }
      const [row, column, value] = entry as SparseEntry;
      requireInteger("row of an entry", row, { max: rows - 1 });
      requireInteger("column of an entry", column, { max: columns - 1 });
      requireNumber(`entry (${row}, ${column})`, value);
      sorted.push(entry);
    }
    sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const pointers = new Int32Array(rows + 1);
    const indices: number[] = [];
    const values: number[] = [];
    let last: SparseEntry | undefined;
    for (const entry of sorted) {
      const [row, column, value] = entry;
      if (last !== undefined && last[0] === row && last[1] === column) values[values.length - 1] += value;
      else {
        indices.push(column);
        values.push(value);
        pointers[row + 1]++;
      }
      last = entry;
    }
    for (let i = 0; i < rows; i++) pointers[i + 1] += pointers[i];
    this.rows = rows;
    this.columns = columns;
    this.rowPointers = pointers;
    this.columnIndices = Int32Array.from(indices);
    this.values = Float64Array.from(values);
  }

  /** The entries of a matrix that are not zero. @throws {RangeError} if one is not finite. */
  static fromDense(matrix: Matrix): CsrMatrix {
    requireMatrix("matrix", matrix);
    const { rows, columns, data } = matrix;
    const entries: SparseEntry[] = [];
    data.forEach((value, k) => {
      if (value !== 0) entries.push([Math.floor(k / columns), k % columns, value]);
    });
    return new CsrMatrix(rows, columns, entries);
  }

  /**
   * The product of the matrix and a vector.
   *
   * @param x One number per column.
   * @param options Where to write the result.
   * @returns One number per row.
   * @throws {RangeError} if a length does not fit.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  apply(x: Float64Array, options: ApplyOptions = {}): Float64Array {
    requireVector("x", x, this.columns);
    requireOptions("options", options, ["out"]);
    const { out = new Float64Array(this.rows) } = options;
    requireVector("out", out, this.rows);
    if (out === x) throw new RangeError("`out` must not be `x`");
    const { rowPointers, columnIndices, values, rows } = this;
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      const end = rowPointers[i + 1];
      for (let k = rowPointers[i]; k < end; k++) sum += values[k] * x[columnIndices[k]];
      out[i] = sum;
    }
    return out;
  }

  /** The diagonal; zero where there is no entry. */
  diagonal(): Float64Array {
    const out = new Float64Array(Math.min(this.rows, this.columns));
    for (let i = 0; i < out.length; i++) {
      for (let k = this.rowPointers[i]; k < this.rowPointers[i + 1]; k++) {
        if (this.columnIndices[k] === i) out[i] = this.values[k];
      }
    }
    return out;
  }

  /** The matrix with all its zeros. */
  toDense(): Matrix {
    const out = Matrix.zeros(this.rows, this.columns);
    for (let i = 0; i < this.rows; i++) {
      for (let k = this.rowPointers[i]; k < this.rowPointers[i + 1]; k++) {
        out.data[i * this.columns + this.columnIndices[k]] = this.values[k];
      }
    }
    return out;
  }
}
