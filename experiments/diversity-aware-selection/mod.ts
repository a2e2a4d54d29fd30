/**
 * Choosing training documents along decorrelated quality scores (He et al. 2025, ODiS), exactly for normal
 * scores and on real text with a small language model.
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
  slug: "diversity-aware-selection",
  title: "Learning from the Best, Differently: A Diversity-Driven Rethinking on Data Selection",
  paper: {
    authors:
      "Hongyi He, Xiao Liu, Zhenghao Lin, Mingni Tang, Yi Cheng, Jintao Wang, Wenjie Li, Peng Cheng, " +
      "Yeyun Gong",
    year: 2025,
    arxiv: "2510.18909",
    figure: "Table 1 and Figure 3a: selections compared, and the number of directions",
  },
  family: "Features and data",
  summary:
    "Quality scores of documents are correlated, so the top by one of them, or by their mean, is much " +
    "alike. ODiS takes the top along each principal direction of the scores. For normal scores the gain in " +
    "diversity is a closed form; on real text, with measured scores and a bigram model, one direction is " +
    "worst and ODiS is ahead of the top by the average, but random documents beat both.",
  notReproduced:
    "Scores by a large language model, and models of 1.5 billion parameters trained on 100 billion tokens. " +
    "The paper's body and its tables were not available.",
  presets,
  knobs: [
    { parameter: "budget", label: "Passages selected", min: 20, max: 300, step: 4 },
    {
      parameter: "jointThreshold",
      label: "Quantile of the mean to reach",
      min: 0,
      max: 0.7,
      step: 0.1,
    },
    { parameter: "clip", label: "Quantile at which scores are clipped", min: 0, max: 0.05, step: 0.005 },
    { parameter: "rho", label: "Correlation ρ of normal scores", min: 0, max: 0.95, step: 0.05 },
  ],
  check: ({ documents, rho, budget, jointThreshold, clip }) => {
    requireInteger("documents", documents, { min: 1000 });
    requireNumber("rho", rho, { min: 0, max: 0.95 });
    requireInteger("budget", budget, { min: 1, max: 300 });
    requireNumber("jointThreshold", jointThreshold, { min: 0, max: 0.7 });
    requireNumber("clip", clip, { min: 0, max: 0.05 });
  },
  trials,
  run,
  figures,
  claims,
});
