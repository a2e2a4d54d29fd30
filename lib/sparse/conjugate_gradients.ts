import {
  type IterationOutcome,
  requireFinite,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { largestMagnitude } from "../blas/mod.ts";
import { requireSquareCsr, requireVector } from "./check.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** A linear map: writes the image of `x` into `out`. */
export type LinearMap = (x: Float64Array, out: Float64Array) => void;

/** Options of {@linkcode conjugateGradients}. */
export interface ConjugateGradientsOptions {
  /**
   * Applies the inverse of a symmetric positive definite approximation of the matrix. Default: none.
   */
  preconditioner?: LinearMap;
  /**
   * Stops when the norm of the residual is at most this times the norm of the right-hand side. Default 1e-8.
   */
  tolerance?: number;
  /** Most iterations. Default ten times the order of the matrix. */
  iterations?: number;
  /** Where to start. Default zeros. */
  start?: Float64Array;
}

/** What {@linkcode conjugateGradients} returns. */
export interface SolverResult extends IterationOutcome {
  /** The approximate solution. */
  x: Float64Array;
  /** Iterations that were taken: products with the matrix besides the one of the start. */
  iterations: number;
  /** Norm of the residual over that of the right-hand side, as the recurrence has it; 0 if that is zero. */
  residual: number;
}

/**
 * Solves `A x = b` for a symmetric positive definite matrix by the method of conjugate gradients (Hestenes &
 * Stiefel 1952), preconditioned or not. One product with the matrix per iteration.
 *
 * @param a The matrix, or a function that applies it.
 * @param b The right-hand side; its length is the order of the matrix.
 * @param options Preconditioner, tolerance, start.
 * @returns The solution and how the iteration ended: `converged`, `step-limit`, or `diverged` where a
 * direction has no positive curvature, so that the matrix or the preconditioner is not positive definite.
 * @throws {RangeError} if the sizes do not fit, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { conjugateGradients, laplacian } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // -u'' = 1 on (0, 1) with u = 0 at both ends: u(1/2) = 1/8.
 * const { x, status } = conjugateGradients(laplacian(7), new Float64Array(7).fill(1 / 64));
 * assertAlmostEquals(x[3], 1 / 8, 1e-14);
 * if (status !== "converged") throw new Error(status);
 * ```
 */
export function conjugateGradients(
  a: CsrMatrix | FivePointStencil | LinearMap,
  b: Float64Array,
  options: ConjugateGradientsOptions = {},
): SolverResult {
  requireOptions("options", options, ["preconditioner", "tolerance", "iterations", "start"]);
  const apply = linearMap("a", a, b);
  const n = b.length;
  const { preconditioner, tolerance = 1e-8, iterations: limit = 10 * n, start } = options;
  if (preconditioner !== undefined) requireFunction("preconditioner", preconditioner);
  requireNumber("tolerance", tolerance, { min: 0 });
  requireInteger("iterations", limit);
  if (start !== undefined) {
    requireVector("start", start, n);
    requireFinite("`start`", start);
  }
  const x = start === undefined ? new Float64Array(n) : start.slice();
  const product = new Float64Array(n);
  const residual = b.slice();
  if (start !== undefined) {
    apply(x, product);
    for (let i = 0; i < n; i++) residual[i] -= product[i];
  }
  // In units of a power of two, so that squares neither overflow nor vanish, and no digit changes.
  const largest = Math.max(largestMagnitude(b), largestMagnitude(residual));
  const unit = largest > 0 && largest < Infinity ? 2 ** Math.floor(Math.log2(largest)) : 1;
  const scaled = b.map((entry) => entry / unit);
  const size = Math.sqrt(dot(scaled, scaled));
  for (let i = 0; i < n; i++) residual[i] /= unit;
  const z = preconditioner === undefined ? residual : new Float64Array(n);
  const direction = new Float64Array(n);
  let rho = 0;
  let iterations = 0;
  let norm = Math.sqrt(dot(residual, residual));
  const end = (status: "converged" | "step-limit" | "diverged", advice: string | null): SolverResult => ({
    x,
    iterations,
    residual: size > 0 ? norm / size : norm,
    status,
    advice,
  });
  while (!(norm <= tolerance * size)) {
    if (iterations === limit) {
      return end("step-limit", "Allow more `iterations`, a larger `tolerance`, or give a `preconditioner`.");
    }
    preconditioner?.(residual, z);
    const next = dot(residual, z);
    const beta = iterations === 0 ? 0 : next / rho;
    rho = next;
    for (let i = 0; i < n; i++) direction[i] = z[i] + beta * direction[i];
    apply(direction, product);
    const curvature = dot(direction, product);
    if (!(curvature > 0 && rho > 0)) {
      return end("diverged", "The matrix and the preconditioner must be symmetric and positive definite.");
    }
    const alpha = rho / curvature;
    for (let i = 0; i < n; i++) {
      x[i] += alpha * unit * direction[i];
      residual[i] -= alpha * product[i];
    }
    iterations++;
    norm = Math.sqrt(dot(residual, residual));
  }
  return end("converged", null);
}

/** A matrix or a function as a function; checks the right-hand side against it. */
function linearMap(name: string, a: CsrMatrix | FivePointStencil | LinearMap, b: Float64Array): LinearMap {
  if (typeof a === "function") {
    requireVector("b", b, b?.length);
    requireFinite("`b`", b);
    return a;
  }
  const isStencil = a instanceof FivePointStencil;
  if (!isStencil) requireSquareCsr(name, a);
  requireVector("b", b, isStencil ? a.order : a.rows);
  requireFinite("`b`", b);
  return (x, out) => void a.apply(x, { out });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
