/**
 * Householder projector (Song, Zhang, Sebe & Wang 2023): projections of a generator with r equal singular
 * values give r directions of equal strength; what that buys, and what it does not.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { LATENTS } from "./decoder.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

export { Autoencoder } from "./autoencoder.ts";
export { blobs, readAttributes } from "./blobs.ts";
export { releasedStart } from "./released_start.ts";
export { varimax } from "./varimax.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "householder-projector",
  title: "Householder Projector for Unsupervised Latent Semantics Discovery",
  paper: {
    authors: "Yue Song, Jichao Zhang, Nicu Sebe, Wei Wang",
    year: 2023,
    arxiv: "2307.08012",
    figure:
      "Spectrum and responses of projections; path length along directions (PIPL); error after fine-tuning",
  },
  family: "Network architectures",
  summary:
    "Generators such as StyleGAN2 turn a latent vector into styles by matrices whose singular vectors are " +
    "used as edit directions; some act strongly and mix attributes, most do nothing. Building these " +
    "matrices from Householder reflections gives a chosen number of orthogonal directions with exactly " +
    "equal strength, after a short fine-tuning.",
  notReproduced:
    "StyleGAN2 and StyleGAN3, FID and LPIPS. A small autoencoder with the same modulated layers shows " +
    "equal strength, control of the rank and the value of the start; that directions become more precise " +
    "it does not show.",
  presets,
  knobs: [
    { parameter: "rank", label: "Rank r", min: 1, max: LATENTS, step: 1 },
    { parameter: "fineTuneSteps", label: "Steps of the fine-tuning", min: 0, max: 400, step: 10 },
  ],
  check: ({ rank, otherRanks, steps, fineTuneSteps }) => {
    for (const value of [rank, ...otherRanks]) requireInteger("rank", value, { min: 1, max: LATENTS });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("fineTuneSteps", fineTuneSteps);
  },
  trials,
  run,
  figures,
  claims,
});
