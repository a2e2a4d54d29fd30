import { type Matrix, type RealArray, requireInteger, requireLength } from "../arrays/mod.ts";
import { singularValues } from "../linalg/mod.ts";
import { type NewtonSchulzCoefficients, newtonSchulzScalar } from "./coefficients.ts";

/**
 * Singular values of a matrix divided by its Frobenius norm, with a weight each: all that Newton-Schulz sees
 * of it.
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
 * @throws {RangeError} if the matrix is zero, empty or not finite.
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
  const sigma = matrix instanceof Float64Array ? matrix : singularValues(matrix);
  const norm = Math.hypot(...sigma);
  if (!(norm > 0 && norm < Infinity)) {
    throw new RangeError(`Cannot normalize the spectrum of \`matrix\`: its Frobenius norm is ${norm}`);
  }
  const values = sigma.map((value) => value / norm);
  return { values, weights: new Float64Array(values.length).fill(1 / values.length) };
}

/**
 * The spectrum of a large Gaussian m x n matrix: normalized singular values sqrt(lambda / m), m the shorter
 * side, lambda by the Marchenko-Pastur law of ratio m / n, as a quadrature with `count` nodes, evenly spaced
 * in the angle of lambda = 1 + r - 2 sqrt(r) cos(angle), r = m / n.
 *
 * @param rows Rows; their order with `columns` does not matter.
 * @param columns Columns.
 * @param count Nodes. Default 20000.
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
export function marchenkoPasturNodes(rows: number, columns: number, count = 20000): Spectrum {
  requireInteger("rows", rows, { min: 1 });
  requireInteger("columns", columns, { min: 1 });
  requireInteger("count", count, { min: 1 });
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
  { values, weights }: Spectrum,
  coefficients: NewtonSchulzCoefficients,
): number {
  requireLength("weights", weights, values.length);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * (newtonSchulzScalar(values[i], coefficients) - 1) ** 2;
    total += weights[i];
  }
  return Math.sqrt(sum / total);
}
