import {
  describeValue,
  type DType,
  type RealArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumbers,
  requireRealArray,
} from "../arrays/mod.ts";
import type { Matrix } from "../arrays/mod.ts";

/** The names of the precisions, for checks. */
export const DTYPES: readonly DType[] = ["float64", "float32"];

/** Where the frames before the first one come from. */
export type Fill = "zeros" | "replicate";

/** The names of {@linkcode Fill}, for checks. */
export const FILLS: readonly Fill[] = ["zeros", "replicate"];

/** Precision of an array. */
export function dtypeOf(data: RealArray): DType {
  return data instanceof Float32Array ? "float32" : "float64";
}

/** Product of the entries: how many numbers an array of this shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[2, 25]`, for messages. */
export function showShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Returns a copy of `shape` if it is a list of positive integers, at least one.
 *
 * @throws {TypeError} if it is not an array of numbers.
 * @throws {RangeError} if it is empty, or an entry is not a positive integer.
 */
export function requireShape(name: string, shape: readonly number[]): readonly number[] {
  requireNumbers(name, shape);
  if (shape.length === 0) throw new RangeError(`\`${name}\` must have at least one axis, got []`);
  return Array.from(shape, (length, i) => requireInteger(`${name}[${i}]`, length, { min: 1 }));
}

/**
 * The same for a shape that may be empty: what a frame has besides its channels. @throws {TypeError |
 * RangeError}
 */
export function requirePositions(name: string, positions: readonly number[]): readonly number[] {
  requireNumbers(name, positions);
  return positions.length === 0 ? [] : requireShape(name, positions);
}

/**
 * Throws unless `values` is an array of so many integers, none below `min`.
 *
 * @throws {TypeError} if it is not an array of numbers.
 * @throws {RangeError} if the length is another one, or an entry is out of range.
 */
export function requireIntegers(name: string, values: readonly number[], length: number, min: number): void {
  requireNumbers(name, values);
  requireLength(name, values, length);
  values.forEach((value, i) => requireInteger(`${name}[${i}]`, value, { min }));
}

/** An array of any number of axes, row-major. */
export interface NdArray<Data extends RealArray = RealArray> {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Entries, the last axis fastest. */
  readonly data: Data;
}

/**
 * Throws unless `value` is a finite array of `axes` axes.
 *
 * @throws {TypeError} if it has no shape or no typed array.
 * @throws {RangeError} if the number of axes is another one, data and shape differ in size, or an entry is
 * not finite.
 */
export function requireNdArray(name: string, value: NdArray, axes: number): void {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new TypeError(`\`${name}\` must be an object with shape and data, got ${describeValue(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (key !== "shape" && key !== "data") {
      throw new TypeError(`\`${name}\` has no property "${key}"; there are: shape, data`);
    }
  }
  requireShape(`${name}.shape`, value.shape);
  requireRealArray(`${name}.data`, value.data);
  if (value.shape.length !== axes) {
    throw new RangeError(`\`${name}.shape\` must have ${axes} axes, got ${showShape(value.shape)}`);
  }
  requireLength(`${name}.data`, value.data, sizeOf(value.shape));
  requireFinite(`\`${name}.data\` must be finite`, value.data);
}

/** Throws unless `data` has the precision of `like`. @throws {TypeError} */
export function requirePrecision(name: string, data: RealArray, dtype: DType): void {
  requireRealArray(name, data, dtype);
}

/** Throws unless `value` is a finite matrix of this shape and precision. @throws {TypeError | RangeError} */
export function requireWeights(
  name: string,
  value: Matrix<RealArray>,
  rows: number,
  columns: number,
  dtype: DType,
): void {
  requireMatrix(name, value);
  requireRealArray(`${name}.data`, value.data, dtype);
  if (value.rows !== rows || value.columns !== columns) {
    throw new RangeError(
      `\`${name}\` must be ${rows} x ${columns}, got ${value.rows} x ${value.columns}`,
    );
  }
  requireFinite(`\`${name}\` must be finite`, value.data, columns);
}

/** Throws unless `value` is a finite vector of this length and precision. @throws {TypeError | RangeError} */
export function requireVector(name: string, value: RealArray, length: number, dtype: DType): void {
  requireRealArray(name, value, dtype);
  requireLength(name, value, length);
  requireFinite(`\`${name}\` must be finite`, value);
}
