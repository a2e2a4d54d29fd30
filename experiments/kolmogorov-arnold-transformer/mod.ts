/**
 * Kolmogorov-Arnold Transformer (Yang & Wang 2024): learnable functions on the edges of a network that cost what
 * fixed ones cost, since neighbouring channels share a rational function.
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
  slug: "kolmogorov-arnold-transformer",
  title: "Kolmogorov–Arnold Transformer",
  paper: {
    authors: "Xingyi Yang, Xinchao Wang",
    year: 2024,
    arxiv: "2409.10594",
    figure:
      "Tables of the cost of a layer and of the accuracy at equal size (printed); the gain on small problems",
  },
  family: "Network architectures",
  summary:
    "A Kolmogorov-Arnold network learns a function on every edge, which is slow and hard to start. The paper " +
    "shares one rational function among a group of channels: the network costs what an ordinary one costs, and " +
    "fits a function ten times better from the same weights.",
  notReproduced:
    "ImageNet accuracies (300 epochs on eight GPUs), transfer to detection and segmentation. On digits the " +
    "training loss falls as claimed, the test accuracy does not rise.",
  presets,
  knobs: [
    { parameter: "frequency", label: "Frequency k of the target", min: 0.5, max: 3, step: 0.25 },
    {
      parameter: "groupExponent",
      label: "Groups of the hidden rationals, as a power of two",
      min: 0,
      max: 4,
      step: 1,
    },
  ],
  check: ({ frequency, groupExponent, points, steps, rows, blocks }) => {
    requireNumber("frequency", frequency, { above: 0, max: 100 });
    requireInteger("groupExponent", groupExponent, { max: 5 });
    requireInteger("points", points, { min: 1 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("rows", rows, { min: 1 });
    requireInteger("blocks", blocks, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
