import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { eigh, nuclearNorm, qr } from "../linalg/mod.ts";
import { centeredRows } from "./principal_components.ts";

/** Mean and covariance of a normal distribution. */
export interface Gaussian {
  /** d entries. */
  mean: ArrayLike<number>;
  /** d x d, symmetric and positive semidefinite. */
  covariance: Matrix;
}

/**
 * The Fréchet distance of the normal distributions with the means and covariances (divisor n - 1) of two
 * samples,
 *
 *     |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^(1/2) C2 C1^(1/2))^(1/2)),
 *
 * a squared distance (Dowson & Landau 1982; Heusel et al. 2017 for images). The trace of the root is the sum
 * of the singular values of R1 R2^T, where R are the triangular factors of the centred samples: no root of a
 * covariance is taken, and the distance of a sample from itself is zero to rounding even where its
 * covariance is singular.
 *
 * @param a n1 x d, one example per row.
 * @param b n2 x d, one example per row.
 * @returns The squared distance; never negative.
 * @throws {RangeError} if a sample has fewer than 2 rows, the numbers of columns differ, or an entry is NaN
 * or infinite.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { frechetDistance } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Standard deviations 1 and 3, means 0 and 2.
 * const a = Matrix.fromRows([[-1], [0], [1]]);
 * const b = Matrix.fromRows([[-1], [2], [5]]);
 * assertAlmostEquals(frechetDistance(a, b), 2 ** 2 + (3 - 1) ** 2, 1e-12);
 * ```
 */
export function frechetDistance(a: Matrix<RealArray>, b: Matrix<RealArray>): number {
  const [first, second] = [centeredRows("a", a), centeredRows("b", b)];
  requireSameShape("b", b, { rows: b.rows, columns: a.columns });
  return distance(first.mean, second.mean, qr(first.rows).r, qr(second.rows).r);
}

/**
 * The Fréchet distance of two normal distributions, as {@linkcode frechetDistance}. Roots of covariances are
 * taken by eigenvalues, of which those that rounding made negative count as zero.
 *
 * @throws {RangeError} if sizes differ, an entry is NaN or infinite, or a covariance has an eigenvalue below
 * -1e-8 times the largest.
 * @throws {TypeError} if an argument is of the wrong type, or has an unknown name.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianFrechetDistance } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const a = { mean: [0, 0], covariance: Matrix.diagonal([1, 4]) };
 * const b = { mean: [1, 0], covariance: Matrix.diagonal([4, 1]) };
 * assertAlmostEquals(gaussianFrechetDistance(a, b), 3, 1e-12);
 * ```
 */
export function gaussianFrechetDistance(a: Gaussian, b: Gaussian): number {
  const [first, second] = [factorOf("a", a), factorOf("b", b)];
  requireInteger("b.mean.length", b.mean.length, { min: a.mean.length, max: a.mean.length });
  return distance(a.mean, b.mean, first, second);
}

/** The distance from factors R with C = R^T R. */
function distance(m1: ArrayLike<number>, m2: ArrayLike<number>, r1: Matrix, r2: Matrix): number {
  let sum = 0;
  for (let j = 0; j < m1.length; j++) sum += (m1[j] - m2[j]) ** 2;
  for (const r of [r1, r2]) for (const entry of r.data) sum += entry * entry;
  return Math.max(0, sum - 2 * nuclearNorm(matmul(r1, r2, { transposeB: true })));
}

/** R with C = R^T R. */
function factorOf(name: string, gaussian: Gaussian): Matrix {
  requireOptions(name, gaussian, ["mean", "covariance"]);
  const { mean, covariance } = gaussian;
  requireNumbers(`${name}.mean`, mean, { finite: true });
  const d = requireInteger(`${name}.mean.length`, mean.length, { min: 1 });
  requireSameShape(`${name}.covariance`, requireMatrix(`${name}.covariance`, covariance), {
    rows: d,
    columns: d,
  });
  requireFinite(`Cannot take the root of \`${name}.covariance\``, covariance.data, d);
  const { values, vectors } = eigh(covariance);
  if (values[0] < -1e-8 * Math.abs(values[d - 1])) {
    throw new RangeError(
      `\`${name}.covariance\` must be positive semidefinite, got the eigenvalue ${values[0]}`,
    );
  }
  return Matrix.from(d, d, (i, j) => Math.sqrt(Math.max(0, values[i])) * vectors.get(j, i));
}
