import type { Figure } from "../../lib/experiment/mod.ts";
import { batches, best, learningRates, noise, steps } from "./figures_digits.ts";
import { memoryRates, rareDirections, rareFacts, ripple, rotation } from "./figures_memory.ts";
import { scalarMap, shapes, spectra } from "./figures_scalars.ts";
import type { Row } from "./rows.ts";

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
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
