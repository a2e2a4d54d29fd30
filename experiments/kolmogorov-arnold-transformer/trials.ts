/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { depthRows } from "./depth.ts";
import { digitsRows } from "./digits.ts";
import { exactRows } from "./exact.ts";
import { BLOCK_ACTIVATIONS, transformerRows } from "./transformer.ts";
import { ablationRow, NETWORKS, trainingRows, VARIANTS } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of the training on the synthetic function. */
  seeds: number;
  /** Seeds of the variants. */
  ablationSeeds: number;
  /** Seeds of the digits. */
  digitsSeeds: number;
  /** Seeds of the deep stacks. */
  depthSeeds: number;
  /** k of the target exp(sin(k π x₁) + x₂²). */
  frequency: number;
  /** Groups of the hidden rationals: 2 to this power. */
  groupExponent: number;
  /** Training points. */
  points: number;
  /** Full-batch steps. */
  steps: number;
  /** Training points of the variants. */
  ablationPoints: number;
  /** Full-batch steps of the variants. */
  ablationSteps: number;
  /** Passes over the digits. */
  epochs: number;
  /** Seeds of the tiny transformer on digits. */
  transformerSeeds: number;
  /** Its passes over the digits. */
  transformerEpochs: number;
  /** Blocks of the deep stacks. */
  blocks: number;
  /** Rows of their input. */
  rows: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  ablationSeeds: 3,
  digitsSeeds: 4,
  depthSeeds: 8,
  frequency: 1,
  groupExponent: 3,
  points: 1000,
  steps: 1500,
  ablationPoints: 400,
  ablationSteps: 300,
  epochs: 20,
  transformerSeeds: 3,
  transformerEpochs: 15,
  blocks: 24,
  rows: 512,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    points: 200,
    steps: 200,
    ablationPoints: 60,
    ablationSteps: 70,
    epochs: 12,
    transformerSeeds: 0,
    rows: 32,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 8,
    ablationSeeds: 8,
    digitsSeeds: 8,
    depthSeeds: 16,
    transformerSeeds: 8,
    ablationPoints: 1000,
    ablationSteps: 1500,
  },
};

export const { trials, run } = defineTrials<Params>()((kind) => ({
  training: kind({
    over: ({ seeds, seed, points, steps, frequency, groupExponent }) =>
      grid({ seed: seedsOf({ seed, seeds }), network: NETWORKS }).map((trial) => ({
        ...trial,
        points,
        steps,
        frequency,
        groups: 2 ** groupExponent,
        shapes: trial.seed === seed && trial.network === "GR-KAN",
      })),
    run: trainingRows,
  }),
  ablation: kind({
    over: ({ seed, ablationSeeds, ablationPoints, ablationSteps, frequency, groupExponent }) =>
      grid({ seed: seedsOf({ seed, seeds: ablationSeeds }), network: VARIANTS }).map((trial) => ({
        ...trial,
        points: ablationPoints,
        steps: ablationSteps,
        frequency,
        groups: 2 ** groupExponent,
      })),
    run: (setting) => [ablationRow(setting)],
  }),
  transformer: kind({
    over: ({ seed, transformerSeeds, transformerEpochs }) =>
      grid({
        seed: seedsOf({ seed, seeds: transformerSeeds }),
        activation: BLOCK_ACTIVATIONS,
        epochs: [transformerEpochs],
      }),
    run: transformerRows,
  }),
  digits: kind({
    over: ({ seed, digitsSeeds, epochs }) =>
      grid({ seed: seedsOf({ seed, seeds: digitsSeeds }), epochs: [epochs] }),
    run: digitsRows,
  }),
  depth: kind({
    over: ({ seed, depthSeeds, blocks, rows }) =>
      grid({ seed: seedsOf({ seed, seeds: depthSeeds }), blocks: [blocks], rows: [rows], width: [64] }),
    run: depthRows,
  }),
  exact: kind({ over: ({ seed }) => [{ seed }], run: exactRows }),
}));
