/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { conditioningRows, errorRows } from "./conditioning.ts";
import { drawRows } from "./draws.ts";
import { estimateRows, exactRows, gainRows } from "./expectations.ts";
import type { Family, Target } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Seeds of the designs and of the estimates. */
  seeds: number;
  /** Dimensions of the spaces whose designs are looked at. */
  sizes: number[];
  /** Points per dimension, n / m. */
  ratios: number[];
  /** Designs per cell and seed. */
  replicates: number;
  /** How far below 1 the smallest eigenvalue may be. */
  delta: number;
  /** Dimension of the space for the errors. */
  m: number;
  /** Functions to approximate. */
  targets: Target[];
  /** Fits per cell and seed. */
  errorReplicates: number;
  /** Designs per cell and seed in Hermite's space. */
  hermiteReplicates: number;
  /** Draws per seed and theorem. */
  draws: number;
  /** Draws for the histogram of gaps. */
  gapDraws: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  sizes: [5, 10, 20],
  ratios: [1, 2, 3, 4, 6, 8, 12],
  replicates: 1000,
  delta: 0.5,
  m: 10,
  targets: ["|x|", "Runge"],
  errorReplicates: 1000,
  hermiteReplicates: 500,
  draws: 6000,
  gapDraws: 1000,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    sizes: [5, 10],
    ratios: [2, 4, 8],
    replicates: 100,
    targets: ["|x|" as const],
    errorReplicates: 120,
    hermiteReplicates: 40,
    draws: 2000,
    gapDraws: 200,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 5,
    sizes: [5, 10, 20, 40],
    errorReplicates: 2000,
    hermiteReplicates: 1000,
    draws: 20_000,
    gapDraws: 5000,
  },
};

/** m = 20 is 4 to 8 times the work of m = 10. */
function replicatesOf(m: number, replicates: number): number {
  return m <= 10 ? replicates : Math.ceil(0.4 * replicates);
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  conditioning: kind({
    // The largest first: they take longest.
    over: ({ sizes, ratios, replicates, delta, ...p }) =>
      sizes.toReversed().flatMap((m) =>
        seedsOf(p).map((seed) => ({
          family: "Legendre" as Family,
          m,
          ratios,
          replicates: replicatesOf(m, replicates),
          delta,
          seed,
        }))
      ),
    run: conditioningRows,
  }),
  hermite: kind({
    over: ({ ratios, hermiteReplicates, delta, ...p }) =>
      seedsOf(p).map((seed) => ({
        family: "Hermite" as Family,
        m: 10,
        ratios,
        replicates: hermiteReplicates,
        delta,
        seed,
      })),
    run: conditioningRows,
  }),
  error: kind({
    over: ({ m, targets, ratios, errorReplicates, ...p }) =>
      grid({ target: targets, seed: seedsOf(p) }).map((point) => ({
        ...point,
        m,
        ratios: ratios.filter((ratio) => ratio <= 8),
        replicates: errorReplicates,
      })),
    run: errorRows,
  }),
  estimates: kind({
    over: ({ draws, ...p }) => grid({ seed: seedsOf(p), draws: [draws], volumeKind: ["volume" as const] }),
    run: estimateRows,
  }),
  exact: kind({
    over: () => [{}],
    run: () => [...exactRows(), ...gainRows()],
  }),
  draws: kind({
    over: ({ seed, gapDraws }) => [{ seed, m: 20, gapDraws }],
    run: drawRows,
  }),
}));
