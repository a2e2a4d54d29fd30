/**
 * SVD-free low-rank adaptive gradient optimization (Modoranu et al. 2025): a fixed cosine basis, of which
 * each step takes the few columns that fit the gradient best, in place of singular vectors.
 *
 * @module
 */
import { requireInteger, requireNumber } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { COLUMNS } from "./rows.ts";
import { presets, run, trials } from "./trials.ts";

export { smoothRows } from "./projections.ts";
export type { Row } from "./rows.ts";
export { expectedError } from "./theory.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "svd-free-dct",
  title: "SVD-Free Low-Rank Adaptive Gradient Optimization for Large Language Models",
  paper: {
    authors: "Ionut-Vlad Modoranu, Mher Safaryan, Erik Schultheis, Dan Alistarh",
    year: 2025,
    arxiv: "2505.17967",
    figure: "Projection error of selected DCT columns against the SVD, over ranks",
  },
  family: "Optimizers",
  summary:
    "Low-rank optimizers save memory: they keep Adam's averages only for a few directions of each layer, " +
    "and find these by a costly singular value decomposition. A fixed set of cosines, of which each step " +
    "takes those that fit the gradient best, does nearly as well where the data are smooth.",
  notReproduced:
    "Perplexities and memory of language models with 350 million to 1.3 billion parameters. The order of " +
    "Trion and Dion is not the paper's at this scale.",
  presets,
  knobs: [
    { parameter: "correlation", label: "Correlation of neighbours ρ", min: 0, max: 0.99, step: 0.01 },
  ],
  check: ({ correlation, ranks, steps, boostSteps }) => {
    requireNumber("correlation", correlation, { min: 0, below: 1 });
    ranks.forEach((rank, i) => requireInteger(`ranks[${i}]`, rank, { min: 1, max: COLUMNS }));
    requireInteger("steps", steps, { min: 5 });
    requireInteger("boostSteps", boostSteps, { min: 1 });
  },
  trials,
  run,
  figures,
  claims,
});
