/**
 * The optimizers of this project side by side on one real task: a small Transformer learns to write Moby-Dick,
 * character by character.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { contestantNamed } from "./optimizers.ts";
import { label, presets, run, trials } from "./trials.ts";

export { againstSeconds } from "./figures.ts";
export { stepMilliseconds } from "./timing.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "character-transformer",
  title:
    "One Transformer, nine optimizers: Muon, ROOT, NorMuon, AuON, Trion and their baselines on real text",
  paper: {
    authors:
      "Keller Jordan et al.; Wei He et al.; Zichong Li et al.; Dipan Maity; Ionut-Vlad Modoranu et al.",
    year: 2025,
    figure: "Loss against steps and seconds (of all five papers, at laptop scale)",
  },
  family: "Optimizers",
  summary:
    "Nine optimizers train the same small language model on the same text, each at its own best learning rate. Those " +
    "that orthogonalize the momentum of whole matrices learn most in equal steps; those that only rescale it, or keep " +
    "a quarter of its rank, stay near plain descent.",
  notReproduced:
    "Language models of 100 million to 5 billion parameters: what a model of 100 thousand on 81 thousand characters " +
    "shows may be otherwise there.",
  presets,
  knobs: [{ parameter: "steps", label: "Steps per run", min: 40, max: 720, step: 20 }],
  check: ({ optimizers, steps, ratios }) => {
    for (const name of optimizers) contestantNamed(name);
    requireInteger("steps", steps, { min: 1 });
    if (!ratios.every((ratio) => ratio > 0)) {
      throw new RangeError(`\`ratios\` must be positive, got ${ratios}`);
    }
  },
  trials,
  run,
  label,
  figures,
  claims,
});
