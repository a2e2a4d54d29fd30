import type { Matrix } from "../arrays/mod.ts";
import { requireSymmetric } from "../linalg/check.ts";
import { cholesky, choleskySolve } from "../linalg/mod.ts";

function requirePair(p: Matrix, q: Matrix): void {
  requireSymmetric("p", p);
  requireSymmetric("q", q);
  if (q.rows !== p.rows) {
    throw new RangeError(`\`q\` must be ${p.rows} x ${p.rows} as \`p\` is, got ${q.rows} x ${q.rows}`);
  }
}

/** The logarithm of the determinant. */
function logDeterminant(covariance: Matrix): number {
  const l = cholesky(covariance);
  let sum = 0;
  for (let i = 0; i < l.rows; i++) sum += 2 * Math.log(l.get(i, i));
  return sum;
}

/**
 * The Kullback-Leibler divergence `KL(N(0, p) || N(0, q))` of two normal distributions, in nats.
 *
 * @param p d x d covariance.
 * @param q d x d covariance.
 * @returns The divergence.
 * @throws {SingularMatrixError} if a covariance is not positive definite.
 * @throws {RangeError} if a covariance is not square and symmetric, sizes differ, or a number is not finite.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianKl } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gaussianKl(Matrix.identity(1), Matrix.diagonal([4])), (1 / 4 - 1 + Math.log(4)) / 2, 1e-15);
 * ```
 */
export function gaussianKl(p: Matrix, q: Matrix): number {
  requirePair(p, q);
  const ratio = choleskySolve(cholesky(q), p);
  let trace = 0;
  for (let i = 0; i < p.rows; i++) trace += ratio.get(i, i);
  return (trace - p.rows + logDeterminant(q) - logDeterminant(p)) / 2;
}

/**
 * The squared Hellinger distance of N(0, p) and N(0, q), from 0 to 1:
 * `1 - (det p det q)^(1/4) / det((p + q)/2)^(1/2)`.
 *
 * @param p d x d covariance.
 * @param q d x d covariance.
 * @returns The squared distance.
 * @throws {SingularMatrixError} if a covariance is not positive definite.
 * @throws {RangeError} if a covariance is not square and symmetric, sizes differ, or a number is not finite.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianHellinger2 } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gaussianHellinger2(Matrix.identity(2), Matrix.identity(2)), 0, 1e-15);
 * ```
 */
export function gaussianHellinger2(p: Matrix, q: Matrix): number {
  requirePair(p, q);
  const average = p.times(0.5).plus(q, 0.5);
  return -Math.expm1((logDeterminant(p) + logDeterminant(q)) / 4 - logDeterminant(average) / 2);
}
