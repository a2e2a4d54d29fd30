/**
 * LoGAH (Zhou, Knyazev, Jolicoeur-Martineau & Fu 2024): a small network predicts the weights of large ones, as
 * products of two thin factors.
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
  slug: "logah",
  title:
    "LoGAH: Predicting 774-Million-Parameter Transformers using Graph HyperNetworks with 1/100 Parameters",
  paper: {
    authors: "Xinyu Zhou, Boris Knyazev, Alexia Jolicoeur-Martineau, Jie Fu",
    year: 2024,
    arxiv: "2405.16287",
    figure: "Figure 1a: parameters of the hypernetwork against the largest width; Table 2 in small",
  },
  family: "Hypernetworks",
  summary:
    "A graph hypernetwork reads the plan of a network and predicts all of its weights. If it predicts two thin " +
    "factors in the place of a tile that is copied, 2.5 million parameters reach networks of 774 million, and " +
    "no two units of a wide layer are the same.",
  notReproduced:
    "Vision transformers on CIFAR and ImageNet and GPT-2 on WikiText: parameters are counted at full size, but " +
    "what is trained are perceptrons on 7 x 7 digits, with hypernetworks of a quarter million parameters. That a " +
    "predicted start ends higher than a random one is not seen at this size.",
  presets,
  knobs: [
    { parameter: "rank", label: "Rank r of predicted weights", min: 1, max: 32, step: 1 },
    { parameter: "width", label: "Width of the networks that are fine-tuned", min: 32, max: 256, step: 32 },
    { parameter: "steps", label: "Steps of the hypernetwork's training", min: 10, max: 1500, step: 10 },
  ],
  check: ({ rank, width, widths, steps, maxSize, rates, orders }) => {
    requireInteger("rank", rank, { min: 1 });
    requireInteger("steps", steps, { min: 2 });
    requireInteger("orders", orders, { min: 1 });
    // A bias is half of a column of two numbers for each channel.
    for (const size of [width, ...widths]) {
      requireInteger("width", size, { min: 1, max: Math.floor(maxSize / 2) });
    }
    for (const rate of rates) requireNumber("rates", rate, { above: 0 });
  },
  trials,
  run,
  figures,
  claims,
});
