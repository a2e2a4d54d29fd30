/** AdamW under the names by which the caller gave its options. Not public. */
import { requireNumber } from "../arrays/mod.ts";
import { type AdamWOptions, scaleByAdam } from "./adam.ts";
import { requireAdam } from "./checks.ts";
import { addDecayedWeights } from "./scale.ts";
import { scaleBySchedule } from "./scale_by_schedule.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** AdamW from options whose names are known to be right. @param prefix For messages, such as "others.". */
export function adamwChain(options: AdamWOptions, prefix = ""): GradientTransformation {
  const { learningRate = 1e-3, weightDecay = 0, ...adam } = options;
  requireNumber(`${prefix}weightDecay`, weightDecay, { min: 0 });
  return chain(
    scaleByAdam(requireAdam(adam, prefix)),
    addDecayedWeights(weightDecay),
    scaleBySchedule(`${prefix}learningRate`, learningRate),
  );
}
