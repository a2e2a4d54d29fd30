import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { requireSchedule } from "./checks.ts";

/**
 * A learning rate: a constant, or a function of the number of steps that the optimizer has taken before (0
 * for the first). The count is the optimizer's: a parameter that joins later has the rate of all the others.
 */
export type Schedule = number | ((step: number) => number);

/**
 * A schedule as a function; a constant is checked.
 *
 * @throws {RangeError} if a constant is negative or not finite.
 * @throws {TypeError} if it is neither a number nor a function.
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
  requireSchedule("learningRate", schedule);
  return typeof schedule === "function" ? schedule : () => schedule;
}

/** Options of {@linkcode constantThenLinear}. */
export interface ConstantThenLinearOptions {
  /** First step of the decay. Default half of the steps, rounded down. */
  decayFrom?: number;
}

/**
 * Constant, then linear to zero: the schedule of the small runs in the optimizer notebooks.
 *
 * @param peak Learning rate before the decay.
 * @param steps Length of the run; the rate reaches zero after its last step.
 * @param options Where the decay begins.
 * @returns The rate as a function of the step.
 * @throws {RangeError} if the rate is negative, `steps` is not positive or `decayFrom` is not below it.
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
  options: ConstantThenLinearOptions = {},
): (step: number) => number {
  requireNumber("peak", peak, { min: 0 });
  requireInteger("steps", steps, { min: 1 });
  requireOptions("options", options, ["decayFrom"]);
  const { decayFrom = Math.floor(steps / 2) } = options;
  requireInteger("decayFrom", decayFrom, { max: steps - 1 });
  return (step) => peak * Math.min(1, Math.max(0, (steps - step) / (steps - decayFrom)));
}

/** Options of {@linkcode warmupCosine}. */
export interface WarmupCosineOptions {
  /** Steps of the warm-up. Default 0. */
  warmup?: number;
  /** Learning rate at the end. Default 0. */
  floor?: number;
}

/**
 * Linear warm-up from zero, then half a cosine to `floor`.
 *
 * @param peak Learning rate at the end of the warm-up.
 * @param steps Length of the run.
 * @param options Warm-up and the rate at the end.
 * @returns The rate as a function of the step.
 * @throws {RangeError} if a rate is negative, `steps` is not positive or `warmup` is not below it.
 *
 * @example
 * ```ts
 * import { warmupCosine } from "refigure/optimizers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const rate = warmupCosine(1, 110, { warmup: 10 });
 * assertEquals([rate(0), rate(4), rate(9), rate(10)], [0.1, 0.5, 1, 1]);
 * assertAlmostEquals(rate(60), 0.5, 1e-12);
 * ```
 */
export function warmupCosine(
  peak: number,
  steps: number,
  options: WarmupCosineOptions = {},
): (step: number) => number {
  requireNumber("peak", peak, { min: 0 });
  requireInteger("steps", steps, { min: 1 });
  requireOptions("options", options, ["warmup", "floor"]);
  const { warmup = 0, floor = 0 } = options;
  requireInteger("warmup", warmup, { max: steps - 1 });
  requireNumber("floor", floor, { min: 0 });
  return (step) => {
    if (step < warmup) return peak * (step + 1) / warmup;
    const progress = Math.min(1, (step - warmup) / (steps - warmup));
    return floor + (peak - floor) * (1 + Math.cos(Math.PI * progress)) / 2;
  };
}
