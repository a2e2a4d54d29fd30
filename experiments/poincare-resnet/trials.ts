/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { shareOfHeads } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Throws per seed. */
  throws: number;
  /** Probability of heads. */
  probability: number;
}

const laptop: Params = { seed: 0, seeds: 8, throws: 10_000, probability: 0.5 };

/** Parameters per preset. */
export const presets = { quick: { ...laptop, throws: 2000 }, laptop, full: { ...laptop, throws: 1_000_000 } };

export const { trials, run } = defineTrials<Params>()((kind) => ({
  coin: kind({
    over: (p) => grid({ throws: [p.throws], probability: [p.probability], seed: seedsOf(p) }),
    run: (trial) => [shareOfHeads(trial)],
  }),
}));
