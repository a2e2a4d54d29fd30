/**
 * Robust matrix recovery by the sub-gradient method from a small start (Ma & Fattahi 2022): the rank need not be known,
 * and many measurements may be arbitrarily wrong.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { D } from "./rows.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "robust-matrix-subgradient",
  title:
    "Global Convergence of Sub-gradient Method for Robust Matrix Recovery: Small Initialization, Noisy Measurements, and Over-parameterization",
  paper: {
    authors: "Jianhao Ma, Salar Fattahi",
    year: 2022,
    arxiv: "2202.08788",
    figure: "Figure 1: error against steps for several starts and numbers of columns",
  },
  family: "Matrix recovery and streams",
  summary:
    "A low-rank matrix is recovered from measurements of which many are arbitrarily wrong, without knowing its rank. " +
    "Plain sub-gradient descent on the absolute residuals of a factored guess does it if it starts close to zero: the " +
    "target grows first, and the columns that are too many have no time to.",
  notReproduced:
    "The constants of the theorems, and the paper's own sizes, which are not public; the protocol fixes 20 × 20 matrices of rank 2.",
  presets,
  knobs: [{ parameter: "probability", label: "Share of wrong measurements", min: 0, max: 0.5, step: 0.05 }],
  check: ({ probability, std, scales, widths }) => {
    requireNumber("probability", probability, { min: 0, below: 1 });
    requireNumber("std", std, { above: 0 });
    for (const alpha of scales) requireNumber("scales", alpha, { above: 0 });
    for (const k of widths) requireInteger("widths", k, { min: 2, max: D });
  },
  trials,
  run,
  figures,
  claims,
});
