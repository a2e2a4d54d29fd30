import { describeValue, type Matrix, requireLength, requireMatrix, requireRealArray } from "../arrays/mod.ts";

/** The number of points of `dim` coordinates in `x`. @throws {TypeError | RangeError} */
export function requirePoints(name: string, x: Float64Array, dim: number): number {
  requireRealArray(name, x, "float64");
  if (x.length % dim !== 0) {
    throw new RangeError(
      `\`${name}\` must have ${dim} entries per point, so a multiple of ${dim}, got ${x.length}`,
    );
  }
  return x.length / dim;
}

/** `out`, or a new array if there is none. @throws {TypeError | RangeError} */
export function outputFor(out: Float64Array | undefined, length: number): Float64Array {
  if (out === undefined) return new Float64Array(length);
  requireRealArray("out", out, "float64");
  requireLength("out", out, length);
  return out;
}

/** Throws unless `x` is a double-precision matrix with one point of `dim` coordinates per row. */
export function requirePointMatrix(name: string, x: Matrix, dim: number): Matrix {
  requireMatrix(name, x);
  requireRealArray(`${name}.data`, x.data, "float64");
  if (x.columns !== dim) {
    throw new RangeError(`\`${name}\` must have ${dim} columns, one per coordinate, got ${x.columns}`);
  }
  return x;
}

/** Throws unless `value` is an object with these methods. @throws {TypeError} */
export function requireMethods(name: string, value: object, kind: string, methods: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`\`${name}\` must be ${kind}, got ${describeValue(value)}`);
  }
  for (const method of methods) {
    const given = (value as Record<string, unknown>)[method];
    if (typeof given !== "function") {
      throw new TypeError(`\`${name}.${method}\` must be a function, got ${describeValue(given)}`);
    }
  }
}
