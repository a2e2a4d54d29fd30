import { describeValue, type RealArray } from "../../arrays/mod.ts";

/**
 * Throws unless a library may read and write `entries` entries of `values`. A foreign call gets an address and
 * no length: an array of another class, or one whose buffer was transferred or resized, would make it touch
 * memory that is not the array's and end the process.
 *
 * @throws {TypeError} if `values` is not a Float32Array (`single`) or Float64Array.
 * @throws {RangeError} if it has fewer entries.
 */
export function requireRoom(name: string, values: RealArray, single: boolean, entries: number): void {
  const isRight = single ? values instanceof Float32Array : values instanceof Float64Array;
  if (!isRight || values.length < entries) throw refused(name, values, single, entries, isRight);
}

/** Throws unless `values` is an Int32Array of at least `entries` entries, as for the row exchanges of LU. */
export function requireRoomForIntegers(name: string, values: Int32Array, entries: number): void {
  const isRight = values instanceof Int32Array;
  if (isRight && values.length >= entries) return;
  throw isRight
    ? tooShort(name, values.length, entries)
    : new TypeError(`\`${name}\` must be an Int32Array, got ${describeValue(values)}`);
}

/** Entries from the first of a matrix to its last, whose rows are `ld` apart. */
export function span(rows: number, columns: number, ld: number): number {
  return (rows - 1) * ld + columns;
}

function refused(name: string, values: RealArray, single: boolean, entries: number, isRight: boolean): Error {
  if (isRight) return tooShort(name, values.length, entries);
  const wanted = single ? "Float32Array" : "Float64Array";
  return new TypeError(`\`${name}\` must be a ${wanted}, got ${describeValue(values)}`);
}

function tooShort(name: string, length: number, entries: number): RangeError {
  const hint = length === 0 ? ": was its buffer transferred?" : "";
  return new RangeError(`\`${name}\` must have at least ${entries} entries, got ${length}${hint}`);
}
