/**
 * How over-parameterization slows down gradient descent in matrix sensing (Xiong, Ding & Du 2023): three ways of
 * descending to the same low-rank matrix, with infinitely many measurements and with few.
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
  slug: "matrix-sensing-overparam",
  title:
    "How Over-Parameterization Slows Down Gradient Descent in Matrix Sensing: The Curses of Symmetry and " +
    "Initialization",
  paper: {
    authors: "Nuoya Xiong, Lijun Ding, Simon S. Du",
    year: 2023,
    arxiv: "2310.01769",
    figure: "Figures 1 and 2: error against steps, symmetric, asymmetric and rebalanced",
  },
  family: "Matrix recovery and streams",
  summary:
    "A low-rank matrix is recovered from measurements by gradient descent on a factored guess. With more columns than " +
    "needed, the symmetric guess slows down from exponential to 1/t. Two factors that start at different scales are " +
    "exponential again, and one rebalancing near the solution makes the speed forget the start.",
  notReproduced:
    "The constants of the sample complexity in the proofs, and large n. The paper's own number of measurements, width " +
    "and step size are not public; the protocol fixes them.",
  presets,
  knobs: [{ parameter: "ratio", label: "‖G₀‖ / ‖F₀‖ of the start", min: 0.1, max: 1, step: 0.05 }],
  check: ({ widths, scales, rebalancedScales, ratio }) => {
    for (const k of widths) requireInteger("widths", k, { min: 3, max: 50 });
    for (const alpha of [...scales, ...rebalancedScales]) requireNumber("scales", alpha, { above: 0 });
    requireNumber("ratio", ratio, { above: 0 });
  },
  trials,
  run,
  figures,
  claims,
});
