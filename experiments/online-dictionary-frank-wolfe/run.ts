import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, haarOrthogonal, polarFactor, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  bernoulliGaussian,
  dictionaryError,
  dictionarySchedule,
  OnlineAlternatingDictionary,
  type OnlineDictionaryOptions,
  OnlineOrthogonalDictionary,
  populationL3,
} from "../../lib/dictionary/mod.ts";
import { recordingSteps } from "../../lib/sensing/mod.ts";
import type { CurveRow, FeasibilityRow, Method, PowerRow, Row, RunKey } from "./rows.ts";
import { runWeather, type WeatherTrial } from "./weather.ts";

/** Learning from synthetic samples. */
export interface LearnTrial extends RunKey {
  kind: "learn";
  /** How many batches. */
  steps: number;
  /** Points of the curve, about. */
  points: number;
  /** Whether the population gap is followed (n up to 12). */
  gaps: boolean;
}

/** Learning from infinitely many samples. */
export interface PowerTrial {
  kind: "power";
  n: number;
  theta: number;
  seed: number;
}

/** One unit of work: a few runs. */
export interface Trial {
  runs: (LearnTrial | PowerTrial | WeatherTrial)[];
}

/** Steps that claims look at. */
const LOOKED_AT = [100, 300, 400, 500, 1000, 2000, 2999, 3000, 9999];
/** Every how many steps the population gap is looked at for its running minimum. */
const GAP_STRIDE = 10;

/** Runs one trial. */
export function runTrial({ runs }: Trial, report: (fraction: number) => void): Row[] {
  return runs.flatMap((run, i) => {
    report(i / runs.length);
    if (run.kind === "power") return power(run);
    if (run.kind === "weather") return runWeather(run);
    return run.method === "alternating" ? alternating(run) : frankWolfe(run);
  });
}

const OPTIONS: Record<Exclude<Method, "alternating">, Partial<OnlineDictionaryOptions>> = {
  noncvx: {},
  convex: { schedule: "convex" },
  l4: { p: 4 },
  "no retraction": { retract: false },
  "no averaging": { schedule: { ...dictionarySchedule("noncvx"), rho: () => 1 } },
};

function keyOf({ method, n, theta, batch, lambda, seed }: LearnTrial): RunKey {
  return { method, n, theta, batch, lambda, seed };
}

/** The dictionary to find and the samples made with it: the same ones for all methods. */
function problem({ n, theta, batch, seed }: LearnTrial) {
  const rng = new Rng(seed).split(`n ${n} theta ${theta}`);
  const truth = haarOrthogonal(n, { rng: rng.split("truth") });
  const codes = rng.split(`samples ${batch}`);
  return {
    truth,
    start: rng.split("start"),
    next: () => matmul(truth, bernoulliGaussian({ n, samples: batch, theta, rng: codes })),
  };
}

function recorded({ steps, points }: LearnTrial): Set<number> {
  return new Set([...recordingSteps(steps - 1, { count: points }), ...LOOKED_AT]);
}

function frankWolfe(trial: LearnTrial): Row[] {
  const { method, n, theta, steps, gaps } = trial;
  const key = keyOf(trial);
  const wanted = recorded(trial);
  const { truth, start, next } = problem(trial);
  const options = OPTIONS[method as Exclude<Method, "alternating">];
  const learner = new OnlineOrthogonalDictionary({ n, rng: start, ...options });
  const isOrthogonal = options.retract !== false && options.schedule !== "convex";
  const out: CurveRow[] = [];
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
    out.push({ ...key, type: "curve", step, error, gap: population, leastGap: gaps ? leastGap : null });
  }
  const feasibility: FeasibilityRow = {
    ...key,
    type: "feasibility",
    orthogonality: isOrthogonal ? orthogonality : null,
    spectralNorm: isOrthogonal ? null : largest,
    leastStochasticGap,
  };
  return [...out, feasibility];
}

function alternating(trial: LearnTrial): CurveRow[] {
  const { n, steps } = trial;
  const wanted = recorded(trial);
  const { truth, start, next } = problem(trial);
  const learner = new OnlineAlternatingDictionary({ n, lambda: trial.lambda!, rng: start });
  const out: CurveRow[] = [];
  for (let step = 0; step < steps; step++) {
    learner.partialFit(next());
    if (!wanted.has(step)) continue;
    const error = dictionaryError(learner.dictionary.transpose(), truth);
    out.push({ ...keyOf(trial), type: "curve", step, error, gap: null, leastGap: null });
  }
  return out;
}

/** `A <- polar(gradient)` with the exact gradient. */
function power({ n, theta, seed }: PowerTrial): PowerRow[] {
  const out: PowerRow[] = [];
  const identity = Matrix.identity(n);
  let a = haarOrthogonal(n, { rng: new Rng(seed).split("power") });
  for (let step = 0; step < 60; step++) {
    const error = dictionaryError(a, identity);
    out.push({ type: "power", n, theta, seed, step, error });
    if (error < 1e-13) break;
    a = polarFactor(populationL3(a, theta).gradient);
  }
  return out;
}
