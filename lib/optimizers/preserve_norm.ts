import { scaleInPlace } from "../blas/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import { requireTransformation } from "./checks.ts";
import type { GradientTransformation, State } from "./transformation.ts";

/**
 * Runs another transformation, then gives its result the Frobenius norm of the update that went in: the
 * direction changes, the length does not. A result of zero stays zero.
 *
 * @throws {TypeError} if `inner` is not a transformation.
 *
 * @example Coordinate-wise second moments of an orthogonalized update ("Muon+Adam" of NorMuon's ablations,
 * arXiv 2510.05491)
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { preserveNorm, scaleByAdam } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const link = preserveNorm(scaleByAdam({ beta1: 0, beta2: 0.95 }));
 * const parameter = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
 * const update = link.update(Matrix.fromRows([[3, 4]]), link.init(parameter), parameter);
 * assertAlmostEquals(frobeniusNorm(update), 5, 1e-12);
 * assertAlmostEquals(update.get(0, 0), update.get(0, 1), 1e-6);
 * ```
 */
export function preserveNorm<S extends State>(inner: GradientTransformation<S>): GradientTransformation<S> {
  requireTransformation("inner", inner);
  return {
    init: (parameter) => inner.init(parameter),
    update(updates, state, parameter) {
      const before = frobeniusNorm(updates);
      const out = inner.update(updates, state, parameter);
      const after = frobeniusNorm(out);
      if (after > 0) scaleInPlace(out.data, before / after);
      return out;
    },
  };
}
