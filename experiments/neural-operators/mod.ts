/**
 * Neural operators: a network that is trained on one grid and used on any, by reading its convolutions as
 * integrals.
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
  slug: "neural-operators",
  title: "Principled Approaches for Extending Neural Architectures to Function Spaces for Operator Learning",
  paper: {
    authors:
      "Julius Berner, Miguel Liu-Schiaffini, Jean Kossaifi, Valentin Duruisseaux, Boris Bonev, Kamyar " +
      "Azizzadenesheli, Anima Anandkumar",
    year: 2025,
    arxiv: "2506.10973",
    figure: "Figure 5: test error against test resolution, training at one resolution",
  },
  family: "Operators, solvers, samples",
  summary:
    "A network that predicts how a fluid moves is trained on values at grid points. On a finer grid a " +
    "plain convolutional network fails completely, because its filters see a smaller part of the world. If " +
    "the filters are read as values of a function that is integrated, the same weights work on every grid.",
  notReproduced:
    "The paper's two-dimensional Navier-Stokes data and its transformers; no error of its figures could be " +
    "read. A one-dimensional equation, for which every layer's law can be checked, takes their place.",
  presets,
  knobs: [
    { parameter: "viscosity", label: "Viscosity ν", min: 0.005, max: 0.05, step: 0.005 },
    { parameter: "taps", label: "Taps of a convolution", min: 3, max: 15, step: 2 },
    { parameter: "modes", label: "Modes of a spectral convolution", min: 4, max: 24, step: 1 },
    { parameter: "steps", label: "Steps of training", min: 50, max: 1000, step: 50 },
  ],
  check: ({ viscosity, taps, modes, steps, functions, batch, testFunctions, solverPoints, solverSteps }) => {
    requireNumber("viscosity", viscosity, { above: 0 });
    requireInteger("taps", taps, { min: 1 });
    if (taps % 2 === 0) throw new RangeError(`\`taps\` must be odd, got ${taps}`);
    requireInteger("modes", modes, { min: 1 });
    requireInteger("steps", steps, { min: 1 });
    requireInteger("functions", functions, { min: 1 });
    requireInteger("batch", batch, { min: 1, max: functions });
    requireInteger("testFunctions", testFunctions, { min: 1 });
    requireInteger("solverPoints", solverPoints, { min: 32 });
    requireInteger("solverSteps", solverSteps, { min: 2 });
  },
  trials,
  run,
  figures,
  claims,
});
