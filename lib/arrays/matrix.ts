import {
  describeValue,
  requireFunction,
  requireInteger,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOneOf,
} from "./check.ts";
import { newArray } from "./new_array.ts";

/** Storage of a real matrix: double precision (the default) or single. */
export type RealArray = Float64Array | Float32Array;

/** Name of a precision. */
export type DType = "float64" | "float32";

/**
 * A dense real matrix, row-major: entry (i, j) is `data[i * columns + j]`.
 *
 * The class holds shape and storage only; algebra lives in `refigure/linalg`.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[1, 2, 3], [4, 5, 6]]);
 * assertEquals([a.rows, a.columns], [2, 3]);
 * assertEquals(a.get(1, 2), 6);
 * assertEquals(a.transpose().toRows(), [[1, 4], [2, 5], [3, 6]]);
 * ```
 */
export class Matrix<Data extends RealArray = Float64Array> {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
  /** Entries, row after row; length `rows * columns`. Writing to it changes the matrix. */
  readonly data: Data;

  /**
   * Wraps `data` without copying it.
   *
   * @throws {TypeError} if `data` is not a Float64Array or Float32Array, or a size is not a number.
   * @throws {RangeError} if a size is not a non-negative integer or the length is not `rows * columns`.
   */
  constructor(rows: number, columns: number, data: Data) {
    this.rows = requireInteger("rows", rows);
    this.columns = requireInteger("columns", columns);
    requireRealArray("data", data);
    requireLength("data", data, rows * columns);
    this.data = data;
  }

  /** A matrix of zeros, of precision `float64`. */
  static zeros(rows: number, columns: number): Matrix;
  /**
   * A matrix of zeros of the given precision.
   *
   * @param rows Number of rows.
   * @param columns Number of columns.
   * @param dtype Precision. Default "float64".
   * @returns The matrix.
   * @throws {RangeError} if a size is not a non-negative integer, or there is not so much memory.
   */
  static zeros<T extends DType>(rows: number, columns: number, dtype: T): Matrix<ArrayOf<T>>;
  static zeros(rows: number, columns: number, dtype: DType = "float64"): Matrix<RealArray> {
    requireInteger("rows", rows);
    requireInteger("columns", columns);
    requireOneOf("dtype", dtype, DTYPES);
    return new Matrix<RealArray>(rows, columns, newArray(dtype === "float32", rows * columns));
  }

  /** The n x n identity. */
  static identity(n: number): Matrix {
    requireInteger("n", n);
    const out = Matrix.zeros(n, n);
    for (let i = 0; i < n; i++) out.data[i * n + i] = 1;
    return out;
  }

  /**
   * A matrix with `values` on its main diagonal and zeros elsewhere.
   *
   * @param values The diagonal; what does not fit the sizes is left out.
   * @param rows Number of rows. Default: as many as values.
   * @param columns Number of columns. Default: as many as values.
   * @returns The matrix.
   */
  static diagonal(
    values: ArrayLike<number>,
    rows: number = values?.length,
    columns: number = values?.length,
  ): Matrix {
    requireNumbers("values", values);
    const out = Matrix.zeros(rows, columns);
    for (let i = 0; i < Math.min(values.length, rows, columns); i++) out.data[i * columns + i] = values[i];
    return out;
  }

  /**
   * A matrix from nested arrays.
   *
   * @throws {TypeError} if `rows` is not an array of arrays of numbers.
   * @throws {RangeError} if the rows differ in length.
   */
  static fromRows(rows: ArrayLike<ArrayLike<number>>): Matrix {
    if (typeof rows !== "object" || rows === null || typeof rows.length !== "number") {
      throw new TypeError(`\`rows\` must be an array of rows, got ${describeValue(rows)}`);
    }
    const columns = rows.length === 0 ? 0 : requireNumbers("rows[0]", rows[0]).length;
    const out = Matrix.zeros(rows.length, columns);
    for (let i = 0; i < rows.length; i++) {
      requireNumbers(`rows[${i}]`, rows[i], { length: columns });
      out.data.set(rows[i], i * columns);
    }
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
  static from(rows: number, columns: number, entry: (row: number, column: number) => number): Matrix {
    const out = Matrix.zeros(rows, columns);
    requireFunction("entry", entry);
    let k = 0;
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++, k++) out.data[k] = entry(i, j);
    return out;
  }

  /** Precision of the entries. */
  get dtype(): DType {
    return this.data instanceof Float32Array ? "float32" : "float64";
  }

  /** Entry (i, j), without bounds check. */
  get(row: number, column: number): number {
    return this.data[row * this.columns + column];
  }

  /**
   * Sets entry (i, j), without bounds check.
   *
   * @param row i.
   * @param column j.
   * @param value The entry.
   */
  set(row: number, column: number, value: number): void {
    this.data[row * this.columns + column] = value;
  }

  /** Row i as a view: writing to it changes the matrix. */
  row(i: number): Data {
    requireInteger("i", i, { max: this.rows - 1 });
    return this.data.subarray(i * this.columns, (i + 1) * this.columns) as Data;
  }

  /** Column j as a copy. */
  column(j: number): Data {
    requireInteger("j", j, { max: this.columns - 1 });
    const out = allocateLike(this.data, this.rows);
    for (let i = 0; i < this.rows; i++) out[i] = this.data[i * this.columns + j];
    return out;
  }

  /**
   * A block of the matrix, as a copy.
   *
   * @param rowStart First row.
   * @param rowEnd The row after the last one.
   * @param columnStart First column. Default 0.
   * @param columnEnd The column after the last one. Default: all columns.
   * @returns The block.
   * @throws {RangeError} if the block is not inside of the matrix.
   */
  slice(rowStart: number, rowEnd: number, columnStart = 0, columnEnd: number = this.columns): Matrix<Data> {
    requireInteger("rowEnd", rowEnd, { max: this.rows });
    requireInteger("rowStart", rowStart, { max: rowEnd });
    requireInteger("columnEnd", columnEnd, { max: this.columns });
    requireInteger("columnStart", columnStart, { max: columnEnd });
    const width = columnEnd - columnStart;
    const out = allocateLike(this.data, (rowEnd - rowStart) * width);
    for (let i = rowStart; i < rowEnd; i++) {
      out.set(
        this.data.subarray(i * this.columns + columnStart, i * this.columns + columnEnd),
        (i - rowStart) * width,
      );
    }
    return new Matrix(rowEnd - rowStart, width, out);
  }

  /** A copy. */
  clone(): Matrix<Data> {
    return new Matrix(this.rows, this.columns, this.data.slice() as Data);
  }

  /** The transpose, as a new matrix. */
  transpose(): Matrix<Data> {
    const { rows, columns, data } = this;
    const out = allocateLike(data, data.length);
    // Tiles keep both the reads and the writes inside the cache.
    const tile = 32;
    for (let i0 = 0; i0 < rows; i0 += tile) {
      for (let j0 = 0; j0 < columns; j0 += tile) {
        const iEnd = Math.min(i0 + tile, rows);
        const jEnd = Math.min(j0 + tile, columns);
        for (let i = i0; i < iEnd; i++) {
          for (let j = j0; j < jEnd; j++) out[j * rows + i] = data[i * columns + j];
        }
      }
    }
    return new Matrix(columns, rows, out);
  }

  /** Applies `f` to every entry, as a new matrix. */
  map(f: (value: number, row: number, column: number) => number): Matrix<Data> {
    requireFunction("f", f);
    const out = allocateLike(this.data, this.data.length);
    let k = 0;
    for (let i = 0; i < this.rows; i++) {
      for (let j = 0; j < this.columns; j++, k++) out[k] = f(this.data[k], i, j);
    }
    return new Matrix(this.rows, this.columns, out);
  }

  /** `this + scale * other`, as a new matrix. @throws {RangeError} if the shapes differ. */
  plus(other: Matrix<RealArray>, scale = 1): Matrix<Data> {
    requireSameShape("other", other, this);
    requireNumber("scale", scale, { finite: false });
    const out = allocateLike(this.data, this.data.length);
    for (let k = 0; k < out.length; k++) out[k] = this.data[k] + scale * other.data[k];
    return new Matrix(this.rows, this.columns, out);
  }

  /** `this - other`, as a new matrix. @throws {RangeError} if the shapes differ. */
  minus(other: Matrix<RealArray>): Matrix<Data> {
    return this.plus(other, -1);
  }

  /** `factor * this`, as a new matrix. */
  times(factor: number): Matrix<Data> {
    requireNumber("factor", factor, { finite: false });
    const out = allocateLike(this.data, this.data.length);
    for (let k = 0; k < out.length; k++) out[k] = factor * this.data[k];
    return new Matrix(this.rows, this.columns, out);
  }

  /** A copy in another precision. */
  astype<T extends DType>(dtype: T): Matrix<ArrayOf<T>> {
    const out = allocate(dtype, this.data.length);
    out.set(this.data);
    return new Matrix(this.rows, this.columns, out);
  }

  /** Nested plain arrays, as for JSON. */
  toRows(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)));
  }
}

/** The typed array of a precision. */
export type ArrayOf<T extends DType> = T extends "float32" ? Float32Array : Float64Array;

/**
 * A zero-filled typed array of a precision.
 *
 * @throws {TypeError} if `dtype` is not the name of a precision, or `length` is not a number.
 * @throws {RangeError} if `length` is not a non-negative integer, or there is not so much memory.
 *
 * @example
 * ```ts
 * import { allocate } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(allocate("float32", 2), new Float32Array([0, 0]));
 * ```
 */
export function allocate<T extends DType>(dtype: T, length: number): ArrayOf<T> {
  requireOneOf("dtype", dtype, DTYPES);
  requireInteger("length", length);
  return newArray(dtype === "float32", length) as ArrayOf<T>;
}

/**
 * A zero-filled typed array of the same precision as `like`.
 *
 * @throws {TypeError} if `like` is not a Float64Array or a Float32Array, or `length` is not a number.
 * @throws {RangeError} if `length` is not a non-negative integer, or there is not so much memory.
 *
 * @example
 * ```ts
 * import { allocateLike } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(allocateLike(new Float32Array(5), 2), new Float32Array([0, 0]));
 * ```
 */
export function allocateLike<Data extends RealArray>(like: Data, length: number): Data {
  requireRealArray("like", like);
  requireInteger("length", length);
  return newArray(like instanceof Float32Array, length) as Data;
}

/**
 * Returns `value` if it is a {@linkcode Matrix} that still has its memory.
 *
 * @throws {TypeError} if it is anything else, or if its buffer was transferred or shrunk.
 *
 * @example
 * ```ts
 * import { ComplexMatrix, Matrix, requireMatrix } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireMatrix("a", Matrix.identity(2));
 * assertThrows(() => requireMatrix("a", [[1]] as never), TypeError, "`a` must be a Matrix, got an Array of length 1");
 * assertThrows(() => requireMatrix("a", ComplexMatrix.identity(2) as never), TypeError, "got a ComplexMatrix");
 * ```
 */
export function requireMatrix<M extends Matrix<RealArray>>(name: string, value: M): M {
  if (!(value instanceof Matrix)) {
    throw new TypeError(`\`${name}\` must be a Matrix, got ${describeValue(value)}`);
  }
  if (value.data.length !== value.rows * value.columns) {
    throw new TypeError(
      `\`${name}\` must be a Matrix with its memory, but its buffer was transferred or resized: ` +
        `${value.data.length} of ${value.rows * value.columns} entries are left`,
    );
  }
  return value;
}

/**
 * Returns `value` if it is a Float64Array or a Float32Array, of a given precision if there is one.
 *
 * @param name The argument as the caller wrote it.
 * @param value What was given.
 * @param dtype The precision that is needed. Default: either.
 * @returns `value`.
 * @throws {TypeError} naming the argument and what was given.
 *
 * @example
 * ```ts
 * import { requireRealArray } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * requireRealArray("x", new Float32Array(2));
 * assertThrows(() => requireRealArray("x", [1, 2] as never), TypeError, "`x` must be a Float64Array or a Float32Array, got an Array of length 2");
 * ```
 */
export function requireRealArray<Data extends RealArray>(name: string, value: Data, dtype?: DType): Data {
  const isRight = value instanceof Float64Array && dtype !== "float32" ||
    value instanceof Float32Array && dtype !== "float64";
  if (!isRight) {
    const allowed = dtype === "float64"
      ? "a Float64Array"
      : dtype === "float32"
      ? "a Float32Array"
      : "a Float64Array or a Float32Array";
    throw new TypeError(`\`${name}\` must be ${allowed}, got ${describeValue(value)}`);
  }
  return value;
}

/**
 * Throws unless `given` has the shape of `wanted`; where `wanted` is a {@linkcode Matrix}, `given` must be one.
 *
 * @param name The argument as the caller wrote it.
 * @param given What was given.
 * @param wanted The shape that it must have.
 * @throws {TypeError} if `given` is not a matrix.
 * @throws {RangeError} naming the argument and both shapes.
 *
 * @example
 * ```ts
 * import { Matrix, requireSameShape } from "refigure/arrays";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => requireSameShape("gradient", Matrix.zeros(2, 3), Matrix.zeros(3, 2)),
 *   RangeError,
 *   "`gradient` must be 3 x 2, got 2 x 3",
 * );
 * ```
 */
export function requireSameShape(
  name: string,
  given: { rows: number; columns: number },
  wanted: { rows: number; columns: number },
): void {
  if (wanted instanceof Matrix) requireMatrix(name, given as Matrix<RealArray>);
  if (typeof given?.rows !== "number" || typeof given.columns !== "number") {
    throw new TypeError(`\`${name}\` must be a matrix, got ${describeValue(given)}`);
  }
  if (given.rows !== wanted.rows || given.columns !== wanted.columns) {
    throw new RangeError(
      `\`${name}\` must be ${wanted.rows} x ${wanted.columns}, got ${given.rows} x ${given.columns}`,
    );
  }
}

/** Names of the precisions, for checks. */
export const DTYPES: readonly DType[] = ["float64", "float32"];
