/**
 * The optimizers of this project side by side on one real task: a small Transformer learns to write
 * Moby-Dick, character by character.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { contestants } from "./optimizers.ts";
import type { Row } from "./rows.ts";
import { runTrial, type Trial } from "./run.ts";

export { againstSeconds } from "./figures.ts";
export { type Contestant, contestants } from "./optimizers.ts";
export type { CurveRow, Row, RunRow } from "./rows.ts";
export type { Trial } from "./run.ts";
export { stepMilliseconds } from "./timing.ts";
export { TextTraining, type TextTrainingOptions } from "../../lib/training/text_training.ts";

/** What can be turned. */
export interface Params {
  /** First seed: its runs choose the learning rates. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Names of the optimizers. */
  optimizers: string[];
  /** Learning rates tried, as multiples of each optimizer's own middle rate. */
  ratios: number[];
  /** Steps a run. */
  steps: number;
  /** Windows a step. */
  batch: number;
  /** Characters a window. */
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

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "character-transformer",
  title:
    "One Transformer, nine optimizers: Muon, ROOT, NorMuon, AuON, Trion and their baselines on real text",
  paper: {
    authors:
      "Keller Jordan et al.; Wei He et al.; Zichong Li et al.; Dipan Maity; Ionut-Vlad Modoranu et al.",
    year: 2025,
    figure: "Loss against steps and seconds (of all five papers, at laptop scale)",
  },
  notReproduced:
    "Language models of 100 million to 5 billion parameters: what a model of 100 thousand on 81 thousand characters shows may be otherwise there.",
  presets: {
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
      steps: 2000,
      length: 128,
      width: 128,
      layers: 4,
    },
  },
  trials: ({ seed, seeds, optimizers, ...rest }) =>
    optimizers.map((optimizer) => ({
      ...rest,
      optimizer,
      seeds: Array.from({ length: seeds }, (_, k) => seed + k),
    })),
  run: runTrial,
  figures,
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
