import { Matrix, requireInteger, requireMatrix, requireNumber } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { eigh, spectralNorm } from "../linalg/mod.ts";
import { requireOmega, requirePositiveDiagonal } from "./check.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";
import { requireDenseOrder, scaledByDiagonal } from "./scaled_by_diagonal.ts";
import { sorSweep } from "./sor.ts";

/**
 * The spectral radius of the Jacobi iteration, `rho(I - D^{-1} A)`, for a symmetric matrix with a positive
 * diagonal D. For a stencil on m x n points it is `2 |neighbour| (cos(pi / (m + 1)) + cos(pi / (n + 1))) /
 * centre`; for other matrices it comes from all eigenvalues, in O(n^3) operations.
 *
 * @throws {RangeError} if the matrix is not symmetric, its diagonal is not positive, or it is a {@linkcode
 * CsrMatrix} of an order above 2000.
 * @throws {TypeError} if it is neither of the two.
 *
 * @example
 * ```ts
 * import { FivePointStencil, jacobiRadius, laplacian } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(jacobiRadius(new FivePointStencil(10, 10)), Math.cos(Math.PI / 11), 1e-15);
 * assertAlmostEquals(jacobiRadius(laplacian([4, 6])), jacobiRadius(new FivePointStencil(4, 6)), 1e-14);
 * ```
 */
export function jacobiRadius(a: CsrMatrix | FivePointStencil): number {
  requirePositiveDiagonal("a", a);
  if (a instanceof FivePointStencil) {
    const { gridRows, gridColumns, centre, neighbour } = a;
    const cosines = Math.cos(Math.PI / (gridRows + 1)) + Math.cos(Math.PI / (gridColumns + 1));
    return 2 * Math.abs(neighbour) * cosines / centre;
  }
  const { values } = eigh(scaledByDiagonal("a", a));
  // Eigenvalues of I - D^{-1} A, which is similar to I less the scaled matrix.
  return Math.max(1 - values[0], values[values.length - 1] - 1);
}

/**
 * The relaxation parameter with the smallest spectral radius for a consistently ordered matrix, such as a
 * five-point stencil: `2 / (1 + sqrt(1 - beta^2))` (Young 1971).
 *
 * @param beta The spectral radius of the Jacobi iteration, see {@linkcode jacobiRadius}.
 * @throws {RangeError} if `beta` is not in [0, 1). @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { optimalOmega } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(optimalOmega(0.6), 2 / 1.8, 1e-15);
 * ```
 */
export function optimalOmega(beta: number): number {
  requireBeta(beta);
  return 2 / (1 + Math.sqrt((1 - beta) * (1 + beta)));
}

function requireBeta(beta: number): void {
  requireNumber("beta", beta, { min: 0, below: 1 });
}

/**
 * The spectral radius of SOR for a consistently ordered matrix (Young 1971): with the spectral
 * radius `beta` of the Jacobi iteration, `omega - 1` to the right of the optimal parameter, and `(omega beta
 * + sqrt((omega beta)^2 - 4 (omega - 1)))^2 / 4` to its left.
 *
 * @throws {RangeError} if `omega` is not in (0, 2) or `beta` not in [0, 1). @throws {TypeError} if one is not
 * a number.
 *
 * @example
 * ```ts
 * import { sorRadius } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(sorRadius(1, 0.9), 0.81, 1e-15); // Gauss-Seidel: beta^2
 * assertAlmostEquals(sorRadius(1.9, 0.9), 0.9, 1e-15);
 * ```
 */
export function sorRadius(omega: number, beta: number): number {
  requireOmega("omega", omega);
  requireBeta(beta);
  const square = (omega * beta) ** 2 - 4 * (omega - 1);
  if (omega >= optimalOmega(beta) || square <= 0) return Math.max(omega - 1, 0);
  return (omega * beta + Math.sqrt(square)) ** 2 / 4;
}

/**
 * A bound of the iterations of SOR that the near-asymptotic convergence rate gives (Khodak, Chow, Balcan &
 * Talwalkar 2024, "Learning to relax"): `1 + ln(tolerance) / ln(radius + tau (1 - radius))`. It holds if
 * `||C^{k-1}||^{1/(k-1)} <= radius + tau (1 - radius)`, C being the iteration matrix and k the number of
 * iterations (see {@linkcode convergenceGap}). With `tau` = 0 it is 1 more than the asymptotic estimate, and
 * no bound.
 *
 * @param radius The spectral radius of the iteration, see {@linkcode sorRadius}.
 * @param tau How far the rate is above it, as a part of `1 - radius`.
 * @param tolerance Reduction of the norm of the residual.
 * @returns A number of iterations, not rounded.
 * @throws {RangeError} if `radius` or `tau` is not in [0, 1), or `tolerance` not in (0, 1).
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { nearAsymptoticBound } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(nearAsymptoticBound(0.1, 0, 1e-8), 9, 1e-12);
 * ```
 */
export function nearAsymptoticBound(radius: number, tau: number, tolerance: number): number {
  requireNumber("radius", radius, { min: 0, below: 1 });
  requireNumber("tau", tau, { min: 0, below: 1 });
  requireNumber("tolerance", tolerance, { above: 0, below: 1 });
  return 1 + Math.log(tolerance) / Math.log(radius + tau * (1 - radius));
}

/**
 * The iteration matrix of the residuals of SOR, `C = I - A (D / omega + L)^{-1}`: `r_k = C^k r_0`. Its
 * determinant is `(1 - omega)^n`.
 *
 * @throws {RangeError} if the matrix is not square or of an order above 2000, its diagonal is not positive,
 * or `omega` is not in (0, 2).
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { laplacian, sorIterationMatrix } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sorIterationMatrix(laplacian(2), 1).toRows(), [[0.25, 0.5], [0, 0]]);
 * ```
 */
export function sorIterationMatrix(a: CsrMatrix | FivePointStencil, omega: number): Matrix {
  const order = requirePositiveDiagonal("a", a);
  requireOmega("omega", omega);
  requireDenseOrder("a", order);
  const sweep = sorSweep(a, omega);
  const step = new Float64Array(order);
  const out = Matrix.zeros(order, order);
  for (let j = 0; j < order; j++) {
    const column = new Float64Array(order);
    column[j] = 1;
    sweep(column, step);
    for (let i = 0; i < order; i++) out.set(i, j, column[i]);
  }
  return out;
}

/**
 * How far the mean rate of the first `power` iterations is above the asymptotic one, as a part of what is
 * left to 1: `(||C^power||^{1/power} - radius) / (1 - radius)` in the spectral norm; the tau of {@linkcode
 * nearAsymptoticBound}.
 *
 * @param c The iteration matrix, n x n.
 * @param power A number of iterations.
 * @param radius The spectral radius of `c`, which is not computed as it is ill-conditioned where SOR is
 * fastest.
 * @returns The gap; the largest one over a range of parameters makes the bound hold for all of them.
 * @throws {RangeError} if the matrix is not square, `power` is not a positive integer, or `radius` is not in
 * [0, 1).
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { convergenceGap } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // None for a normal matrix; the second one has norm 1, though its square is zero.
 * assertAlmostEquals(convergenceGap(Matrix.fromRows([[0.5, 0], [0, 0.25]]), 8, 0.5), 0, 1e-15);
 * assertAlmostEquals(convergenceGap(Matrix.fromRows([[0, 1], [0, 0]]), 1, 0), 1, 1e-15);
 * ```
 */
export function convergenceGap(c: Matrix, power: number, radius: number): number {
  requireMatrix("c", c);
  if (c.rows !== c.columns) throw new RangeError(`\`c\` must be square, got ${c.rows} x ${c.columns}`);
  requireInteger("power", power, { min: 1 });
  requireNumber("radius", radius, { min: 0, below: 1 });
  return (spectralNorm(matrixPower(c, power)) ** (1 / power) - radius) / (1 - radius);
}

/** By squaring. */
function matrixPower(c: Matrix, power: number): Matrix {
  let result: Matrix | undefined;
  let square = c;
  for (let rest = power;; square = matmul(square, square)) {
    if (rest % 2 === 1) result = result === undefined ? square : matmul(result, square);
    rest = Math.floor(rest / 2);
    if (rest === 0) return result!;
  }
}
