/** Rows of a matrix by their numbers. Not public. */
import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInstance,
  requireInteger,
  requireNumbers,
} from "../arrays/mod.ts";

/** A copy of some rows. @throws {RangeError} if one does not exist. */
export function rowsOf<Data extends RealArray>(a: Matrix<Data>, entries: ArrayLike<number>): Matrix<Data> {
  requireNumbers("entries", entries);
  const out = new Matrix(entries.length, a.columns, allocateLike(a.data, entries.length * a.columns));
  for (let i = 0; i < entries.length; i++) {
    requireInteger(`entries[${i}]`, entries[i], { max: a.rows - 1 });
    out.data.set(a.row(entries[i]), i * a.columns);
  }
  return out;
}

/** Returns `indices` if each is a row of a table of `rows` rows. @throws {RangeError} @throws {TypeError} */
export function requireIndices(name: string, indices: Int32Array, rows: number): Int32Array {
  requireInstance(name, indices, Int32Array);
  for (let i = 0; i < indices.length; i++) {
    if (!(indices[i] >= 0 && indices[i] < rows)) {
      requireInteger(`${name}[${i}]`, indices[i], { max: rows - 1 });
    }
  }
  return indices;
}
