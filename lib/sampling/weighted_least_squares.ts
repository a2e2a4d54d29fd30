import { Matrix, requireFinite, requireInstance, requireNumbers } from "../arrays/mod.ts";
import { matvec } from "../blas/mod.ts";
import { SingularMatrixError, svd } from "../linalg/mod.ts";
import { type Design, requireDesign } from "./design_gram.ts";
import { FunctionSpace } from "./function_space.ts";

/** What {@linkcode weightedLeastSquares} returns. */
export interface WeightedFit {
  /** The m coefficients of the fit in the basis of the space. */
  coefficients: Float64Array;
  /** The m eigenvalues of the design's Gram matrix, ascending. */
  eigenvalues: Float64Array;
}

/**
 * The function of a space that minimizes `sum_i w_i (y_i - f(x_i))^2`, through the SVD of the weighted basis:
 * the smallest eigenvalue of the Gram matrix keeps its relative precision down to the square of machine
 * epsilon, which forming that matrix would lose.
 *
 * @param space The space.
 * @param design Points and weights.
 * @param values The function's values at the points.
 * @returns Coefficients, and the eigenvalues that tell how well they are determined.
 * @throws {SingularMatrixError} if the points do not determine the coefficients.
 * @throws {RangeError} if there are fewer points than functions, a length does not fit, or a number is not
 * finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { legendreSpace, sampleDesign, weightedLeastSquares } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const space = legendreSpace(8);
 * const design = sampleDesign(space, 32, { kind: "repeated-dpp", rng: new Rng(1) });
 * const { coefficients } = weightedLeastSquares(space, design, design.points.map(Math.exp));
 * assertAlmostEquals(coefficients[0], Math.sinh(1), 1e-5); // the mean of exp
 * ```
 */
export function weightedLeastSquares(
  space: FunctionSpace,
  design: Design,
  values: ArrayLike<number>,
): WeightedFit {
  requireInstance("space", space, FunctionSpace);
  requireDesign(design);
  const { points, weights } = design;
  const n = points.length;
  const m = space.dimension;
  if (n < m) throw new RangeError(`\`design\` must have at least m = ${m} points, got ${n}`);
  requireNumbers("values", values, { length: n });
  requireFinite("Cannot fit `values`", values);
  const roots = weights.map((w) => Math.sqrt(w / n));
  const { data } = space.evaluate(points);
  for (let k = 0; k < data.length; k++) data[k] *= roots[Math.floor(k / m)];
  const { u, s, vt } = svd(new Matrix(n, m, data));
  if (!(s[m - 1] > n * 2 ** -52 * s[0])) {
    throw new SingularMatrixError(
      `The ${n} points do not determine ${m} coefficients: the smallest singular value is ${s[m - 1]}, the ` +
        `largest ${s[0]}`,
    );
  }
  const right = roots.map((root, i) => root * values[i]);
  const scaled = matvec(u, right, { transpose: true }).map((x, j) => x / s[j]);
  return {
    coefficients: matvec(vt, scaled, { transpose: true }),
    eigenvalues: s.map((x) => x * x).reverse(),
  };
}
