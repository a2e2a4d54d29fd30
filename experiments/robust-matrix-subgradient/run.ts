import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import { eigh, frobeniusNorm, haarOrthogonal, singularValues } from "../../lib/linalg/mod.ts";
import {
  corrupt,
  type MeasurementOperator,
  populationSubgradientDescent,
  recordingSteps,
  signRipScale,
  signSpectralStart,
  stepBudget,
  type StepRule,
  streamedGaussianOperator,
  subgradientDescent,
  type SubgradientTrace,
  symmetricGaussianOperator,
} from "../../lib/sensing/mod.ts";
import { fitExponential } from "../../lib/statistics/mod.ts";
import { runDigits } from "./digits.ts";
import type { Panel, RaceRow, RipRow, Row, RunKey, RunRow, SizeRow } from "./rows.ts";

/** Descents on one set of measurements. */
interface DescentTrial {
  kind: "descent";
  panel: Panel;
  m: number;
  /** Share of outliers, and their standard deviation. */
  probability: number;
  std: number;
  /** Standard deviation of dense noise. */
  noise: number;
  seed: number;
  runs: { k: number; alpha: number; loss: "absolute" | "squared"; step: StepRule; steps: number }[];
  /** Whether error curves are kept. */
  curves: boolean;
  /** Whether every run is made with infinitely many measurements too, from the same start. */
  population?: boolean;
}

/** The same outliers in several sizes. */
interface SizeTrial {
  kind: "size";
  stds: number[];
  seed: number;
}

/** Signal against residual. */
interface RaceTrial {
  kind: "race";
  alpha: number;
  probability: number;
  decay: number;
  seed: number;
}

/** The sign-RIP constant. */
interface RipTrial {
  kind: "rip";
  noise: RipRow["noise"];
  m: number;
  seed: number;
}

/** Real data; see runDigits. */
interface DigitsTrial {
  kind: "digits";
  loss: "absolute" | "squared";
  m: number;
  steps: number;
  seed: number;
}

/** A unit of work. */
export type Trial = DescentTrial | SizeTrial | RaceTrial | RipTrial | DigitsTrial;

/** Size and rank of the target; its nonzero eigenvalues are 1. */
export const D = 20;
export const RANK = 2;

/** Runs one trial. */
export function runTrial(trial: Trial, report: (fraction: number) => void): Row[] {
  if (trial.kind === "descent") return descents(trial, report);
  if (trial.kind === "size") return sizes(trial);
  if (trial.kind === "digits") return runDigits(trial, report);
  return trial.kind === "race" ? race(trial) : rip(trial);
}

/** A target, what measures it, and what is measured. */
interface Problem {
  truth: Matrix;
  operator: MeasurementOperator;
  y: Float64Array;
}

function problem(seed: number, m: number, probability: number, std: number, noise: number): Problem {
  const rng = new Rng(seed);
  const basis = haarOrthogonal(D, { rng: rng.split("target") }).slice(0, D, 0, RANK);
  const truth = gram(basis, { side: "right" });
  const operator = symmetricGaussianOperator({
    rows: D,
    measurements: m,
    scale: 1,
    rng: rng.split("measurements"),
  });
  const y = corrupt(operator.apply(truth), {
    outlierProbability: probability,
    outlier: (rng) => std * rng.normal(),
    gaussianStd: noise,
    rng: rng.split("noise"),
  });
  return { truth, operator, y };
}

function descents(trial: DescentTrial, report: (fraction: number) => void): Row[] {
  const { panel, m, probability, std, noise, seed, runs, curves, population } = trial;
  const { truth, operator, y } = problem(seed, m, probability, std, noise);
  // The rate of growth near zero, as the data shows it before the first step.
  const growth = eigh(operator.adjoint(y.map(Math.sign)).times(1 / m)).values[D - RANK];
  const rows: Row[] = [];
  runs.forEach(({ k, alpha, loss, step, steps }, i) => {
    const key: RunKey = {
      panel,
      m,
      k,
      alpha,
      loss,
      probability,
      std,
      noise,
      decay: step.kind === "geometric" ? step.decay : 1,
      seed,
    };
    const record = recordingSteps(steps, { count: 2, every: panel === "gaussian" ? 1 : 10 });
    const u0 = signSpectralStart(operator, y, k, alpha);
    const common = { u0, step, steps, truth, record };
    const trace = subgradientDescent({ ...common, operator, y, loss });
    const budget = loss === "absolute" && step.kind === "geometric" && alpha < 1
      ? stepBudget({ step, steps, phi: growth, sigmaR: 1, norm: 1, alpha })
      : { have: null, need: null };
    const lossOfTruth = noise > 0 ? lossAt(operator, truth, y, loss) : null;
    const made: [RunKey, SubgradientTrace, { have: number | null; need: number | null }][] = [
      [key, trace, budget],
    ];
    if (population) {
      const noise = { kind: "outliers", probability, std } as const;
      made.push([
        { ...key, panel: "population", m: null },
        populationSubgradientDescent({ ...common, noise }),
        { have: null, need: null },
      ]);
    }
    for (const [key, trace, budget] of made) {
      rows.push(runRow(key, trace, step, steps, budget, lossOfTruth));
      if (!curves) continue;
      const kept = new Set(
        panel === "gaussian"
          ? recordingSteps(steps, { count: 45 })
          : recordingSteps(steps, { count: 2, every: steps / 50 }),
      );
      trace.steps.forEach((at, j) => {
        const lossRatio = lossOfTruth === null ? null : trace.losses[j] / lossOfTruth;
        if (kept.has(at)) rows.push({ ...key, type: "curve", step: at, error: trace.errors[j], lossRatio });
      });
    }
    report((i + 1) / runs.length);
  });
  return rows;
}

function lossAt(
  operator: MeasurementOperator,
  truth: Matrix,
  y: Float64Array,
  loss: "absolute" | "squared",
): number {
  const { absolute, norm } = operator.residualAdjoint(truth, y);
  const m = operator.measurements;
  return loss === "absolute" ? absolute / (2 * m) : norm ** 2 / (4 * m);
}

function runRow(
  key: RunKey,
  trace: SubgradientTrace,
  step: StepRule,
  steps: number,
  budget: { have: number | null; need: number | null },
  lossOfTruth: number | null,
): RunRow {
  const { errors, losses } = trace;
  const last = errors.length - 1;
  const bestError = Math.min(...errors);
  const late = errors.map((_, i) => i).filter((i) => trace.steps[i] >= steps / 2 && errors[i] > 0);
  const fit = key.k === RANK && step.kind === "geometric"
    ? fitExponential(late.map((i) => trace.steps[i]), late.map((i) => errors[i]))
    : null;
  return {
    ...key,
    type: "run",
    diverged: trace.status === "diverged",
    lastError: errors[last],
    bestError,
    bestStep: trace.steps[errors.indexOf(bestError)],
    lastLength: step.kind === "geometric" ? step.first * step.decay ** steps : null,
    lossRatio: lossOfTruth === null ? null : losses[last] / lossOfTruth,
    rate: fit === null ? null : fit.slope,
    rateMargin: fit === null ? null : (fit.interval[1] - fit.interval[0]) / 2,
    have: budget.have,
    need: budget.need,
  };
}

/** Outliers of several sizes from the same draws. */
function sizes({ stds, seed }: SizeTrial): SizeRow[] {
  const steps = 2000;
  const record = recordingSteps(steps, { count: 2, every: 10 });
  const traces = stds.map((std) => {
    const { truth, operator, y } = problem(seed, 800, 0.2, std, 0);
    const u0 = signSpectralStart(operator, y, D, 1e-5);
    const step = { kind: "geometric", first: 0.3, decay: 0.99 } as const;
    return subgradientDescent({ operator, y, truth, u0, step, steps, record }).errors;
  });
  const largest = traces[stds.indexOf(Math.max(...stds))];
  return stds.map((std, i) => ({
    type: "size",
    seed,
    std,
    lastError: traces[i][traces[i].length - 1],
    difference: Math.max(...traces[i].map((error, t) => Math.abs(error - largest[t]) / largest[t])),
  }));
}

/**
 * The singular values that the target needs, and the first too many, over time: measured and with infinitely
 * many measurements.
 */
function race({ alpha, probability, decay, seed }: RaceTrial): RaceRow[] {
  const { truth, operator, y } = problem(seed, 800, probability, 10, 0);
  const u0 = signSpectralStart(operator, y, D, alpha);
  const steps = 1200;
  const step = { kind: "geometric", first: 0.3, decay } as const;
  const noise = { kind: "outliers", probability, std: 10 } as const;
  const rate = signRipScale(frobeniusNorm(truth), noise) / frobeniusNorm(truth);
  const parts = (u: Matrix) => {
    const values = singularValues(u);
    return { signal: values[RANK - 1], residual: values[RANK] };
  };
  const start = parts(u0).signal;
  const predicted = [start];
  for (let t = 0; t < steps; t++) predicted.push(predicted[t] * (1 + 0.3 * decay ** t * rate));
  const rows: RaceRow[] = [];
  const common = { u0, step, steps, record: recordingSteps(steps, { count: 2, every: 12 }) };
  const see = (run: RaceRow["run"]) => (at: number, u: Matrix) => {
    rows.push({
      type: "race",
      run,
      step: at,
      ...parts(u),
      predicted: predicted[at] < 1 ? predicted[at] : null,
    });
  };
  subgradientDescent({ ...common, operator, y, onRecord: see("measured") });
  populationSubgradientDescent({ ...common, truth, noise, onRecord: see("population") });
  return rows;
}

/** The sign-RIP constant on streamed measurements. */
function rip({ noise, m, seed }: RipTrial): RipRow[] {
  const rng = new Rng(seed);
  const factor = rng.split("x").normalMatrix(D, RANK);
  const unit = (a: Matrix) => a.times(1 / frobeniusNorm(a));
  const inner = (a: Matrix, b: Matrix) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
  const x = unit(gram(factor, { side: "right" }));
  const other = gram(rng.split("y").normalMatrix(D, RANK), { side: "right" });
  const y = unit(other.plus(x, -inner(other, x)));
  const operator = streamedGaussianOperator({
    rows: D,
    measurements: m,
    scale: 1,
    symmetric: true,
    rng: rng.split("measurements"),
  });
  const s = corrupt(
    new Float64Array(m),
    noise === "outliers"
      ? { outlierProbability: 0.3, outlier: (rng) => 10 * rng.normal(), rng: rng.split("noise") }
      : { gaussianStd: 0.5, rng: rng.split("noise") },
  );
  const q = operator.residualAdjoint(x, s, { score: Math.sign }).gradient;
  const predicted = signRipScale(
    1,
    noise === "outliers" ? { kind: "outliers", probability: 0.3, std: 10 } : { kind: "gaussian", std: 0.5 },
  );
  return [{ type: "rip", noise, m, predicted, along: inner(q, x) / m, across: inner(q, y) / m }];
}
