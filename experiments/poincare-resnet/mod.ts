/**
 * One sentence: what the paper shows.
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
  slug: "poincare-resnet",
  title: "The Paper's Title",
  paper: { authors: "First Author, Second Author", year: 2026, arxiv: "0000.00000", figure: "Figure 1: ..." },
  family: "Learning dynamics",
  summary: "What the paper found, in two or three plain sentences for somebody who does not know the field.",
  notReproduced: "What of the paper this does not show.",
  presets,
  knobs: [{ parameter: "throws", label: "Throws per seed", min: 100, max: 100_000, step: 100 }],
  check: ({ throws }) => void requireInteger("throws", throws, { min: 1 }),
  trials,
  run,
  figures,
  claims,
});
