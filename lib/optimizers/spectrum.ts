import { type Matrix, type RealArray, requireInteger, requireMatrix, requireOptions } from "../arrays/mod.ts";
import { requireCoefficients, requireSpectrum } from "./checks.ts";
import { singularValues } from "../linalg/mod.ts";
import type { NewtonSchulzCoefficients } from "./coefficients.ts";
import { composeQuintics } from "./compose_quintics.ts";

/**
 * Singular values of a matrix divided by its Frobenius norm, each with a weight: all that Newton-Schulz
 * depends on.
 */
export interface Spectrum {
  /** Normalized singular values, in [0, 1]. */
  values: Float64Array;
  /** Their weights; those of a whole matrix sum to 1. */
  weights: Float64Array;
}

/**
 * The normalized spectrum of a matrix, all weights equal.
 *
 * @param matrix The matrix, or its singular values where they are known.
 * @returns Values and weights, one of each per singular value.
 * @throws {RangeError} if the matrix is zero, empty or not finite.
 * @throws {TypeError} if it is neither a matrix nor a Float64Array.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { spectrumOf } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(spectrumOf(Matrix.diagonal([3, 4])).values[0], 0.8, 1e-15);
 * ```
 */
export function spectrumOf(matrix: Matrix<RealArray> | Float64Array): Spectrum {
  const sigma = matrix instanceof Float64Array ? matrix : singularValues(requireMatrix("matrix", matrix));
  const norm = euclideanNorm(sigma);
  if (!(norm > 0 && norm < Infinity)) {
    throw new RangeError(`Cannot normalize the spectrum of \`matrix\`: its Frobenius norm is ${norm}`);
  }
  const values = sigma.map((value) => value / norm);
  return { values, weights: new Float64Array(values.length).fill(1 / values.length) };
}

/** As `Math.hypot`, for any number of values. */
function euclideanNorm(values: Float64Array): number {
  if (values.length <= 10_000) return Math.hypot(...values);
  let norm = 0;
  for (let i = 0; i < values.length; i += 10_000) {
    norm = Math.hypot(norm, ...values.subarray(i, i + 10_000));
  }
  return norm;
}

/** Options of {@linkcode marchenkoPasturNodes}. */
export interface MarchenkoPasturOptions {
  /** Number of nodes, at most ten million. Default 20000. */
  count?: number;
}

/**
 * The spectrum of a large Gaussian m x n matrix: normalized singular values sqrt(lambda / m), m the shorter
 * side, lambda by the Marchenko-Pastur law of ratio m / n, as a quadrature with `count` nodes, evenly spaced
 * in the angle of lambda = 1 + r - 2 sqrt(r) cos(angle), r = m / n.
 *
 * @param rows Rows; their order with `columns` does not matter.
 * @param columns Columns.
 * @param options Number of nodes.
 * @returns The nodes and their weights, which sum to 1.
 * @throws {RangeError} if a size or the count is not a positive integer.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example The largest singular value of a large square matrix is 2 / sqrt(m)
 * ```ts
 * import { marchenkoPasturNodes } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { values, weights } = marchenkoPasturNodes(100, 100);
 * assertAlmostEquals(Math.max(...values), 0.2, 1e-6);
 * assertAlmostEquals(weights.reduce((sum, w) => sum + w, 0), 1, 1e-9);
 * ```
 */
export function marchenkoPasturNodes(
  rows: number,
  columns: number,
  options: MarchenkoPasturOptions = {},
): Spectrum {
  requireInteger("rows", rows, { min: 1 });
  requireInteger("columns", columns, { min: 1 });
  requireOptions("options", options, ["count"]);
  const { count = 20000 } = options;
  requireInteger("count", count, { min: 1, max: 1e7 });
  const m = Math.min(rows, columns);
  const ratio = m / Math.max(rows, columns);
  const values = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const angle = (k + 0.5) * Math.PI / count;
    const sine = Math.sin(angle);
    const lambda = 1 + ratio - 2 * Math.sqrt(ratio) * Math.cos(angle);
    values[k] = Math.sqrt(lambda / m);
    weights[k] = 2 * sine * sine / (count * lambda);
  }
  return { values, weights };
}

/**
 * How far Newton-Schulz stays from the polar factor of a matrix with this spectrum, relative: ||X - U V^T||_F
 * / ||U V^T||_F, which is sqrt(sum w (phi(s) - 1)^2 / sum w) because only singular values change.
 *
 * @param spectrum Normalized singular values with weights.
 * @param coefficients One quintic per step.
 * @returns The relative error; NaN if a value or a weight is.
 * @throws {RangeError} if there are not as many weights as values, or a coefficient is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { frobeniusNorm, polarFactor } from "refigure/linalg";
 * import { NEWTON_SCHULZ, newtonSchulz, newtonSchulzError, spectrumOf } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = new Rng(0).normalMatrix(8, 20), polar = polarFactor(g);
 * const direct = frobeniusNorm(newtonSchulz(g, { eps: 0 }).minus(polar)) / frobeniusNorm(polar);
 * assertAlmostEquals(newtonSchulzError(spectrumOf(g), NEWTON_SCHULZ.muon5), direct, 1e-12);
 * ```
 */
export function newtonSchulzError(
  spectrum: Spectrum,
  coefficients: NewtonSchulzCoefficients,
): number {
  const { values, weights } = requireSpectrum("spectrum", spectrum);
  requireCoefficients("coefficients", coefficients);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * (composeQuintics(values[i], coefficients) - 1) ** 2;
    total += weights[i];
  }
  return Math.sqrt(sum / total);
}
