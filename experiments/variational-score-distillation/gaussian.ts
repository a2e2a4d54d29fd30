/**
 * Gaussian particles and a Gaussian prior on a line, where score distillation is an ordinary differential
 * equation.
 */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { GaussianMixture, scaledLinearSchedule } from "../../lib/diffusion/mod.ts";
import { distill, distillationRate, gaussianVarianceFlow } from "../../lib/score_distillation/mod.ts";
import type { Row } from "./rows.ts";

const schedule = scaledLinearSchedule();
const ALPHAS = schedule.alphaBar.map(Math.sqrt);
const SIGMAS = schedule.alphaBar.map((a) => Math.sqrt(1 - a));
/** Variance of the prior in the comparison with the equation. */
const PRIOR = 0.25;

/** Standard normal numbers, moved and scaled to mean 0 and variance 1. */
function standardized(n: number, rng: Rng): Float64Array {
  const values = rng.normals(n);
  const { mean, variance } = moments(values);
  return values.map((value) => (value - mean) / Math.sqrt(variance));
}

function moments(values: Float64Array): { mean: number; variance: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / values.length;
  return { mean, variance };
}

/** A guided Gaussian prior: what is asked for has mean 1, everything has mean 0. */
interface GuidedPrior {
  guidance: number;
  conditional: { mean: number; variance: number };
  unconditional: { mean: number; variance: number };
}

/**
 * Steps in which each particle draws its own time, so that the mean over times is taken in every step. The
 * particles' model is the Gaussian with their mean and variance.
 */
function stepOwnTimes(
  particles: Float64Array,
  method: "SDS" | "VSD",
  prior: GuidedPrior,
  { steps, learningRate, rng }: { steps: number; learningRate: number; rng: Rng },
): void {
  const { guidance, conditional, unconditional } = prior;
  for (let step = 0; step < steps; step++) {
    const own = moments(particles);
    for (let i = 0; i < particles.length; i++) {
      const t = 20 + rng.integer(961);
      const alpha = ALPHAS[t];
      const sigma = SIGMAS[t];
      const noise = rng.normal();
      const x = alpha * particles[i] + sigma * noise;
      const expected = (model: { mean: number; variance: number }) =>
        sigma * (x - alpha * model.mean) / (alpha * alpha * model.variance + sigma * sigma);
      const wanted = guidance * expected(conditional) + (1 - guidance) * expected(unconditional);
      particles[i] -= learningRate * sigma * sigma * (wanted - (method === "VSD" ? expected(own) : noise));
    }
  }
}

const PLAIN: GuidedPrior = {
  guidance: 1,
  conditional: { mean: 0, variance: PRIOR },
  unconditional: { mean: 0, variance: 1 },
};

/** Many particles with times of their own, at several times of the flow. */
export function ownTimesRows({ method, seed, particles, learningRate, taus }: {
  method: "SDS" | "VSD";
  seed: number;
  particles: number;
  learningRate: number;
  taus: number[];
}): Row<"variance">[] {
  const rng = new Rng(seed);
  const values = standardized(particles, rng.split("start"));
  const exact = gaussianVarianceFlow(1, [0, ...taus], {
    priorVariance: PRIOR,
    method: method === "SDS" ? "sds" : "vsd",
  });
  let reached = 0;
  return taus.map((tau, k) => {
    const steps = Math.round((tau - reached) / learningRate);
    reached += steps * learningRate;
    stepOwnTimes(values, method, PLAIN, { steps, learningRate, rng });
    const { variance } = moments(values);
    return {
      kind: "variance",
      method,
      times: "own times",
      seed,
      tau,
      measured: variance,
      exact: exact[k + 1],
    };
  });
}

/** The loop of the paper with the exact score of the particles: one time for all of them in a step. */
export function oneTimeRow({ seed, particles }: { seed: number; particles: number }): Row<"variance"> {
  const rng = new Rng(seed);
  const start = new Matrix(particles, 1, standardized(particles, rng.split("start")));
  const prior = new GaussianMixture({ weights: [1], means: Matrix.zeros(1, 1), variances: [PRIOR] });
  const end = distill(start, { prior, rng, method: "vsd", steps: 100, learningRate: 0.05 });
  const [, exact] = gaussianVarianceFlow(1, [0, 5], { priorVariance: PRIOR });
  const measured = moments(end.data).variance;
  return { kind: "variance", method: "VSD", times: "one time", seed, tau: 5, measured, exact };
}

/** VSD under guidance, until it rests. */
export function guidedRow({ guidance, seed, particles, tau, learningRate }: {
  guidance: number;
  seed: number;
  particles: number;
  tau: number;
  learningRate: number;
}): Row<"guided"> {
  const rng = new Rng(seed);
  const prior = {
    guidance,
    conditional: { mean: 1, variance: 0.25 },
    unconditional: { mean: 0, variance: 1 },
  };
  const values = standardized(particles, rng.split("start"));
  stepOwnTimes(values, "VSD", prior, { steps: Math.round(tau / learningRate), learningRate, rng });
  const { mean, variance } = moments(values);
  const exact = guidedGaussian(guidance);
  return {
    kind: "guided",
    guidance,
    seed,
    mean,
    exactMean: exact.mean,
    variance,
    exactVariance: exact.variance,
  };
}

/** The fixed point of guided Gaussians: notes 3.5. */
export function guidedGaussian(guidance: number): { mean: number; variance: number } {
  const conditional = guidance * distillationRate(0.25);
  const pull = conditional + (1 - guidance) * distillationRate(1);
  return { mean: conditional / pull, variance: varianceOfRate(pull) };
}

/** The guidance at which VSD's variance reaches zero. */
export function collapseGuidance(): number {
  const everything = distillationRate(1);
  return (distillationRate(0) - everything) / (distillationRate(0.25) - everything);
}

/**
 * The variance with a rate, by bisection: rates fall with the variance. 0 where the rate is above that of 0.
 */
function varianceOfRate(rate: number): number {
  if (rate >= distillationRate(0)) return 0;
  let low = 0;
  let high = 1;
  while (distillationRate(high) > rate) high *= 2;
  for (let k = 0; k < 50; k++) {
    const middle = (low + high) / 2;
    if (distillationRate(middle) > rate) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
