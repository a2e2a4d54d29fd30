/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { normalRows, textRows } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Documents with normal scores. */
  documents: number;
  /** Correlation of the normal scores whose selections are compared. */
  rho: number;
  /** Passages that are selected from the pool of real text. */
  budget: number;
  /** Quantile of the mean score that a passage must reach to be selected by ODiS. */
  jointThreshold: number;
  /** Scores are clipped at this quantile and at 1 minus it. */
  clip: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  documents: 100_000,
  rho: 0.5,
  budget: 76,
  jointThreshold: 0,
  clip: 0.005,
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, documents: 6000 },
  laptop,
  full: { ...laptop, seeds: 8, documents: 400_000 },
};

export const { trials, run } = defineTrials<Params>()((kind) => ({
  normal: kind({
    over: ({ documents, rho, ...p }) =>
      grid({ rho: [...new Set([0.3, rho, 0.7])], seed: seedsOf(p) }).map((point) => ({
        ...point,
        documents,
        isCompared: point.rho === rho,
      })),
    run: normalRows,
  }),
  text: kind({
    over: ({ budget, jointThreshold, clip, ...p }) =>
      seedsOf(p).map((seed) => ({ seed, isFirst: seed === p.seed, budget, jointThreshold, clip })),
    run: textRows,
  }),
}));
