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
  subgradientDescent,
  type SubgradientTrace,
  symmetricGaussianOperator,
} from "../../lib/sensing/mod.ts";
import { fitExponential } from "../../lib/statistics/mod.ts";
import { D, type Loss, type Panel, RANK, type Row, type RunKey } from "./rows.ts";

/** Descents on one set of measurements. */
export interface Descents {
  panel: Panel;
  /** Measurements. */
  m: number;
  /** Share of outliers. */
  probability: number;
  /** Their standard deviation. */
  std: number;
  /** Standard deviation of dense noise. */
  noise: number;
  seed: number;
  runs: { k: number; alpha: number; loss: Loss; step: StepRule; steps: number }[];
  /** Whether error curves are kept. */
  curves: boolean;
  /** Whether every run is made with infinitely many measurements too, from the same start. */
  population?: boolean;
}

/** The same outliers in several sizes. */
export interface Sizes {
  stds: number[];
  seed: number;
}

/** Signal against residual. */
export interface Race {
  alpha: number;
  probability: number;
  decay: number;
  seed: number;
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

/** Descends on one set of measurements, once per run. */
export function descents(trial: Descents, report: (fraction: number) => void): (Row<"curve"> | Row<"run">)[] {
  const { panel, m, probability, std, noise, seed, runs, curves, population } = trial;
  const { truth, operator, y } = problem(seed, m, probability, std, noise);
  // The rate of growth near zero, as the data shows it before the first step.
  const growth = eigh(operator.adjoint(y.map(Math.sign)).times(1 / m)).values[D - RANK];
  const rows: (Row<"curve"> | Row<"run">)[] = [];
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
        if (kept.has(at)) rows.push({ ...key, kind: "curve", step: at, error: trace.errors[j], lossRatio });
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
  loss: Loss,
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
): Row<"run"> {
  const { errors, losses } = trace;
  const last = errors.length - 1;
  const bestError = Math.min(...errors);
  const late = errors.map((_, i) => i).filter((i) => trace.steps[i] >= steps / 2 && errors[i] > 0);
  const fit = key.k === RANK && step.kind === "geometric"
    ? fitExponential(late.map((i) => trace.steps[i]), late.map((i) => errors[i]))
    : null;
  return {
    ...key,
    kind: "run",
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
export function sizes({ stds, seed }: Sizes): Row<"size">[] {
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
    kind: "size",
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
export function race({ alpha, probability, decay, seed }: Race): Row<"race">[] {
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
  const rows: Row<"race">[] = [];
  const common = { u0, step, steps, record: recordingSteps(steps, { count: 2, every: 12 }) };
  const see = (run: Row<"race">["run"]) => (at: number, u: Matrix) => {
    rows.push({
      kind: "race",
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
