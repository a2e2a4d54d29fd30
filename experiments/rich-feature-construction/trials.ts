/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { populationRows } from "./population.ts";
import { baselineRows, richRows, type TrainingParams } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of rich features, and of the random starts. */
  seeds: number;
  /** Seeds of the other baselines, and of the long training. */
  baselineSeeds: number;
  decaySeeds: number;
  /** Weight of the penalty. */
  lambda: number;
  /** Color flips of the two environments. */
  e1: number;
  e2: number;
  /** Steps of the second round. */
  discovery: number;
  /** Sizes. */
  train: number;
  test: number;
  hidden: number;
  /** Steps of the long training of a head, and of a whole network. */
  longHeadSteps: number;
  longSteps: number;
  /** Whether IRMv1 is trained, too. */
  irm: boolean;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  baselineSeeds: 1,
  decaySeeds: 1,
  lambda: 1e4,
  e1: 0.1,
  e2: 0.2,
  discovery: 150,
  train: 4000,
  test: 3000,
  hidden: 48,
  longHeadSteps: 3400,
  longSteps: 800,
  irm: true,
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, seeds: 1, baselineSeeds: 0, decaySeeds: 0, train: 1000, test: 1000, irm: false },
  laptop,
  full: { ...laptop, baselineSeeds: 3, decaySeeds: 3 },
};

function training({ lambda, e1, e2, discovery, train, test, hidden }: Params, seed: number): TrainingParams {
  return {
    seed,
    train,
    test,
    hidden,
    labelNoise: 0.25,
    colorFlips: [e1, e2],
    learningRate: 0.002,
    l2: 0.0011,
    weight: lambda,
    rich: { erm: 30, dro: discovery, synthesis: 150 },
    headSteps: 401,
    headRate: 0.01,
    steps: 150,
  };
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  rich: kind({
    over: (p) =>
      seedsOf(p).map((seed) => ({
        ...training(p, seed),
        courses: [
          { start: "rich" as const, penalty: "vrex" as const, frozen: true },
          ...(p.irm
            ? [
              { start: "rich" as const, penalty: "none" as const, frozen: true },
              { start: "ERM" as const, penalty: "vrex" as const, frozen: true },
              { start: "rich" as const, penalty: "irmv1" as const, frozen: true },
              { start: "rich" as const, penalty: "vrex" as const },
              { start: "rich" as const, penalty: "irmv1" as const },
            ]
            : []),
          ...(seed - p.seed < p.decaySeeds
            ? [{
              start: "rich" as const,
              penalty: "vrex" as const,
              frozen: true,
              steps: p.longHeadSteps,
              long: true,
            }]
            : []),
        ],
      })),
    run: richRows,
  }),
  baseline: kind({
    over: (p) => [
      ...grid({ seed: seedsOf(p) }).map(({ seed }) => ({
        ...training(p, seed),
        course: { start: "random" as const, penalty: "vrex" as const },
        graySteps: 0,
      })),
      ...seedsOf(p).slice(0, p.decaySeeds).map((seed) => ({
        ...training(p, seed),
        course: { start: "gray" as const, penalty: "vrex" as const, steps: p.longSteps, long: true },
        graySteps: 60,
      })),
    ],
    run: baselineRows,
  }),
  // Trained on gray data for 150 steps, and not further.
  oracle: kind({
    over: (p) =>
      seedsOf(p).slice(0, p.baselineSeeds).map((seed) => ({
        ...training(p, seed),
        course: { start: "gray" as const, penalty: "none" as const, steps: 0 },
        graySteps: 150,
      })),
    run: baselineRows,
  }),
  others: kind({
    over: (p) =>
      seedsOf(p).slice(0, p.baselineSeeds).flatMap((seed) =>
        [
          { start: "random" as const, penalty: "irmv1" as const },
          { start: "annealed" as const, penalty: "vrex" as const, anneal: 30 },
          { start: "annealed" as const, penalty: "irmv1" as const, anneal: 30 },
          { start: "random" as const, penalty: "none" as const },
        ].map((course) => ({ ...training(p, seed), course, graySteps: 0 }))
      ),
    run: baselineRows,
  }),
  population: kind({
    over: ({ seed, e1, e2 }) => [{
      seed,
      labelNoise: 0.25,
      colorFlips: [e1, e2],
      minimumWeights: [1e2, 1e3, 1e4, 1e5],
      descentWeights: [100, 200, 300, 400, 600, 1000],
      steps: 20_000,
      stepSize: 3,
    }],
    run: populationRows,
  }),
}));
