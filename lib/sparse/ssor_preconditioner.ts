import { requireOptions } from "../arrays/mod.ts";
import { diagonalPlaces, requireOmega, requirePositiveDiagonal, requireVector } from "./check.ts";
import type { LinearMap } from "./conjugate_gradients.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** Options of {@linkcode ssorPreconditioner}. */
export interface SsorOptions {
  /** The relaxation parameter, between 0 and 2; 1 is symmetric Gauss-Seidel. */
  omega: number;
}

/**
 * The preconditioner of symmetric successive over-relaxation for a symmetric matrix `A = L + D + L^T` with a
 * positive diagonal D: applies the inverse of
 *
 *     M = (D + omega L^T) D^{-1} (D + omega L) / (omega (2 - omega)),
 *
 * backward substitution first. The order of the two triangular factors is that of Khodak, Chow, Balcan &
 * Talwalkar 2024, "Learning to relax"; in most books it is the other one, and iteration counts hardly differ.
 *
 * @param a A symmetric matrix; of the two triangles each is read once.
 * @param options The relaxation parameter.
 * @returns A function for the option `preconditioner` of {@linkcode conjugateGradients}. It holds work space,
 * and throws a `RangeError` if a vector has another length; NaN and infinity propagate.
 * @throws {RangeError} if the matrix is not square, the diagonal is not positive, or `omega` is not in (0,
 * 2).
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { conjugateGradients, FivePointStencil, ssorPreconditioner } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * const a = new FivePointStencil(10, 10);
 * const b = new Float64Array(100).fill(1);
 * assertEquals(conjugateGradients(a, b).iterations, 15);
 * const preconditioner = ssorPreconditioner(a, { omega: 1.2 });
 * assertEquals(conjugateGradients(a, b, { preconditioner }).iterations, 12);
 * ```
 */
export function ssorPreconditioner(a: CsrMatrix | FivePointStencil, options: SsorOptions): LinearMap {
  const order = requirePositiveDiagonal("a", a);
  requireOptions("options", options, ["omega"]);
  const { omega } = options;
  requireOmega("omega", omega);
  const solve = a instanceof FivePointStencil ? ofStencil(a, omega) : ofCsr(a, omega);
  return (x, out) => {
    requireVector("x", x, order);
    requireVector("out", out, order);
    solve(x, out);
  };
}

// Backward: (D + omega L^T) y = x. Forward: (D + omega L) z = D y. The result is omega (2 - omega) z, and as
// all is linear, the factor is applied to y.

function ofCsr(a: CsrMatrix, omega: number): LinearMap {
  const { rows, rowPointers, columnIndices, values } = a;
  const middle = diagonalPlaces(a);
  const factor = omega * (2 - omega);
  const y = new Float64Array(rows);
  return (x, out) => {
    for (let i = rows - 1; i >= 0; i--) {
      let sum = 0;
      const end = rowPointers[i + 1];
      for (let k = middle[i] + 1; k < end; k++) sum += values[k] * y[columnIndices[k]];
      y[i] = (x[i] - omega * sum) / values[middle[i]];
    }
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      const end = middle[i];
      for (let k = rowPointers[i]; k < end; k++) sum += values[k] * out[columnIndices[k]];
      out[i] = factor * y[i] - omega * sum / values[end];
    }
  };
}

function ofStencil(a: FivePointStencil, omega: number): LinearMap {
  const { order, gridRows, gridColumns: width, centre, neighbour } = a;
  const inverse = 1 / centre;
  const weight = omega * neighbour / centre;
  const factor = omega * (2 - omega);
  // A row of zeros below the grid, and one above it for the forward substitution.
  const y = new Float64Array(order + width);
  const z = new Float64Array(order + width);
  return (x, out) => {
    for (let i = gridRows - 1; i >= 0; i--) {
      const start = i * width;
      let right = 0;
      for (let k = start + width - 1; k >= start; k--) {
        right = inverse * x[k] - weight * y[k + width] - weight * right;
        y[k] = right;
      }
    }
    for (let i = 0; i < gridRows; i++) {
      const start = i * width;
      let left = 0;
      for (let k = start; k < start + width; k++) {
        left = factor * y[k] - weight * z[k] - weight * left;
        z[k + width] = left;
        out[k] = left;
      }
    }
  };
}
