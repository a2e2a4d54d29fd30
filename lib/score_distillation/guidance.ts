import { requireNumber } from "../arrays/mod.ts";
import type { NoisePredictor } from "../diffusion/mod.ts";
import { requirePredictor } from "./check.ts";

/**
 * Classifier-free guidance (Ho & Salimans 2022): `unconditional + scale (conditional - unconditional)`. At
 * scale 1 that is the conditional model; larger scales exaggerate what tells the two apart.
 *
 * @param conditional The model of what is asked for.
 * @param unconditional The model of everything.
 * @param scale The guidance weight.
 * @returns The guided model. At scale 1 it is the conditional one.
 * @throws {RangeError} if `scale` is not finite, or the models have different dimensions.
 * @throws {TypeError} if a model has no `noisePrediction`.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { classifierFreeGuidance } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const at = (mean: number) =>
 *   new GaussianMixture({ weights: [1], means: Matrix.fromRows([[mean]]), variances: [1] });
 * // For unit variances the noise is sigma (x - alpha mean): guidance moves the mean from 1 to 3.
 * const guided = classifierFreeGuidance(at(1), at(0), 3);
 * assertAlmostEquals(guided.noisePrediction(Float64Array.of(2), 0.6, 0.8)[0], 0.8 * (2 - 0.6 * 3), 1e-15);
 * ```
 */
export function classifierFreeGuidance(
  conditional: NoisePredictor,
  unconditional: NoisePredictor,
  scale: number,
): NoisePredictor {
  requirePredictor("conditional", conditional);
  requirePredictor("unconditional", unconditional);
  requireNumber("scale", scale);
  if (conditional.dim !== unconditional.dim) {
    throw new RangeError(
      `\`unconditional\` must have the dimension of \`conditional\`, ${conditional.dim}, ` +
        `got ${unconditional.dim}`,
    );
  }
  if (scale === 1) return conditional;
  return {
    dim: conditional.dim,
    noisePrediction(x, alpha, sigma, options) {
      // Both before either is written: `out` may be `x`.
      const without = unconditional.noisePrediction(x, alpha, sigma);
      const out = conditional.noisePrediction(x, alpha, sigma, options);
      for (let k = 0; k < out.length; k++) out[k] = without[k] + scale * (out[k] - without[k]);
      return out;
    },
  };
}
