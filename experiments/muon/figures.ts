/** Figures, the key one first. */
import { memoryRates, rareDirections, rareFacts, ripple, rotation } from "./memory_figures.ts";
import { scalarMap, shapes, spectra } from "./polynomial_figures.ts";
import { batches, best, learningRates, noise, steps } from "./digits_figures.ts";

export const figures = {
  rareDirections,
  rareFacts,
  memoryRates,
  rotation,
  ripple,
  scalarMap,
  spectra,
  shapes,
  learningRates,
  best,
  steps,
  batches,
  noise,
};
