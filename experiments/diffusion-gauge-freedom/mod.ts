/**
 * Gauge freedom of diffusion models (Horvat & Pfister 2024): the learned field need not be a gradient to sample
 * exactly, but what it tells about the data's dimension depends on it.
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
  slug: "diffusion-gauge-freedom",
  title: "On gauge freedom, conservativity and intrinsic dimensionality estimation in diffusion models",
  paper: {
    authors: "Christian Horvat, Jean-Pascal Pfister",
    year: 2024,
    arxiv: "2402.03845",
    figure: "Figure 5: singular values of the reverse flow on a sphere and a Swiss roll, conservative or not",
  },
  family: "Densities and fields",
  summary:
    "The vector field of a diffusion model need not be a gradient. It may contain a gauge field, which moves points " +
    "but no density: samples and likelihoods stay exact, at the price of more solver steps. What the flow tells " +
    "about the shape of the data does change, and a network that fits badly reports a wrong dimension.",
  notReproduced:
    "The paper's networks, their training budgets, and images. Figure 5 is curves without a table; " +
    "true and ambient dimension stand beside ours.",
  presets,
  knobs: [
    { parameter: "omega", label: "Strength of the gauge ω", min: 0, max: 20, step: 0.5 },
    {
      parameter: "heunSteps",
      label: "Steps of Heun's method for the wrong fields",
      min: 16,
      max: 512,
      step: 16,
    },
    {
      parameter: "delta",
      label: "Relative error δ of the conservative field",
      min: -0.3,
      max: 0.3,
      step: 0.05,
    },
  ],
  check: ({ omega, heunSteps, delta, samples, seeds, stepCounts, omegas, windowPoints }) => {
    requireNumber("omega", omega, { min: 0, max: 100 });
    requireNumber("delta", delta, { above: -1, max: 10 });
    for (const steps of [heunSteps, ...stepCounts]) {
      requireInteger("heunSteps", steps, { min: 1, max: 100_000 });
    }
    for (const strength of omegas) requireNumber("omegas", strength, { min: 0, max: 100 });
    requireInteger("samples", samples, { min: 1, max: 100_000 });
    requireInteger("seeds", seeds, { min: 1 });
    requireInteger("windowPoints", windowPoints, { max: 100_000 });
  },
  trials,
  run,
  figures,
  claims,
});
