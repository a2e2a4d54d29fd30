/** Learning dictionaries of synthetic samples. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, haarOrthogonal, polarFactor, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  bernoulliGaussian,
  dictionaryError,
  dictionarySchedule,
  OnlineAlternatingDictionary,
  OnlineOrthogonalDictionary,
  populationL3,
} from "../../lib/dictionary/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { recordingSteps } from "../../lib/sensing/mod.ts";
import type { Method, Row, RunKey } from "./rows.ts";

/** How one of the Frank-Wolfe methods differs from another. */
export interface Variant {
  /** Power of the norm. */
  p: number;
  schedule: "noncvx" | "convex";
  /** Whether gradients are averaged over steps. */
  average: boolean;
  /** Whether A is made orthogonal after every step. */
  retract: boolean;
  /** Whether step sizes are at most 1. */
  clip: boolean;
}

const PAPER: Variant = { p: 3, schedule: "noncvx", average: true, retract: true, clip: true };

/** The methods by name; `noncvx` is the paper's. */
export const METHODS: Record<Exclude<Method, "alternating">, Variant> = {
  "noncvx": PAPER,
  "convex": { ...PAPER, schedule: "convex", retract: false },
  "l4": { ...PAPER, p: 4 },
  "no retraction": { ...PAPER, retract: false },
  "no averaging": { ...PAPER, average: false },
};

/** Learning from synthetic samples. */
export interface LearnTrial extends RunKey, Variant {
  /** How many batches. */
  steps: number;
  /** Points of the curve, about. */
  points: number;
  /** Whether the population gap is followed (n up to 12). */
  gaps: boolean;
}

/** Alternating minimization on the same samples. */
export interface AlternatingTrial extends Omit<RunKey, "method" | "lambda"> {
  lambda: number;
  steps: number;
  points: number;
}

/** Learning from infinitely many samples. */
export interface PowerTrial {
  n: number;
  theta: number;
  seed: number;
}

/** Steps that claims look at. */
const LOOKED_AT = [100, 300, 400, 500, 1000, 2000, 2999, 3000, 9999];
/** Every how many steps the population gap is looked at for its running minimum. */
const GAP_STRIDE = 10;

/** The dictionary to find and the samples made with it: the same ones for all methods. */
function problem({ n, theta, batch, seed }: { n: number; theta: number; batch: number; seed: number }) {
  const rng = new Rng(seed).split(`n ${n} theta ${theta}`);
  const truth = haarOrthogonal(n, { rng: rng.split("truth") });
  const codes = rng.split(`samples ${batch}`);
  return {
    truth,
    start: rng.split("start"),
    next: () => matmul(truth, bernoulliGaussian({ n, samples: batch, theta, rng: codes })),
  };
}

function recorded({ steps, points }: { steps: number; points: number }): Set<number> {
  return new Set([...recordingSteps(steps - 1, { count: points }), ...LOOKED_AT]);
}

/** Stochastic Frank-Wolfe in one of its variants. */
export function frankWolfe(
  trial: LearnTrial,
  report: Report<Row<"curve"> | Row<"feasibility">>,
): (Row<"curve"> | Row<"feasibility">)[] {
  const { method, n, theta, batch, lambda, seed, steps, gaps, p, clip, retract: isOrthogonal } = trial;
  const key: RunKey = { method, n, theta, batch, lambda, seed };
  const wanted = recorded(trial);
  const { truth, start, next } = problem(trial);
  const named = dictionarySchedule(trial.schedule);
  const schedule = trial.average ? named : { ...named, rho: () => 1 };
  const learner = new OnlineOrthogonalDictionary({ n, p, schedule, clip, retract: isOrthogonal, rng: start });
  const out: Row<"curve">[] = [];
  const identity = Matrix.identity(n);
  let leastGap = Infinity;
  let leastStochasticGap = Infinity;
  let orthogonality = 0;
  let largest = 0;
  for (let step = 0; step < steps; step++) {
    const { gap } = learner.partialFit(next());
    leastStochasticGap = Math.min(leastStochasticGap, gap);
    const looks = gaps && (step % GAP_STRIDE === 0 || wanted.has(step));
    if (!looks && !wanted.has(step)) continue;
    const a = learner.analysis;
    if (isOrthogonal) orthogonality = Math.max(orthogonality, frobeniusNorm(gram(a).minus(identity)));
    else largest = Math.max(largest, spectralNorm(a));
    const population = looks ? populationL3(matmul(a, truth), theta).gap : null;
    if (population !== null) leastGap = Math.min(leastGap, population);
    if (!wanted.has(step)) continue;
    const error = dictionaryError(isOrthogonal ? a : polarFactor(a), truth);
    out.push({ ...key, kind: "curve", step, error, gap: population, leastGap: gaps ? leastGap : null });
    report(step / steps, out);
  }
  const feasibility: Row<"feasibility"> = {
    ...key,
    kind: "feasibility",
    orthogonality: isOrthogonal ? orthogonality : null,
    spectralNorm: isOrthogonal ? null : largest,
    leastStochasticGap,
  };
  return [...out, feasibility];
}

/** Online alternating minimization. */
export function alternating(trial: AlternatingTrial): Row<"curve">[] {
  const { n, theta, batch, lambda, seed, steps } = trial;
  const key: RunKey = { method: "alternating", n, theta, batch, lambda, seed };
  const wanted = recorded(trial);
  const { truth, start, next } = problem(trial);
  const learner = new OnlineAlternatingDictionary({ n, lambda, rng: start });
  const out: Row<"curve">[] = [];
  for (let step = 0; step < steps; step++) {
    learner.partialFit(next());
    if (!wanted.has(step)) continue;
    const error = dictionaryError(learner.dictionary.transpose(), truth);
    out.push({ ...key, kind: "curve", step, error, gap: null, leastGap: null });
  }
  return out;
}

/** `A <- polar(gradient)` with the exact gradient. */
export function power({ n, theta, seed }: PowerTrial): Row<"power">[] {
  const out: Row<"power">[] = [];
  const identity = Matrix.identity(n);
  let a = haarOrthogonal(n, { rng: new Rng(seed).split("power") });
  for (let step = 0; step < 60; step++) {
    const error = dictionaryError(a, identity);
    out.push({ kind: "power", n, theta, seed, step, error });
    if (error < 1e-13) break;
    a = polarFactor(populationL3(a, theta).gradient);
  }
  return out;
}
