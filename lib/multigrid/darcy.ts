import {
  Matrix,
  requireFinite,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { conjugateGradients, CsrMatrix, type SolverResult, type SparseEntry } from "../sparse/mod.ts";
import { requirePowerSize } from "./check.ts";
import { poissonVCycle } from "./poisson_v_cycle.ts";

/** Options of {@linkcode darcySolve}. */
export interface DarcySolveOptions {
  /** The constant right-hand side. Default 1. */
  source?: number;
  /** Relative residual at which the iteration stops. Default 1e-12. */
  tolerance?: number;
}

/**
 * Darcy flow in the unit square, `-div(a grad u) = f` with u = 0 on the boundary: five-point stencils whose
 * coefficients on the faces are harmonic means of those at their two nodes, solved by conjugate gradients.
 * The preconditioner is a V-cycle for the Laplacian, scaled on both sides by the square root of the diagonal.
 *
 * @param a Coefficient at the (n + 2) x (n + 2) nodes, those of the boundary included, row by row; n must be
 * 2^k - 1.
 * @param options Right-hand side and tolerance.
 * @returns u at the n x n interior nodes as `x`, and how the iteration ended.
 * @throws {RangeError} if an entry of `a` is not positive and finite, or its length is not such a square.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { darcySolve } from "refigure/multigrid";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const { x, status } = darcySolve(new Float64Array(17 * 17).fill(2));
 * assertEquals(status, "converged");
 * assertAlmostEquals(x[112], 0.0736713533 / 2, 2e-4);
 * ```
 */
export function darcySolve(a: Float64Array, options: DarcySolveOptions = {}): SolverResult {
  requireRealArray("a", a, "float64");
  const n = Math.round(Math.sqrt(a.length)) - 2;
  if (n < 1 || (n + 2) ** 2 !== a.length || !Number.isInteger(Math.log2(n + 1))) {
    throw new RangeError(
      `\`a\` must have (n + 2)^2 entries with n = 2^k - 1, such as 81 or 289, got ${a.length}`,
    );
  }
  const bad = a.findIndex((value) => !(value > 0 && value < Infinity));
  if (bad !== -1) throw new RangeError(`\`a\` must be positive and finite: entry ${bad} is ${a[bad]}`);
  requireOptions("options", options, ["source", "tolerance"]);
  const { source = 1, tolerance = 1e-12 } = options;
  requireNumber("source", source);
  requireNumber("tolerance", tolerance, { above: 0, below: 1 });
  const matrix = stiffness(a, n);
  // The Laplacian has 4 on its diagonal.
  const scale = matrix.diagonal().map((value) => 2 / Math.sqrt(value));
  const cycle = poissonVCycle(n);
  const scaled = new Float64Array(n * n);
  return conjugateGradients(matrix, new Float64Array(n * n).fill(source / (n + 1) ** 2), {
    tolerance,
    preconditioner: (r, z) => {
      for (let k = 0; k < scaled.length; k++) scaled[k] = scale[k] * r[k];
      cycle(scaled, z);
      for (let k = 0; k < z.length; k++) z[k] *= scale[k];
    },
  });
}

/** The matrix, times the square of the mesh size. */
function stiffness(a: Float64Array, n: number): CsrMatrix {
  const width = n + 2;
  const entries: SparseEntry[] = [];
  for (let i = 1; i <= n; i++) {
    for (let j = 1; j <= n; j++) {
      const node = i * width + j;
      const k = (i - 1) * n + j - 1;
      // 2 / (1/a + 1/b) neither overflows nor vanishes where the mean does not.
      const face = (other: number) => 2 / (1 / a[node] + 1 / a[other]);
      const faces = [face(node - width), face(node - 1), face(node + 1), face(node + width)];
      const inside = [i > 1, j > 1, j < n, i < n];
      const step = [-n, -1, 1, n];
      entries.push([k, k, faces[0] + faces[1] + faces[2] + faces[3]]);
      faces.forEach((value, side) => {
        if (inside[side]) entries.push([k, k + step[side], -value]);
      });
    }
  }
  const matrix = new CsrMatrix(n * n, n * n, entries);
  requireFinite("Cannot solve for `a`", matrix.values);
  return matrix;
}

/** Options of {@linkcode trigCoefficient}. */
export interface TrigCoefficientOptions {
  /** Number of scales K. Default 3. */
  scales?: number;
  /** Stream of the frequencies. */
  rng: Rng;
}

/**
 * A coefficient with many scales, the product over k = 1..K of
 * `(1 + cos(q_k pi (x + y)) / 2) (1 + sin(q_k pi (y - 3 x)) / 2)` with q_k uniform from 2^(k-1) to 1.5 times
 * that (Owhadi 2015; He, Liu & Xu 2024, multiscale trigonometric coefficient).
 *
 * @param n Interior nodes per axis.
 * @param options Scales and stream.
 * @returns The coefficient at (n + 2) x (n + 2) nodes of the unit square, y along rows.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { trigCoefficient } from "refigure/multigrid";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const a = trigCoefficient(15, { scales: 1, rng: new Rng(0) });
 * assertEquals(a.length, 17 * 17);
 * assert(a.every((value) => value >= 1 / 4 && value <= 9 / 4));
 * ```
 */
export function trigCoefficient(n: number, options: TrigCoefficientOptions): Float64Array {
  requireInteger("n", n, { min: 1, max: 4096 });
  requireOptions("options", options, ["scales", "rng"]);
  const { scales = 3, rng } = options;
  requireInteger("scales", scales, { min: 1, max: 30 });
  requireRng("rng", rng);
  const frequencies = Array.from({ length: scales }, (_, k) => rng.uniform(2 ** k, 1.5 * 2 ** k));
  return atNodes(n, (x, y) => {
    let product = 1;
    for (const q of frequencies) {
      product *= (1 + Math.cos(q * Math.PI * (x + y)) / 2) * (1 + Math.sin(q * Math.PI * (y - 3 * x)) / 2);
    }
    return product;
  });
}

/**
 * A coefficient with two values: 12 where a Gaussian field is not negative, 3 elsewhere. The field is
 * `sum_jk xi_jk cos(j pi x) cos(k pi y) / (pi^2 (j^2 + k^2) + 25)` over j, k < 24 with normal xi.
 *
 * @param n Interior nodes per axis.
 * @param options The stream.
 * @returns The coefficient at (n + 2) x (n + 2) nodes of the unit square, y along rows.
 * @throws {RangeError} if `n` is out of range.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { roughCoefficient } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * const a = roughCoefficient(15, { rng: new Rng(0) });
 * assertEquals(new Set(a), new Set([3, 12]));
 * ```
 */
export function roughCoefficient(n: number, options: { rng: Rng }): Float64Array {
  requireInteger("n", n, { min: 1, max: 4096 });
  requireOptions("options", options, ["rng"]);
  requireRng("rng", options.rng);
  const weights = options.rng.normals(MODES * MODES);
  // cos(j pi x) at all nodes of one axis.
  const cosines = Array.from(
    { length: MODES },
    (_, j) => Float64Array.from({ length: n + 2 }, (_, i) => Math.cos(j * Math.PI * i / (n + 1))),
  );
  const field = new Float64Array((n + 2) ** 2);
  for (let j = 0; j < MODES; j++) {
    // The sum over k first, a function of y.
    const line = new Float64Array(n + 2);
    for (let k = 0; k < MODES; k++) {
      const weight = weights[j * MODES + k] / (Math.PI ** 2 * (j * j + k * k) + 25);
      for (let i = 0; i < line.length; i++) line[i] += weight * cosines[k][i];
    }
    for (let i = 0; i < line.length; i++) {
      for (let column = 0; column < line.length; column++) {
        field[i * (n + 2) + column] += line[i] * cosines[j][column];
      }
    }
  }
  return field.map((value) => value >= 0 ? 12 : 3);
}

/** Modes of the field along each axis. */
const MODES = 24;

function atNodes(n: number, f: (x: number, y: number) => number): Float64Array {
  return Float64Array.from(
    { length: (n + 2) ** 2 },
    (_, k) => f((k % (n + 2)) / (n + 1), Math.floor(k / (n + 2)) / (n + 1)),
  );
}

/** Kinds of coefficients of {@linkcode darcyData}. */
export type CoefficientKind = "trig" | "rough";

/** Options of {@linkcode darcyData}. */
export interface DarcyDataOptions {
  /** {@linkcode trigCoefficient} or {@linkcode roughCoefficient}. Default `"trig"`. */
  coefficient?: CoefficientKind;
  /** Number of scales of the former. Default 3. */
  scales?: number;
  /** Stream; each pair has a stream of its own. */
  rng: Rng;
}

/** What {@linkcode darcyData} returns. */
export interface DarcyData {
  /** Coefficients at the n x n interior nodes, one per row. */
  coefficients: Matrix;
  /** Solutions at the same nodes. */
  solutions: Matrix;
}

/**
 * Random coefficients of Darcy flow and the solutions for the right-hand side 1: pairs to learn an operator
 * from.
 *
 * @param n Interior nodes per axis, 2^k - 1.
 * @param count Number of pairs.
 * @param options Kind of the coefficients, and the stream.
 * @returns Coefficients and solutions, in rows.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { darcyData } from "refigure/multigrid";
 * import { assert } from "@std/assert";
 *
 * const { coefficients, solutions } = darcyData(7, 3, { coefficient: "rough", rng: new Rng(0) });
 * assert(coefficients.data.every((value) => value === 3 || value === 12));
 * assert(solutions.data.every((value) => value > 0 && value < 0.08 / 3));
 * ```
 */
export function darcyData(n: number, count: number, options: DarcyDataOptions): DarcyData {
  requirePowerSize(n, 1023);
  requireInteger("count", count);
  requireOptions("options", options, ["coefficient", "scales", "rng"]);
  const { coefficient = "trig", scales = 3, rng } = options;
  requireOneOf("coefficient", coefficient, ["trig", "rough"]);
  requireInteger("scales", scales, { min: 1, max: 30 });
  requireRng("rng", rng);
  const coefficients = Matrix.zeros(count, n * n);
  const solutions = Matrix.zeros(count, n * n);
  for (let k = 0; k < count; k++) {
    const stream = rng.split(k);
    const a = coefficient === "trig"
      ? trigCoefficient(n, { scales, rng: stream })
      : roughCoefficient(n, { rng: stream });
    for (let i = 0; i < n; i++) {
      const start = (i + 1) * (n + 2) + 1;
      coefficients.data.set(a.subarray(start, start + n), k * n * n + i * n);
    }
    solutions.data.set(darcySolve(a).x, k * n * n);
  }
  return { coefficients, solutions };
}
