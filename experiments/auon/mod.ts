/**
 * AuON (Maity 2025): momentum over its norm and over the root mean square of its hyperbolic cosine, as a
 * linear-time alternative to Muon's orthogonalization; with and without one Newton-Schulz step before. What
 * the cosine does, shown by a theorem and a control.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { brakes, brakesInTraining, checkBounds, identities } from "./brake.ts";
import { claims } from "./claims.ts";
import { countOperations } from "./count.ts";
import { figures } from "./figures.ts";
import { NAMES, OPTIMIZERS } from "./optimizers.ts";
import type { ControlRow, OptimizerName, Row } from "./rows.ts";
import { stages } from "./spectra.ts";
import { control, MEMORY_OPTIMIZERS, memoryRun, trainingRun } from "./training.ts";

export type { Row } from "./rows.ts";
export { type MeasuredTime, measureTimes, timesFigure } from "./timing.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the training runs and of the controls. */
  seeds: number;
  /** Learning rates, in units of the middle one of each optimizer. */
  rates: number[];
  /** Entries of the matrices at which the brake is looked at. */
  sizes: number[];
  /** Widths of the networks in whose training it is looked at. */
  widths: number[];
  /** Rows of the square matrices at which operations are counted. */
  counted: number[];
}

/** A unit of work. */
export type Trial =
  | { kind: "stages"; seed: number }
  | { kind: "bounds"; seed: number; matrices: number }
  | { kind: "brakes"; seed: number; sizes: number[] }
  | { kind: "brakes in training"; seed: number; width: number }
  | { kind: "identities"; seed: number }
  | { kind: "control"; seed: number; variant: ControlRow["variant"] }
  | { kind: "memory"; seed: number }
  | { kind: "count"; seed: number; size: number }
  | { kind: "training"; seeds: number[]; optimizer: OptimizerName; learningRate: number };

const laptop: Params = {
  seed: 0,
  seeds: 5,
  rates: [0.25, 0.5, 1, 2, 4],
  sizes: [4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144],
  widths: [8, 16, 32, 64, 128],
  counted: [32, 64, 128, 256],
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "auon",
  title: "AuON: A Linear-time Alternative to Orthogonal Momentum Updates",
  paper: {
    authors: "Dipan Maity",
    year: 2025,
    arxiv: "2509.24320",
    figure: "Figure 1: singular values and M Mᵀ over Newton–Schulz steps, under Hybrid-AuON and under AuON",
  },
  notReproduced:
    "The language model of 40.9 million parameters and CIFAR-10 of Table 1: their data are downloads. Its order is looked for in a small network on digits instead. The matrix of Figure 1 is not printed; ours is fixed.",
  presets: {
    quick: {
      ...laptop,
      seeds: 1,
      rates: [0.5, 1, 2],
      sizes: [16, 1024, 65536],
      widths: [16, 64],
      counted: [32, 64],
    },
    laptop,
    full: {
      ...laptop,
      seeds: 10,
      rates: [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4],
      sizes: [...laptop.sizes, 2 ** 20],
      widths: [...laptop.widths, 256],
      counted: [...laptop.counted, 512],
    },
  },
  trials({ seed, seeds, rates, sizes, widths, counted }) {
    const all = Array.from({ length: seeds }, (_, i) => seed + i);
    const three = all.slice(0, 3);
    return [
      ...three.map((seed) => ({ kind: "stages" as const, seed })),
      { kind: "bounds", seed, matrices: 1000 },
      ...three.map((seed) => ({ kind: "brakes" as const, seed, sizes })),
      ...widths.map((width) => ({ kind: "brakes in training" as const, seed, width })),
      ...three.map((seed) => ({ kind: "identities" as const, seed })),
      ...(["paper", "repo"] as const).flatMap((variant) =>
        all.map((seed) => ({ kind: "control" as const, seed, variant }))
      ),
      ...three.map((seed) => ({ kind: "memory" as const, seed })),
      ...counted.map((size) => ({ kind: "count" as const, seed, size })),
      ...NAMES.flatMap((optimizer) =>
        rates.map((ratio) => ({
          kind: "training" as const,
          seeds: all,
          optimizer,
          learningRate: Number((ratio * OPTIMIZERS[optimizer].middle).toPrecision(6)),
        }))
      ),
    ];
  },
  run(trial, report) {
    switch (trial.kind) {
      case "stages":
        return stages(trial.seed);
      case "bounds":
        return [checkBounds(trial.seed, trial.matrices)];
      case "brakes":
        return brakes(trial.seed, trial.sizes);
      case "brakes in training":
        return brakesInTraining(trial.seed, trial.width);
      case "identities":
        return [[4, 4], [64, 64], [24, 40], [40, 24]].map(([m, n]) => identities(trial.seed, m, n));
      case "control":
        return [control(trial.variant, trial.seed)];
      case "memory":
        return MEMORY_OPTIMIZERS.map((optimizer) => memoryRun(optimizer, trial.seed));
      case "count":
        return countOperations(trial.seed, trial.size);
      case "training":
        return trial.seeds.map((seed, i) => {
          report(i / trial.seeds.length);
          return trainingRun(trial.optimizer, trial.learningRate, seed);
        });
    }
  },
  figures,
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
