/**
 * Depth: one mode (Figure 4), whole networks (Figure 6A), products of matrices (6B) and tanh Jacobians (7).
 */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  DeepLinearNetwork,
  deepModeTime,
  descendDeepMode,
  gaussianWeights,
  meanFieldJacobian,
  optimalStepSize,
  orthogonalWeights,
  tanhJacobian,
} from "../../lib/linear_networks/mod.ts";
import { gaussianProductMoments, lyapunovSpectrum } from "../../lib/recurrent/mod.ts";
import { frobeniusNorm, singularValues } from "../../lib/linalg/mod.ts";
import type { DelayRow, DepthRow, JacobianRow, LearningRow, SpectrumRow, Start } from "./rows.ts";
import { randomTask } from "./small_networks.ts";

const RATES = 60;
const EPSILON = 1e-3;

/** Criterion 7: the best of 60 rates for one mode with s = 1. */
export function depth(layers: number, u0: number): DepthRow {
  const weightLayers = layers - 1;
  const optimal = optimalStepSize({ s1: 1, weightLayers });
  let steps = Infinity;
  let rate = 0;
  for (let i = 0; i < RATES; i++) {
    const tried = optimal * 0.1 * 30 ** (i / (RATES - 1));
    // A rate that is not better by now will not be.
    const run = descendDeepMode({
      s: 1,
      u0,
      weightLayers,
      stepSize: tried,
      maxSteps: Math.min(steps, 20_000),
    });
    if (run.status === "converged" && run.steps < steps) [steps, rate] = [run.steps, tried];
  }
  const optimalSteps = descendDeepMode({ s: 1, u0, weightLayers, stepSize: optimal }).steps;
  const theory = deepModeTime({ s: 1, u0, uf: 0.99, weightLayers, tau: 1 / optimal });
  return { type: "depth", layers, u0, steps, rate, optimal, optimalSteps, theory };
}

/** Criterion 6: the closed form from 0.001 to 0.999. */
export function delays(): DelayRow[] {
  return [3, 4, 5, 6, 10, 20, 50, 100, 1000, null].map((layers) => {
    const weightLayers = layers === null ? Infinity : layers - 1;
    const tau = layers === null ? 1 : 1 / optimalStepSize({ s1: 1, weightLayers });
    const steps = deepModeTime({ s: 1, u0: EPSILON, uf: 1 - EPSILON, weightLayers, tau });
    return { type: "delay", layers, steps };
  });
}

/** Criterion 8: steps to one percent of the loss. */
export function learning(
  options: { start: Start; layers: number; width: number; factors: number[]; cap: number; seed: number },
): LearningRow {
  const { start, layers, width, factors, cap, seed } = options;
  const rng = new Rng(seed);
  const size = 10;
  const n = layers - 1;
  const strengths = Array.from({ length: size }, (_, i) => 1 - 0.5 * i / (size - 1));
  const { sigma31, modes } = randomTask(strengths, size, rng.split("task"));
  const dims = [size, ...new Array<number>(layers - 2).fill(width), size];
  const enough = 0.01 * frobeniusNorm(sigma31) ** 2 / 2;
  let best = cap + 1;
  let factor = factors[0];
  for (const tried of factors) {
    // The same weights for every rate.
    const stream = rng.split("weights");
    const net = start === "decoupled"
      ? DeepLinearNetwork.decoupled(dims, modes, { u0: 0.1, rng: stream })
      : new DeepLinearNetwork(dims, {
        init: start === "gaussian" ? gaussianWeights() : orthogonalWeights(),
        rng: stream,
      });
    const initial = net.step(sigma31, { stepSize: tried / n });
    if (initial < enough) best = 0;
    for (let step = 1; step < best; step++) {
      const loss = net.step(sigma31, { stepSize: tried / n });
      if (!(loss < 1e6 * (initial + 1))) break;
      if (loss < enough) [best, factor] = [step, tried];
    }
  }
  const capped = best > cap;
  return { type: "learning", start, layers, seed, steps: capped ? cap : best, capped, factor };
}

function* stack(
  start: "gaussian" | "orthogonal",
  size: number,
  factors: number,
  rng: Rng,
): Generator<Matrix> {
  const make = start === "gaussian" ? gaussianWeights() : orthogonalWeights();
  for (let k = 0; k < factors; k++) yield make(size, size, { rng: rng.split(k) });
}

/** Criterion 9. */
export function spectrum(
  options: {
    start: "gaussian" | "orthogonal";
    size: number;
    factors: number;
    seed: number;
    details: boolean;
  },
): SpectrumRow {
  const { start, size, factors, seed, details } = options;
  const rng = new Rng(seed);
  let product: Matrix | undefined;
  for (const w of stack(start, size, factors, rng)) product = product === undefined ? w : matmul(w, product);
  const values = Array.from(singularValues(product!));
  const mean = (f: (x: number) => number) => values.reduce((sum, x) => sum + f(x), 0) / size;
  const qr = details && start === "gaussian" && factors > 50
    ? Array.from(lyapunovSpectrum(stack(start, size, factors, rng)), (x) => x * factors / Math.LN10)
    : [];
  return {
    type: "spectrum",
    start,
    factors,
    seed,
    size,
    small: mean((x) => x < 0.01 ? 1 : 0),
    second: mean((x) => x * x),
    fourth: mean((x) => x ** 4),
    expectedFourth: start === "gaussian" ? gaussianProductMoments(size, factors).fourth : 1,
    deviation: Math.max(...values.map((x) => Math.abs(x - 1))),
    values: details ? values : [],
    qr,
  };
}

/** What Jacobians of one seed share: their weights. */
export interface JacobianOptions {
  size: number;
  seed: number;
  /** Gains and mean squares to be combined. */
  gains: number[];
  q1: number[];
}

/** Criterion 10: orthogonal weights with every gain, Gaussian ones with gain 1. */
export function jacobians({ size, seed, gains, q1 }: JacobianOptions): JacobianRow[] {
  const rng = new Rng(seed);
  const factors = 99;
  const direction = rng.split("input").sphere(size);
  const weights = (
    start: "gaussian" | "orthogonal",
  ) => [...stack(start, size, factors, rng.split("weights"))];
  const one = (
    start: "gaussian" | "orthogonal",
    weights: Matrix[],
    gain: number,
    q1: number,
  ): JacobianRow => {
    const x = direction.map((value) => value * Math.sqrt(q1 * size));
    const values = singularValues(tanhJacobian(x, weights, gain)).sort();
    return {
      type: "jacobian",
      start,
      gain,
      q1,
      seed,
      meanSquare: values.reduce((sum, s) => sum + s * s, 0) / size,
      median: (values[(size - 1) >> 1] + values[size >> 1]) / 2,
      meanField: meanFieldJacobian({ q1, gain, factors }),
    };
  };
  const orthogonal = weights("orthogonal");
  return [
    ...gains.flatMap((gain) => q1.map((q) => one("orthogonal", orthogonal, gain, q))),
    one("gaussian", weights("gaussian"), 1, 1),
  ];
}
