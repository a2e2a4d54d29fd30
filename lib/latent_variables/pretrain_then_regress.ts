import {
  type Matrix,
  requireBoolean,
  requireFinite,
  requireMatrix,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { matvec } from "../blas/mod.ts";
import { requireSymmetric } from "../linalg/check.ts";
import { leastSquares } from "../linalg/mod.ts";
import {
  bayesLinearPredictor,
  type FactorModel,
  fitPpca,
  posteriorMean,
  type PpcaCovarianceOptions,
  type PpcaModel,
  requireFactorModel,
} from "./ppca.ts";

/** Options of {@linkcode regressOnFactors}. */
export interface RegressOnFactorsOptions {
  /** Whether fewer targets than factors are allowed; the coefficients of least norm are taken then. Default false. */
  allowUnderdetermined?: boolean;
}

/** A linear predictor that goes through the factors of a model. */
export interface FactorRegression {
  /** d numbers w: the prediction for an input x is `w^T x`. */
  weights: Float64Array;
  /** r coefficients on the posterior means of the factors. */
  coefficients: Float64Array;
  /** Whether there were fewer targets than factors. */
  isUnderdetermined: boolean;
}

/**
 * The second phase: least squares of the targets on the posterior means of the factors, which has r unknowns instead
 * of d. An invertible map of the factors changes the coefficients and not the predictor, so that it does not matter
 * which of the equally likely models the first phase has found.
 *
 * @param model The model of the inputs.
 * @param x n x d, one input per row.
 * @param y n targets.
 * @param options What is allowed.
 * @returns The predictor.
 * @throws {RangeError} if there are fewer targets than factors and that is not allowed, sizes differ, or a number is
 * not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { regressOnFactors } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const model = { loadings: Matrix.fromRows([[1], [1]]), noiseVariance: 1 };
 * const x = Matrix.fromRows([[1, 1], [2, 2]]);
 * const { weights } = regressOnFactors(model, x, [6, 12]);
 * assertAlmostEquals(weights[0], 3);
 * assertAlmostEquals(weights[1], 3);
 * ```
 */
export function regressOnFactors(
  model: FactorModel,
  x: Matrix,
  y: ArrayLike<number>,
  options: RegressOnFactorsOptions = {},
): FactorRegression {
  const { loadings } = requireFactorModel("model", model);
  requireMatrix("x", x);
  requireNumbers("y", y, { length: x.rows });
  requireFinite("Cannot regress on `y`", y);
  requireOptions("options", options, ["allowUnderdetermined"]);
  const { allowUnderdetermined = false } = options;
  requireBoolean("allowUnderdetermined", allowUnderdetermined);
  const isUnderdetermined = x.rows < loadings.columns;
  if (isUnderdetermined && !allowUnderdetermined) {
    throw new RangeError(
      `\`y\` must have at least as many targets as there are factors, ${loadings.columns}, got ${x.rows}; ` +
        "allowUnderdetermined takes the coefficients of least norm",
    );
  }
  const coefficients = leastSquares(posteriorMean(model, x), Float64Array.from(y));
  return { weights: bayesLinearPredictor(model, coefficients), coefficients, isUnderdetermined };
}

/** Options of {@linkcode pretrainThenRegress}. */
export interface PretrainThenRegressOptions extends PpcaCovarianceOptions, RegressOnFactorsOptions {
  /** Number of factors r. */
  rank: number;
}

/** What {@linkcode pretrainThenRegress} returns. */
export interface PretrainedRegression extends FactorRegression {
  /** The model of the inputs. */
  model: PpcaModel;
}

/**
 * Unsupervised pretraining for linear regression (Ge, Tang, Fan & Jin 2024, section 4): the factor model of the
 * unlabeled inputs by maximum likelihood, then least squares of the targets on the factors of the labeled ones. Inputs
 * have mean 0.
 *
 * @param unlabeled m x d, one input per row.
 * @param x n x d, the inputs with targets.
 * @param y n targets.
 * @param options Number of factors, and the noise of the model.
 * @returns The predictor and the model.
 * @throws {RangeError} if `rank` is not from 1 to d, there are fewer targets than factors and that is not allowed,
 * sizes differ, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { matvec } from "refigure/blas";
 * import { pretrainThenRegress } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One strong factor along (1, 1, 1): two targets are enough for three weights.
 * const rng = new Rng(2);
 * const inputs = (n: number) => {
 *   const z = rng.normals(n, 10);
 *   return rng.normalMatrix(n, 3).map((noise, i) => z[i] + noise);
 * };
 * const unlabeled = inputs(1000);
 * const x = inputs(2);
 * const y = matvec(x, new Float64Array([1, 1, 1]));
 * const { weights } = pretrainThenRegress(unlabeled, x, y, { rank: 1 });
 * assertAlmostEquals(weights[0], 1, 0.02);
 * ```
 */
export function pretrainThenRegress(
  unlabeled: Matrix,
  x: Matrix,
  y: ArrayLike<number>,
  options: PretrainThenRegressOptions,
): PretrainedRegression {
  requireOptions("options", options, ["rank", "noiseVariance", "allowUnderdetermined"]);
  const { rank, noiseVariance = 1, allowUnderdetermined = false } = options;
  const model = fitPpca(unlabeled, rank, { noiseVariance });
  return { ...regressOnFactors(model, x, y, { allowUnderdetermined }), model };
}

/**
 * The excess risk `(w - best)^T covariance (w - best)` of a linear predictor: how much larger its expected squared
 * error is than that of the best one.
 *
 * @param w d weights.
 * @param best d weights of the best predictor.
 * @param covariance d x d, of the inputs.
 * @returns The excess risk.
 * @throws {RangeError} if `covariance` is not square and symmetric, a length differs, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { excessRisk } from "refigure/latent_variables";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(excessRisk([1, 2], [0, 0], Matrix.diagonal([1, 3])), 13);
 * ```
 */
export function excessRisk(w: ArrayLike<number>, best: ArrayLike<number>, covariance: Matrix): number {
  requireSymmetric("covariance", covariance);
  const d = covariance.rows;
  requireNumbers("w", w, { length: d, finite: true });
  requireNumbers("best", best, { length: d, finite: true });
  const difference = Float64Array.from(w, (value, j) => value - best[j]);
  return matvec(covariance, difference).reduce((sum, value, j) => sum + value * difference[j], 0);
}
