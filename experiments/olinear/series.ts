/** The series: real ones, and the synthetic panel. */
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";
import { dailyWeather, seattleWeather, usEmployment } from "../../lib/datasets/mod.ts";
import { type ForecastWindows, forecastWindows } from "../../lib/forecasting/mod.ts";
import type { Task } from "./rows.ts";

/** Standardized series with their splits. */
export interface SplitSeries {
  series: Matrix;
  /** The training part. */
  train: Matrix;
  /** Where the test part begins. */
  testStart: number;
}

function split(series: Matrix, trainShare: number): SplitSeries {
  const trainEnd = Math.floor(trainShare * series.rows);
  const scales = Array.from({ length: series.columns }, (_, v) => {
    const x = series.column(v).subarray(0, trainEnd);
    const mean = x.reduce((a, b) => a + b, 0) / trainEnd;
    return { mean, deviation: Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / trainEnd) };
  });
  const scaled = series.map((value, _, v) => (value - scales[v].mean) / scales[v].deviation);
  return { series: scaled, train: scaled.slice(0, trainEnd), testStart: Math.floor(0.8 * series.rows) };
}

/** Names of the real data sets. */
export type DataName = "hourly" | "jobs" | "daily";

const READ: Record<DataName, () => Matrix> = {
  hourly: () => {
    const { pressure, temperature, wind } = seattleWeather();
    return Matrix.from(pressure.length, 3, (t, v) => [pressure, temperature, wind][v][t]);
  },
  jobs: () => usEmployment().values,
  daily: dailyWeather,
};

/** A real data set, trained on its first 70 %, tested on its last 20 %. */
export function realSeries(name: DataName): SplitSeries {
  return split(READ[name](), 0.7);
}

/** A task's data set, lengths, and the distance of its training windows. */
export const TASKS: Record<Task, { data: DataName; inputLength: number; horizon: number; every: number }> = {
  "hourly 96 → 24": { data: "hourly", inputLength: 96, horizon: 24, every: 2 },
  "jobs 12 → 12": { data: "jobs", inputLength: 12, horizon: 12, every: 1 },
  "jobs 12 → 6": { data: "jobs", inputLength: 12, horizon: 6, every: 1 },
  "daily 96 → 24": { data: "daily", inputLength: 96, horizon: 24, every: 1 },
  "daily 96 → 96": { data: "daily", inputLength: 96, horizon: 96, every: 1 },
};

/** Windows of the training part, and those whose horizon is in the test part. */
export function trainAndTest(
  { series, train, testStart }: SplitSeries,
  { inputLength, horizon, every = 1 }: { inputLength: number; horizon: number; every?: number },
): { train: ForecastWindows; test: ForecastWindows } {
  const range = (from: number, to: number, step: number) =>
    Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
  const lengths = { inputLength, horizon };
  const span = inputLength + horizon - 1;
  return {
    train: forecastWindows(train, range(0, train.rows - span, every), lengths),
    test: forecastWindows(series, range(testStart - inputLength, series.rows - span, 1), lengths),
  };
}

const PERIODS = [[24, 168], [24, 84], [12, 168], [48, 96]];

/**
 * The synthetic panel, 2400 times: four factors, two waves and a slow autoregressive process each, mixed by rows of
 * squared uniform numbers that sum to one, and noise. Trained on its first 60 %, tested on its last 20 %.
 */
export function panel(variates: number, noise: number, rng: Rng): SplitSeries {
  const length = 2400;
  const factors = PERIODS.map((periods, k) => {
    const stream = rng.split(`factor ${k}`);
    const phases = periods.map(() => stream.uniform(0, 2 * Math.PI));
    let slow = 0;
    return Float64Array.from({ length }, (_, t) => {
      slow = 0.95 * slow + 0.3 * stream.normal();
      const [a, b] = periods.map((period, i) => Math.sin(2 * Math.PI * t / period + phases[i]));
      return a + 0.5 * b + slow;
    });
  });
  const weights = rng.split("mixing");
  const mixing = Array.from({ length: variates }, () => {
    const row = PERIODS.map(() => weights.uniform() ** 2);
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((value) => value / sum);
  });
  const stream = rng.split("noise");
  return split(
    Matrix.from(
      length,
      variates,
      (t, v) => mixing[v].reduce((sum, w, k) => sum + w * factors[k][t], noise * stream.normal()),
    ),
    0.6,
  );
}
