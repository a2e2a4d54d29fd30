/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { LATENTS } from "./decoder.ts";
import { autoencoderRows, type Model, spectrumRow, startRows, traversalRow } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the identities and of the starts. */
  seeds: number;
  /** Seeds of the autoencoder. */
  trainingSeeds: number;
  /** Rank of the projector that is compared with free projections, and that starts at random as well. */
  rank: number;
  /** Ranks beside it. */
  otherRanks: number[];
  /** Steps of the training with free projections. */
  steps: number;
  /** Steps of the fine-tuning with projectors; 0 for none. */
  fineTuneSteps: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  trainingSeeds: 12,
  rank: 8,
  otherRanks: [15, 5, 3],
  steps: 2000,
  fineTuneSteps: 200,
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, trainingSeeds: 1, otherRanks: [3], steps: 300, fineTuneSteps: 30 },
  laptop,
  full: { ...laptop, seeds: 10, trainingSeeds: 24 },
};

/** The models of one seed: the projector of the main rank first, then the others. */
function modelsOf({ rank, otherRanks }: Params): Model[] {
  const nearest = (rank: number): Model => ({ model: `r = ${rank}`, rank, start: "nearest" });
  return [
    { model: "free", rank: LATENTS, start: "free" },
    nearest(rank),
    { model: `${rank}, random`, rank, start: "random" },
    ...otherRanks.filter((other) => other !== rank).map(nearest),
  ];
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  autoencoder: kind({
    over: (p) =>
      seedsOf({ seed: p.seed, seeds: p.trainingSeeds }).map((seed) => ({
        seed,
        models: modelsOf(p),
        steps: p.steps,
        fineTuneSteps: p.fineTuneSteps,
        pictures: 1024,
      })),
    run: autoencoderRows,
  }),
  start: kind({
    over: (p) => grid({ rank: [1, 4, 7, 10, 13, 16], seed: seedsOf(p) }),
    run: ({ seed, rank }) => startRows(seed, rank),
  }),
  identities: kind({
    over: (p) => grid({ seed: seedsOf(p) }),
    run: ({ seed }) => [spectrumRow(seed, "float64"), spectrumRow(seed, "float32"), traversalRow(seed)],
  }),
}));
