import { requireInteger, requireOptions } from "../arrays/mod.ts";

/** More points than this are no use for a figure, and would take the memory of the machine. */
const LARGEST_COUNT = 1e6;

/**
 * About `count` steps from 0 to `steps`, equally spaced in their logarithm, together with every `every`-th
 * one.
 *
 * @param steps The last step.
 * @param options `count`: how many, up to a million, default 150; `every`: a positive integer, default none.
 * @returns The steps, ascending; 0 and `steps` are always among them.
 * @throws {RangeError} if a number is not an integer or out of range.
 *
 * @example
 * ```ts
 * import { recordingSteps } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(recordingSteps(100, { count: 3 }), [0, 1, 10, 100]);
 * assertEquals(recordingSteps(6, { count: 2, every: 2 }), [0, 1, 2, 4, 6]);
 * ```
 */
export function recordingSteps(steps: number, options: { count?: number; every?: number } = {}): number[] {
  requireInteger("steps", steps);
  requireOptions("options", options, ["count", "every"]);
  const { count = 150, every } = options;
  requireInteger("count", count, { max: LARGEST_COUNT });
  const chosen = new Set([0, steps]);
  for (let i = 0; i < count && steps > 0; i++) {
    chosen.add(Math.round(steps ** (i / Math.max(1, count - 1))));
  }
  if (every !== undefined) {
    requireInteger("every", every, { min: Math.max(1, Math.ceil(steps / LARGEST_COUNT)) });
  }
  if (every !== undefined) { for (let step = 0; step <= steps; step += every) chosen.add(step); }
  return [...chosen].sort((a, b) => a - b);
}
