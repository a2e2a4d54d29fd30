import { describeValue, requireFunction, requireInteger, requireLength } from "./check.ts";
import { type Matrix, type RealArray, requireMatrix, requireRealArray, requireSameShape } from "./matrix.ts";
import { newArray } from "./new_array.ts";

/** A complex number. */
export interface Complex {
  /** Real part. */
  re: number;
  /** Imaginary part. */
  im: number;
}

/**
 * A dense complex matrix, row-major, real and imaginary parts interleaved:
 * entry (i, j) is `data[2 * (i * columns + j)] + 1i * data[2 * (i * columns + j) + 1]`.
 *
 * A complex vector is the same storage without a shape: a typed array of twice its length.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * const a = ComplexMatrix.from(1, 2, (_, j) => ({ re: j, im: 1 }));
 * assertEquals(a.data, new Float64Array([0, 1, 1, 1]));
 * assertEquals(a.conjugateTranspose().get(1, 0), { re: 1, im: -1 });
 * ```
 */
export class ComplexMatrix<Data extends RealArray = Float64Array> {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
  /** Entries as (re, im) pairs, row after row; length `2 * rows * columns`. */
  readonly data: Data;

  /**
   * Wraps `data` without copying it.
   *
   * @throws {TypeError} if `data` is not a Float64Array or Float32Array, or a size is not a number.
   * @throws {RangeError} if a size is not a non-negative integer or the length is not `2 * rows * columns`.
   */
  constructor(rows: number, columns: number, data: Data) {
    this.rows = requireInteger("rows", rows);
    this.columns = requireInteger("columns", columns);
    requireRealArray("data", data);
    requireLength("data", data, 2 * rows * columns);
    this.data = data;
  }

  /** A complex matrix of zeros. */
  static zeros(rows: number, columns: number): ComplexMatrix {
    requireInteger("rows", rows);
    requireInteger("columns", columns);
    return new ComplexMatrix(rows, columns, newArray(false, 2 * rows * columns) as Float64Array);
  }

  /** The n x n identity. */
  static identity(n: number): ComplexMatrix {
    requireInteger("n", n);
    const out = ComplexMatrix.zeros(n, n);
    for (let i = 0; i < n; i++) out.data[2 * (i * n + i)] = 1;
    return out;
  }

  /**
   * A matrix whose entry (i, j) is `entry(i, j)`.
   *
   * @param rows Number of rows.
   * @param columns Number of columns.
   * @param entry The entry of a row and a column.
   * @returns The matrix.
   */
  static from(rows: number, columns: number, entry: (row: number, column: number) => Complex): ComplexMatrix {
    const out = ComplexMatrix.zeros(rows, columns);
    requireFunction("entry", entry);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.set(i, j, entry(i, j));
    return out;
  }

  /**
   * A real matrix as a complex one; with `imaginary`, both parts.
   *
   * @throws {TypeError} if a part is not a matrix.
   * @throws {RangeError} if the parts differ in shape.
   */
  static fromReal(real: Matrix<RealArray>, imaginary?: Matrix<RealArray>): ComplexMatrix {
    requireMatrix("real", real);
    if (imaginary !== undefined) requireSameShape("imaginary", imaginary, real);
    const out = ComplexMatrix.zeros(real.rows, real.columns);
    for (let k = 0; k < real.data.length; k++) {
      out.data[2 * k] = real.data[k];
      if (imaginary !== undefined) out.data[2 * k + 1] = imaginary.data[k];
    }
    return out;
  }

  /** Entry (i, j), without bounds check. */
  get(row: number, column: number): Complex {
    const k = 2 * (row * this.columns + column);
    return { re: this.data[k], im: this.data[k + 1] };
  }

  /**
   * Sets entry (i, j), without bounds check.
   *
   * @param row i.
   * @param column j.
   * @param value The entry.
   */
  set(row: number, column: number, value: Complex): void {
    const k = 2 * (row * this.columns + column);
    this.data[k] = value.re;
    this.data[k + 1] = value.im;
  }

  /** A copy. */
  clone(): ComplexMatrix<Data> {
    return new ComplexMatrix(this.rows, this.columns, this.data.slice() as Data);
  }

  /** The conjugate transpose, as a new matrix. */
  conjugateTranspose(): ComplexMatrix<Data> {
    const { rows, columns, data } = this;
    const out =
      (data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)) as Data;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        out[2 * (j * rows + i)] = data[2 * (i * columns + j)];
        out[2 * (j * rows + i) + 1] = -data[2 * (i * columns + j) + 1];
      }
    }
    return new ComplexMatrix(columns, rows, out);
  }
}

/**
 * Returns `value` if it is a {@linkcode ComplexMatrix} that still has its memory.
 *
 * @throws {TypeError} if it is anything else, or if its buffer was transferred or shrunk.
 *
 * @example
 * ```ts
 * import { ComplexMatrix, Matrix, requireComplexMatrix } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireComplexMatrix("a", ComplexMatrix.identity(2));
 * assertThrows(() => requireComplexMatrix("a", Matrix.identity(2) as never), TypeError, "`a` must be a ComplexMatrix, got a Matrix");
 * ```
 */
export function requireComplexMatrix<M extends ComplexMatrix<RealArray>>(name: string, value: M): M {
  if (!(value instanceof ComplexMatrix)) {
    throw new TypeError(`\`${name}\` must be a ComplexMatrix, got ${describeValue(value)}`);
  }
  if (value.data.length !== 2 * value.rows * value.columns) {
    throw new TypeError(
      `\`${name}\` must be a ComplexMatrix with its memory, but its buffer was transferred or resized: ` +
        `${value.data.length / 2} of ${value.rows * value.columns} entries are left`,
    );
  }
  return value;
}
