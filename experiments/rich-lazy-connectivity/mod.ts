/**
 * How connectivity structure shapes rich and lazy learning in neural circuits (Liu et al. 2023): the rank of
 * the start decides how far training moves a network, in theory (two-layer linear networks, exactly) and in
 * recurrent networks.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { type RnnTrial, trainNetwork } from "./networks.ts";
import type { Row, Structure, Task } from "./rows.ts";
import {
  anisotropicFeatures,
  type AnisotropicTrial,
  averageOverTasks,
  type AverageTrial,
  flows,
  type FlowTrial,
  isotropicStart,
  type IsotropicTrial,
} from "./theory.ts";

export type { Row, Structure, Task } from "./rows.ts";

/** One unit of work. */
export type Trial = AverageTrial | IsotropicTrial | FlowTrial | AnisotropicTrial | RnnTrial;

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Random tasks per rank in the theorem's average. */
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

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "rich-lazy-connectivity",
  title: "How connectivity structure shapes rich and lazy learning in neural circuits",
  paper: {
    authors:
      "Yuhan Helena Liu, Aristide Baratin, Jonathan Cornford, Stefan Mihalas, Eric Shea-Brown, Guillaume Lajoie",
    year: 2023,
    arxiv: "2310.08513",
    figure:
      "Laziness of recurrent networks against the rank of their start; Figure 3: alignment in linear networks",
  },
  notReproduced:
    "Measured wiring of the brain, which cannot be redistributed (synthetic structure stands in), and sequential MNIST. Recurrent networks have 100 neurons and 1000 steps instead of 300 and 10000 (preset full). The theorem is derived in the paper's setting, its wording was not available.",
  presets: {
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
  },
  trials,
  run(trial, report) {
    switch (trial.kind) {
      case "average":
        return [averageOverTasks(trial)];
      case "isotropic":
        return [isotropicStart(trial)];
      case "flow":
        return flows(trial);
      case "anisotropic":
        return anisotropicFeatures(trial);
      case "rnn":
        return [trainNetwork(trial, report)];
    }
  },
  figures,
  claims,
};

const D = 20;
const LINEAR_RANKS = [1, 2, 5, 10, 20];

function trials(params: Params): Trial[] {
  const { seed, tasks, sigmas, draws, seeds, n, ranks, gain, iterations, learningRate, sameNorm } = params;
  const network: RnnTrial = {
    kind: "rnn",
    purpose: "ranks",
    task: "2AF",
    structure: "gaussian",
    n,
    rank: n,
    gain,
    iterations,
    learningRate,
    sameNorm,
    seed,
  };
  const some = (count: number) => Array.from({ length: count }, (_, i) => seed + i);
  const out: Trial[] = [];
  // The long ones first: at the end of a run no worker waits for them.
  if (params.wide) {
    for (const s of some(8)) {
      for (const rank of [1, 12, 128]) {
        out.push({ ...network, purpose: "wide", n: 128, iterations: 1500, rank, seed: s });
      }
    }
  }
  for (const sigma of sigmas) {
    for (const s of some(sigma < 10 ? 8 : 1)) {
      out.push({ kind: "flow", d: D, ranks: LINEAR_RANKS, sigma, seed: s });
    }
  }
  for (const task of ["2AF", "DMS", "CXT"] as const) {
    for (const s of some(seeds[task])) {
      for (const rank of ranks) out.push({ ...network, task, rank, seed: s });
    }
  }
  for (const other of params.gains) {
    for (const s of some(3)) {
      for (const rank of [Math.min(...ranks), Math.max(...ranks)]) {
        out.push({ ...network, purpose: "gain", gain: other, rank, seed: s });
      }
    }
  }
  for (const structure of params.structures) {
    for (const s of some(5)) out.push({ ...network, purpose: "structure", structure, seed: s });
  }
  for (const rank of LINEAR_RANKS) out.push({ kind: "average", d: D, rank, sigma: 0.01, tasks, seed });
  for (const sigma of [0.01, 1, 3, 10]) out.push({ kind: "isotropic", d: D, sigma, seed });
  out.push({ kind: "anisotropic", d: D, kappas: [1, 1.5, 2, 3, 5, 10, 30, 100], draws, seed });
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
