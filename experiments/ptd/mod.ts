/**
 * Perturb, then diagonalize: why S4D has spikes in its transfer function, and how a small perturbation
 * removes them.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { naiveRow, optimizedRows, sweepRows } from "./perturbation.ts";
import { readoutRows } from "./readout.ts";
import type { Row } from "./rows.ts";
import { fixedInputError, normRows, spikeRows } from "./spikes.ts";

/** What is run. */
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

/** A unit of work. */
export type Trial =
  | { kind: "spikes"; n: number; eps: number; seed: number; ptd: boolean; factor: number }
  | { kind: "exact"; sizes: number[]; factor: number }
  | { kind: "sweep"; n: number; epsilons: number[]; seed: number }
  | { kind: "optimize"; seed: number; gammas: number[]; iterations: number }
  | { kind: "readout"; n: number; eps: number; seed: number; curves: boolean };

export type { Row } from "./rows.ts";

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

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "ptd",
  title: "Robustifying State-space Models for Long Sequences via Approximate Diagonalization",
  paper: {
    authors: "Annan Yu, Arnur Nigmetov, Dmitriy Morozov, Michael W. Mahoney, N. Benjamin Erichson",
    year: 2024,
    arxiv: "2310.01698",
    figure: "Figure 1: transfer functions and their spikes; Figure 3c: condition number against perturbation",
  },
  notReproduced:
    "Accuracies on Long Range Arena and sequential CIFAR (days on a GPU). The robustness to noise is shown on a trained linear readout instead.",
  presets: {
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
  },
  trials: (p) => [
    ...p.sizes.map((n): Trial => ({
      kind: "spikes",
      n,
      eps: p.eps,
      seed: p.seed,
      ptd: n === p.n,
      factor: p.inputFactor,
    })).reverse(),
    { kind: "optimize", seed: p.seed, gammas: p.gammas, iterations: p.iterations },
    ...Array.from({ length: p.readoutSeeds }, (_, k): Trial => ({
      kind: "readout",
      n: p.n,
      eps: p.eps,
      seed: p.seed + k,
      curves: k === 0,
    })),
    ...Array.from({ length: p.sweepSeeds }, (_, k): Trial => ({
      kind: "sweep",
      n: p.n,
      epsilons: p.epsilons,
      seed: p.seed + k,
    })),
    { kind: "exact", sizes: p.sizes.filter((n) => n <= 256), factor: p.inputFactor },
  ],
  run(trial) {
    switch (trial.kind) {
      case "spikes":
        return spikeRows(trial.n, trial);
      case "exact":
        return [
          ...trial.sizes.flatMap((n) =>
            ([1, 2] as const).map((decay): Row => ({
              part: "fixed-input",
              n,
              decay,
              error: fixedInputError(n, decay, trial.factor),
            }))
          ),
          ...[16, 64, 256].map(normRows),
          ...[4, 8, 16, 24, 32, 64].map(naiveRow),
        ];
      case "sweep":
        return sweepRows(trial.n, trial.epsilons, trial.seed);
      case "optimize":
        return optimizedRows(16, trial.seed, trial.gammas, trial.iterations);
      case "readout":
        return readoutRows(trial.n, trial.eps, trial.seed, trial.curves);
    }
  },
  figures,
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
