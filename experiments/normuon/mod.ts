/**
 * NorMuon (Li, Liu, Liang, Chen & Zhao 2025): Muon makes the singular values of an update equal but not its neurons; one
 * running mean square per neuron does both.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { type Method, METHODS, type Setting } from "./methods.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "normuon",
  title: "NorMuon: Making Muon more efficient and scalable",
  paper: {
    authors: "Zichong Li, Liming Liu, Chen Liang, Weizhu Chen, Tuo Zhao",
    year: 2025,
    arxiv: "2510.05491",
    figure: "Figure 1: singular values and per-neuron norms of the update, for SGD, Adam, Muon and NorMuon",
  },
  family: "Optimizers",
  summary:
    "Muon makes every direction of a weight matrix's update equally strong, yet some neurons still move much further " +
    "than others. NorMuon divides each neuron's update by a running mean of its size: one number per neuron makes the " +
    "update even both ways.",
  notReproduced:
    "The steps saved on language models of 124 million to 5.4 billion parameters, and the distributed implementation.",
  presets,
  knobs: [{ parameter: "beta2", label: "Decay of the second moments β₂", min: 0, max: 0.999, step: 0.001 }],
  check: ({ beta2, width }) => {
    requireNumber("beta2", beta2, { min: 0, below: 1 });
    requireInteger("width", width, { min: 64 });
  },
  trials,
  run,
  figures,
  claims,
});
