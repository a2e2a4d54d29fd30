import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { requireSquare } from "./check.ts";
import { cholesky } from "./cholesky.ts";

/** Options for {@linkcode wishart}. */
export interface WishartOptions {
  /** The stream that the matrix is drawn from. */
  rng: Rng;
}

/**
 * A draw of `x^T x`, where x has `degreesOfFreedom` independent rows from the normal distribution with mean 0 and the
 * given covariance, without drawing x (Bartlett 1933): `l a a^T l^T` with the Cholesky factor l of the covariance, and
 * a lower triangular a with normal entries below its diagonal and square roots of chi-squared ones on it. The cost
 * does not depend on the number of rows.
 *
 * @param covariance d x d, symmetric and positive definite; only the lower triangle is read.
 * @param degreesOfFreedom Number of rows of x, at least d.
 * @param options The stream.
 * @returns d x d, symmetric.
 * @throws {RangeError} if `covariance` is not square or has an entry that is not finite, or `degreesOfFreedom` is not
 * an integer of at least d.
 * @throws {SingularMatrixError} if `covariance` is not positive definite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { wishart } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A sample covariance of a million points.
 * const s = wishart(Matrix.diagonal([1, 4]), 1e6, { rng: new Rng(0) }).times(1e-6);
 * assertAlmostEquals(s.get(1, 1), 4, 0.03);
 * ```
 */
export function wishart(covariance: Matrix, degreesOfFreedom: number, options: WishartOptions): Matrix {
  requireMatrix("covariance", covariance);
  requireSquare("covariance", covariance);
  const d = covariance.rows;
  requireInteger("degreesOfFreedom", degreesOfFreedom, { min: Math.max(1, d) });
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  const l = cholesky(covariance);
  if (d === 0) return l;
  const a = Matrix.zeros(d, d);
  for (let i = 0; i < d; i++) {
    const row = a.row(i);
    for (let j = 0; j < i; j++) row[j] = rng.normal();
    row[i] = Math.sqrt(2 * rng.gamma((degreesOfFreedom - i) / 2));
  }
  return gram(matmul(l, a), { side: "right" });
}
