/**
 * The top eigenvector of a stream in random order (Kacham & Woodruff 2024): memory for the heavy rows decides, and
 * Oja's rule fails at every learning rate.
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
  slug: "random-order-eigenvector",
  title: "Approximating the Top Eigenvector in Random Order Streams",
  paper: {
    authors: "Praneeth Kacham, David P. Woodruff",
    year: 2024,
    arxiv: "2412.11963",
    figure: "Theorems (the paper has no figures): error against memory, Oja's rule against its learning rate",
  },
  family: "Matrix recovery and streams",
  summary:
    "The rows of a matrix are seen once, in random order, and its top eigenvector is wanted with little memory. " +
    "Storing the few rows that are much longer than the others and power iteration on the rest find it. With room for " +
    "one of them too few they do not, and Oja's classical rule does not at any learning rate.",
  notReproduced:
    "Bit complexity, the polylogarithmic constants and the proof of the lower bound, of which only the extremal " +
    "instance is run. The algorithm is a reconstruction in the paper's model; its constants are ours.",
  presets,
  check: ({ budgets, dimensions, heavies, starts, rows, d }) => {
    for (const budget of budgets) requireInteger("budgets", budget, { min: 0 });
    for (const heavy of heavies) requireInteger("heavies", heavy, { min: 2 });
    for (const dimension of dimensions) {
      requireInteger("dimensions", dimension, { min: Math.max(...heavies) + 2 });
    }
    requireInteger("starts", starts, { min: 2 });
    requireInteger("d", d, { min: 2 });
    requireInteger("rows", rows, { min: 100 });
  },
  trials,
  run,
  figures,
  claims,
});
