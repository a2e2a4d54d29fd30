/** Depth: one mode (Figure 4), whole networks (6A), products of matrices (6B) and tanh Jacobians (7). */
import { median } from "simple-statistics";
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { mean } from "../../lib/experiment/mod.ts";
import { frobeniusNorm, singularValues } from "../../lib/linalg/mod.ts";
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
import type { Row, Start } from "./rows.ts";
import { randomTask } from "./small_networks.ts";

/** Rates tried for one mode, from a tenth to three times the optimal one. */
const RATES = 60;
/** Distance from the ends between which delays are taken. */
const EPSILON = 1e-3;
/** Steps after which a whole network is given up. */
const CAP = 400;
/** Inputs and outputs of a whole network. */
const TASK_SIZE = 10;
/** Weight matrices of a tanh network of 100 layers. */
const TANH_FACTORS = 99;

/** One mode with s = 1, with the best of 60 rates and with the optimal one. */
export function depth(layers: number, u0: number): Row<"depth"> {
  const weightLayers = layers - 1;
  const optimal = optimalStepSize({ s1: 1, weightLayers });
  let steps = Infinity;
  let rate = 0;
  for (let i = 0; i < RATES; i++) {
    const stepSize = optimal * 0.1 * 30 ** (i / (RATES - 1));
    // A rate that is not better by now will not be.
    const run = descendDeepMode({ s: 1, u0, weightLayers, stepSize, maxSteps: Math.min(steps, 20_000) });
    if (run.status === "converged" && run.steps < steps) [steps, rate] = [run.steps, stepSize];
  }
  const optimalSteps = descendDeepMode({ s: 1, u0, weightLayers, stepSize: optimal }).steps;
  const theory = deepModeTime({ s: 1, u0, uf: 0.99, weightLayers, tau: 1 / optimal });
  return { kind: "depth", layers, u0, steps, rate, optimal, optimalSteps, theory };
}

/** The closed form from 0.001 to 0.999. */
export function delays(): Row<"delay">[] {
  return [3, 4, 5, 6, 10, 20, 50, 100, 1000, null].map((layers) => {
    const weightLayers = layers === null ? Infinity : layers - 1;
    const tau = layers === null ? 1 : 1 / optimalStepSize({ s1: 1, weightLayers });
    const steps = deepModeTime({ s: 1, u0: EPSILON, uf: 1 - EPSILON, weightLayers, tau });
    return { kind: "delay", layers, steps };
  });
}

/** A whole network. */
export interface Learning {
  start: Start;
  /** Layers of units. */
  layers: number;
  /** Units per hidden layer. */
  width: number;
  /** Learning rates, times the number of weight matrices. */
  factors: number[];
  seed: number;
}

/** Steps to one percent of the loss, at the best rate. */
export function learning({ start, layers, width, factors, seed }: Learning): Row<"learning"> {
  const rng = new Rng(seed);
  const n = layers - 1;
  const strengths = Array.from({ length: TASK_SIZE }, (_, i) => 1 - 0.5 * i / (TASK_SIZE - 1));
  const { sigma31, modes } = randomTask(strengths, TASK_SIZE, rng.split("task"));
  const dims = [TASK_SIZE, ...new Array<number>(layers - 2).fill(width), TASK_SIZE];
  const enough = 0.01 * frobeniusNorm(sigma31) ** 2 / 2;
  let best = CAP + 1;
  let factor = factors[0];
  for (const tried of factors) {
    // The same weights for every rate.
    const stream = rng.split("weights");
    const net = start === "decoupled"
      ? DeepLinearNetwork.decoupled(dims, modes, { u0: 0.1, rng: stream })
      : new DeepLinearNetwork(dims, { init: weightsOf(start), rng: stream });
    // A step returns the loss before it.
    const initial = net.step(sigma31, { stepSize: tried / n });
    if (initial < enough) best = 0;
    for (let step = 1; step < best; step++) {
      const loss = net.step(sigma31, { stepSize: tried / n });
      if (!(loss < 1e6 * (initial + 1))) break;
      if (loss < enough) [best, factor] = [step, tried];
    }
  }
  const capped = best > CAP;
  return { kind: "learning", start, layers, seed, steps: capped ? CAP : best, capped, factor };
}

function weightsOf(start: "gaussian" | "orthogonal") {
  return start === "gaussian" ? gaussianWeights() : orthogonalWeights();
}

function* stack(
  start: "gaussian" | "orthogonal",
  size: number,
  factors: number,
  rng: Rng,
): Generator<Matrix> {
  const make = weightsOf(start);
  for (let k = 0; k < factors; k++) yield make(size, size, { rng: rng.split(k) });
}

/** A product of random matrices. */
export interface Product {
  start: "gaussian" | "orthogonal";
  size: number;
  factors: number;
  seed: number;
  /** Whether the singular values are kept. */
  details: boolean;
}

/** Its singular values. */
export function spectrum({ start, size, factors, seed, details }: Product): Row<"spectrum"> {
  const rng = new Rng(seed);
  let product: Matrix | undefined;
  for (const w of stack(start, size, factors, rng)) product = product === undefined ? w : matmul(w, product);
  const values = Array.from(singularValues(product!));
  const qr = details && start === "gaussian" && factors > 50
    ? Array.from(lyapunovSpectrum(stack(start, size, factors, rng)), (x) => x * factors / Math.LN10)
    : [];
  return {
    kind: "spectrum",
    start,
    factors,
    seed,
    size,
    small: mean(values.map((x) => x < 0.01 ? 1 : 0)),
    second: mean(values.map((x) => x * x)),
    fourth: mean(values.map((x) => x ** 4)),
    expectedFourth: start === "gaussian" ? gaussianProductMoments(size, factors).fourth : 1,
    deviation: Math.max(...values.map((x) => Math.abs(x - 1))),
    values: details ? values : [],
    qr,
  };
}

/** Jacobians that share their weights. */
export interface Jacobians {
  size: number;
  /** Gains and mean squares of the first pre-activations, to be combined. */
  gains: number[];
  q1: number[];
  seed: number;
}

/** Jacobians of tanh networks: orthogonal weights with every gain, Gaussian ones with gain 1. */
export function jacobians({ size, seed, gains, q1 }: Jacobians): Row<"jacobian">[] {
  const rng = new Rng(seed);
  const direction = rng.split("input").sphere(size);
  const jacobiansOf = (start: "gaussian" | "orthogonal", settings: { gain: number; q1: number }[]) => {
    const weights = [...stack(start, size, TANH_FACTORS, rng.split("weights"))];
    return settings.map(({ gain, q1 }): Row<"jacobian"> => {
      const x = direction.map((value) => value * Math.sqrt(q1 * size));
      const values = Array.from(singularValues(tanhJacobian(x, weights, gain))).reverse();
      return {
        kind: "jacobian",
        start,
        gain,
        q1,
        seed,
        meanSquare: mean(values.map((s) => s * s)),
        median: median(values),
        meanField: meanFieldJacobian({ q1, gain, factors: TANH_FACTORS }),
      };
    });
  };
  return [
    ...jacobiansOf("orthogonal", gains.flatMap((gain) => q1.map((q) => ({ gain, q1: q })))),
    ...jacobiansOf("gaussian", [{ gain: 1, q1: 1 }]),
  ];
}
