import { requireInteger, requireNumbers } from "../arrays/mod.ts";
import { select } from "../statistics/select.ts";

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
  return topOf(values instanceof Float64Array ? values : Float64Array.from(values), count);
}

/** {@linkcode topIndices} without its checks. */
export function topOf(values: Float64Array, count: number): Uint32Array {
  const candidates = candidatesOf(values, count);
  const n = candidates.length;
  const of = new Float64Array(n);
  for (let c = 0; c < n; c++) of[c] = values[candidates[c]];
  select(of, n - count);
  const threshold = of[n - count];
  const kept = new Uint32Array(count);
  let above = 0;
  for (let c = 0; c < n; c++) if (values[candidates[c]] > threshold) kept[above++] = candidates[c];
  for (let c = 0; above < count; c++) if (values[candidates[c]] === threshold) kept[above++] = candidates[c];
  return sortedByValue(kept, values);
}

/** Values that a sample has. */
const SAMPLE = 4096;

/**
 * Indices, ascending, among which the `count` largest values are: those from a bound on that half as many again reach
 * in a sample, so that the long list is read once; all of them if too few reach it.
 */
function candidatesOf(values: Float64Array, count: number): Uint32Array {
  const n = values.length;
  const wanted = Math.ceil(1.5 * count * SAMPLE / n) + 16;
  if (wanted < SAMPLE / 2) {
    const sample = Float64Array.from({ length: SAMPLE }, (_, i) => values[Math.floor(i * n / SAMPLE)]);
    select(sample, SAMPLE - wanted);
    const bound = sample[SAMPLE - wanted];
    const candidates = new Uint32Array(Math.min(n, 3 * count + n / SAMPLE));
    let found = 0;
    for (let i = 0; i < n; i++) if (values[i] >= bound) candidates[found++] = i;
    // If there are more than fit, the sample was not like the rest.
    if (found >= count && found <= candidates.length) return candidates.subarray(0, found);
  }
  const all = new Uint32Array(n);
  for (let i = 0; i < n; i++) all[i] = i;
  return all;
}

/** Indices in the order of their values, largest first; what is equal keeps its order. A merge sort. */
function sortedByValue(indices: Uint32Array<ArrayBuffer>, values: Float64Array): Uint32Array {
  const n = indices.length;
  let from = indices;
  let to = new Uint32Array(n);
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(n, start + width);
      const end = Math.min(n, start + 2 * width);
      let a = start;
      let b = middle;
      for (let k = start; k < end; k++) {
        to[k] = b >= end || (a < middle && values[from[a]] >= values[from[b]]) ? from[a++] : from[b++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
