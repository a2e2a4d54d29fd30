/**
 * Unsupervised pretraining (Ge, Tang, Fan & Jin 2024): with a model of the inputs from unlabeled data, labels pay for
 * the head only.
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
  slug: "unsupervised-pretraining",
  title: "On the Provable Advantage of Unsupervised Pretraining",
  paper: {
    authors: "Jiawei Ge, Shange Tang, Jianqing Fan, Chi Jin",
    year: 2024,
    arxiv: "2303.01566",
    figure: "The comparison of rates: √(C_Φ/m) + √(C_Ψ/n) against √(C_ΦΨ/n), as measured excess risks",
  },
  family: "Features and data",
  summary:
    "A model of the inputs is fitted to many unlabeled ones; then a small head to a few labeled ones. If the inputs " +
    "say enough about the latent variable that the target depends on, labels pay for the head only: with 60 " +
    "entries and 4 factors a hundred labels do what fifteen hundred do without pretraining.",
  notReproduced:
    "The paper has no experiment: its theorems are upper bounds, and their constants were not available. What is " +
    "shown is the estimator of its section 4 on its factor model, against exact formulas, and that of section 5 on " +
    "its mixture. Contrastive learning, its third case, is not included.",
  presets,
  knobs: [
    { parameter: "strength", label: "Squared singular value of the loadings", min: 0.2, max: 10, step: 0.2 },
    { parameter: "r", label: "Factors r", min: 1, max: 12, step: 1 },
  ],
  check: ({ d, r, strength, noise, ms, mixtureInputs }) => {
    requireInteger("d", d, { min: 2 });
    requireInteger("r", r, { min: 1, max: d });
    requireNumber("strength", strength, { above: 0 });
    requireNumber("noise", noise, { min: 0 });
    for (const m of ms) requireInteger("ms", m, { min: d });
    requireInteger("mixtureInputs", mixtureInputs, { min: 8 });
  },
  trials,
  run,
  figures,
  claims,
});
