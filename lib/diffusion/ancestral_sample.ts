import {
  type Matrix,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { requireMethods, requirePointMatrix } from "./check.ts";
import type { NoisePredictor } from "./gaussian_mixture.ts";
import type { NoiseSchedule } from "./schedule.ts";

/** Options of {@linkcode ancestralSample}. */
export interface AncestralSampleOptions {
  /** Factors of data and noise. */
  schedule: NoiseSchedule;
  /** Times that are visited, descending; the first is that of `x`. After the last one the noise is taken off. */
  times: ArrayLike<number>;
  /** Source of noise; needed unless `eta` is 0. */
  rng?: Rng;
  /** Share of fresh noise in [0, 1]: 1 is ancestral sampling (DDPM), 0 is deterministic (DDIM). Default 1. */
  eta?: number;
}

/**
 * Samples by removing noise from time to time: x_0 is predicted as (x - sigma eps) / alpha, and the point at the
 * next time is drawn from the posterior that belongs to it, with standard deviation
 * `eta (sigma' / sigma) sqrt(1 - alpha^2 / alpha'^2)` (Ho et al. 2020 for eta = 1; Song et al. 2021, "Denoising
 * diffusion implicit models", equations 12 and 16).
 *
 * @param predictor Predicts the noise.
 * @param x Noise at the first of the times, one point per row.
 * @param options Schedule, times and kind of sampling.
 * @returns The samples, one per row.
 * @throws {RangeError} if a size does not fit, there is no time, alpha does not grow from time to time, or a
 * number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { ancestralSample, GaussianMixture, scaledLinearSchedule } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const narrow = new GaussianMixture({ weights: [1], means: Matrix.fromRows([[3]]), variances: [0.01] });
 * const rng = new Rng(0);
 * const schedule = scaledLinearSchedule();
 * const times = [999, 750, 500, 250, 0];
 * const samples = ancestralSample(narrow, rng.normalMatrix(100, 1), { schedule, times, eta: 0 });
 * assertAlmostEquals(samples.data.reduce((sum, value) => sum + value, 0) / 100, 3, 0.1);
 * ```
 */
export function ancestralSample(
  predictor: NoisePredictor,
  x: Matrix,
  options: AncestralSampleOptions,
): Matrix {
  requireMethods("predictor", predictor, "a noise predictor", ["noisePrediction"]);
  requirePointMatrix("x", x, requireInteger("predictor.dim", predictor.dim, { min: 1 }));
  requireOptions("options", options, ["schedule", "times", "rng", "eta"]);
  const { schedule, times, rng, eta = 1 } = options;
  requireMethods("schedule", schedule, "a noise schedule", ["alpha", "sigma"]);
  requireNumbers("times", times, { finite: true });
  requireInteger("times.length", times.length, { min: 1 });
  requireNumber("eta", eta, { min: 0, max: 1 });
  if (eta > 0 || rng !== undefined) requireRng("rng", rng!);
  const y = x.clone();
  for (let k = 0; k < times.length; k++) {
    const alpha = schedule.alpha(times[k]);
    const sigma = schedule.sigma(times[k]);
    const isLast = k + 1 === times.length;
    const nextAlpha = isLast ? 1 : schedule.alpha(times[k + 1]);
    const nextSigma = isLast ? 0 : schedule.sigma(times[k + 1]);
    if (!(nextAlpha >= alpha)) {
      throw new RangeError(
        `\`times\` must descend to less and less noise, got ${times[k]} followed by ${times[k + 1]}`,
      );
    }
    const fresh = sigma === 0
      ? 0
      : eta * nextSigma / sigma * Math.sqrt(Math.max(0, 1 - (alpha / nextAlpha) ** 2));
    const kept = Math.sqrt(Math.max(0, nextSigma * nextSigma - fresh * fresh));
    const noise = predictor.noisePrediction(y.data, alpha, sigma);
    requireRealArray("predictor.noisePrediction(...)", noise, "float64");
    for (let i = 0; i < noise.length; i++) {
      y.data[i] = nextAlpha * (y.data[i] - sigma * noise[i]) / alpha + kept * noise[i];
      if (fresh > 0) y.data[i] += fresh * rng!.normal();
    }
  }
  return y;
}
