import type { Rng } from "../arrays/mod.ts";
import { polynomialEvaluator } from "../polynomials/mod.ts";
import { FunctionSpace, requireDimension } from "./function_space.ts";
import { tridiagonalEigenvalues } from "./tridiagonal_eigenvalues.ts";

/**
 * Polynomials of degree below m with the standard normal distribution. The basis is `He_j / sqrt(j!)`.
 *
 * The determinantal point process is that of the eigenvalues of an m x m matrix of the Gaussian unitary
 * ensemble, which a tridiagonal matrix of independent entries has too: normal variates on the diagonal, the
 * square roots of gamma variates of shape m - 1, ..., 1 beside it (Dumitriu & Edelman 2002). No candidate is
 * rejected.
 *
 * @param dimension The dimension m, which is one more than the highest degree.
 * @throws {RangeError} if it is not an integer from 1 to 500.
 * @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hermiteSpace } from "refigure/sampling";
 * import { assertEquals } from "@std/assert";
 *
 * const { points, proposals } = hermiteSpace(4).sampleDpp({ rng: new Rng(1) });
 * assertEquals([points.length, proposals], [4, 4]);
 * ```
 */
export function hermiteSpace(dimension: number): FunctionSpace {
  requireDimension(dimension);
  return new FunctionSpace({
    dimension,
    basis: polynomialEvaluator("hermite", dimension),
    drawMeasure: (rng) => rng.normal(),
    drawLeverage: (rng) => ensembleEigenvalues(dimension, rng)[rng.integer(dimension)],
    drawDpp: (rng) => ({ points: rng.shuffle(ensembleEigenvalues(dimension, rng)), proposals: dimension }),
  });
}

function ensembleEigenvalues(m: number, rng: Rng): Float64Array {
  const diagonal = rng.normals(m);
  const beside = Float64Array.from({ length: m - 1 }, (_, k) => Math.sqrt(rng.gamma(m - 1 - k)));
  return tridiagonalEigenvalues(diagonal, beside);
}
