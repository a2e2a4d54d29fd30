/**
 * The spectral bottleneck: a network of sines that starts without energy at the target's frequencies learns
 * nothing, and noise on two layers' weights removes that.
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
  slug: "spectral-bottleneck",
  title: "Spectral Bottleneck in Sinusoidal Representation Networks: Noise is All You Need",
  paper: {
    authors: "Hemanth Chandravamsi, Dhanush V. Shenoy, Itay Zinn, Ziv Chen, Shimon Pisnoy, Steven H. Frankel",
    year: 2025,
    arxiv: "2509.09719",
    figure: "fits against the frequency of the target; activation spectra and tangent kernel at the start",
  },
  family: "Network architectures",
  summary:
    "A network of sines can store a sound or an image in its weights. If the signal has only frequencies that the " +
    "network does not start with, training ends at silence, although the network could represent it. Noise on the " +
    "weights of the first two layers, measured out by the signal's spectrum, is enough to make it work.",
  notReproduced:
    "The tables over the authors' recordings and photographs, with networks of 150,000 parameters. Synthetic bands " +
    "of noise, scaled to the length of the signal, take their place.",
  presets,
  knobs: [
    { parameter: "center", label: "Centre f of the target's band", min: 0.05, max: 0.9, step: 0.05 },
    { parameter: "s0Factor", label: "Factor on the first layer's noise s₀", min: 0, max: 3, step: 0.1 },
    { parameter: "s1Factor", label: "Factor on the second layer's noise s₁", min: 0, max: 2, step: 0.1 },
    { parameter: "width", label: "Neurons per layer", min: 16, max: 48, step: 2 },
  ],
  check: ({ center, s0Factor, s1Factor, width, samples, steps, kernelSize }) => {
    requireNumber("center", center, { min: 0, max: 1 });
    requireNumber("s0Factor", s0Factor, { min: 0 });
    requireNumber("s1Factor", s1Factor, { min: 0 });
    requireInteger("width", width, { min: 2 });
    requireInteger("samples", samples, { min: 64 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("kernelSize", kernelSize, { min: 256 });
  },
  trials,
  run,
  figures,
  claims,
});
