/**
 * OReX: a small network that refines its own estimate in several passes rebuilds a solid from what a few planes cut
 * out of it.
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
  slug: "planar-cross-sections",
  title: "OReX: Object Reconstruction from Planar Cross-sections Using Neural Fields",
  paper: {
    authors: "Haim Sawdayee, Amir Vaxman, Amit H. Bermano",
    year: 2022,
    arxiv: "2211.12886",
    figure: "reconstructions from a few planes, what each ingredient does, and the ripple of the mesh",
  },
  family: "Densities and fields",
  summary:
    "A few planes tell where they are inside of a solid and where outside, and nothing else is known. A small network " +
    "that is trained on these planes alone, nearer to the contours from level to level, fills in the solid between " +
    "them. A penalty on steep gradients keeps the mesh that is drawn from it free of a staircase.",
  notReproduced:
    "The paper's shapes, its table of errors and meshes at resolution 300. Shapes with a known truth take their place: " +
    "an annulus, a torus and the Stanford bunny. The gain from iterating is not seen at this size.",
  presets,
  knobs: [
    { parameter: "lines", label: "Lines through the annulus", min: 4, max: 30, step: 1 },
    { parameter: "passes", label: "Passes T of the network", min: 1, max: 10, step: 1 },
    { parameter: "slope", label: "Slope k of the saturating field", min: 1, max: 50, step: 1 },
  ],
  check: ({ lines, passes, slope, steps, batch, torusBatch, epochs }) => {
    requireInteger("lines", lines, { min: 1, max: 1000 });
    requireInteger("passes", passes, { min: 1, max: 64 });
    requireNumber("slope", slope, { above: 0 });
    requireInteger("steps", steps, { min: 6 });
    requireInteger("batch", batch, { min: 1 });
    requireInteger("torusBatch", torusBatch, { min: 1 });
    if (epochs.length !== 6) throw new RangeError(`\`epochs\` must have 6 entries, got ${epochs.length}`);
    epochs.forEach((count, k) => requireInteger(`epochs[${k}]`, count));
  },
  trials,
  run,
  figures,
  claims,
});
