/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { naiveRow, optimizedRows, sweepRows } from "./perturbation.ts";
import { readoutRows } from "./readout.ts";
import type { Row } from "./rows.ts";
import { fixedInputError, normRows, spikeRows } from "./spikes.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** State sizes of the transfer functions. */
  sizes: number[];
  /** What stands before B in the diagonal model; 1/2 in the paper. */
  inputFactor: number;
  /** Size of the perturbation in the figure and for the readout. */
  eps: number;
  /** State size of the sweep and of the readout. */
  n: number;
  /** Perturbation sizes of the sweep. */
  epsilons: number[];
  /** Seeds of the sweep. */
  sweepSeeds: number;
  /** Seeds of the readout. */
  readoutSeeds: number;
  /** Weights of the optimized perturbation. */
  gammas: number[];
  /** Steps of its optimizer. */
  iterations: number;
}

const laptop: Params = {
  seed: 0,
  sizes: [8, 16, 32, 64, 128, 256, 1024, 4096],
  inputFactor: 0.5,
  eps: 0.3,
  n: 64,
  epsilons: [1e-4, 1e-3, 1e-2, 1e-1, 0.3, 1, 10],
  sweepSeeds: 5,
  readoutSeeds: 12,
  gammas: [1000, 100, 10, 1, 0.1],
  iterations: 400,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    sizes: [8, 16, 32, 64, 128, 256],
    sweepSeeds: 3,
    readoutSeeds: 8,
    gammas: [10],
    iterations: 60,
  },
  laptop,
  full: { ...laptop, sizes: [...laptop.sizes, 10_000], sweepSeeds: 20, readoutSeeds: 40, iterations: 1500 },
};

export const { trials, run } = defineTrials<Params>()((kind) => ({
  spikes: kind({
    // The largest first: it takes longest.
    over: ({ sizes, n, eps, seed, inputFactor }) =>
      sizes.map((size) => ({ n: size, eps, seed, ptd: size === n, factor: inputFactor })).reverse(),
    run: ({ n, ...options }) => spikeRows(n, options),
  }),
  optimize: kind({
    over: ({ seed, gammas, iterations }) => [{ seed, gammas, iterations }],
    run: ({ seed, gammas, iterations }) => optimizedRows(16, seed, gammas, iterations),
  }),
  readout: kind({
    over: ({ n, eps, seed, readoutSeeds }) =>
      grid({ n: [n], eps: [eps], seed: seedsOf({ seed, seeds: readoutSeeds }) })
        .map((trial, k) => ({ ...trial, curves: k === 0 })),
    run: ({ n, eps, seed, curves }) => readoutRows(n, eps, seed, curves),
  }),
  sweep: kind({
    over: ({ n, epsilons, seed, sweepSeeds }) =>
      seedsOf({ seed, seeds: sweepSeeds }).map((seed) => ({ n, epsilons, seed })),
    run: ({ n, epsilons, seed }) => sweepRows(n, epsilons, seed),
  }),
  exact: kind({
    over: ({ sizes, inputFactor }) => [{ sizes: sizes.filter((n) => n <= 256), factor: inputFactor }],
    run: ({ sizes, factor }): Row[] => [
      ...grid({ n: sizes, decay: [1, 2] }).map(({ n, decay }): Row<"fixed-input"> => ({
        kind: "fixed-input",
        n,
        decay,
        error: fixedInputError(n, decay, factor),
      })),
      ...[16, 64, 256].map(normRows),
      ...[4, 8, 16, 24, 32, 64].map(naiveRow),
    ],
  }),
}));
