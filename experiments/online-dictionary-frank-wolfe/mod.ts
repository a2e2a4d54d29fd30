/**
 * Online orthogonal dictionary learning by Frank-Wolfe (Xue & Lau 2021): convergence against its baselines,
 * the law of its noise, and real sensor windows.
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
  slug: "online-dictionary-frank-wolfe",
  title: "Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method",
  paper: {
    authors: "Ye Xue, Vincent K. N. Lau",
    year: 2021,
    arxiv: "2103.01484",
    figure: "Convergence figure: dictionary error against iterations, with batches of 1 and 10",
  },
  family: "Matrix recovery and streams",
  summary:
    "Samples are sparse in an unknown orthogonal basis. A stochastic Frank–Wolfe method finds the basis " +
    "from a stream, one sample or a small batch at a time, in memory for two matrices; step sizes for " +
    "non-convex problems make it fast, and its late error is known before the run.",
  notReproduced:
    "The paper's own sensor data and its table of run times; averages over 100 runs (8 and 16 here). " +
    "Alternating minimization codes by coordinate descent without intercept instead of scikit-learn's LassoLars.",
  presets,
  knobs: [{ parameter: "theta", label: "Share of nonzero entries θ", min: 0.1, max: 0.7, step: 0.05 }],
  check: ({ batches, theta, lambdas, sizes, steps, lawSteps }) => {
    for (const batch of batches) requireInteger("batches", batch, { min: 1 });
    requireNumber("theta", theta, { above: 0, max: 1 });
    for (const lambda of lambdas) requireNumber("lambdas", lambda, { above: 0 });
    for (const n of sizes) requireInteger("sizes", n, { min: 2 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("lawSteps", lawSteps, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
