import { euclideanNorm, type Matrix, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { requireFactor } from "./check.ts";
import { imbalance } from "./factors.ts";

/** Options of {@linkcode predictSilentError}. */
export interface SilentErrorOptions {
  /** Rank of the target; its range is that of the first `rank` coordinates. */
  rank: number;
  /** Step size of the descent. */
  stepSize: number;
  /** Number of steps. */
  steps: number;
}

/**
 * The error that asymmetric gradient descent has left after some steps, predicted from the start alone: that
 * of the columns that carry no signal. The signal grows along the rows of F₀ + G₀ that the target sees; on
 * what is orthogonal to them every mode has an imbalance c and a product p₀, and the flow of two numbers,
 * `ȧ = −ab²`, `ḃ = −ba²`, has the closed form `p(t) = (|c|/2) / sinh(|c| t + asinh(|c|/2p₀))`.
 *
 * Derived from the conserved imbalance of N. Xiong, L. Ding, S. S. Du, "How Over-Parameterization Slows Down
 * Gradient Descent in Matrix Sensing", 2023; holds for infinitely many measurements and small starts.
 *
 * @param f0 Start of F, n x k.
 * @param g0 Start of G, n x k.
 * @param options Rank of the target, step size and number of steps.
 * @returns The error in the Frobenius norm.
 * @throws {RangeError} if `rank` is not between 1 and k - 1, a size does not fit, or an entry is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { predictSilentError } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One silent mode with a = 1/2, b = 1/6, after 100 steps of size 0.1.
 * const f0 = Matrix.fromRows([[1, 0], [0, 1 / 2]]);
 * const g0 = Matrix.fromRows([[1, 0], [0, 1 / 6]]);
 * const error = predictSilentError(f0, g0, { rank: 1, stepSize: 0.1, steps: 100 });
 * assertAlmostEquals(error, 0.008037749016964808, 1e-12);
 * ```
 */
export function predictSilentError(
  f0: Matrix,
  g0: Matrix,
  options: SilentErrorOptions,
): number {
  requireOptions("options", options, ["rank", "stepSize", "steps"]);
  const { rank, stepSize, steps } = options;
  requireFactor("f0", f0, f0?.rows);
  requireFactor("g0", g0, f0.rows);
  if (g0.columns !== f0.columns) {
    throw new RangeError(`\`g0\` must have ${f0.columns} columns as \`f0\` has, got ${g0.columns}`);
  }
  const k = f0.columns;
  requireInteger("rank", rank, { min: 1, max: k - 1 });
  requireNumber("stepSize", stepSize, { above: 0 });
  requireInteger("steps", steps);
  const signal = f0.slice(0, rank).plus(g0.slice(0, rank));
  const silent = eigh(gram(signal)).vectors.slice(0, k, 0, k - rank);
  const seen = matmul(matmul(silent, imbalance(f0, g0), { transposeA: true }), silent);
  const { vectors, values } = eigh(seen);
  const sizes = (x: Matrix) => gram(matmul(matmul(x.slice(rank, x.rows), silent), vectors));
  const a = sizes(f0);
  const b = sizes(g0);
  return euclideanNorm(values.map((value, i) => {
    const c = Math.abs(value);
    const p0 = Math.sqrt(a.get(i, i) * b.get(i, i));
    return c / 2 / Math.sinh(c * stepSize * steps + Math.asinh(c / 2 / p0));
  }));
}
