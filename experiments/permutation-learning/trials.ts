/** What is run, kind by kind. */
import { defineTrials, seedsOf } from "../../lib/experiment/mod.ts";
import { curveBits, drawEnsemble, exact, laws, trainEnsemble } from "./ensembles.ts";
import { NNGP, NTK } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Largest k at which every nonzero input is decoded. */
  exactBits: number;
  /** Ensembles of infinitely wide networks: bits, kernels and repetitions. */
  process: { k: number; rate: number; models: number; seeds: number }[];
  /** Ensembles of trained networks. */
  finite: { k: number; rate: number; width: number; groups: number; perGroup: number; seeds: number }[];
}

/** Parameters per preset. */
export const presets: Record<"quick" | "laptop" | "full", Params> = {
  quick: {
    seed: 1,
    exactBits: 8,
    process: [{ k: 10, rate: NNGP, models: 200, seeds: 4 }, { k: 20, rate: NNGP, models: 200, seeds: 3 }],
    finite: [{ k: 5, rate: NTK, width: 300, groups: 2, perGroup: 25, seeds: 1 }],
  },
  laptop: {
    seed: 1,
    exactBits: 12,
    process: curveBits.toReversed().flatMap((k) => [
      { k, rate: NNGP, models: 318, seeds: k === 10 || k === 20 ? 20 : 5 },
      ...(k === 10 || k === 20 ? [{ k, rate: NTK, models: 600, seeds: 20 }] : []),
    ]),
    finite: [
      { k: 10, rate: NTK, width: 2000, groups: 12, perGroup: 25, seeds: 4 },
      { k: 10, rate: NNGP, width: 2000, groups: 12, perGroup: 25, seeds: 4 },
      { k: 5, rate: NTK, width: 1000, groups: 12, perGroup: 25, seeds: 3 },
      { k: 5, rate: NNGP, width: 1000, groups: 12, perGroup: 25, seeds: 3 },
    ],
  },
  full: {
    seed: 1,
    exactBits: 16,
    process: curveBits.toReversed().flatMap((k) =>
      [NNGP, NTK].map((rate) => ({ k, rate, models: 1000, seeds: 20 }))
    ),
    finite: [
      { k: 10, rate: NTK, width: 50000, groups: 60, perGroup: 10, seeds: 1 },
      { k: 10, rate: NNGP, width: 50000, groups: 30, perGroup: 10, seeds: 1 },
      { k: 20, rate: NTK, width: 10000, groups: 60, perGroup: 10, seeds: 1 },
      { k: 20, rate: NNGP, width: 10000, groups: 30, perGroup: 10, seeds: 1 },
    ],
  },
};

const repetitionsOf = (seeds: number) => seedsOf({ seed: 0, seeds });

// The longest trials first.
export const { trials, run } = defineTrials<Params>()((kind) => ({
  finite: kind({
    over: ({ finite, seed }) =>
      finite.flatMap(({ k, rate, width, groups, perGroup, seeds }) =>
        repetitionsOf(seeds).flatMap((repetition) =>
          repetitionsOf(groups).map((group) => ({
            k,
            rate,
            width,
            group,
            models: perGroup,
            seed,
            repetition,
          }))
        )
      ),
    run: trainEnsemble,
  }),
  process: kind({
    over: ({ process, seed }) =>
      process.flatMap(({ k, rate, models, seeds }) =>
        repetitionsOf(seeds).map((repetition) => ({ k, rate, models, seed, repetition }))
      ),
    run: drawEnsemble,
  }),
  laws: kind({ over: () => [{ closedUpTo: 60 }], run: laws }),
  exact: kind({
    over: ({ exactBits }) =>
      Array.from({ length: exactBits - 1 }, (_, i) => i + 2)
        .flatMap((k) => [NNGP, NTK].map((rate) => ({ k, rate }))),
    run: exact,
  }),
}));
