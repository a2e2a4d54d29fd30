/** The learning rate under the name by which the caller gave it. Not public. */
import { requireNumber } from "../arrays/mod.ts";
import { scaleInPlace } from "../blas/mod.ts";
import { requireSchedule } from "./checks.ts";
import { type Schedule, toSchedule } from "./schedule.ts";
import type { GradientTransformation } from "./transformation.ts";

/** Multiplies by minus the learning rate. @param name For messages: "learningRate", "others.learningRate". */
export function scaleBySchedule(
  name: string,
  learningRate: Schedule,
): GradientTransformation<{ step: number }> {
  requireSchedule(name, learningRate);
  const schedule = toSchedule(learningRate);
  return {
    init: () => ({ step: 0 }),
    update(updates, state, parameter) {
      // The optimizer's count, where a driver tells it: it is the same for a parameter that joins late.
      const step = parameter.step ?? state.step;
      const rate = requireNumber(`${name} (step ${step})`, schedule(step), { min: 0 });
      state.step = step + 1;
      scaleInPlace(updates.data, -rate);
      return updates;
    },
  };
}
