/**
 * Neural Tangent Kernel (Jacot, Gabriel & Hongler 2018): the kernel of wide networks, its limit, and training as a
 * linear equation.
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
  slug: "neural-tangent-kernel",
  title: "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
  paper: {
    authors: "Arthur Jacot, Franck Gabriel, Clément Hongler",
    year: 2018,
    arxiv: "1806.07572",
    figure: "Figure 1: the tangent kernel before and after training, on the circle",
  },
  family: "Learning dynamics",
  summary:
    "How a network's output at one point moves when it is trained at another is its tangent kernel. In a very wide " +
    "network the kernel no longer depends on the random start and does not change during training, so that training " +
    "is a linear equation with a known solution.",
  notReproduced:
    "Networks of width 10000 (replaced by the exact limit, which the paper approximated by them) and the MNIST run of " +
    "Figure 3 (replaced by the circle, whose principal components are Fourier modes and known exactly).",
  presets,
  knobs: [
    { parameter: "depth", label: "Layers", min: 2, max: 8, step: 1 },
    { parameter: "beta", label: "Weight of the biases β", min: 0, max: 1, step: 0.05 },
  ],
  check: ({ depth, beta, modes }) => {
    requireInteger("depth", depth, { min: 2 });
    requireNumber("beta", beta, { min: 0 });
    if (modes.tracked.length === 0) throw new RangeError("`modes.tracked` must name at least one mode");
  },
  trials,
  run,
  figures,
  claims,
});
