import { requireInteger, requireNumber, requireNumbers, requireOptions } from "../arrays/mod.ts";

/** A regression on the factors of a model with unit noise, in the directions of the model's singular vectors. */
export interface FactorProblem {
  /** Number of inputs' entries d. */
  dimension: number;
  /** Squares of the r singular values of the loadings, positive. */
  strengths: readonly number[];
  /** r coefficients of the target on the factors along the right singular vectors. */
  coefficients: readonly number[];
  /** Variance of the target given the factors. */
  noiseVariance: number;
}

function requireProblem(problem: FactorProblem): FactorProblem {
  requireOptions("problem", problem, ["dimension", "strengths", "coefficients", "noiseVariance"]);
  const { dimension, strengths, coefficients, noiseVariance } = problem;
  requireNumbers("problem.strengths", strengths, { finite: true });
  strengths.forEach((s, j) => requireNumber(`problem.strengths[${j}]`, s, { above: 0 }));
  requireInteger("problem.strengths.length", strengths.length, { min: 1 });
  requireInteger("problem.dimension", dimension, { min: strengths.length });
  requireNumbers("problem.coefficients", coefficients, { length: strengths.length, finite: true });
  requireNumber("problem.noiseVariance", noiseVariance, { min: 0 });
  return problem;
}

/**
 * The variance of the target given the input, `noiseVariance + sum_j c_j^2 / (1 + s_j)` with strengths s and
 * coefficients c: the risk of the best predictor.
 *
 * @param problem The problem.
 * @returns The risk.
 * @throws {RangeError} if a strength is not positive, there are more factors than entries, or a length differs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { irreducibleRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const problem = { dimension: 60, strengths: [4, 4], coefficients: [1, 0], noiseVariance: 0.25 };
 * assertAlmostEquals(irreducibleRisk(problem), 0.45);
 * ```
 */
export function irreducibleRisk(problem: FactorProblem): number {
  const { strengths, coefficients, noiseVariance } = requireProblem(problem);
  return strengths.reduce((sum, s, j) => sum + coefficients[j] ** 2 / (1 + s), noiseVariance);
}

/**
 * The expected excess risk `risk p / (n - p - 1)` of least squares with p unknowns on n normal inputs whose targets
 * have variance `risk` given the input: exact, from the mean of an inverse Wishart matrix.
 *
 * @param risk Variance of the target given the input.
 * @param unknowns Number of unknowns p.
 * @param n Number of targets.
 * @returns The expected excess risk; Infinity for p - 1 <= n <= p + 1, where it has no finite mean.
 * @throws {RangeError} if a number is not in its range, or n < p - 1.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { leastSquaresRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(leastSquaresRisk(0.45, 60, 100), 0.45 * 60 / 39);
 * ```
 */
export function leastSquaresRisk(risk: number, unknowns: number, n: number): number {
  requireNumber("risk", risk, { min: 0 });
  requireInteger("unknowns", unknowns, { min: 1 });
  requireNumber("n", n, { min: unknowns - 1, finite: false });
  if (n === Infinity) return 0;
  return n <= unknowns + 1 ? Infinity : risk * unknowns / (n - unknowns - 1);
}

/**
 * The excess risk that is left with infinitely many targets because the factors come from m inputs, to first order in
 * 1/m: `(d - r)/m sum_j c_j^2 / (s_j (1 + s_j))`.
 *
 * @param problem The problem.
 * @param m Number of unlabeled inputs; may be Infinity.
 * @returns The excess risk.
 * @throws {RangeError} if a number is not in its range, or a length differs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { subspaceRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const problem = { dimension: 60, strengths: [4, 4, 4, 4], coefficients: [0.5, 0.5, 0.5, 0.5], noiseVariance: 0.25 };
 * assertAlmostEquals(subspaceRisk(problem, 1000), 2.8e-3);
 * ```
 */
export function subspaceRisk(problem: FactorProblem, m: number): number {
  const { dimension, strengths, coefficients } = requireProblem(problem);
  requireNumber("m", m, { above: 0, finite: false });
  const sum = strengths.reduce((total, s, j) => total + coefficients[j] ** 2 / (s * (1 + s)), 0);
  return (dimension - strengths.length) / m * sum;
}

/**
 * The expected excess risk after pretraining on m inputs and regression on n targets, to first order in 1/m:
 * `a + (risk + a) r / (n - r - 1)` with {@linkcode subspaceRisk} a and {@linkcode irreducibleRisk}.
 *
 * @param problem The problem.
 * @param m Number of unlabeled inputs; may be Infinity.
 * @param n Number of targets; may be Infinity.
 * @returns The excess risk.
 * @throws {RangeError} if a number is not in its range, or a length differs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { pretrainedRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const problem = { dimension: 60, strengths: [4, 4, 4, 4], coefficients: [0.5, 0.5, 0.5, 0.5], noiseVariance: 0.25 };
 * assertAlmostEquals(pretrainedRisk(problem, 5000, 30), 0.07265, 1e-6);
 * ```
 */
export function pretrainedRisk(problem: FactorProblem, m: number, n: number): number {
  const subspace = subspaceRisk(problem, m);
  return subspace + leastSquaresRisk(irreducibleRisk(problem) + subspace, problem.strengths.length, n);
}

/**
 * How many unlabeled inputs make pretraining as good as least squares on the inputs themselves, by the formulas.
 *
 * @param problem The problem.
 * @param n Number of targets.
 * @returns m, not rounded; 0 where least squares has no finite expected risk.
 * @throws {RangeError} if `n` is below d - 1 or not more than r + 1, a number is not in its range, or a length
 * differs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { breakEvenUnlabeled, irreducibleRisk, leastSquaresRisk, pretrainedRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const problem = { dimension: 60, strengths: [4, 4], coefficients: [1, 1], noiseVariance: 0.25 };
 * const m = breakEvenUnlabeled(problem, 1000);
 * const supervised = leastSquaresRisk(irreducibleRisk(problem), 60, 1000);
 * assertAlmostEquals(pretrainedRisk(problem, m, 1000), supervised, 1e-12);
 * ```
 */
export function breakEvenUnlabeled(problem: FactorProblem, n: number): number {
  const risk = irreducibleRisk(problem);
  const r = problem.strengths.length;
  const supervised = leastSquaresRisk(risk, problem.dimension, n);
  requireNumber("n", n, { above: r + 1 });
  // a + (risk + a) q = supervised, q = r / (n - r - 1), and a = a_1 / m.
  const q = r / (n - r - 1);
  return subspaceRisk(problem, 1) * (1 + q) / (supervised - risk * q);
}

/**
 * The squared cosine between the first principal direction of m normal inputs in d dimensions and the one direction
 * that has variance 1 + s instead of 1, for m and d large with d/m = gamma: `(1 - gamma/s^2)/(1 + gamma/s)`, and 0 for
 * s up to sqrt(gamma) (Paul 2007, theorem 4).
 *
 * @param s Strength of the direction, not negative.
 * @param gamma Dimension over number of inputs, positive.
 * @returns The squared cosine.
 * @throws {RangeError} if a number is not in its range.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { spikedCosine2 } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(spikedCosine2(2, 1), 0.5);
 * assertAlmostEquals(spikedCosine2(0.5, 0.3), 0);
 * ```
 */
export function spikedCosine2(s: number, gamma: number): number {
  requireNumber("s", s, { min: 0 });
  requireNumber("gamma", gamma, { above: 0 });
  return s <= Math.sqrt(gamma) ? 0 : (1 - gamma / s ** 2) / (1 + gamma / s);
}

/**
 * The excess risk that is left with infinitely many targets for one factor of strength s and coefficient 1 whose
 * direction is found with a squared cosine: `s/(1 + s) (1 - cosine2)/(1 + s cosine2)`.
 *
 * @param s Strength of the factor, not negative.
 * @param cosine2 Squared cosine between the direction that is found and the true one, from 0 to 1.
 * @returns The excess risk.
 * @throws {RangeError} if a number is not in its range.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { spikedCosine2, spikedRisk } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(spikedRisk(4, spikedCosine2(4, 0.6)), 0.03);
 * ```
 */
export function spikedRisk(s: number, cosine2: number): number {
  requireNumber("s", s, { min: 0 });
  requireNumber("cosine2", cosine2, { min: 0, max: 1 });
  return s / (1 + s) * (1 - cosine2) / (1 + s * cosine2);
}
