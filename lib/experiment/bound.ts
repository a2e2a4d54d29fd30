/** Thresholds as data: what a reader sees and what is checked come from the same numbers. */

import { requireNumber, requireOptions } from "../arrays/mod.ts";

/** A threshold for one number. */
export interface Bound {
  /** As a reader sees it, such as "in [-1.05, -0.85]". */
  readonly text: string;
  /** Whether a finite number satisfies it. */
  allows(value: number): boolean;
}

/**
 * Inside a closed interval.
 *
 * @throws {RangeError} if the interval is empty or not finite.
 *
 * @example
 * ```ts
 * import { within } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(within(0.9, 1.1).allows(1.1));
 * assert(!within(0.9, 1.1).allows(1.11));
 * ```
 */
export function within(low: number, high: number): Bound {
  requireNumber("low", low);
  requireNumber("high", high);
  if (low > high) throw new RangeError(`\`low\` must be at most \`high\`, got ${low} and ${high}`);
  return { text: `in [${low}, ${high}]`, allows: (x) => x >= low && x <= high };
}

/**
 * At most this.
 *
 * @example
 * ```ts
 * import { atMost } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(atMost(1).allows(1) && !atMost(1).allows(1.1));
 * ```
 */
export function atMost(high: number): Bound {
  requireNumber("high", high);
  return { text: `at most ${high}`, allows: (x) => x <= high };
}

/**
 * At least this.
 *
 * @example
 * ```ts
 * import { atLeast } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(atLeast(1).allows(1) && !atLeast(1).allows(0.9));
 * ```
 */
export function atLeast(low: number): Bound {
  requireNumber("low", low);
  return { text: `at least ${low}`, allows: (x) => x >= low };
}

/**
 * Strictly less than this.
 *
 * @example
 * ```ts
 * import { below } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(below(0).allows(-1e-300) && !below(0).allows(0));
 * ```
 */
export function below(high: number): Bound {
  requireNumber("high", high);
  return { text: `below ${high}`, allows: (x) => x < high };
}

/**
 * Strictly more than this.
 *
 * @example
 * ```ts
 * import { above } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(above(0).allows(1e-300) && !above(0).allows(0));
 * ```
 */
export function above(low: number): Bound {
  requireNumber("low", low);
  return { text: `above ${low}`, allows: (x) => x > low };
}

/**
 * Near a value, by a relative or an absolute distance.
 *
 * @throws {RangeError} if the value is not finite or the distance not positive.
 *
 * @example
 * ```ts
 * import { near } from "refigure/experiment";
 * import { assert, assertEquals } from "@std/assert";
 *
 * assert(near(200, { relative: 0.01 }).allows(202));
 * assertEquals(near(2 / Math.PI, { absolute: 0.001 }).text, "0.6366198 ± 0.001");
 * ```
 */
export function near(
  value: number,
  distance: { relative: number; absolute?: undefined } | { absolute: number; relative?: undefined },
): Bound {
  requireNumber("value", value);
  requireOptions("distance", distance, ["relative", "absolute"]);
  const { relative, absolute } = distance;
  if ((relative === undefined) === (absolute === undefined)) {
    throw new TypeError("`distance` must have `relative` or `absolute`, and not both");
  }
  if (relative !== undefined) requireNumber("distance.relative", relative, { above: 0 });
  if (absolute !== undefined) requireNumber("distance.absolute", absolute, { above: 0 });
  const by = relative === undefined ? absolute! : Math.abs(value) * relative;
  if (!(by > 0 && by < Infinity)) {
    throw new RangeError(`\`distance\` must be positive and finite, got ${by} around ${value}`);
  }
  const shown = Number(value.toPrecision(7));
  const text = relative === undefined
    ? `${shown} ± ${absolute}`
    : `${shown} ± ${Number((100 * relative).toPrecision(4))} %`;
  return { text, allows: (x) => Math.abs(x - value) <= by };
}
