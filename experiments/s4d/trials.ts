/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import type { DiagonalInit } from "../../lib/ssm/mod.ts";
import { fitRows, trainingRows } from "./fitting.ts";
import { agreementRows, kernelRows, spectrumRows } from "./kernels.ts";
import { INITS } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** State sizes of the kernel figure. */
  sizes: number[];
  /** What stands before B; 1/2 in Theorem 3. */
  inputFactor: number;
  /** State sizes of the spectra. */
  spectra: number[];
  /** State size of the fits. */
  n: number;
  /** Samples of the training. */
  length: number;
  /** Steps of the training. */
  steps: number;
  /** Seeds of the training and of the digits. */
  seeds: number;
  /** Seeds of the random basis. */
  bases: number;
  /** Passes over the digits; 0 leaves them out. */
  epochs: number;
}

const laptop: Params = {
  seed: 0,
  sizes: [16, 32, 64, 128, 256, 512, 1024],
  inputFactor: 0.5,
  spectra: [16, 64, 256],
  n: 64,
  length: 1024,
  steps: 1000,
  seeds: 3,
  bases: 6,
  epochs: 5,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    sizes: [32, 128, 256, 512, 1024],
    length: 512,
    steps: 500,
    seeds: 1,
    bases: 2,
    epochs: 0,
  },
  laptop,
  full: { ...laptop, sizes: [...laptop.sizes, 2048, 4096], steps: 4000, seeds: 10, bases: 20, epochs: 30 },
};

const inits: DiagonalInit[] = INITS.map(({ init }) => init);

// The longest trials first, so that workers end together.
export const { trials, run } = defineTrials<Params>()((kind) => ({
  digits: kind({
    over: (p) => p.epochs === 0 ? [] : grid({ init: ["legs", "real"], epochs: [p.epochs], seed: seedsOf(p) }),
    // tfjs is loaded by those who train with it.
    run: async ({ init, seed, epochs }, report) => {
      const { digitRows } = await import("./digits.ts");
      return await digitRows(init, seed, epochs, report);
    },
  }),
  train: kind({
    over: (p) => grid({ init: inits, n: [p.n], length: [p.length], steps: [p.steps], seed: seedsOf(p) }),
    run: ({ init, seed, ...size }, report) => trainingRows(init, seed, size, report),
  }),
  fit: kind({
    over: ({ n, seed, bases }) => [{ n, length: 1024, seed, bases }],
    run: ({ n, length, seed, bases }) =>
      inits.flatMap((init) =>
        seedsOf({ seed, seeds: init === "random" ? bases : 1 }).flatMap((s) => fitRows(init, s, n, length))
      ),
  }),
  spectra: kind({
    over: ({ spectra, seed }) => [{ sizes: spectra, seed }],
    run: ({ sizes, seed }) => [...spectrumRows(sizes), ...agreementRows(4096, seed)],
  }),
  kernel: kind({
    over: ({ sizes, inputFactor }) => grid({ n: sizes, inputFactor: [inputFactor] }),
    run: ({ n, inputFactor }) => kernelRows(n, inputFactor),
  }),
}));
