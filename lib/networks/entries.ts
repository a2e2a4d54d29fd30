/** Products and sums of arrays, entry by entry; compiled for the arrays of a pass, with the same bits; and transposes. Not public. */
import type { RealArray } from "../arrays/mod.ts";
import { kernelsOf } from "./compiled.ts";

/** `out = x y` for the first `count` entries; `out` may be one of them. All are arrays of a pass, or none is. */
export function multiply(out: RealArray, x: RealArray, y: RealArray, count: number): void {
  const run = kernelsOf(out);
  if (run === null) {
    for (let k = 0; k < count; k++) out[k] = x[k] * y[k];
    return;
  }
  const compiled = out instanceof Float32Array ? run.multiply32 : run.multiply64;
  compiled(out.byteOffset, x.byteOffset, y.byteOffset, count);
}

/** `out += x` for the first `count` entries. Both are arrays of a pass, or none is. */
export function add(out: RealArray, x: RealArray, count: number): void {
  const run = kernelsOf(out);
  if (run === null) {
    for (let k = 0; k < count; k++) out[k] += x[k];
    return;
  }
  const compiled = out instanceof Float32Array ? run.add32 : run.add64;
  compiled(out.byteOffset, x.byteOffset, count);
}

/**
 * `below = slope below + curvature moved tangent` and then `tangent = slope tangent`, for the first `count` entries. All
 * are arrays of a pass, or none is.
 */
export function bend(
  below: RealArray,
  tangent: RealArray,
  slope: RealArray,
  curvature: RealArray,
  moved: RealArray,
  count: number,
): void {
  const run = kernelsOf(below);
  if (run === null) {
    for (let k = 0; k < count; k++) {
      below[k] = slope[k] * below[k] + curvature[k] * moved[k] * tangent[k];
      tangent[k] *= slope[k];
    }
    return;
  }
  const compiled = below instanceof Float32Array ? run.bend32 : run.bend64;
  compiled(
    below.byteOffset,
    tangent.byteOffset,
    slope.byteOffset,
    curvature.byteOffset,
    moved.byteOffset,
    count,
  );
}

/**
 * `sums += alpha` times the first `rows` rows of `a`, as wide as there are sums, which are added one by one. If `a` is
 * an array of a pass, `room` is one, too, with room for the sums.
 */
export function addRows(sums: RealArray, a: RealArray, alpha: number, rows: number, room: RealArray): void {
  const run = kernelsOf(a);
  if (run !== null) {
    room.set(sums);
    const compiled = a instanceof Float32Array ? run.addRows32 : run.addRows64;
    compiled(room.byteOffset, a.byteOffset, alpha, rows, sums.length);
    sums.set(room.subarray(0, sums.length));
    return;
  }
  // Two loops, since a loop that meets both classes of arrays runs at half the speed.
  if (sums instanceof Float32Array) addColumnSumsOfSingles(sums, a as Float32Array, alpha, rows);
  else addColumnSumsOfDoubles(sums, a as Float64Array, alpha, rows);
}

/** Four rows at a time: a sum is read and written once for all of them. */
function addColumnSumsOfDoubles(sums: Float64Array, a: Float64Array, alpha: number, rows: number): void {
  const width = sums.length;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const k = i * width;
    for (let j = 0; j < width; j++) {
      const at = k + j;
      let sum = sums[j] + alpha * a[at];
      sum += alpha * a[at + width];
      sum += alpha * a[at + 2 * width];
      sums[j] = sum + alpha * a[at + 3 * width];
    }
  }
  for (let k = i * width; i < rows; i++) {
    for (let j = 0; j < width; j++, k++) sums[j] += alpha * a[k];
  }
}

/** The same, each sum rounded to a single. */
function addColumnSumsOfSingles(sums: Float32Array, a: Float32Array, alpha: number, rows: number): void {
  const width = sums.length;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const k = i * width;
    for (let j = 0; j < width; j++) {
      const at = k + j;
      let sum = Math.fround(sums[j] + alpha * a[at]);
      sum = Math.fround(sum + alpha * a[at + width]);
      sum = Math.fround(sum + alpha * a[at + 2 * width]);
      sums[j] = sum + alpha * a[at + 3 * width];
    }
  }
  for (let k = i * width; i < rows; i++) {
    for (let j = 0; j < width; j++, k++) sums[j] += alpha * a[k];
  }
}

/** Writes the transpose of the first `rows` rows of `a` to `out`, four rows at a time. */
export function transpose(a: RealArray, rows: number, columns: number, out: RealArray): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const from = i * columns;
    for (let j = 0; j < columns; j++) {
      const at = from + j;
      const to = j * rows + i;
      out[to] = a[at];
      out[to + 1] = a[at + columns];
      out[to + 2] = a[at + 2 * columns];
      out[to + 3] = a[at + 3 * columns];
    }
  }
  for (; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j];
  }
}
