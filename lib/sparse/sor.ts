import { requireFinite, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";
import { diagonalPlaces, requireOmega, requirePositiveDiagonal, requireVector } from "./check.ts";
import type { SolverResult } from "./conjugate_gradients.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** Options of {@linkcode sor}. */
export interface SorOptions {
  /** The relaxation parameter, between 0 and 2; 1 is Gauss-Seidel. */
  omega: number;
  /**
   * Stops when the norm of the residual is at most this times the norm of the right-hand side. Default 1e-8.
   */
  tolerance?: number;
  /** Most iterations. Default 10000. */
  iterations?: number;
  /** Where to start. Default zeros. */
  start?: Float64Array;
}

/**
 * Solves `A x = b` by successive over-relaxation, `x <- x + (D / omega + L)^{-1} (b - A x)` with D the
 * diagonal and L what is below it (Young 1971, "Iterative solution of large linear systems"). It
 * converges for every symmetric positive definite matrix.
 *
 * A sweep is two half products with the matrix: with the step `delta` from the forward substitution, the next
 * residual is `(1 / omega - 1) D delta - U delta`, U being what is above the diagonal.
 *
 * @param a A square matrix with a positive diagonal.
 * @param b The right-hand side.
 * @param options The relaxation parameter; tolerance, start.
 * @returns The solution and how the iteration ended: `converged`, `step-limit`, or `diverged` where the
 * residual overflowed, which does not happen if the matrix is symmetric positive definite.
 * @throws {RangeError} if sizes do not fit, the diagonal is not positive, `omega` is not in (0, 2), or a
 * number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { laplacian, optimalOmega, sor } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // -u'' = 1 on (0, 1) with u = 0 at both ends: u(1/2) = 1/8.
 * const omega = optimalOmega(Math.cos(Math.PI / 8));
 * const { x, status } = sor(laplacian(7), new Float64Array(7).fill(1 / 64), { omega, tolerance: 1e-12 });
 * assertAlmostEquals(x[3], 1 / 8, 1e-10);
 * if (status !== "converged") throw new Error(status);
 * ```
 */
export function sor(a: CsrMatrix | FivePointStencil, b: Float64Array, options: SorOptions): SolverResult {
  const order = requirePositiveDiagonal("a", a);
  requireVector("b", b, order);
  requireFinite("`b`", b);
  requireOptions("options", options, ["omega", "tolerance", "iterations", "start"]);
  const { omega, tolerance = 1e-8, iterations: limit = 10_000, start } = options;
  requireOmega("omega", omega);
  requireNumber("tolerance", tolerance, { min: 0 });
  requireInteger("iterations", limit);
  // In units in which b is near 1, so that no square over- or underflows.
  const { data: residual, half, other, restore } = scaled(b);
  const size = norm(residual);
  const x = new Float64Array(order);
  if (start !== undefined) {
    requireVector("start", start, order);
    requireFinite("`start`", start);
    start.forEach((value, i) => x[i] = value * half * other);
    a.apply(x).forEach((value, i) => residual[i] -= value);
  }
  const step = new Float64Array(order);
  const sweep = sorSweep(a, omega);
  let now = norm(residual);
  let iterations = 0;
  while (!(now <= tolerance * size) && iterations < limit && Number.isFinite(now)) {
    sweep(residual, step);
    for (let i = 0; i < order; i++) x[i] += step[i];
    now = norm(residual);
    iterations++;
  }
  const status = now <= tolerance * size ? "converged" : Number.isFinite(now) ? "step-limit" : "diverged";
  const advice = status === "converged"
    ? null
    : status === "diverged"
    ? "The matrix must be symmetric and positive definite; scale it if its entries are very large."
    : "Allow more `iterations`, a larger `tolerance`, or another `omega`.";
  return { x: x.map(restore), iterations, residual: size > 0 ? now / size : now, status, advice };
}

/** One sweep: writes the step `(D / omega + L)^{-1} r` and replaces `r` by the residual after it. */
export type SorSweep = (r: Float64Array, step: Float64Array) => void;

/** The sweep of a matrix that was checked. */
export function sorSweep(a: CsrMatrix | FivePointStencil, omega: number): SorSweep {
  return a instanceof FivePointStencil ? ofStencil(a, omega) : ofCsr(a, omega);
}

function ofCsr(a: CsrMatrix, omega: number): SorSweep {
  const { rows, rowPointers, columnIndices, values } = a;
  const middle = diagonalPlaces(a);
  return (r, step) => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      const end = middle[i];
      for (let k = rowPointers[i]; k < end; k++) sum += values[k] * step[columnIndices[k]];
      step[i] = omega * (r[i] - sum) / values[end];
    }
    for (let i = 0; i < rows; i++) {
      let sum = (1 / omega - 1) * values[middle[i]] * step[i];
      const end = rowPointers[i + 1];
      for (let k = middle[i] + 1; k < end; k++) sum -= values[k] * step[columnIndices[k]];
      r[i] = sum;
    }
  };
}

function ofStencil(a: FivePointStencil, omega: number): SorSweep {
  const { gridRows, gridColumns: width, centre, neighbour } = a;
  const scale = omega / centre;
  const weight = scale * neighbour;
  const rest = (1 / omega - 1) * centre;
  return (r, step) => {
    for (let i = 0; i < gridRows; i++) {
      const start = i * width;
      let left = 0;
      for (let k = start; k < start + width; k++) {
        const above = i > 0 ? step[k - width] : 0;
        left = scale * r[k] - weight * above - weight * left;
        step[k] = left;
      }
    }
    for (let i = 0; i < gridRows; i++) {
      const end = (i + 1) * width;
      for (let k = end - width; k < end; k++) {
        const right = k + 1 < end ? step[k + 1] : 0;
        const below = i + 1 < gridRows ? step[k + width] : 0;
        r[k] = rest * step[k] - neighbour * (right + below);
      }
    }
  };
}

function norm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
