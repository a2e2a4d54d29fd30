import { Matrix, requireNumber, requireOptions } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { requireOmega, requirePositiveDiagonal } from "./check.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";
import { scaledByDiagonal } from "./scaled_by_diagonal.ts";
import { jacobiRadius } from "./young.ts";

/** What {@linkcode energyBound} needs to know of a matrix. */
export interface EnergyConstants {
  /** The condition number of the matrix. */
  condition: number;
  /** 1 less the spectral radius of `D^{-1} (L + L^T)`. */
  gamma: number;
  /** The spectral radius of `D^{-1} L D^{-1} L^T`. */
  q: number;
}

/**
 * The constants of {@linkcode energyBound} for a symmetric positive definite matrix `D + L + L^T`, from its
 * eigenvalues: O(n^3) operations.
 *
 * @throws {RangeError} if the matrix is not symmetric and positive definite, or of an order above 2000.
 * @throws {TypeError} if it is neither a {@linkcode CsrMatrix} nor a {@linkcode FivePointStencil}.
 *
 * @example
 * ```ts
 * import { energyConstants, laplacian } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { condition, gamma, q } = energyConstants(laplacian(2));
 * assertAlmostEquals(condition, 3, 1e-13);
 * assertAlmostEquals(gamma, 1 / 2, 1e-15);
 * assertAlmostEquals(q, 1 / 4, 1e-15);
 * ```
 */
export function energyConstants(a: CsrMatrix | FivePointStencil): EnergyConstants {
  const order = requirePositiveDiagonal("a", a);
  const sparse = a instanceof FivePointStencil ? a.toCsr() : a;
  // D^{-1/2} (...) D^{-1/2} is similar to D^{-1} (...), and symmetric.
  const scaled = scaledByDiagonal("a", sparse);
  const { values } = eigh(sparse.toDense());
  if (!(values[0] > 0)) {
    throw new RangeError(`\`a\` must be positive definite, got an eigenvalue of ${values[0]}`);
  }
  const lower = Matrix.from(order, order, (i, j) => i > j ? scaled.get(i, j) : 0);
  const products = eigh(matmul(lower, lower, { transposeB: true })).values;
  return {
    condition: values[order - 1] / values[0],
    gamma: 1 - jacobiRadius(a),
    q: products[order - 1],
  };
}

/** Options of {@linkcode energyBound}. */
export interface EnergyBoundOptions extends EnergyConstants {
  /** Reduction of the norm of the residual. Default 1e-8. */
  tolerance?: number;
}

/**
 * A bound of the iterations of SOR from the contraction of the error in the energy norm (Hackbusch 2016,
 * "Iterative solution of large sparse systems of equations"): with `w = (2 - omega) / (2
 * omega)`,
 *
 *     ln(tolerance / (2 sqrt(condition))) / ln(e),  e^2 = 1 - 2 w gamma / (max(0, w^2 + q - 1/4) + gamma / omega).
 *
 * The maximum is needed: a negative `w^2 + q - 1/4` would be multiplied by a lower bound of D where an upper one
 * is meant, and the code of Khodak, Chow, Balcan & Talwalkar 2024, which leaves it out, falls below the counts for
 * diagonally dominant matrices and `omega` near 2.
 *
 * It holds for every symmetric positive definite matrix, and is far above the counts near the optimal
 * `omega`.
 *
 * @param omega The relaxation parameter.
 * @param options Constants of the matrix, see {@linkcode energyConstants}; tolerance.
 * @returns A number of iterations, not rounded.
 * @throws {RangeError} if `omega` is not in (0, 2), or a constant is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { energyBound, energyConstants, FivePointStencil, sorIterations } from "refigure/sparse";
 * import { assert } from "@std/assert";
 *
 * const a = new FivePointStencil(5, 5);
 * const [count] = sorIterations(a, new Float64Array(25).fill(1), [1.2]);
 * assert(count <= energyBound(1.2, energyConstants(a)));
 * ```
 */
export function energyBound(omega: number, options: EnergyBoundOptions): number {
  requireOmega("omega", omega);
  requireOptions("options", options, ["condition", "gamma", "q", "tolerance"]);
  const { condition, gamma, q, tolerance = 1e-8 } = options;
  requireNumber("condition", condition, { min: 1 });
  requireNumber("gamma", gamma, { above: 0, max: 1 });
  requireNumber("q", q, { min: 0 });
  requireNumber("tolerance", tolerance, { above: 0, below: 1 });
  const w = (2 - omega) / (2 * omega);
  const square = 1 - 2 * w * gamma / (Math.max(0, w * w + q - 0.25) + gamma / omega);
  return Math.log(tolerance / (2 * Math.sqrt(condition))) / Math.log(Math.sqrt(square));
}
