/**
 * Perturb, then diagonalize: why S4D has spikes in its transfer function, and how a small perturbation removes them.
 *
 * @module
 */
import { requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "ptd",
  title: "Robustifying State-space Models for Long Sequences via Approximate Diagonalization",
  paper: {
    authors: "Annan Yu, Arnur Nigmetov, Dmitriy Morozov, Michael W. Mahoney, N. Benjamin Erichson",
    year: 2024,
    arxiv: "2310.01698",
    figure: "Figure 1: transfer functions and their spikes; Figure 3c: condition number against perturbation",
  },
  family: "State spaces",
  summary:
    "State-space models run fast when their matrix is diagonal, but the good one (HiPPO-LegS) cannot be diagonalized " +
    "in floating point. Leaving out the part that is in the way (S4D) makes a model that resonates at high " +
    "frequencies. Adding a small random matrix before diagonalizing (PTD) costs almost nothing and does not.",
  notReproduced:
    "Accuracies on Long Range Arena and sequential CIFAR (days on a GPU). The robustness to noise is shown on a " +
    "trained linear readout instead.",
  presets,
  knobs: [{ parameter: "eps", label: "Size of the perturbation ε", min: 0.01, max: 10, step: 0.01 }],
  check: ({ eps, n, sizes, epsilons }) => {
    requireNumber("eps", eps, { min: 0 });
    for (const size of [n, ...sizes]) requireNumber("sizes", size, { min: 2 });
    for (const value of epsilons) requireNumber("epsilons", value, { above: 0 });
  },
  trials,
  run,
  figures,
  claims,
});
