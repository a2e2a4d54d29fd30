/**
 * S4D: which diagonal state matrices make a good state space layer, and why.
 *
 * @module
 */
import type { DiagonalInit } from "../../lib/ssm/mod.ts";
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { fitRows, trainingRows } from "./fitting.ts";
import { agreementRows, kernelRows, spectrumRows } from "./kernels.ts";
import { INITS, type Row } from "./rows.ts";

/** What is run. */
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
  /** Samples of the fits. */
  length: number;
  /** Steps of the training. */
  steps: number;
  /** Seeds of the training. */
  seeds: number;
  /** Seeds of the random basis. */
  bases: number;
  /** Passes over the digits; 0 leaves them out. */
  epochs: number;
}

/** A unit of work. */
export type Trial =
  | { kind: "kernel"; n: number; inputFactor: number }
  | { kind: "spectra"; sizes: number[]; seed: number }
  | { kind: "fit"; n: number; length: number; seed: number; bases: number }
  | { kind: "train"; init: DiagonalInit; n: number; length: number; steps: number; seed: number }
  | { kind: "digits"; init: DiagonalInit; epochs: number; seed: number };

export type { Row } from "./rows.ts";

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

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "s4d",
  title: "On the Parameterization and Initialization of Diagonal State Space Models",
  paper: {
    authors: "Albert Gu, Ankit Gupta, Karan Goel, Christopher Ré",
    year: 2022,
    arxiv: "2206.11893",
    figure: "Figure 2: the kernels of S4D-LegS come to those of LegS; Figure 4: spectra",
  },
  notReproduced:
    "Accuracies on Long Range Arena, sequential CIFAR and Speech Commands (days on a GPU). A frozen-basis fit and a small training stand for the ablation of initializations.",
  presets: {
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
  },
  trials: (p) => [
    // The longest first, so that workers end together.
    ...(p.epochs === 0 ? [] : (["legs", "real"] as const).map((init): Trial => ({
      kind: "digits",
      init,
      epochs: p.epochs,
      seed: p.seed,
    }))),
    ...INITS.flatMap(({ init }) =>
      Array.from({ length: p.seeds }, (_, k): Trial => ({
        kind: "train",
        init,
        n: p.n,
        length: p.length,
        steps: p.steps,
        seed: p.seed + k,
      }))
    ),
    { kind: "fit", n: p.n, length: 1024, seed: p.seed, bases: p.bases },
    { kind: "spectra", sizes: p.spectra, seed: p.seed },
    ...p.sizes.map((n): Trial => ({ kind: "kernel", n, inputFactor: p.inputFactor })),
  ],
  run(trial, report) {
    switch (trial.kind) {
      case "kernel":
        return kernelRows(trial.n, trial.inputFactor);
      case "spectra":
        return [...spectrumRows(trial.sizes), ...agreementRows(4096, trial.seed)];
      case "fit":
        return INITS.flatMap(({ init }) =>
          Array.from(
            { length: init === "random" ? trial.bases : 1 },
            (_, k) => fitRows(init, trial.seed + k, trial.n, trial.length),
          ).flat()
        );
      case "train":
        return trainingRows(trial.init, trial.seed, trial, report);
      case "digits":
        // tfjs is loaded by those who train with it.
        return import("./digits.ts").then(({ digitRows }) =>
          digitRows(trial.init, trial.seed, trial.epochs, report)
        );
    }
  },
  figures,
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
