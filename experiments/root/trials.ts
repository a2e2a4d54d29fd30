/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { runFragility, runSampled } from "./fragility.ts";
import { runBreakdown, runOutliers } from "./outliers.ts";
import { runPrecision } from "./precision.ts";
import type { Method } from "./rows.ts";
import { runTraining } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Pairs of runs for the key figure: calibrated on one seed, evaluated on the next. */
  pairs: number;
  /** Steps of a training run, a multiple of 20. */
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

/** Parameters per preset. */
export const presets = {
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
  } as Params,
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
  } as Params,
};

const METHODS: Method[] = ["Muon", "AdamW", "ROOT", "AdaNewton only", "clip only", "clip before momentum"];
const TUNED: Method[] = ["Muon", "AdamW", "ROOT", "clip before momentum"];

/** Learning rates are tuned without hits, with rare huge ones, and with many. */
const isTuned = (probability: number, size: number) =>
  probability * size === 0 || (probability === 0.001 && size === 1000) ||
  (probability === 0.01 && size === 100);

/** The shapes whose triples are published. */
const PUBLISHED: [m: number, n: number][] = [[2048, 2048], [2048, 3072], [2048, 8192], [2048, 16384]];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  precision: kind({
    over: ({ seed, pairs, steps }) =>
      seedsOf({ seed, seeds: pairs }).map((calibration) => ({
        calibration,
        evaluation: calibration + 1,
        steps,
        every: steps / 20,
      })),
    run: runPrecision,
  }),
  training: kind({
    over: ({ seed, seeds, tunedSeeds, hits, steps }) =>
      hits.flatMap(([probability, size]) => {
        const base = { probability, size, steps };
        return [
          ...seedsOf({ seed, seeds }).map((seed) => ({ ...base, seed, methods: METHODS, ratios: [1] })),
          // The grid around the protocol's rates; the runs at the rates themselves are there already.
          ...(isTuned(probability, size) ? seedsOf({ seed, seeds: tunedSeeds }) : [])
            .map((seed) => ({ ...base, seed, methods: TUNED, ratios: [0.5, 2, 4] })),
        ];
      }),
    run: runTraining,
  }),
  breakdown: kind({
    over: ({ seed, breakdowns, probabilities }) =>
      breakdowns.map(([size, quantile]) => ({ seed, size, quantile, probabilities })),
    run: runBreakdown,
  }),
  fragility: kind({
    over: ({ sides, aspects }) => {
      const isOnGrid = ([m, n]: [m: number, n: number]) => sides.includes(m) && aspects.includes(n / m);
      return [
        ...sides.map((m) => ({
          shapes: aspects.map((aspect): [m: number, n: number] => [m, aspect * m]),
        })),
        { shapes: PUBLISHED.filter((shape) => !isOnGrid(shape)) },
      ];
    },
    run: runFragility,
  }),
  sampled: kind({
    over: ({ seed, sampled }) => sampled.map(([m, n]) => ({ m, n, seed, count: 8 })),
    run: runSampled,
  }),
  outlier: kind({
    over: ({ seed, matrices }) => grid({ seed: seedsOf({ seed, seeds: matrices }) }),
    run: runOutliers,
  }),
}));
