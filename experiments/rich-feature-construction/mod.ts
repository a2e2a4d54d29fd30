/**
 * Rich features (Zhang, Lopez-Paz & Bottou 2022): penalties for invariance need a start that already has all
 * useful features.
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
  slug: "rich-feature-construction",
  title: "Rich Feature Construction for the Optimization-Generalization Dilemma",
  paper: {
    authors: "Jianyu Zhang, David Lopez-Paz, Léon Bottou",
    year: 2022,
    arxiv: "2203.15516",
    figure: "Table 1: out-of-distribution accuracy on ColoredMNIST; the figure of accuracy against epochs",
  },
  family: "Features and data",
  summary:
    "Penalties that make a network ignore a misleading feature cannot be optimized from a random start " +
    "when they are strong, and do not work when they are weak. If the network first learns all features that " +
    "predict the label, one round after the other, the same penalties work.",
  notReproduced:
    "The penalties IGA, Fishr and CLOvE, the method PI, Camelyon17, and the official sizes: 4000 images of " +
    "7 x 7 pixels and 48 hidden units stand for 50 000 images of 14 x 14 pixels and 390.",
  presets,
  knobs: [
    { parameter: "lambda", label: "Weight λ of the penalty", min: 10, max: 1e6, step: 10 },
    { parameter: "e1", label: "Color flip of environment 1", min: 0.05, max: 0.5, step: 0.05 },
    { parameter: "e2", label: "Color flip of environment 2", min: 0.05, max: 0.5, step: 0.05 },
    { parameter: "discovery", label: "Steps of the second round", min: 0, max: 300, step: 10 },
  ],
  check: ({ lambda, e1, e2, discovery, train }) => {
    requireNumber("lambda", lambda, { min: 0 });
    for (const [name, flip] of Object.entries({ e1, e2 })) requireNumber(name, flip, { above: 0, below: 1 });
    requireInteger("discovery", discovery);
    requireInteger("train", train, { min: 2, max: 50_000 });
  },
  trials,
  run,
  figures,
  claims,
});
