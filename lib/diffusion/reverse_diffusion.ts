import { type Matrix, requireInstance, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { requirePointMatrix } from "./check.ts";
import { logTimes, timeOf } from "./probability_flow.ts";
import { ScoreField } from "./score_field.ts";

/** Options of {@linkcode reverseDiffusion}. */
export interface ReverseDiffusionOptions {
  /** Source of the noise. */
  rng: Rng;
  /** Time of the points that are given, in (0, 1]. Default 1. */
  from?: number;
  /** Time to go to, in (0, `from`]. Default 1e-3. */
  to?: number;
  /** Steps, equally long in the logarithm of time. Default 1000. */
  steps?: number;
}

/**
 * Moves points along the reverse diffusion dx = -beta(t) (x / 2 + s(x, t)) dt + sqrt(beta(t)) dW backwards in
 * time (Anderson 1982; Song et al. 2021, equation 6) by the method of Euler and Maruyama.
 *
 * @param field The field s.
 * @param x Points at time `from`, one per row.
 * @param options Source of the noise; times and steps.
 * @returns The points at time `to`.
 * @throws {RangeError} if a size does not fit or an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { gaussianScore, reverseDiffusion, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const field = gaussianScore(Matrix.diagonal([4]), new VpSde());
 * const rng = new Rng(0);
 * const end = reverseDiffusion(field, rng.normalMatrix(2000, 1), { rng, steps: 300 });
 * assertAlmostEquals(end.data.reduce((sum, x) => sum + x * x, 0) / 2000, 4, 0.4);
 * ```
 */
export function reverseDiffusion(field: ScoreField, x: Matrix, options: ReverseDiffusionOptions): Matrix {
  requireInstance("field", field, ScoreField);
  requirePointMatrix("x", x, field.dim);
  requireOptions("options", options, ["rng", "from", "to", "steps"]);
  const { rng, from = 1, to = 1e-3, steps = 1000 } = options;
  requireRng("rng", rng);
  const times = logTimes(from, to, steps);
  if (to > from) throw new RangeError(`\`to\` must be at most \`from\`, ${from}, got ${to}`);
  const y = x.clone();
  const score = new Float64Array(y.data.length);
  for (let k = 0; k < steps; k++) {
    const t = timeOf(times[k]);
    const variance = field.sde.beta(t) * (t - timeOf(times[k + 1]));
    const deviation = Math.sqrt(variance);
    field.score(y.data, t, { out: score });
    for (let i = 0; i < score.length; i++) {
      y.data[i] += variance * (y.data[i] / 2 + score[i]) + deviation * rng.normal();
    }
  }
  return y;
}
