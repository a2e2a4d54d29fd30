import {
  requireFunction,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { type NoiseSchedule, scaledLinearSchedule } from "../diffusion/mod.ts";
import { solveOde } from "../numerics/mod.ts";
import { requireTimeRange } from "./check.ts";
import type { TimeRange } from "./distill.ts";

/** Options of {@linkcode distillationRate}. */
export interface DistillationRateOptions {
  /** How much noise there is at a time. Default {@linkcode scaledLinearSchedule}. */
  schedule?: NoiseSchedule;
  /** Times that are drawn, all equally likely. Default [20, 980]. */
  times?: TimeRange;
}

/**
 * How fast a direction of variance v is pulled to the mean by score distillation with the weight sigma²:
 * `A(v) = E_t[sigma^3 alpha / (alpha^2 v + sigma^2)]`. It falls with v. For a Gaussian prior of variance l
 * and Gaussian particles of variance c everything is exact: the distance of the means decays at the rate A(l)
 * with SDS and VSD alike; the variance follows `dc/dtau = -2 c A(l)` with SDS and `-2 c (A(l) - A(c))` with
 * VSD, whose fixed point is c = l. (A derivation of this project, from ProlificDreamer's Theorem 2.)
 *
 * @param variance At least 0.
 * @param options The schedule and its times.
 * @returns The rate per unit of time, which is the sum of the learning rates.
 * @throws {RangeError} if `variance` is negative or not finite, or a time is not of the schedule.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { distillationRate } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(distillationRate(1), 0.190459288312, 1e-12);
 * ```
 */
export function distillationRate(variance: number, options: DistillationRateOptions = {}): number {
  requireNumber("variance", variance, { min: 0 });
  const levels = levelsOf(options);
  return meanRate(variance, levels);
}

/** Options of {@linkcode gaussianVarianceFlow}. */
export interface GaussianVarianceFlowOptions extends DistillationRateOptions {
  /** Which flow. Default "vsd". */
  method?: "sds" | "vsd";
  /** Variance of the prior, at least 0. Default 1. */
  priorVariance?: number;
}

/**
 * The variance of Gaussian particles under score distillation towards a Gaussian prior, without noise from
 * sampling: see {@linkcode distillationRate}.
 *
 * @param variance At the first of the times, positive.
 * @param at Times of the flow, ascending: sums of learning rates. The first one is the start.
 * @param options The method, the prior, the schedule and its times.
 * @returns The variance at each of `at`.
 * @throws {RangeError} if a number is out of range or `at` does not ascend.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { gaussianVarianceFlow } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [, vsd] = gaussianVarianceFlow(1, [0, 5], { priorVariance: 0.25 });
 * const [, sds] = gaussianVarianceFlow(1, [0, 5], { priorVariance: 0.25, method: "sds" });
 * assertAlmostEquals(vsd, 0.592065265718, 1e-10);
 * assertAlmostEquals(sds, 0.0757931777, 1e-10);
 * ```
 */
export function gaussianVarianceFlow(
  variance: number,
  at: ArrayLike<number>,
  options: GaussianVarianceFlowOptions = {},
): Float64Array {
  requireNumber("variance", variance, { above: 0 });
  requireNumbers("at", at, { finite: true });
  requireOptions("options", options, ["method", "priorVariance", "schedule", "times"]);
  const { method = "vsd", priorVariance = 1, schedule, times } = options;
  requireOneOf("method", method, ["sds", "vsd"]);
  requireNumber("priorVariance", priorVariance, { min: 0 });
  const levels = levelsOf({ schedule, times });
  const pull = meanRate(priorVariance, levels);
  // The logarithm keeps the variance positive.
  const { states, advice } = solveOde(
    (_t, y, dy) => dy[0] = -2 * (pull - (method === "vsd" ? meanRate(Math.exp(y[0]), levels) : 0)),
    [Math.log(variance)],
    at,
    { rtol: 1e-11, atol: 1e-12 },
  );
  if (advice !== null) throw new RangeError(`The flow could not be followed to the end of \`at\`: ${advice}`);
  return states.data.map(Math.exp);
}

/** alpha² and sigma² of the times, and sigma³ alpha. */
interface Levels {
  signal: Float64Array;
  noise: Float64Array;
  product: Float64Array;
}

function levelsOf(options: DistillationRateOptions): Levels {
  requireOptions("options", options, ["schedule", "times"]);
  const { schedule = scaledLinearSchedule(), times = [20, 980] } = options;
  requireFunction("schedule.alpha", schedule?.alpha);
  requireFunction("schedule.sigma", schedule.sigma);
  requireTimeRange("times", times);
  const count = requireInteger("times[1] - times[0]", times[1] - times[0], { max: 1e7 }) + 1;
  const alpha = Float64Array.from({ length: count }, (_, k) => schedule.alpha(times[0] + k));
  const sigma = Float64Array.from({ length: count }, (_, k) => schedule.sigma(times[0] + k));
  return {
    signal: alpha.map((a) => a * a),
    noise: sigma.map((s) => s * s),
    product: sigma.map((s, k) => s ** 3 * alpha[k]),
  };
}

function meanRate(variance: number, { signal, noise, product }: Levels): number {
  let sum = 0;
  for (let k = 0; k < product.length; k++) sum += product[k] / (signal[k] * variance + noise[k]);
  return sum / product.length;
}
