import {
  type Matrix,
  requireFunction,
  requireLength,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { fixedStepOde, type OdeMethod } from "../numerics/mod.ts";
import { requirePointMatrix } from "./check.ts";
import { logTimes, timeOf } from "./probability_flow.ts";
import { requireJacobian, type ScoreField } from "./score_field.ts";

/** Options of {@linkcode logLikelihood}. */
export interface LogLikelihoodOptions {
  /** Time of the points that are given, in (0, 1]. Default 1e-5. */
  from?: number;
  /** Time at which the density is known, in (0, 1]. Default 1. */
  to?: number;
  /** Steps, equally long in the logarithm of time. Default 1000. */
  steps?: number;
  /** Order 1, 2 or 4. Default "rk4". */
  method?: OdeMethod;
  /**
   * The log-densities at time `to` of n points, one after another. Default: those of N(0, I), which differ from
   * the diffused law's by about 1e-5.
   */
  terminal?: (x: Float64Array) => Float64Array;
}

/**
 * Log-densities of points by the probability-flow ODE: the points are moved to time `to`, and
 * log p(x) = log p_to(x_to) + integral of div v dt along the way, where v = -beta / 2 (x + s) is the velocity
 * (Chen et al. 2018; Song et al. 2021, equation 39).
 *
 * @param field The field s, with derivatives.
 * @param x Points at time `from`, one per row.
 * @param options Times, steps, method and the density at the end.
 * @returns One number per point.
 * @throws {RangeError} if a size does not fit or an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type, the field has no derivatives, or an option or a name
 * is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, logLikelihood, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const field = gaussianScore(Matrix.diagonal([4]), new VpSde());
 * const x = Matrix.fromRows([[1]]);
 * const [found] = logLikelihood(field, x, { terminal: (end) => field.logDensity(end, 1) });
 * assertAlmostEquals(found, field.logDensity(x.data, 1e-5)[0], 1e-9);
 * ```
 */
export function logLikelihood(
  field: ScoreField,
  x: Matrix,
  options: LogLikelihoodOptions = {},
): Float64Array {
  requireJacobian("field", field);
  requirePointMatrix("x", x, field.dim);
  requireOptions("options", options, ["from", "to", "steps", "method", "terminal"]);
  const { from = 1e-5, to = 1, steps = 1000, method = "rk4", terminal = standardNormal(field.dim) } = options;
  requireFunction("terminal", terminal);
  const d = field.dim;
  const n = x.rows;
  const jacobian = new Float64Array(n * d * d);
  // The points, then one integral per point.
  const start = new Float64Array(n * d + n);
  start.set(x.data);
  const end = fixedStepOde(
    (logT, y, dy) => {
      const t = timeOf(logT);
      const points = y.subarray(0, n * d);
      const slopes = dy.subarray(0, n * d);
      field.scoreAndJacobian(points, t, { out: { score: slopes, jacobian } });
      const rate = -field.sde.beta(t) / 2 * t;
      for (let i = 0; i < n * d; i++) slopes[i] = rate * (points[i] + slopes[i]);
      for (let i = 0; i < n; i++) {
        let trace = d;
        for (let a = 0; a < d; a++) trace += jacobian[(i * d + a) * d + a];
        dy[n * d + i] = rate * trace;
      }
    },
    start,
    logTimes(from, to, steps),
    { method },
  );
  const known = terminal(end.slice(0, n * d));
  requireRealArray("terminal(...)", known, "float64");
  requireLength("terminal(...)", known, n);
  return known.map((value, i) => value + end[n * d + i]);
}

function standardNormal(d: number): (x: Float64Array) => Float64Array {
  return (x) => {
    const out = new Float64Array(x.length / d).fill(-d / 2 * Math.log(2 * Math.PI));
    x.forEach((value, i) => out[Math.floor(i / d)] -= value * value / 2);
    return out;
  };
}
