/**
 * ROOT: Newton-Schulz coefficients made for each shape, and outliers clipped before orthogonalization (He et
 * al. 2025), on digits.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { predictedInflation } from "./outliers.ts";
export type { Row } from "./rows.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "root",
  title: "ROOT: Robust Orthogonalized Optimizer for Neural Network Training",
  paper: {
    authors: "Wei He, Kai Han, Hang Zhou, Hanting Chen, Zhicheng Liu, Xinghao Chen, Yunhe Wang",
    year: 2025,
    arxiv: "2511.20626",
    figure:
      "Decomposition precision: relative orthogonalization error against training step, a panel for each layer",
  },
  family: "Optimizers",
  summary:
    "Muon orthogonalizes the momentum with one polynomial for all shapes of matrices, and passes outliers on. ROOT " +
    "fits the polynomial's coefficients to each shape and clips the largest entries first, so that the update is " +
    "more precise and a few wild gradient entries no longer decide its direction.",
  notReproduced:
    "Losses and benchmark tables of billion-parameter language models. The paper's calibration is not public; ours " +
    "is exact for a given set of spectra, on momenta of a small network.",
  presets,
  knobs: [
    { parameter: "steps", label: "Training steps", min: 40, max: 400, step: 20 },
    { parameter: "matrices", label: "Draws of outliers", min: 1, max: 100, step: 1 },
  ],
  check: ({ steps, pairs }) => {
    requireInteger("pairs", pairs, { min: 1 });
    requireInteger("steps", steps, { min: 20 });
    if (steps % 20 !== 0) throw new RangeError(`\`steps\` must be a multiple of 20, got ${steps}`);
  },
  trials,
  run,
  figures,
  claims,
});
