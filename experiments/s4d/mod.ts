/**
 * S4D: which diagonal state matrices make a good state space layer, and why.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "s4d",
  title: "On the Parameterization and Initialization of Diagonal State Space Models",
  paper: {
    authors: "Albert Gu, Ankit Gupta, Karan Goel, Christopher Ré",
    year: 2022,
    arxiv: "2206.11893",
    figure: "Figure 2: the kernels of S4D-LegS come to those of LegS; Figure 4: spectra",
  },
  family: "State spaces",
  summary:
    "A state-space layer reads a long signal through a linear system. Making the system's matrix diagonal turns its " +
    "kernel into two lines of code; what then matters is where its eigenvalues start. Three good starts come close to " +
    "the best known matrix, HiPPO-LegS; real or random eigenvalues do not.",
  notReproduced:
    "Accuracies on Long Range Arena, sequential CIFAR and Speech Commands (days on a GPU). A frozen-basis fit and a " +
    "small training stand for the ablation of initializations.",
  presets,
  knobs: [{ parameter: "inputFactor", label: "Factor before B", min: 0.1, max: 1, step: 0.1 }],
  check: ({ sizes, spectra, n, steps, epochs }) => {
    for (const size of [...sizes, ...spectra, n]) {
      requireInteger("n", size, { min: 2 });
      if (size % 2 === 1) throw new RangeError(`state sizes must be even (conjugate pairs), got ${size}`);
    }
    requireInteger("steps", steps);
    requireInteger("epochs", epochs);
  },
  trials,
  run,
  figures,
  claims,
});
