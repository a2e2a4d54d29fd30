import {
  describeValue,
  requireFinite,
  requireInstance,
  requireInteger,
  requireLength,
  requireRealArray,
} from "../arrays/mod.ts";

/** A row with few nonzero entries. */
export interface SparseRow {
  /** Where they are, each from 0 to d - 1 and at most once. */
  indices: Int32Array;
  /** What they are, one per index. */
  values: Float64Array;
}

/** One row of a stream, dense or sparse. */
export type StreamRow = Float64Array | SparseRow;

/**
 * Checks a row of a stream and returns its squared norm.
 *
 * @throws {TypeError} if it is neither a Float64Array nor a sparse row.
 * @throws {RangeError} naming what does not fit.
 */
export function requireStreamRow(row: StreamRow, d: number): number {
  if (!(row instanceof Float64Array)) requireSparseRow(row, d);
  else requireLength("row", row, d);
  const values = row instanceof Float64Array ? row : row.values;
  const square = squaredNorm(values);
  // An entry that is not finite makes the square so; only then is it searched for.
  if (!Number.isFinite(square)) requireFiniteRow(values);
  return square;
}

function requireSparseRow(row: SparseRow, d: number): void {
  if (typeof row !== "object" || row === null || !("indices" in row && "values" in row)) {
    throw new TypeError(`\`row\` must be a Float64Array or { indices, values }, got ${describeValue(row)}`);
  }
  const { indices, values } = row;
  requireInstance("row.indices", indices, Int32Array);
  requireLength("row.values", requireRealArray("row.values", values, "float64"), indices.length);
  let before = -1;
  let isAscending = true;
  for (const index of indices) {
    if (!(index >= 0 && index < d)) requireInteger("row.indices", index, { max: d - 1 });
    isAscending &&= index > before;
    before = index;
  }
  if (!isAscending && new Set(indices).size < indices.length) {
    throw new RangeError("`row.indices` must not repeat an index");
  }
}

/** Names what makes a squared norm infinite or NaN. @throws {RangeError} always. */
export function requireFiniteRow(values: Float64Array): never {
  requireFinite("Cannot take in `row`", values);
  throw new RangeError("Cannot take in `row`: its squared norm overflows");
}

/** The sum of squares; four sums at once, because one alone waits for itself. */
export function squaredNorm(values: Float64Array, from = 0, to: number = values.length): number {
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  let k = from;
  for (const end = to - 7; k < end; k += 8) {
    const a = values[k];
    const b = values[k + 1];
    const c = values[k + 2];
    const d = values[k + 3];
    const e = values[k + 4];
    const f = values[k + 5];
    const g = values[k + 6];
    const h = values[k + 7];
    s += a * a + e * e;
    t += b * b + f * f;
    u += c * c + g * g;
    v += d * d + h * h;
  }
  for (; k < to; k++) s += values[k] * values[k];
  return s + t + (u + v);
}

/** `<row, z>`. */
export function rowDot(row: StreamRow, z: Float64Array): number {
  let s = 0;
  let t = 0;
  if (row instanceof Float64Array) {
    let j = 0;
    for (const end = z.length - 1; j < end; j += 2) {
      s += row[j] * z[j];
      t += row[j + 1] * z[j + 1];
    }
    if (j < z.length) s += row[j] * z[j];
    return s + t;
  }
  const { indices, values } = row;
  for (let i = 0; i < indices.length; i++) s += values[i] * z[indices[i]];
  return s;
}

/** `w += scale row`. */
export function addRow(w: Float64Array, row: StreamRow, scale: number): void {
  if (row instanceof Float64Array) {
    for (let j = 0; j < w.length; j++) w[j] += scale * row[j];
    return;
  }
  const { indices, values } = row;
  for (let i = 0; i < indices.length; i++) w[indices[i]] += scale * values[i];
}
