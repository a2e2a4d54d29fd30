/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { type RnnTrial, trainNetwork } from "./networks.ts";
import type { Structure, Task } from "./rows.ts";
import { anisotropicFeatures, averageOverTasks, flows, isotropicStart } from "./theory.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Random tasks per rank in the average over tasks. */
  tasks: number;
  /** Scales of the linear networks' start; from 10 on one seed is run, as that is slow. */
  sigmas: number[];
  /** Draws of features and teachers. */
  draws: number;
  /** How many seeds of recurrent networks, by task. */
  seeds: Record<Task, number>;
  /** Neurons. */
  n: number;
  /** Ranks of the recurrent start. */
  ranks: number[];
  /** Gain of the Gaussian matrix that is truncated. */
  gain: number;
  /** Steps of training. */
  iterations: number;
  /** Step size of training. */
  learningRate: number;
  /** Whether ranks are compared at the same norm; false breaks the comparison. */
  sameNorm: boolean;
  /** Other gains, at the lowest and highest rank. */
  gains: number[];
  /** Connectivity that is not Gaussian. */
  structures: Structure[];
  /** Whether networks of 128 neurons are trained too. */
  wide: boolean;
}

const laptop: Params = {
  seed: 0,
  tasks: 200,
  sigmas: [0.1, 1, 3, 10],
  draws: 200,
  seeds: { "2AF": 10, DMS: 5, CXT: 5 },
  n: 100,
  ranks: [1, 10, 100],
  gain: 1.25,
  iterations: 1000,
  learningRate: 0.003,
  sameNorm: true,
  gains: [0.5, 2],
  structures: ["dale", "blocks", "heavy"],
  wide: true,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    tasks: 60,
    sigmas: [1],
    seeds: { "2AF": 3, DMS: 0, CXT: 0 },
    ranks: [1, 100],
    gains: [],
    structures: [],
    wide: false,
  },
  laptop,
  full: {
    ...laptop,
    tasks: 1000,
    seeds: { "2AF": 5, DMS: 5, CXT: 5 },
    n: 300,
    ranks: [1, 30, 100, 300],
    iterations: 10000,
  },
};

/** Inputs of the linear networks, and the ranks of their starts. */
const D = 20;
const LINEAR_RANKS = [1, 2, 5, 10, 20];

export const { trials, run, label } = defineTrials<Params>()((kind) => ({
  // The slow ones first: at the end of a run no worker waits for them.
  flow: kind({
    over: ({ sigmas, seed }) =>
      sigmas.flatMap((sigma) =>
        seedsOf({ seed, seeds: sigma < 10 ? 8 : 1 }).map((seed) => ({
          d: D,
          ranks: LINEAR_RANKS,
          sigma,
          seed,
        }))
      ),
    run: flows,
  }),
  rnn: kind({
    over: networks,
    run: (trial, report) => [trainNetwork(trial, report)],
    label: ({ task, structure, n, rank, gain, seed }) =>
      `${task}, ${
        structure === "gaussian" ? `rank ${rank}` : structure
      }, ${n} neurons, gain ${gain}, seed ${seed}`,
  }),
  average: kind({
    over: ({ tasks, seed }) => LINEAR_RANKS.map((rank) => ({ d: D, rank, sigma: 0.01, tasks, seed })),
    run: (trial) => [averageOverTasks(trial)],
  }),
  isotropic: kind({
    over: ({ seed }) => [0.01, 1, 3, 10].map((sigma) => ({ d: D, sigma, seed })),
    run: (trial) => [isotropicStart(trial)],
  }),
  anisotropic: kind({
    over: ({ draws, seed }) => [{ d: D, kappas: [1, 1.5, 2, 3, 5, 10, 30, 100], draws, seed }],
    run: anisotropicFeatures,
  }),
}));

function networks(params: Params): RnnTrial[] {
  const { seed, seeds, n, ranks, gain, gains, structures, iterations, learningRate, sameNorm } = params;
  const network = (
    purpose: RnnTrial["purpose"],
    changed: Partial<RnnTrial> & { seed: number },
  ): RnnTrial => ({
    purpose,
    ...{ task: "2AF", structure: "gaussian", n, rank: n, gain, iterations, learningRate, sameNorm },
    ...changed,
  });
  const first = (count: number) => seedsOf({ seed, seeds: count });
  const tasks: Task[] = ["2AF", "DMS", "CXT"];
  return [
    ...grid({ seed: first(params.wide ? 8 : 0), rank: [1, 12, 128] })
      .map((at) => network("wide", { n: 128, iterations: 1500, ...at })),
    ...tasks.flatMap((task) =>
      grid({ seed: first(seeds[task]), rank: ranks }).map((at) => network("ranks", { task, ...at }))
    ),
    ...grid({ gain: gains, seed: first(3), rank: [Math.min(...ranks), Math.max(...ranks)] })
      .map((at) => network("gain", at)),
    ...grid({ structure: structures, seed: first(5) }).map((at) => network("structure", at)),
  ];
}
