import {
  type RealArray,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { requirePoints } from "./triangle_mesh.ts";

/** Options of {@linkcode quadricVertex}. */
export interface QuadricVertexOptions {
  /** Weight of the distance from the mean of the points. Default 0.01. */
  bias?: number;
  /** Smallest coordinates allowed. Default: none. */
  min?: ArrayLike<number>;
  /** Largest coordinates allowed. Default: none. */
  max?: ArrayLike<number>;
}

/**
 * The point that is closest to all tangent planes: the minimum of
 * `sum (n . (x - p))^2 + bias^2 |x - mean p|^2` over the points p with their normals n, in a box if one is
 * given (Ju, Losasso, Schaefer & Warren 2002, with the bias of the mc-dc code). A bend or a corner between the
 * planes is found exactly up to the bias; of parallel planes, the mean of the points.
 *
 * @param points x, y, z in turn, at least one point.
 * @param normals One per point; of length 1 for distances.
 * @param options Bias and box.
 * @returns x, y and z.
 * @throws {RangeError} if the lengths differ, there is no point, the box is empty, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { quadricVertex } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The corner between three faces of a box.
 * const points = Float64Array.of(0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.75);
 * const vertex = quadricVertex(points, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
 * assertAlmostEquals(vertex[0], (0.5 + 1e-4 * 0.5 / 3) / 1.0001, 1e-15);
 * ```
 */
export function quadricVertex(
  points: RealArray,
  normals: RealArray,
  options: QuadricVertexOptions = {},
): Float64Array {
  requirePoints("points", points, 3);
  requirePoints("normals", normals, 3);
  requireLength("normals", normals, points.length);
  if (points.length === 0) throw new RangeError("`points` must have at least 1 point, got 0");
  requireOptions("options", options, ["bias", "min", "max"]);
  const { bias = 0.01, min = [-Infinity, -Infinity, -Infinity], max = [Infinity, Infinity, Infinity] } =
    options;
  requireNumber("bias", bias, { above: 0 });
  requireNumbers("min", min, { length: 3 });
  requireNumbers("max", max, { length: 3 });
  for (let a = 0; a < 3; a++) {
    if (!(min[a] <= max[a])) {
      throw new RangeError(`\`max[${a}]\` must be at least \`min[${a}]\` = ${min[a]}, got ${max[a]}`);
    }
  }
  const quadric = new Quadric();
  for (let k = 0; k < points.length; k += 3) {
    quadric.add(points[k], points[k + 1], points[k + 2], normals[k], normals[k + 1], normals[k + 2]);
  }
  return quadric.minimize(bias, Array.from(min), Array.from(max));
}

/** Sums over the points of a cell, and where their quadratic form is smallest. */
export class Quadric {
  /** Sum of n n^T, rows of a symmetric matrix. */
  readonly #a = new Float64Array(9);
  /** Sum of n (n . p), and of p. */
  readonly #b = new Float64Array(3);
  readonly #sum = new Float64Array(3);
  #count = 0;

  add(px: number, py: number, pz: number, nx: number, ny: number, nz: number): void {
    const p = [px, py, pz];
    const n = [nx, ny, nz];
    const along = nx * px + ny * py + nz * pz;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) this.#a[3 * i + j] += n[i] * n[j];
      this.#b[i] += n[i] * along;
      this.#sum[i] += p[i];
    }
    this.#count++;
  }

  /** The smallest value over a box, exactly: over the inside, then over all faces, edges and corners. */
  minimize(bias: number, min: readonly number[], max: readonly number[]): Float64Array {
    const a = this.#a.slice();
    const weight = bias * bias;
    // Relative to the mean of the points, where the bias adds nothing to the right-hand side.
    const mean = this.#sum.map((sum) => sum / this.#count);
    const b = this.#b.slice();
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) b[i] -= a[3 * i + j] * mean[j];
    }
    for (let i = 0; i < 3; i++) a[4 * i] += weight;
    const low = min.map((bound, i) => bound - mean[i]);
    const high = max.map((bound, i) => bound - mean[i]);
    let best: Float64Array | undefined;
    let least = Infinity;
    // Each coordinate is free (0), at its lower bound (1) or at its upper one (2).
    for (let choice = 0; choice < 27; choice++) {
      const state = [choice % 3, Math.floor(choice / 3) % 3, Math.floor(choice / 9)];
      const x = solveFixed(a, b, state.map((s, i) => s === 0 ? NaN : s === 1 ? low[i] : high[i]));
      if (!x.every((entry, i) => entry >= low[i] && entry <= high[i] && Number.isFinite(entry))) continue;
      if (choice === 0) {
        best = x;
        break;
      }
      let value = 0;
      for (let i = 0; i < 3; i++) {
        value -= 2 * b[i] * x[i];
        for (let j = 0; j < 3; j++) value += x[i] * a[3 * i + j] * x[j];
      }
      if (value < least) {
        least = value;
        best = x;
      }
    }
    if (best === undefined) {
      throw new RangeError("the sum of squares overflows: `points` and `normals` must be smaller");
    }
    return best.map((entry, i) => Math.min(Math.max(entry + mean[i], min[i]), max[i]));
  }
}

/** Solves the rows of `a x = b` whose x is NaN in `fixed`, with the other x as they are; a is positive definite. */
function solveFixed(a: Float64Array, b: Float64Array, fixed: readonly number[]): Float64Array {
  const x = Float64Array.from(fixed);
  const free = [0, 1, 2].filter((i) => Number.isNaN(fixed[i]));
  const m = free.map((i) => free.map((j) => a[3 * i + j]));
  const r = free.map((i) =>
    b[i] - [0, 1, 2].reduce((sum, j) => sum + (free.includes(j) ? 0 : a[3 * i + j] * x[j]), 0)
  );
  for (let c = 0; c < free.length; c++) {
    for (let i = c + 1; i < free.length; i++) {
      const factor = m[i][c] / m[c][c];
      for (let j = c; j < free.length; j++) m[i][j] -= factor * m[c][j];
      r[i] -= factor * r[c];
    }
  }
  for (let i = free.length - 1; i >= 0; i--) {
    let sum = r[i];
    for (let j = i + 1; j < free.length; j++) sum -= m[i][j] * x[free[j]];
    x[free[i]] = sum / m[i][i];
  }
  return x;
}
