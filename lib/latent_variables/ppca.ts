import {
  Matrix,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { gram, matmul, matvec } from "../blas/mod.ts";
import { requireSymmetric } from "../linalg/check.ts";
import { eigh, solve } from "../linalg/mod.ts";

/** A factor model with equal noise: `x = loadings z + noise`, where z has r independent standard normal entries. */
export interface FactorModel {
  /** d x r. */
  loadings: Matrix;
  /** Variance of the noise in each of the d entries. */
  noiseVariance: number;
}

/** A factor model that was fitted. */
export interface PpcaModel extends FactorModel {
  /** All d eigenvalues of the sample covariance, descending. */
  eigenvalues: Float64Array;
}

/** Options of {@linkcode fitPpcaToCovariance}. */
export interface PpcaCovarianceOptions {
  /**
   * Variance of the noise, or `"ml"` for its maximum-likelihood estimate, the mean of the d - r smallest eigenvalues.
   * Default 1.
   */
  noiseVariance?: number | "ml";
}

/** Options of {@linkcode fitPpca}. */
export interface PpcaOptions extends PpcaCovarianceOptions {
  /** Whether the mean of the inputs is taken off first, which is otherwise taken to be 0. Default false. */
  center?: boolean;
}

/**
 * Probabilistic PCA: the maximum-likelihood factor model of some inputs (Tipping & Bishop 1999, equation 7). With the
 * eigenvalues l_j and eigenvectors u_j of the sample covariance, column j of the loadings is
 * `u_j sqrt(max(l_j - noiseVariance, 0))`; any rotation of the columns is as likely.
 *
 * @param x m x d, one input per row.
 * @param rank Number of factors r, from 1 to d; below d if the variance of the noise is estimated.
 * @param options Noise and centring.
 * @returns The model.
 * @throws {RangeError} if `rank` is not in that range, there is no input, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitPpca } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One factor, in the first of three entries, with variance 4.
 * const x = new Rng(1).normalMatrix(4000, 3);
 * for (let i = 0; i < x.rows; i++) x.row(i)[0] *= Math.sqrt(5);
 * const { loadings } = fitPpca(x, 1);
 * assertAlmostEquals(Math.abs(loadings.get(0, 0)), 2, 0.1);
 * ```
 */
export function fitPpca(x: Matrix, rank: number, options: PpcaOptions = {}): PpcaModel {
  requireMatrix("x", x);
  requireOptions("options", options, ["noiseVariance", "center"]);
  const { center = false, ...rest } = options;
  requireBoolean("center", center);
  requireInteger("x.rows", x.rows, { min: center ? 2 : 1 });
  requireFinite("Cannot fit a factor model to `x`", x.data, x.columns);
  return fitPpcaToCovariance(sampleCovariance(x, center), rank, rest);
}

/** The mean of `x x^T` over the rows, after their mean is taken off if that is asked for. */
function sampleCovariance(x: Matrix, center: boolean): Matrix {
  if (!center) return gram(x, { alpha: 1 / x.rows });
  const mean = matvec(x, new Float64Array(x.rows).fill(1 / x.rows), { transpose: true });
  return gram(x.map((value, _, j) => value - mean[j]), { alpha: 1 / x.rows });
}

/**
 * Like {@linkcode fitPpca}, from the sample covariance of the inputs.
 *
 * @param covariance d x d, symmetric.
 * @param rank Number of factors r, from 1 to d; below d if the variance of the noise is estimated.
 * @param options Noise.
 * @returns The model.
 * @throws {RangeError} if `covariance` is not square and symmetric, `rank` is not in that range, or a number is not
 * finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fitPpcaToCovariance } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { loadings } = fitPpcaToCovariance(Matrix.diagonal([3, 2, 0.5]), 2);
 * assertAlmostEquals(Math.abs(loadings.get(0, 0)), Math.SQRT2);
 * assertAlmostEquals(Math.abs(loadings.get(1, 1)), 1);
 * ```
 */
export function fitPpcaToCovariance(
  covariance: Matrix,
  rank: number,
  options: PpcaCovarianceOptions = {},
): PpcaModel {
  requireSymmetric("covariance", covariance);
  requireInteger("covariance.rows", covariance.rows, { min: 1 });
  const d = covariance.rows;
  requireOptions("options", options, ["noiseVariance"]);
  const { noiseVariance = 1 } = options;
  requireInteger("rank", rank, { min: 1, max: noiseVariance === "ml" ? d - 1 : d });
  if (noiseVariance !== "ml") requireNumber("noiseVariance", noiseVariance, { min: 0 });
  const { values, vectors } = eigh(covariance);
  const eigenvalues = values.toReversed();
  const variance = noiseVariance === "ml"
    ? eigenvalues.subarray(rank).reduce((sum, value) => sum + value, 0) / (d - rank)
    : noiseVariance;
  const scales = eigenvalues.subarray(0, rank).map((value) => Math.sqrt(Math.max(value - variance, 0)));
  const loadings = Matrix.from(d, rank, (i, j) => vectors.get(i, d - 1 - j) * scales[j]);
  return { loadings, noiseVariance: variance, eigenvalues };
}

/**
 * The posterior mean of the factors of each input, `(noiseVariance I + B^T B)^-1 B^T x` with the loadings B.
 *
 * @param model The model.
 * @param x n x d, one input per row.
 * @returns n x r.
 * @throws {RangeError} if `x` has not as many columns as the loadings have rows, or a number is not finite.
 * @throws {SingularMatrixError} if there is no noise and the loadings are not independent.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { posteriorMean } from "refigure/latent_variables";
 * import { assertEquals } from "@std/assert";
 *
 * const model = { loadings: Matrix.fromRows([[2], [0]]), noiseVariance: 1 };
 * assertEquals(posteriorMean(model, Matrix.fromRows([[5, 7]])).toRows(), [[2]]);
 * ```
 */
export function posteriorMean(model: FactorModel, x: Matrix): Matrix {
  const { loadings } = requireFactorModel("model", model);
  requireMatrix("x", x);
  requireInteger("x.columns", x.columns, { min: loadings.rows, max: loadings.rows });
  requireFinite("Cannot compute factors of `x`", x.data, x.columns);
  return matmul(x, posteriorMap(model));
}

/**
 * The best predictor of `beta^T z` from x under a factor model, `w^T x` with
 * `w = B (noiseVariance I + B^T B)^-1 beta`.
 *
 * @param model The model.
 * @param beta r numbers.
 * @returns d numbers.
 * @throws {RangeError} if `beta` has another length, or a number is not finite.
 * @throws {SingularMatrixError} if there is no noise and the loadings are not independent.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { bayesLinearPredictor } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const model = { loadings: Matrix.fromRows([[2], [0], [1]]), noiseVariance: 1 };
 * const w = bayesLinearPredictor(model, [1]);
 * assertAlmostEquals(w[0], 1 / 3, 1e-15);
 * assertAlmostEquals(w[2], 1 / 6, 1e-15);
 * ```
 */
export function bayesLinearPredictor(model: FactorModel, beta: ArrayLike<number>): Float64Array {
  const { loadings } = requireFactorModel("model", model);
  requireNumbers("beta", beta, { length: loadings.columns, finite: true });
  return matvec(posteriorMap(model), Float64Array.from(beta));
}

/** d x r: `B (noiseVariance I + B^T B)^-1`. */
function posteriorMap({ loadings, noiseVariance }: FactorModel): Matrix {
  const r = loadings.columns;
  const precision = gram(loadings).plus(Matrix.identity(r), noiseVariance);
  return solve(precision, loadings.transpose()).transpose();
}

/** Returns `model` if it is a factor model; throws a TypeError or RangeError that names it otherwise. */
export function requireFactorModel(name: string, model: FactorModel): FactorModel {
  if (typeof model !== "object" || model === null) {
    throw new TypeError(`\`${name}\` must be a factor model with loadings and noiseVariance`);
  }
  requireMatrix(`${name}.loadings`, model.loadings);
  requireFinite(`Cannot use \`${name}.loadings\``, model.loadings.data, model.loadings.columns);
  requireNumber(`${name}.noiseVariance`, model.noiseVariance, { min: 0 });
  return model;
}
