/**
 * Exact learning of permutations (Giapitzakis, Back de Luca & Fountoulakis 2025): averages of wide networks trained on
 * one-hot inputs execute a permutation on every input, and how many networks that takes.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "permutation-learning",
  title:
    "Exact Learning of Permutations for Nonzero Binary Inputs with Logarithmic Training Size and Quadratic " +
    "Ensemble Complexity",
  paper: {
    authors: "George Giapitzakis, Artur Back de Luca, Kimon Fountoulakis",
    year: 2025,
    arxiv: "2502.16763",
    figure: "Figure 1: ensemble size and accuracy against the number of bits and of networks",
  },
  family: "Learning dynamics",
  summary:
    "A wide network sees only the k inputs with a single 1 and learns where a permutation sends each bit. The average " +
    "of enough such networks then executes the permutation exactly on every one of the 2^k − 1 nonzero inputs.",
  notReproduced:
    "The paper's own ensembles (hundreds of networks of width 50000, 10000 epochs each, on a GPU): its published " +
    "results are drawn as points instead. The formulas are derived here from the paper's setting, not copied from " +
    "its text.",
  presets,
  knobs: [{
    parameter: "exactBits",
    label: "Bits up to which every input is decoded",
    min: 2,
    max: 14,
    step: 1,
  }],
  check: ({ exactBits }) => void requireInteger("exactBits", exactBits, { min: 2, max: 20 }),
  trials,
  run,
  figures,
  claims,
});
