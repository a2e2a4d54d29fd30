import { requireInteger, requireNumbers } from "../arrays/mod.ts";

/**
 * The indices of the largest values, best first; of equal values, that with the smaller index comes first.
 *
 * @param values N finite numbers.
 * @param count How many indices, from 1 to N.
 * @returns `count` distinct indices.
 * @throws {RangeError} if `count` is out of range, or a value is NaN or infinite.
 * @throws {TypeError} if `values` is not an array of numbers.
 *
 * @example
 * ```ts
 * import { topIndices } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...topIndices([0.2, 0.9, 0.5, 0.9], 3)], [1, 3, 2]);
 * ```
 */
export function topIndices(values: ArrayLike<number>, count: number): Uint32Array {
  requireNumbers("values", values, { finite: true });
  const n = requireInteger("values.length", values.length, { min: 1 });
  requireInteger("count", count, { min: 1, max: n });
  // A typed array of numbers sorts many times faster than indices by a comparison function: only the indices
  // of what is kept are sorted by one.
  const threshold = Float64Array.from(values).sort()[n - count];
  const kept = new Uint32Array(count);
  let above = 0;
  for (let i = 0; i < n; i++) if (values[i] > threshold) kept[above++] = i;
  for (let i = 0; above < count; i++) if (values[i] === threshold) kept[above++] = i;
  return kept.sort((i, j) => values[j] - values[i] || i - j);
}
