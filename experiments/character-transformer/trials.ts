/** What is run: one trial per optimizer. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { contestants } from "./optimizers.ts";
import { tuneAndRun } from "./tune.ts";

/** Parameters. */
export interface Params {
  /** First seed: its runs choose the learning rates. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Names of the optimizers. */
  optimizers: string[];
  /** Learning rates tried, as multiples of each optimizer's own middle rate. */
  ratios: number[];
  /** Steps per run. */
  steps: number;
  /** Windows per step. */
  batch: number;
  /** Characters per window. */
  length: number;
  /** Width of the model; it has 4 heads. */
  width: number;
  /** Blocks of the model. */
  layers: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  optimizers: contestants.map(({ name }) => name),
  ratios: [0.25, 0.5, 1, 2],
  steps: 180,
  batch: 16,
  length: 32,
  width: 64,
  layers: 2,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 2,
    optimizers: ["Muon", "AdamW", "SGD"],
    ratios: [0.5, 1],
    steps: 40,
    length: 16,
    width: 32,
    layers: 1,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 5,
    ratios: [0.125, 0.25, 0.5, 1, 2, 4],
    // With 2000 steps it would take 15 hours of one core.
    steps: 800,
    length: 128,
    width: 128,
    layers: 4,
  },
};

export const { trials, run, label } = defineTrials<Params>()((kind) => ({
  race: kind({
    over: ({ seed, seeds, optimizers, ...sizes }) =>
      grid({ optimizer: optimizers }).map((trial) => ({
        ...sizes,
        ...trial,
        seeds: seedsOf({ seed, seeds }),
      })),
    run: tuneAndRun,
    label: ({ optimizer }) => `${optimizer}, tuned and trained`,
  }),
}));
