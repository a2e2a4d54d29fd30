import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { eigh, frobeniusNorm, svd } from "../../lib/linalg/mod.ts";
import {
  asymmetricGradientDescent,
  type DescentTrace,
  gaussianOperator,
  imbalance,
  type MeasurementOperator,
  populationOperator,
  predictedRate,
  rebalanceFactors,
  recordingSteps,
  symmetricGaussianOperator,
  symmetricGradientDescent,
} from "../../lib/sensing/mod.ts";
import { fitExponential, fitPowerLaw } from "../../lib/statistics/mod.ts";
import { type Model, type Row, STEP_SIZE } from "./rows.ts";

/** The setting of one run of gradient descent. */
export interface Setting {
  n: number;
  rank: number;
  m: number | null;
  k: number;
  alpha: number;
  ratio: number;
  beta?: number;
  tolerance?: number;
  steps: number;
  seed: number;
}

/** A curve has this many points on a logarithmic grid, and about fifty on an even one. */
const LOG_POINTS = 60;

/** Descends once: a curve, and what the run came to. */
export function descend(model: Model, setting: Setting, report: (fraction: number) => void): Row[] {
  const { n, rank, m, k, alpha, ratio, beta = null, steps, seed } = setting;
  const trial = { model, ...setting };
  const rng = new Rng(seed);
  const target = Matrix.diagonal(new Array(rank).fill(1), n, n);
  const operator = operatorOf(trial, rng.split("measurements"));
  const f0 = rng.split("left").normalMatrix(n, k, alpha / Math.sqrt(n));
  // A balanced start is one and the same matrix twice; otherwise both are independent.
  const g0 = model === "balanced" ? f0 : rng.split("right").normalMatrix(n, k, ratio * alpha / Math.sqrt(n));
  const stride = Math.max(1, Math.round(steps / 1000));
  const common = {
    operator,
    target: { matrix: target },
    stepSize: STEP_SIZE,
    steps,
    record: recordingSteps(steps, { count: LOG_POINTS, every: stride }),
    onRecord: (step: number) => report(step / steps),
  };
  const trace = model === "symmetric"
    ? symmetricGradientDescent({ ...common, x0: f0 })
    : asymmetricGradientDescent({
      ...common,
      f0,
      g0,
      ...(model === "rebalanced" ? { rebalance: { tolerance: trial.tolerance!, beta: beta! } } : {}),
    });
  const key = { model, m, n, k, alpha, ratio, beta, tolerance: trial.tolerance ?? null, seed };
  const run: Row<"run"> = {
    ...key,
    kind: "run",
    diverged: trace.status === "diverged",
    lastError: trace.errors[trace.errors.length - 1],
    lastStep: trace.lastStep,
    ...laws(trace, m === null ? [1e-10, 1e-4] : [1e-12, 1e-8]),
    linearized: model === "asymmetric" && m === null && alpha >= 0.5
      ? predictedRate(trace.factors.f, trace.factors.g, operator, STEP_SIZE)
      : null,
    predicted: prediction(trial, trace, operator, f0, g0),
    below: {
      "1e-12": firstBelow(trace, 1e-12),
      "1e-8": firstBelow(trace, 1e-8),
      "1e-6": firstBelow(trace, 1e-6),
    },
    rebalancing: model === "rebalanced" && trace.rebalancedAt !== undefined
      ? rebalancing(trial, trace.rebalancedAt, f0, g0, operator, target)
      : null,
    balance: model === "balanced" ? balance(trial, f0, operator, target) : null,
  };
  const kept = new Set(recordingSteps(steps, { count: LOG_POINTS, every: 20 * stride }));
  const curve = trace.steps.flatMap((step, i): Row<"curve">[] =>
    kept.has(step) && trace.errors[i] > 0 ? [{ ...key, kind: "curve", step, error: trace.errors[i] }] : []
  );
  return [...curve, run];
}

/** A setting with its model. */
type Trial = Setting & { model: Model };

function operatorOf({ model, n, m }: Trial, rng: Rng): MeasurementOperator {
  if (m === null) return populationOperator(n);
  const make = model === "symmetric" ? symmetricGaussianOperator : gaussianOperator;
  return make({ rows: n, measurements: m, rng });
}

/**
 * The laws that the errors follow: a power of the step over the last decade, an exponential while they are in
 * a range. With few measurements the range is lower: rates lie closer together there, and the next slower
 * mode takes longer to show.
 */
function laws(
  { steps, errors }: DescentTrace,
  [low, high]: [number, number],
): Pick<Row<"run">, "power" | "rate" | "rateMargin"> {
  const last = steps[steps.length - 1];
  const late = steps.map((_, i) => i).filter((i) => steps[i] >= last / 10 && errors[i] > 1e-11);
  const small = steps.map((_, i) => i).filter((i) => errors[i] <= high && errors[i] >= low);
  const at = (values: number[], indices: number[]) => indices.map((i) => values[i]);
  const power = late.length > 20 ? fitPowerLaw(at(steps, late), at(errors, late)).slope : null;
  if (small.length < 8) return { power, rate: null, rateMargin: null };
  const { slope, interval } = fitExponential(at(steps, small), at(errors, small));
  return { power, rate: slope, rateMargin: (interval[1] - interval[0]) / 2 };
}

/** What theory says the rate is. */
function prediction(
  { model, k, rank, m, beta }: Trial,
  trace: DescentTrace,
  operator: MeasurementOperator,
  f0: Matrix,
  g0: Matrix,
): number | null {
  if (trace.status === "diverged") return null;
  if (m !== null) {
    // With few measurements the rate is that of the linearization at the limit, whatever the start.
    return model === "symmetric" || m < 200 || operator.rows > 20
      ? null
      : predictedRate(trace.factors.f, trace.factors.g, operator, STEP_SIZE);
  }
  if (model === "symmetric") return k === rank ? Math.log(1 - STEP_SIZE) : null;
  if (model === "rebalanced") return Math.log(1 - STEP_SIZE * beta! ** 2);
  if (model === "balanced" || k === rank) return null;
  // The imbalance of the start, seen on the columns that carry no signal.
  const { vt } = svd(Matrix.from(k, k, (i, j) => i < rank ? trace.factors.f.get(i, j) : 0));
  const silent = vt.slice(rank, k);
  const seen = matmul(matmul(silent, imbalance(f0, g0)), silent, { transposeB: true });
  return Math.log(1 - STEP_SIZE * eigh(seen).values[0]);
}

function firstBelow({ steps, errors }: DescentTrace, bound: number): number | null {
  const i = errors.findIndex((error) => error < bound);
  return i < 0 ? null : steps[i];
}

/** What rebalancing does to the factors at the step where it happened. */
function rebalancing(
  { beta }: Trial,
  step: number,
  f0: Matrix,
  g0: Matrix,
  operator: MeasurementOperator,
  target: Matrix,
): NonNullable<Row<"run">["rebalancing"]> {
  const { factors: { f, g } } = asymmetricGradientDescent({
    operator,
    target: { matrix: target },
    f0,
    g0,
    stepSize: STEP_SIZE,
    steps: step,
    record: [],
  });
  const next = rebalanceFactors(f, g, beta!);
  const product = (f: Matrix, g: Matrix) => matmul(f, g, { transposeB: true });
  const identity = Matrix.identity(f.columns).map((x) => beta! ** 2 * x);
  return {
    step,
    product: frobeniusNorm(product(next.f, next.g).plus(product(f, g), -1)),
    gram: frobeniusNorm(gram(next.f).plus(identity, -1)),
  };
}

/** Follows a balanced start step by step, beside the symmetric run from the same matrix. */
function balance(
  { steps }: Trial,
  f0: Matrix,
  operator: MeasurementOperator,
  target: Matrix,
): NonNullable<Row<"run">["balance"]> {
  let pair = { f: f0, g: f0 };
  let x0 = f0;
  let factors = 0;
  let symmetric = 0;
  for (let step = 0; step < steps; step++) {
    const one = { operator, target: { matrix: target }, stepSize: STEP_SIZE, steps: 1, record: [] };
    pair = asymmetricGradientDescent({ ...one, f0: pair.f, g0: pair.g }).factors;
    x0 = symmetricGradientDescent({ ...one, x0 }).factors.f;
    factors = Math.max(factors, frobeniusNorm(pair.f.plus(pair.g, -1)));
    symmetric = Math.max(symmetric, frobeniusNorm(pair.f.plus(x0, -1)));
  }
  return { factors, symmetric };
}
