/**
 * OLinear (Yue et al. 2025): series are forecast by linear layers in the eigenbasis of their own temporal correlation.
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
  slug: "olinear",
  title: "OLinear: a linear model for time series forecasting in orthogonally transformed domain",
  paper: {
    authors: "Wenzhen Yue, Yong Liu, Haoxuan Li, Hao Wang, Xianghua Ying, Ruohao Guo, Bowei Xing, Ji Shi",
    year: 2025,
    arxiv: "2505.08550",
    figure: "The correlation matrix before and after the transform; the ablations of OrthoTrans and NormLin",
  },
  family: "Features and data",
  summary:
    "A forecaster sees a window in the eigenbasis of the window's own correlation matrix, where the coefficients are " +
    "uncorrelated. For a linear model this changes nothing under gradient descent and much under Adam: it gains on " +
    "smooth series and loses on noisy ones. A learned matrix of positive weights replaces attention between series.",
  notReproduced:
    "The 24 benchmarks of the paper with its 140 tasks (downloads, and days on a GPU). Their numbers are shown beside " +
    "small real series and a synthetic panel.",
  presets,
  knobs: [
    { parameter: "rho", label: "Correlation ρ of neighbours in the process", min: 0, max: 0.99, step: 0.01 },
    { parameter: "keep", label: "Coefficients kept of a window", min: 1, max: 48, step: 1 },
    { parameter: "noise", label: "Noise of the panel", min: 0, max: 1, step: 0.05 },
  ],
  check: ({ rho, keep, noise, learningRates, variates, size }) => {
    requireNumber("rho", rho, { min: 0, below: 1 });
    requireInteger("keep", keep, { min: 1, max: 48 });
    requireNumber("noise", noise, { min: 0, max: 10 });
    for (const rate of learningRates) requireNumber("learningRates", rate, { above: 0 });
    for (const n of variates) requireInteger("variates", n, { min: 1, max: 1000 });
    for (const n of Object.values(size)) requireInteger("size", n, { min: 1, max: 4096 });
  },
  trials,
  run,
  figures,
  claims,
});
