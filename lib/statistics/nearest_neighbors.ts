import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { powerOfTwoScale } from "../arrays/scaling.ts";
import { matmul } from "../blas/mod.ts";

/** How nearness is measured: Euclidean distance, cosine of the angle, or inner product. */
export type NearnessMetric = "euclidean" | "cosine" | "dot";

const METRICS: readonly NearnessMetric[] = ["euclidean", "cosine", "dot"];

/** Options of {@linkcode nearestNeighbors}. */
export interface NearestNeighborsOptions {
  /** How many neighbours per query, at most the number of points. Default 1. */
  k?: number;
  /** What is near. Default `"euclidean"`. */
  metric?: NearnessMetric;
}

/** What {@linkcode nearestNeighbors} returns. */
export interface NearestNeighbors {
  /** Rows of the points, queries x k, the nearest first. */
  indices: Int32Array;
  /** Their distances, ascending; for `"cosine"` and `"dot"` their similarities, descending. Queries x k. */
  values: Float64Array;
}

/** Scores that are kept at a time, in doubles: 8 MB. */
const BLOCK = 2 ** 20;

/**
 * The exact k nearest neighbours of every query among points, by comparing each with each. Of points equally
 * near, the one with the lower index comes first.
 *
 * A product of matrices finds the candidates; those are then compared by plain sums in double precision, so
 * that ties and results do not depend on how a library of products rounds.
 *
 * @param queries n x d, one query per row.
 * @param points N x d, one point per row.
 * @param options How many, and what is near.
 * @returns Indices and distances or similarities.
 * @throws {RangeError} if there are no points, `k` is larger than their number, the numbers of columns
 * differ, an entry is NaN or infinite, or a row is zero under `"cosine"`.
 * @throws {TypeError} if an argument is not a matrix, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { nearestNeighbors } from "refigure/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const points = Matrix.fromRows([[0, 0], [3, 4], [1, 0], [0, 1]]);
 * const { indices, values } = nearestNeighbors(Matrix.fromRows([[0, 0]]), points, { k: 3 });
 * assertEquals(indices, Int32Array.of(0, 2, 3));
 * assertEquals(values, Float64Array.of(0, 1, 1));
 * ```
 */
export function nearestNeighbors(
  queries: Matrix<RealArray>,
  points: Matrix<RealArray>,
  options: NearestNeighborsOptions = {},
): NearestNeighbors {
  requireMatrix("queries", queries);
  requireMatrix("points", points);
  requireOptions("options", options, ["k", "metric"]);
  const { k = 1, metric = "euclidean" } = options;
  requireOneOf("metric", metric, METRICS);
  requireInteger("points.rows", points.rows, { min: 1 });
  requireInteger("k", k, { min: 1, max: points.rows });
  requireInteger("queries.columns", queries.columns, { min: points.columns, max: points.columns });
  requireFinite("Cannot find neighbours of `queries`", queries.data, queries.columns);
  requireFinite("Cannot find neighbours among `points`", points.data, points.columns);
  // Scaled by powers of two, which is exact: no square over- or underflows.
  const scale = commonScale(queries.data, points.data, metric);
  const q = metric === "cosine" ? normalizedRows("queries", queries) : scaledBy(queries, scale.queries);
  const p = metric === "cosine" ? normalizedRows("points", points) : scaledBy(points, scale.points);
  const isDistance = metric === "euclidean";
  const norms = squaredNorms(p);
  let largest = 0;
  for (const norm of norms) largest = Math.max(largest, norm);
  const indices = new Int32Array(q.rows * k);
  const values = new Float64Array(q.rows * k);
  const heap = new Float64Array(k);
  const blockRows = Math.max(1, Math.floor(BLOCK / p.rows));
  for (let start = 0; start < q.rows; start += blockRows) {
    const rows = Math.min(blockRows, q.rows - start);
    const block = new Matrix(rows, q.columns, q.data.subarray(start * q.columns, (start + rows) * q.columns));
    const scores = matmul(block, p, { transposeB: true });
    for (let i = 0; i < rows; i++) {
      const query = block.row(i);
      const row = scores.row(i);
      // |q - p|^2 orders points as |p|^2 / 2 - q.p does.
      if (isDistance) { for (let j = 0; j < row.length; j++) row[j] -= norms[j] / 2; }
      let size = 0;
      for (const x of query) size += x * x;
      const rounding = 2 ** -51 * (q.columns + 8) * (size + largest);
      const bound = kthLargest(row, heap) - rounding;
      const found: { index: number; value: number }[] = [];
      for (let j = 0; j < row.length; j++) {
        if (row[j] < bound) continue;
        found.push({
          index: j,
          value: isDistance ? -squaredDistance(query, p, j) : innerProduct(query, p, j),
        });
      }
      found.sort((a, b) => b.value - a.value || a.index - b.index);
      for (let j = 0; j < k; j++) {
        const { index, value } = found[j];
        indices[(start + i) * k + j] = index;
        values[(start + i) * k + j] = isDistance
          ? scale.restore(Math.sqrt(-value))
          : metric === "dot"
          ? scale.restore(value)
          : value;
      }
    }
  }
  return { indices, values };
}

/** Powers of two for both sides, and how to undo them in a result. */
function commonScale(queries: RealArray, points: RealArray, metric: NearnessMetric) {
  const [a, b] = [powerOfTwoScale(queries), powerOfTwoScale(points)];
  if (metric === "dot") {
    return { queries: a, points: b, restore: (x: number) => x / a.half / b.half / a.other / b.other };
  }
  // Differences need one scale: that of the side with the larger entries, but not that of zeros alone.
  const isZero = (values: RealArray) => values.every((x) => x === 0);
  const one = isZero(queries) ? b : isZero(points) ? a : a.half * a.other < b.half * b.other ? a : b;
  return { queries: one, points: one, restore: (x: number) => x / one.half / one.other };
}

function scaledBy(a: Matrix<RealArray>, { half, other }: { half: number; other: number }): Matrix {
  const data = Float64Array.from(a.data);
  if (half !== 1 || other !== 1) { for (let i = 0; i < data.length; i++) data[i] = data[i] * half * other; }
  return new Matrix(a.rows, a.columns, data);
}

/** Rows of length 1, in double precision. @throws {RangeError} if a row is zero. */
export function normalizedRows(name: string, a: Matrix<RealArray>): Matrix {
  const out = new Matrix(a.rows, a.columns, Float64Array.from(a.data));
  for (let i = 0; i < a.rows; i++) {
    const row = out.row(i);
    let largest = 0;
    for (const x of row) largest = Math.max(largest, Math.abs(x));
    if (largest === 0) throw new RangeError(`cannot normalise a zero embedding: row ${i} of \`${name}\``);
    let sum = 0;
    for (let j = 0; j < row.length; j++) {
      row[j] /= largest;
      sum += row[j] * row[j];
    }
    const norm = Math.sqrt(sum);
    for (let j = 0; j < row.length; j++) row[j] /= norm;
  }
  return out;
}

function squaredNorms(a: Matrix): Float64Array {
  const out = new Float64Array(a.rows);
  let at = 0;
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++, at++) out[i] += a.data[at] * a.data[at];
  }
  return out;
}

function squaredDistance(query: RealArray, points: Matrix, index: number): number {
  let sum = 0;
  let at = index * query.length;
  for (let j = 0; j < query.length; j++, at++) {
    const difference = query[j] - points.data[at];
    sum += difference * difference;
  }
  return sum;
}

function innerProduct(query: RealArray, points: Matrix, index: number): number {
  let sum = 0;
  let at = index * query.length;
  for (let j = 0; j < query.length; j++, at++) sum += query[j] * points.data[at];
  return sum;
}

/** The k-th largest of `values`, with a heap of the k largest so far whose smallest is on top. */
function kthLargest(values: ArrayLike<number>, heap: Float64Array): number {
  const k = heap.length;
  heap.fill(-Infinity);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value > heap[0])) continue;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
  return heap[0];
}
