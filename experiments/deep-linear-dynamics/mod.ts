/**
 * Exact solutions to the nonlinear dynamics of learning in deep linear neural networks (Saxe, McClelland &
 * Ganguli 2014): every mode learns along a known sigmoid, and with the right start depth costs only a finite
 * delay.
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
  slug: "deep-linear-dynamics",
  title: "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
  paper: {
    authors: "Andrew M. Saxe, James L. McClelland, Surya Ganguli",
    year: 2014,
    arxiv: "1312.6120",
    figure: "Figure 3: the modes of a hierarchy are learned one by one, along the analytic curves",
  },
  family: "Learning dynamics",
  summary:
    "A deep network without activations can only express a matrix, and yet its training has plateaus and " +
    "sudden drops like that of any other. Here everything can be solved: each mode of the task is learned " +
    "on its own, strong ones first, along a known curve. With the right start, depth costs only a finite " +
    "delay.",
  notReproduced:
    "The MNIST networks of width 1000 (Figures 4 and 6A run on one mode and on a white task of width 32) " +
    "and greedy autoencoder pretraining, whose linear fixed point, orthogonal layers, is used in its " +
    "place. What belongs to the paper's appendices was derived anew.",
  presets,
  knobs: [{
    parameter: "flip",
    label: "Probability that a feature flips at a branch",
    min: 0.02,
    max: 0.3,
    step: 0.01,
  }],
  check: ({ flip, u0, linearSeeds, tanhSeeds, learningSeeds, productDraws, jacobianDraws }) => {
    requireNumber("flip", flip, { above: 0, below: 0.5 });
    requireNumber("u0", u0, { above: 0, below: 1 });
    const counts = { linearSeeds, tanhSeeds, learningSeeds, productDraws, jacobianDraws };
    for (const [name, count] of Object.entries(counts)) requireInteger(name, count, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
