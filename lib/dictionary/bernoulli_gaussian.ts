import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";

/**
 * Sparse codes: an n x samples matrix whose entries are standard normal with probability `theta` and zero
 * otherwise.
 *
 * @throws {RangeError} if a size is not a positive integer or `theta` not in (0, 1].
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bernoulliGaussian } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const codes = bernoulliGaussian({ n: 10, samples: 1000, theta: 0.3, rng: new Rng(0) });
 * assertAlmostEquals(codes.data.filter((x) => x !== 0).length / 10000, 0.3, 0.02);
 * ```
 */
export function bernoulliGaussian(
  options: { n: number; samples: number; theta: number; rng: Rng },
): Matrix {
  requireOptions("options", options, ["n", "samples", "theta", "rng"]);
  const { n, samples, theta, rng } = options;
  requireInteger("n", n, { min: 1 });
  requireInteger("samples", samples, { min: 1 });
  requireNumber("theta", theta, { above: 0, max: 1 });
  requireRng("rng", rng);
  const out = Matrix.zeros(n, samples);
  for (let k = 0; k < out.data.length; k++) if (rng.uniform() < theta) out.data[k] = rng.normal();
  return out;
}

/**
 * How far `analysis` is from finding the atoms of `dictionary`, whatever their order and signs: `|1 - sum of
 * (A D)^4 / n|`. 0 exactly if `A D` is a signed permutation (for orthogonal A), 1 - 1/n if all its entries
 * are of the same size (Xue & Lau 2021).
 *
 * @param analysis A, n x n, atoms as rows.
 * @param dictionary D, n x n, atoms as columns.
 * @returns NaN if an entry is.
 * @throws {RangeError} if the matrices are not square and of one size.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { dictionaryError } from "refigure/dictionary";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertEquals(dictionaryError(Matrix.fromRows([[0, -1], [1, 0]]), Matrix.identity(2)), 0);
 * const c = Math.SQRT1_2;
 * assertAlmostEquals(dictionaryError(Matrix.fromRows([[c, c], [-c, c]]), Matrix.identity(2)), 0.5, 1e-15);
 * ```
 */
export function dictionaryError(analysis: Matrix, dictionary: Matrix): number {
  const n = requireMatrix("analysis", analysis).rows;
  requireSameShape("analysis", analysis, { rows: n, columns: n });
  requireSameShape("dictionary", dictionary, analysis);
  let sum = 0;
  for (const x of matmul(analysis, dictionary).data) sum += x * x * x * x;
  return Math.abs(1 - sum / n);
}
