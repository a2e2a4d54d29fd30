/**
 * ROOT: Newton-Schulz coefficients made for each shape, and outliers clipped before orthogonalization (He et
 * al. 2025), on digits.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { type FragilityTrial, runFragility, runSampled, type SampledTrial } from "./fragility.ts";
import { type BreakdownTrial, type OutlierTrial, runBreakdown, runOutliers } from "./outliers.ts";
import { type PrecisionTrial, runPrecision } from "./precision.ts";
import type { Method, Row } from "./rows.ts";
import { runTraining, type TrainingTrial } from "./training.ts";

export { predictedInflation } from "./outliers.ts";
export type { Row } from "./rows.ts";

/** One unit of work. */
export type Trial =
  | FragilityTrial
  | SampledTrial
  | OutlierTrial
  | BreakdownTrial
  | PrecisionTrial
  | TrainingTrial;

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Pairs of runs for the key figure: calibrated on one seed, evaluated on the next. */
  pairs: number;
  /** Steps of a training run. */
  steps: number;
  /** Shorter sides of the heat map. */
  sides: number[];
  /** Longer over shorter side. */
  aspects: number[];
  /** Shapes whose errors are sampled too, eight times each. */
  sampled: [m: number, n: number][];
  /** Matrices of the outlier response. */
  matrices: number;
  /** Hit gradients: probability and size, in units of the root mean square. */
  hits: [probability: number, size: number][];
  /** Seeds of the training runs with hit gradients. */
  seeds: number;
  /** Of these, how many also try other learning rates. */
  tunedSeeds: number;
  /** Momenta of the breakdown: size, quantile. */
  breakdowns: [size: number, quantile: number][];
  /** Probabilities of the breakdown. */
  probabilities: number[];
}

const METHODS: Method[] = ["Muon", "AdamW", "ROOT", "AdaNewton only", "clip only", "clip before momentum"];

/** The shapes whose triples are published. */
const PUBLISHED: [number, number][] = [[2048, 2048], [2048, 3072], [2048, 8192], [2048, 16384]];

const laptop: Params = {
  seed: 0,
  pairs: 3,
  steps: 100,
  sides: [16, 32, 64, 128, 256, 512, 1024, 2048],
  aspects: [1, 2, 4, 8, 16],
  sampled: [[64, 64], [64, 256], [128, 128], [256, 256], [256, 1024]],
  matrices: 40,
  hits: [[0, 0], [0.001, 100], [0.001, 1000], [0.003, 100], [0.01, 100]],
  seeds: 5,
  tunedSeeds: 3,
  breakdowns: [[100, 0.9], [1000, 0.9], [100, 0.8]],
  probabilities: [0.0001, 0.0003, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1],
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "root",
  title: "ROOT: Robust Orthogonalized Optimizer for Neural Network Training",
  paper: {
    authors: "Wei He, Kai Han, Hang Zhou, Hanting Chen, Zhicheng Liu, Xinghao Chen, Yunhe Wang",
    year: 2025,
    arxiv: "2511.20626",
    figure:
      "Decomposition precision: relative orthogonalization error against training step, a panel a layer",
  },
  notReproduced:
    "Losses and benchmark tables of billion-parameter language models. The paper's calibration is not public; ours is exact for a given set of spectra, on momenta of a small network.",
  presets: {
    quick: {
      ...laptop,
      pairs: 1,
      sides: [64, 256],
      aspects: [1, 4],
      sampled: [[64, 64], [64, 256]],
      matrices: 3,
      hits: [[0, 0], [0.001, 1000], [0.01, 100]],
      seeds: 1,
      tunedSeeds: 0,
      breakdowns: [[100, 0.9]],
      probabilities: [0.001, 0.002, 0.003, 0.005],
    },
    laptop,
    full: {
      ...laptop,
      pairs: 8,
      sampled: [...laptop.sampled, [16, 16], [32, 512], [128, 512], [512, 512], [512, 2048]],
      matrices: 200,
      hits: [...laptop.hits, [0.0003, 100], [0.003, 1000], [0.01, 1000]],
      seeds: 20,
      tunedSeeds: 10,
      breakdowns: [[30, 0.9], ...laptop.breakdowns, [100, 0.95], [1000, 0.8]],
    },
  },
  trials,
  run(trial, report) {
    switch (trial.kind) {
      case "fragility":
        return runFragility(trial);
      case "sampled":
        return runSampled(trial);
      case "outlier":
        return runOutliers(trial);
      case "breakdown":
        return runBreakdown(trial);
      case "precision":
        return runPrecision(trial);
      case "training":
        return runTraining(trial, report);
    }
  },
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const { seed: first, steps, hits } = params;
  const seeds = (count: number) => Array.from({ length: count }, (_, k) => first + k);
  const out: Trial[] = seeds(params.pairs).map((seed) => ({
    kind: "precision",
    calibration: seed,
    evaluation: seed + 1,
    steps,
    every: steps / 20,
  }));
  for (const [probability, size] of hits) {
    const base = { kind: "training" as const, probability, size, steps };
    for (const seed of seeds(params.seeds)) out.push({ ...base, seed, methods: METHODS, ratios: [1] });
    // The grid around the protocol's rates; the runs at the rates themselves are there already.
    if (probability * size !== 0 && !isTuned(probability, size)) continue;
    for (const seed of seeds(params.tunedSeeds)) {
      const methods: Method[] = ["Muon", "AdamW", "ROOT", "clip before momentum"];
      out.push({ ...base, seed, methods, ratios: [0.5, 2, 4] });
    }
  }
  for (const [size, quantile] of params.breakdowns) {
    out.push({ kind: "breakdown", seed: first, size, quantile, probabilities: params.probabilities });
  }
  for (const m of params.sides) {
    out.push({ kind: "fragility", shapes: params.aspects.map((aspect) => [m, aspect * m]) });
  }
  // The one published shape that is not on the grid.
  out.push({ kind: "fragility", shapes: PUBLISHED.filter(([m, n]) => !isOnGrid(params, m, n)) });
  for (const [m, n] of params.sampled) out.push({ kind: "sampled", m, n, seed: first, count: 8 });
  for (const seed of seeds(params.matrices)) out.push({ kind: "outlier", seed });
  return out;
}

/** Learning rates are tuned without hits, with rare huge ones, and with many. */
function isTuned(probability: number, size: number): boolean {
  return (probability === 0.001 && size === 1000) || (probability === 0.01 && size === 100);
}

function isOnGrid({ sides, aspects }: Params, m: number, n: number): boolean {
  return sides.includes(m) && aspects.includes(n / m);
}

/** The experiment. */
export const experiment = legacy(old);
