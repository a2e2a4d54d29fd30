/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { annulusRows } from "./annulus.ts";
import { bunnyRows } from "./bunny.ts";
import { rippleRows } from "./ripple.ts";
import type { Variant } from "./rows.ts";
import { torusRows } from "./torus.ts";
import { MINI } from "./variants.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Lines of the annulus, and passes of its network. */
  lines: number;
  passes: number;
  /** Slope of the field of the ripple in units of a cell, shown beside those of the notes. */
  slope: number;
  /** Seeds of the fixed and of the random lines. */
  fixedSeeds: number;
  randomSeeds: number;
  /** Seeds of what is left out on the fixed lines, and on the random ones. */
  ablationSeeds: number;
  randomAblationSeeds: number;
  /** Steps and points per step for the annulus. */
  steps: number;
  batch: number;
  /** Seeds of the torus, with the hinge and without it; of the other variants. */
  torusSeeds: number;
  torusAblationSeeds: number;
  /** Epochs of the torus, level by level, and points per step. */
  epochs: number[];
  torusBatch: number;
  /** Seeds and epochs of the comparison of the hinge over a long training. */
  longSeeds: number;
  longEpochs: number[];
  /** Seeds and planes of the bunny. */
  bunnySeeds: number;
  bunnyPlanes: number;
  /** Epochs of the bunny, level by level, and how large its network is. */
  bunnyEpochs: number[];
  bunnySize: "small" | "large";
}

const laptop: Params = {
  seed: 0,
  lines: 14,
  passes: 4,
  slope: 10,
  fixedSeeds: 5,
  randomSeeds: 5,
  ablationSeeds: 3,
  randomAblationSeeds: 0,
  steps: 400,
  batch: 512,
  torusSeeds: 3,
  torusAblationSeeds: 1,
  epochs: [2, 2, 3, 3, 4, 6],
  torusBatch: 2048,
  longSeeds: 0,
  longEpochs: [8, 8, 12, 12, 16, 20],
  bunnySeeds: 1,
  bunnyPlanes: 25,
  bunnyEpochs: [1, 1, 1, 1, 1, 2],
  bunnySize: "small",
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    fixedSeeds: 3,
    randomSeeds: 0,
    ablationSeeds: 0,
    batch: 128,
    torusSeeds: 0,
    torusAblationSeeds: 0,
    bunnySeeds: 0,
  },
  laptop,
  full: {
    ...laptop,
    fixedSeeds: 10,
    randomSeeds: 10,
    ablationSeeds: 10,
    randomAblationSeeds: 10,
    torusSeeds: 5,
    torusAblationSeeds: 5,
    longSeeds: 3,
    bunnyEpochs: [3, 3, 4, 5, 6, 8],
    bunnySize: "large" as const,
  },
};

/** Slopes whose numbers the notes list. */
export const SLOPES: readonly number[] = [1, 5, 10, 20, 50];
/** Networks of the bunny: notes 6.4. */
const BUNNY_SIZES = {
  small: { ...MINI, passes: 4 },
  large: { width: 64, hiddenLayers: 7, state: 32, frequencies: 5, passes: 6 },
};
const LEFT_OUT: Variant[] = ["one pass", "no hinge", "one radius"];
const FIXED = { lines: "fixed" as "fixed" | "random" };
const RANDOM = { lines: "random" as "fixed" | "random" };

export const { trials, run } = defineTrials<Params>()((kind) => ({
  torus: kind({
    over: (p) => {
      const { seed, passes, torusBatch: batch } = p;
      const of = (variants: Variant[], seeds: number, epochs: number[]) =>
        grid({ variant: variants, seed: seedsOf({ seed, seeds }) }).map((one) => ({
          ...one,
          planes: 12,
          passes,
          batch,
          epochs,
          decayEvery: 4,
          baselines: one.variant === "full" && epochs === p.epochs,
          drawn: one.seed === seed,
        }));
      return [
        ...of(["full", "no hinge"], p.longSeeds, p.longEpochs),
        ...of(["full", "no hinge"], p.torusSeeds, p.epochs),
        ...of(["one pass", "one radius"], p.torusAblationSeeds, p.epochs),
      ];
    },
    run: torusRows,
  }),
  bunny: kind({
    over: ({ seed, bunnySeeds, bunnyPlanes: planes, bunnyEpochs, bunnySize }) =>
      grid({ planes: [planes], seed: seedsOf({ seed, seeds: bunnySeeds }) }).map((one) => ({
        ...one,
        epochs: bunnyEpochs,
        batch: 2048,
        size: BUNNY_SIZES[bunnySize],
      })),
    run: bunnyRows,
  }),
  annulus: kind({
    over: (p) => {
      const of = (variants: Variant[], lines: { lines: "fixed" | "random" }, seeds: number) =>
        grid({ variant: variants, seed: seedsOf({ seed: p.seed, seeds }) }).map((one) => ({
          ...one,
          ...lines,
          count: p.lines,
          passes: p.passes,
          steps: p.steps,
          batch: p.batch,
          drawn: lines.lines === "fixed" && one.seed === p.seed,
        }));
      return [
        ...of(["full"], FIXED, p.fixedSeeds),
        ...of(LEFT_OUT, FIXED, p.ablationSeeds),
        ...of(["full"], RANDOM, p.randomSeeds),
        ...of(LEFT_OUT, RANDOM, p.randomAblationSeeds),
      ];
    },
    run: annulusRows,
  }),
  ripple: kind({
    over: ({ slope }) => [...new Set([...SLOPES, slope])].map((k) => ({ k, points: 50 })),
    run: rippleRows,
  }),
}));
