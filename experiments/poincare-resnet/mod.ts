/**
 * Poincaré ResNet (van Spengler, Berkhout & Mettes 2023): deep networks in hyperbolic space, which the usual
 * start lets collapse to the origin and an identity start does not; batch normalization by a closed-form
 * midpoint.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { ballLayer } from "./depth.ts";
export { type MeansTime, meansTimes } from "./timing.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "poincare-resnet",
  title: "Poincaré ResNet",
  paper: {
    authors: "Max van Spengler, Erwin Berkhout, Pascal Mettes",
    year: 2023,
    arxiv: "2303.14027",
    figure:
      "Feature norm against depth for two initializations; batch normalization by midpoint and Fréchet mean",
  },
  family: "Network architectures",
  summary:
    "Networks whose features live in hyperbolic space lose them with depth: the usual initialization " +
    "halves norms again and again until nothing is left. Starting every layer as the identity map keeps " +
    "them exactly, and a closed-form midpoint makes batch normalization cheap. Together they make a " +
    "residual network that is hyperbolic throughout.",
  notReproduced:
    "Accuracies, out-of-distribution detection and adversarial robustness on CIFAR-10 and CIFAR-100 " +
    "(100 to 500 epochs on a GPU). Training is shown on 8 x 8 digits.",
  presets,
  knobs: [
    { parameter: "rho", label: "Tangent norm ρ of the features", min: 0.1, max: 3, step: 0.1 },
    { parameter: "c", label: "Curvature c", min: 0.01, max: 4, step: 0.01 },
    { parameter: "learningRate", label: "Learning rate", min: 0.0005, max: 0.02, step: 0.0005 },
  ],
  check: ({ c, rho, depth, learningRate, directions }) => {
    requireNumber("c", c, { above: 0 });
    requireNumber("rho", rho, { above: 0 });
    requireNumber("learningRate", learningRate, { above: 0 });
    requireInteger("depth", depth, { min: 20 });
    requireInteger("directions", directions, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
