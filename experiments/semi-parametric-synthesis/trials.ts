/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { K } from "./domains.ts";
import { dataRows, modelRows } from "./models.ts";
import type { Arm, Domain } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of the models with and without a database. */
  seeds: number;
  /**
   * Seeds of the control with random neighbours, of the prediction of x0, and of training with dropped
   * neighbours.
   */
  controlSeeds: number;
  /** Seeds of the study of the number of neighbours. */
  studySeeds: number;
  /** Numbers of neighbours beside 4. */
  neighbors: number[];
  /** Steps of a training, and of the one that predicts x0. */
  steps: number;
  signalSteps: number;
  /** Samples per setting. */
  count: number;
  /** Shares m of top-m sampling. */
  shares: number[];
  /** Strengths of guidance beside 1, of models trained with dropped neighbours, from the old database. */
  strengths: number[];
  /** The same from the new database; and of models that have never seen a zero token, from the old one. */
  swappedStrengths: number[];
  untrainedStrengths: number[];
  /** Guidance of the main experiment. */
  guidance: number;
  /** Share of the old database that the main experiment samples. */
  m: number;
  /** Entries per class of the new database, at most, in the main experiment. */
  entries: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  controlSeeds: 3,
  studySeeds: 3,
  neighbors: [1, 2, 8],
  steps: 1500,
  signalSteps: 600,
  count: 1000,
  shares: [1, 0.5, 0.1, 0.02],
  strengths: [1.5, 2, 3],
  swappedStrengths: [1.5, 3],
  untrainedStrengths: [1.5],
  guidance: 1,
  m: 1,
  entries: 80,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    controlSeeds: 0,
    studySeeds: 0,
    count: 400,
    shares: [],
    untrainedStrengths: [],
  },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    controlSeeds: 5,
    studySeeds: 8,
    signalSteps: 1500,
    shares: [1, 0.5, 0.2, 0.1, 0.05, 0.02],
    strengths: [1.25, 1.5, 2, 2.5, 3],
    swappedStrengths: [1.5, 2, 3],
    untrainedStrengths: [1.5, 2, 3],
  },
};

const NONE: Record<Domain, number[]> = { old: [], new: [] };

export const { trials, run } = defineTrials<Params>()((kind) => ({
  model: kind({
    over: (p) => {
      const { steps, count, guidance, m, entries } = p;
      const plain = { drop: 0, steps, count, guidance: 1, m: 1, entries: laptop.entries, drawn: false };
      const rest = { shares: [], strengths: NONE, explained: false };
      const of = (seeds: number) => seedsOf({ seed: p.seed, seeds });
      const control = (arm: Arm, drop: number, more: object = {}) =>
        of(p.controlSeeds).map((seed) => ({ ...plain, ...rest, arm, k: K, drop, seed, ...more }));
      return [
        ...of(p.seeds).map((seed) => ({
          ...plain,
          arm: "RDM" as Arm,
          k: K,
          seed,
          guidance,
          m,
          entries,
          drawn: seed === p.seed,
          shares: p.shares,
          strengths: { old: p.untrainedStrengths, new: [] },
          explained: true,
        })),
        ...of(p.studySeeds).flatMap((seed) =>
          p.neighbors.toReversed().map((k) => ({ ...plain, ...rest, arm: "RDM" as Arm, k, seed }))
        ),
        ...control("RDM", 0.1, { strengths: { old: p.strengths, new: p.swappedStrengths } }),
        ...control("random neighbours", 0),
        ...control("RDM, predicts x₀", 0, { steps: p.signalSteps }),
        ...grid({ arm: ["parametric, 52 k", "parametric, 18 k"] as Arm[], seed: of(p.seeds) })
          .filter(({ arm }) => p.controlSeeds > 0 || arm === "parametric, 18 k")
          .map((point) => ({ ...plain, ...rest, ...point, k: 0, drawn: point.seed === p.seed })),
      ];
    },
    run: modelRows,
  }),
  data: kind({ over: () => [{}], run: dataRows }),
}));
