import {
  requireBoolean,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { requireIndices } from "./rows.ts";

/**
 * How often each entry of a database is a neighbour of a training example, as a distribution: p_D of
 * Blattmann et al. 2022, section 3. Sampling without a query draws a pseudo-query from it.
 *
 * @param neighbors Entries that were retrieved for the training examples, n x k.
 * @param size Number of entries of the database.
 * @returns One probability per entry; their sum is 1.
 * @throws {RangeError} if there are no neighbours, or one is not below `size`.
 * @throws {TypeError} if `neighbors` is not an Int32Array.
 *
 * @example
 * ```ts
 * import { proposalDistribution } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(proposalDistribution(Int32Array.of(0, 1, 1, 2), 4), Float64Array.of(0.25, 0.5, 0.25, 0));
 * ```
 */
export function proposalDistribution(neighbors: Int32Array, size: number): Float64Array {
  requireInteger("size", size, { min: 1, max: 2 ** 31 });
  requireIndices("neighbors", neighbors, size);
  const total = requireInteger("neighbors.length", neighbors.length, { min: 1 });
  const counts = new Float64Array(size);
  for (const entry of neighbors) counts[entry]++;
  return counts.map((count) => count / total);
}

/** Options of {@linkcode topM}. */
export interface TopMOptions {
  /**
   * True: the kept entries keep their frequencies. False, the default of the paper's code: all are as
   * likely.
   */
  weighted?: boolean;
}

/**
 * Truncates a proposal distribution to its most frequent entries (Blattmann et al. 2022, section 3.3): the
 * `m` times N most probable ones are kept, rounded, at least one; of equally probable ones those with lower
 * numbers.
 *
 * @param p One probability per entry.
 * @param m Share that is kept, in (0, 1].
 * @param options Whether the kept entries keep their frequencies.
 * @returns One probability per entry; zero for those that are dropped.
 * @throws {RangeError} if `m` is not in (0, 1], `p` is empty, has a negative entry or is zero throughout.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { topM } from "refigure/retrieval";
 * import { assertEquals } from "@std/assert";
 *
 * const p = Float64Array.of(0.125, 0.5, 0.25, 0.125);
 * assertEquals(topM(p, 0.5), Float64Array.of(0, 0.5, 0.5, 0));
 * assertEquals(topM(p, 0.5, { weighted: true }), Float64Array.of(0, 2 / 3, 1 / 3, 0));
 * ```
 */
export function topM(p: ArrayLike<number>, m: number, options: TopMOptions = {}): Float64Array {
  requireNumbers("p", p, { finite: true });
  requireNumber("m", m, { above: 0, max: 1 });
  requireOptions("options", options, ["weighted"]);
  const { weighted = false } = options;
  requireBoolean("weighted", weighted);
  const size = requireInteger("p.length", p.length, { min: 1 });
  for (let i = 0; i < size; i++) requireNumber(`p[${i}]`, p[i], { min: 0 });
  const order = Int32Array.from({ length: size }, (_, i) => i).sort((a, b) => p[b] - p[a] || a - b);
  const kept = order.subarray(0, Math.max(1, Math.round(m * size)));
  const out = new Float64Array(size);
  let total = 0;
  for (const entry of kept) total += weighted ? p[entry] : 1;
  if (!(total > 0)) throw new RangeError("`p` must have a positive entry, got zeros");
  for (const entry of kept) out[entry] = (weighted ? p[entry] : 1) / total;
  return out;
}
