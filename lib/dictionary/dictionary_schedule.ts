import { requireOneOf } from "../arrays/mod.ts";

/** Step sizes of stochastic Frank-Wolfe, as functions of the step 0, 1, 2, ... */
export interface DictionarySchedule {
  /** Weight of the fresh gradient in the average. */
  rho: (step: number) => number;
  /** Step size of A. */
  gamma: (step: number) => number;
}

/** Schedules that have a name. */
export type ScheduleName = "noncvx" | "convex" | "projected";

/**
 * The step sizes of Xue & Lau (2021) for an objective that is not concave, `rho = 4 / (t + 1)^(1/2)`, `gamma
 * = 2 / (t + 2)^(3/4)`; those for convex problems of Mokhtari, Hassani & Karbasi (2020), `rho = 4 / (t +
 * 8)^(2/3)`, `gamma = 2 / (t + 8)`; and the ones of the official code for projected gradient steps, `gamma =
 * 2 / (t + 1)^(3/4)`.
 *
 * @throws {TypeError} if there is no schedule of that name.
 *
 * @example
 * ```ts
 * import { dictionarySchedule } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(dictionarySchedule("noncvx").gamma(14), 0.25, 1e-15);
 * assertAlmostEquals(dictionarySchedule("convex").rho(0), 1, 1e-15);
 * ```
 */
export function dictionarySchedule(name: ScheduleName): DictionarySchedule {
  const schedules: Record<ScheduleName, DictionarySchedule> = {
    noncvx: { rho: (t) => 4 / Math.sqrt(t + 1), gamma: (t) => 2 / (t + 2) ** 0.75 },
    convex: { rho: (t) => 4 / (t + 8) ** (2 / 3), gamma: (t) => 2 / (t + 8) },
    projected: { rho: (t) => 4 / Math.sqrt(t + 1), gamma: (t) => 2 / (t + 1) ** 0.75 },
  };
  requireOneOf("schedule", name, Object.keys(schedules) as ScheduleName[]);
  return schedules[name];
}
