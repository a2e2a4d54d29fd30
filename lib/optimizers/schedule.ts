import { requireInteger, requireNumber } from "../arrays/mod.ts";

/** A learning rate: a constant, or a function of the step (0 for the first). */
export type Schedule = number | ((step: number) => number);

/**
 * A schedule as a function; a constant is checked.
 *
 * @throws {RangeError} if a constant is negative or not finite.
 *
 * @example
 * ```ts
 * import { toSchedule } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toSchedule(0.1)(50), 0.1);
 * ```
 */
export function toSchedule(schedule: Schedule): (step: number) => number {
  if (typeof schedule === "function") return schedule;
  requireNumber("learningRate", schedule, { min: 0 });
  return () => schedule;
}

/**
 * Constant, then linear to zero: the schedule of the small runs in the optimizer notebooks.
 *
 * @param peak Learning rate before the decay.
 * @param steps Length of the run; the rate reaches zero after its last step.
 * @param decayFrom First step of the decay. Default half of `steps`.
 *
 * @example
 * ```ts
 * import { constantThenLinear } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const rate = constantThenLinear(0.2, 100);
 * assertEquals([rate(0), rate(50), rate(75), rate(100)], [0.2, 0.2, 0.1, 0]);
 * ```
 */
export function constantThenLinear(
  peak: number,
  steps: number,
  decayFrom: number = Math.floor(steps / 2),
): (step: number) => number {
  requireNumber("peak", peak, { min: 0 });
  requireInteger("steps", steps, { min: 1 });
  requireInteger("decayFrom", decayFrom, { max: steps - 1 });
  return (step) => peak * Math.min(1, Math.max(0, (steps - step) / (steps - decayFrom)));
}

/**
 * Linear warm-up from zero, then half a cosine to `floor`.
 *
 * @param peak Learning rate at the end of the warm-up.
 * @param steps Length of the run.
 * @param warmup Steps of the warm-up. Default 0.
 * @param floor Learning rate at the end. Default 0.
 *
 * @example
 * ```ts
 * import { warmupCosine } from "refigure/optimizers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rate = warmupCosine(1, 110, 10);
 * assertEquals([rate(0), rate(4), rate(9), rate(10)], [0.1, 0.5, 1, 1]);
 * assertAlmostEquals(rate(60), 0.5, 1e-12);
 * ```
 */
export function warmupCosine(peak: number, steps: number, warmup = 0, floor = 0): (step: number) => number {
  requireNumber("peak", peak, { min: 0 });
  requireInteger("steps", steps, { min: 1 });
  requireInteger("warmup", warmup, { max: steps - 1 });
  requireNumber("floor", floor, { min: 0 });
  return (step) => {
    if (step < warmup) return peak * (step + 1) / warmup;
    const progress = Math.min(1, (step - warmup) / (steps - warmup));
    return floor + (peak - floor) * (1 + Math.cos(Math.PI * progress)) / 2;
  };
}
