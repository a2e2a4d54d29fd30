import { Rng } from "../../lib/arrays/mod.ts";
import { coefficientOfVariation, mean } from "simple-statistics";
import { frobeniusNorm, rowNorms } from "../../lib/linalg/mod.ts";
import {
  chain,
  momentum,
  normalizeNeurons,
  normuonUpdates,
  orthogonalize,
  recordUpdates,
  scaleByLearningRate,
} from "../../lib/optimizers/mod.ts";
import { anisotropicQuadratic } from "../../lib/training/mod.ts";
import { type Method, METHODS } from "./methods.ts";
import type { Row } from "./rows.ts";

const LEARNING_RATE = 0.1;

/** Protocol B: where twenty steps of equal length go. */
export function travel(
  { method, outputs, inputs, beta2, seed }: {
    method: Method;
    outputs: number;
    inputs: number;
    beta2: number;
    seed: number;
  },
): Row<"travel"> {
  const optimizer = METHODS[method]({ learningRate: LEARNING_RATE, beta2 });
  const { weights, target, lossRatio } = anisotropicQuadratic({
    optimizer,
    outputs,
    inputs,
    rng: new Rng(seed),
  });
  const distances = Array.from(rowNorms(weights));
  const light = outputs - outputs / 4;
  return {
    kind: "travel",
    method,
    outputs,
    inputs,
    seed,
    travel: distances,
    variation: coefficientOfVariation(distances),
    quartiles: mean(distances.slice(0, outputs / 4)) / mean(distances.slice(light)),
    lightError: frobeniusNorm(weights.minus(target).slice(light, outputs)) /
      frobeniusNorm(target.slice(light, outputs)),
    length: frobeniusNorm(weights),
    lossRatio,
  };
}

/**
 * Watches NorMuon's links at work: what the theorems say of every step. That all rows come out alike at the
 * first step is true up to eps over a row's root mean square; the lightest rows feel the usual 1e-10, so a
 * smaller eps is tried as well.
 */
export function identities(seed: number): Row<"identity"> {
  const usual = watch(seed, 1e-10);
  const small = watch(seed, 1e-12);
  const paper: number[] = [];
  const optimizer = chain(
    normuonUpdates({ variant: "paper", learningRate: LEARNING_RATE }),
    recordUpdates(({ rms }) => paper.push(rms)),
  );
  anisotropicQuadratic({ optimizer, rng: new Rng(seed) });
  return {
    kind: "identity",
    seed,
    firstStep: usual.firstStep,
    firstStepSmallEps: small.firstStep,
    length: usual.length,
    paperLength: deviation(paper, () => 0.2 * LEARNING_RATE),
  };
}

/** Largest relative deviation. */
function deviation(values: ArrayLike<number>, expected: (i: number) => number): number {
  return Math.max(...Array.from(values, (value, i) => Math.abs(value / expected(i) - 1)));
}

/** A run of NorMuon with a look at the update before and after it is normalized. */
function watch(seed: number, eps: number): { firstStep: number; length: number } {
  const before: number[] = [];
  const after: number[] = [];
  let norms: ArrayLike<number> = [];
  const optimizer = chain(
    momentum(),
    orthogonalize(),
    recordUpdates(({ neuronNorms }) => before.push(Math.hypot(...neuronNorms))),
    normalizeNeurons({ eps }),
    recordUpdates(({ neuronNorms, step }) => {
      after.push(Math.hypot(...neuronNorms));
      if (step === 1) norms = neuronNorms;
    }),
    scaleByLearningRate(LEARNING_RATE),
  );
  anisotropicQuadratic({ optimizer, rng: new Rng(seed) });
  const alike = before[0] / Math.sqrt(norms.length);
  return { firstStep: deviation(norms, () => alike), length: deviation(after, (step) => before[step]) };
}
