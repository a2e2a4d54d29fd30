/**
 * Retrieval-augmented diffusion: a small network draws what it finds in a database, and another database,
 * swapped in after training, makes it draw something else.
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
  slug: "semi-parametric-synthesis",
  title: "Semi-Parametric Neural Image Synthesis",
  paper: {
    authors: "Andreas Blattmann, Robin Rombach, Kaan Oktay, Jonas Müller, Björn Ommer",
    year: 2022,
    arxiv: "2204.11824",
    figure: "samples after another database is swapped in; Table 2: quality against the number of weights",
  },
  family: "Densities and fields",
  summary: "A generative model need not store its training set in its weights. Here a small network sees, " +
    "while it removes " +
    "noise, the four nearest entries of a database of handwritten digits. The database gives the " +
    "content, the network " +
    "composes it. Replace the database after training, and the same weights draw digits that they have " +
    "never seen.",
  notReproduced:
    "Photographs: ImageNet, OpenImages and faces, CLIP as the embedding, prompts in words, the " +
    "autoencoder and the " +
    "400 million weights. Digits of 8 × 8 pixels take their place, pixels are the embedding.",
  presets,
  knobs: [
    { parameter: "guidance", label: "Guidance s, sampling only", min: 0.5, max: 3, step: 0.1 },
    { parameter: "m", label: "Share m of the old database that is sampled", min: 0.02, max: 1, step: 0.02 },
    { parameter: "entries", label: "Entries per class in the new database", min: 1, max: 80, step: 1 },
  ],
  check: ({ guidance, m, entries, steps, signalSteps, count, neighbors }) => {
    requireNumber("guidance", guidance);
    requireNumber("m", m, { above: 0, max: 1 });
    requireInteger("entries", entries, { min: 1 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("signalSteps", signalSteps, { min: 1 });
    requireInteger("count", count, { min: 20 });
    for (const k of neighbors) requireInteger("neighbors", k, { min: 1, max: 64 });
  },
  trials,
  run,
  figures,
  claims,
});
