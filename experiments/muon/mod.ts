/**
 * Muon (Jordan et al. 2024): the polynomials on singular values, an associative memory with rare facts, handwritten
 * digits.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { cobweb, scheduleErrors } from "./designers.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "muon",
  title: "Muon: An optimizer for hidden layers in neural networks",
  paper: {
    authors:
      "Keller Jordan, Yuchen Jin, Vlado Boza, Jiacheng You, Franz Cesista, Laker Newhouse, Jeremy Bernstein",
    year: 2024,
    figure:
      "The polynomial's graphs of the blog post; its claim about rare directions, on an associative memory",
  },
  family: "Optimizers",
  summary:
    "The update of a weight matrix is dominated by a few directions, so that what is rare in the data is learned late. " +
    "Muon makes all directions of the momentum equally strong before it steps, by five products of matrices instead of " +
    "a singular value decomposition.",
  notReproduced:
    "The speed records (NanoGPT 1.35 times faster, CIFAR-10 in 2.6 A100-seconds) and Moonshot's twofold compute " +
    "efficiency: they need GPUs. On a laptop's tiny network Muon saves steps, not time.",
  presets,
  knobs: [{ parameter: "facts", label: "Facts of the memory", min: 16, max: 96, step: 4 }],
  check: ({ facts }) => {
    requireInteger("facts", facts, { min: 8 });
  },
  trials,
  run,
  figures,
  claims,
});
