/**
 * Online orthogonal dictionary learning by Frank-Wolfe (Xue & Lau 2021): convergence against its baselines,
 * the law of its noise, and real sensor windows.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import type { Method, Row } from "./rows.ts";
import { type LearnTrial, type PowerTrial, runTrial, type Trial } from "./run.ts";
import type { WeatherTrial } from "./weather.ts";

export type { CurveRow, FeasibilityRow, Method, PowerRow, Row, RunKey, WeatherRow } from "./rows.ts";
export type { LearnTrial, PowerTrial, Trial } from "./run.ts";
export type { WeatherTrial } from "./weather.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the methods that are compared. */
  seeds: number;
  /** Seeds of the long runs for the noise law. */
  lawSeeds: number;
  /** Steps of the long runs; 0 for none. */
  lawSteps: number;
  /** Steps of the comparison. */
  steps: number;
  /** Samples per step there. */
  batches: number[];
  /** Share of nonzero entries of the codes there; claims are about 0.3. */
  theta: number;
  /** Weights of the l1 norm, of alternating minimization. */
  lambdas: number[];
  /** Sizes beside 10 for the noise law. */
  sizes: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 8,
  lawSeeds: 16,
  lawSteps: 10_000,
  steps: 3001,
  batches: [1, 10],
  theta: 0.3,
  lambdas: [1, 0.3, 0.1],
  sizes: [5, 16],
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "online-dictionary-frank-wolfe",
  title: "Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method",
  paper: {
    authors: "Ye Xue, Vincent K. N. Lau",
    year: 2021,
    arxiv: "2103.01484",
    figure: "Convergence figure: dictionary error against iterations, with batches of 1 and 10",
  },
  notReproduced:
    "The paper's own sensor data and its table of run times; averages over 100 runs (8 and 16 here). Alternating minimization codes by coordinate descent without intercept instead of scikit-learn's LassoLars.",
  presets: {
    quick: { ...laptop, seeds: 2, lawSeeds: 0, lawSteps: 0, lambdas: [1], sizes: [] },
    laptop,
    full: { ...laptop, seeds: 100, lawSeeds: 100, sizes: [5, 16, 50] },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const { seed: first, seeds, lawSeeds, lawSteps, steps, batches, theta, lambdas, sizes } = params;
  const out: Trial[] = [];
  const learn = (
    method: Method,
    seed: number,
    batch: number,
    more: Partial<LearnTrial> = {},
  ): LearnTrial => ({
    kind: "learn",
    method,
    n: 10,
    theta,
    batch,
    lambda: null,
    seed,
    steps,
    points: 30,
    gaps: false,
    ...more,
  });
  const range = (count: number) => Array.from({ length: count }, (_, i) => first + i);
  for (const seed of range(lawSeeds)) {
    // Ten samples a step at the usual sparsity are in the comparison, too: one run serves both.
    for (const share of [0.3, 0.5, 0.1]) {
      const isMain = share === theta;
      out.push({
        runs: [
          learn("noncvx", seed, 10, {
            theta: share,
            steps: lawSteps,
            points: isMain ? 40 : 12,
            gaps: isMain,
          }),
        ],
      });
    }
  }
  for (const seed of range(seeds)) {
    for (const batch of batches) {
      const runs: LearnTrial[] = [];
      // Long runs have the beginning of short ones.
      if (!(batch === 10 && lawSteps >= steps && theta === 0.3 && seed < first + lawSeeds)) {
        runs.push(learn("noncvx", seed, batch, { gaps: true }));
      }
      for (const method of ["convex", "l4", "no retraction", "no averaging"] as const) {
        runs.push(learn(method, seed, batch));
      }
      out.push({ runs });
    }
    if (seed < first + 4) {
      out.push({
        runs: [
          ...lambdas.map((lambda) => learn("alternating", seed, 1, { lambda, steps: 1001 })),
          learn("noncvx", seed, 10, { theta: 1, steps: 1001, points: 40 }),
        ],
      });
      if (sizes.length > 0) {
        out.push({ runs: sizes.map((n) => learn("noncvx", seed, 10, { n, points: 12 })) });
      }
    }
  }
  const power = range(4).flatMap((seed): PowerTrial[] =>
    [0.1, 0.3, 0.5].map((share) => ({ kind: "power", n: 8, theta: share, seed }))
  );
  const weather = (["pressure", "temperature", "wind"] as const).map((sensor): WeatherTrial => ({
    kind: "weather",
    sensor,
    steps: 3000,
    seed: first,
  }));
  out.push({ runs: power }, { runs: weather });
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
