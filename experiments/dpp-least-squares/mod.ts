/**
 * Weighted least squares at random points (Nouy & Michel 2023): points that repel each other determine a
 * polynomial with far fewer samples than independent ones.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "dpp-least-squares",
  title:
    "Weighted least-squares approximation with determinantal point processes and generalized volume sampling",
  paper: {
    authors: "Anthony Nouy, Bertrand Michel",
    year: 2023,
    arxiv: "2312.14057",
    figure: "The comparison of sampling strategies: stability and error against the number of points",
  },
  family: "Operators, solvers, samples",
  summary:
    "A function is fitted by polynomials from its values at random points. Independent points, even from the " +
    "best density, cluster by chance, and a cluster wastes samples. The points of a determinantal point process " +
    "repel each other: a few independent draws of it determine the fit with half of the points, or fewer.",
  notReproduced:
    "The paper's own figures and their constants: its full text and its code were not available. What is shown " +
    "are its theorems, checked exactly or by simulation, and its statement about the number of samples.",
  presets,
  knobs: [
    {
      parameter: "delta",
      label: "Distance δ of the smallest eigenvalue from 1",
      min: 0.1,
      max: 0.9,
      step: 0.05,
    },
    { parameter: "m", label: "Dimension m of the space whose errors are shown", min: 2, max: 20, step: 1 },
  ],
  check: ({ delta, m, sizes, ratios }) => {
    requireNumber("delta", delta, { above: 0, below: 1 });
    for (const size of [m, ...sizes]) requireInteger("m", size, { min: 1, max: 60 });
    for (const ratio of ratios) requireInteger("ratios", ratio, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
