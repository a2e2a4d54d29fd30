import type { Figure } from "../../lib/experiment/mod.ts";
import { precision, schedules, why } from "./figures/precision.ts";
import { fragility, published } from "./figures/fragility.ts";
import { breakdown, outliers } from "./figures/outliers.ts";
import { rates, ratesClean, ratesMany, training } from "./figures/training.ts";
import type { Row } from "./rows.ts";

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = {
  precision,
  schedules,
  why,
  fragility,
  published,
  outliers,
  training,
  breakdown,
  rates,
  ratesClean,
  ratesMany,
};
