/**
 * Orthogonal convolutions (Achour, Malgouyres & Mamalet 2022): when they exist, what the regularizer that leads to them
 * guarantees at every size of image, and the one case in which it gets stuck.
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
  slug: "orthogonal-convolutions",
  title: "Existence, Stability and Scalability of Orthogonal Convolutional Neural Networks",
  paper: {
    authors: "El Mehdi Achour, François Malgouyres, Franck Mamalet",
    year: 2022,
    arxiv: "2108.05623",
    figure:
      "Singular values of layers after optimization, by architecture; orthogonality errors against the image size",
  },
  family: "Network architectures",
  summary:
    "A convolution that keeps lengths neither blows up nor loses signals and gradients. One inequality tells whether a " +
    "layer of given sizes can be such an isometry; a regularizer that looks at the few numbers of the kernel only then " +
    "makes it one for images of every size. It gets stuck in one case: as many outputs as inputs.",
  notReproduced:
    "Accuracy and robustness on CIFAR-10 and Imagenette (days on a GPU), replaced by a small network on digits; the " +
    "paper's grid of about 44,900 layers, replaced by 30 shapes; the one-dimensional versions of the theorems.",
  presets,
  knobs: [{
    parameter: "learningRate",
    label: "Learning rate of the descents",
    min: 0.002,
    max: 0.05,
    step: 0.002,
  }],
  check: ({ learningRate, steps, sizes, seeds }) => {
    requireNumber("learningRate", learningRate, { above: 0 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("seeds", seeds, { min: 1 });
    for (const size of sizes) requireInteger("sizes", size, { min: 3 });
  },
  trials,
  run,
  figures,
  claims,
});
