import {
  type Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { quantileAbs } from "../statistics/mod.ts";
import { principalScores } from "./principal_scores.ts";
import { topIndices } from "./top_indices.ts";

/** Options for {@linkcode odisSelect}. */
export interface OdisSelectOptions {
  /** How many principal directions K have a list of their own. Default 4. */
  directions?: number;
  /**
   * Quantile in [0, 1): only documents whose mean standardized score is at or above this quantile can be
   * selected. Default 0: all.
   */
  jointThreshold?: number;
  /** Whether both ends of the directions after the first one count as the top. Default false. */
  twoSided?: boolean;
  /** As in {@linkcode PrincipalScoresOptions}. Default 0.005. */
  clip?: number;
}

/** What {@linkcode odisSelect} returns. */
export interface OdisSelection {
  /** Rows of the selected documents, in the order of selection: direction 0, 1, ..., K - 1, 0, ... */
  indices: Uint32Array;
  /** The direction for which each of them was selected. */
  directions: Uint8Array;
}

/**
 * Selects the top documents along each of the first principal directions of their scores (He et al. 2025,
 * ODiS), instead of the top of an average that the correlated scores share.
 *
 * The directions take turns, and each adds its best document that is not selected yet, so that the selection
 * has exactly `budget` distinct documents in equal shares. The paper does not state how documents that lead
 * several lists are counted; the turns are our choice. With one direction it is the top list of the first
 * component.
 *
 * @param scores N x p, one document per row; larger is better.
 * @param budget How many documents, from 1 to N.
 * @param options How many directions, and who is eligible.
 * @returns Which documents, and for which direction.
 * @throws {RangeError} if `budget` exceeds the documents that are eligible, `directions` those that have
 * variance, an option is out of range, all columns are constant, or a score is NaN or infinite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { odisSelect } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * const { indices, directions } = odisSelect(new Rng(0).normalMatrix(1000, 5), 6, { directions: 3 });
 * assertEquals(new Set(indices).size, 6);
 * assertEquals([...directions], [0, 1, 2, 0, 1, 2]);
 * ```
 */
export function odisSelect(
  scores: Matrix<RealArray>,
  budget: number,
  options: OdisSelectOptions = {},
): OdisSelection {
  requireOptions("options", options, ["directions", "jointThreshold", "twoSided", "clip"]);
  const { directions = 4, jointThreshold = 0, twoSided = false, clip } = options;
  requireInteger("directions", directions, { min: 1, max: 255 });
  requireNumber("jointThreshold", jointThreshold, { min: 0, below: 1 });
  requireBoolean("twoSided", twoSided);
  requireInteger("budget", budget, { min: 1 });
  const { projected, standardized, rank } = principalScores(scores, { clip });
  if (directions > rank) {
    throw new RangeError(
      `\`directions\` must be at most ${rank}, got ${directions}: only ${rank} ` +
        `${rank === 1 ? "direction has" : "directions have"} variance`,
    );
  }
  const eligible = eligibleRows(standardized, jointThreshold);
  if (budget > eligible.length) {
    throw new RangeError(
      `\`budget\` must be at most ${eligible.length}, the number of eligible documents, got ${budget}`,
    );
  }
  const lists = Array.from({ length: directions }, (_, k) => {
    const along = Float64Array.from(eligible, (i) => projected.get(i, k));
    // No list is asked for more than `budget` documents: each that it passes over is in the selection.
    return topIndices(twoSided && k > 0 ? along.map(Math.abs) : along, budget).map((at) => eligible[at]);
  });
  return takeTurns(lists, budget);
}

/** Rows whose mean is at or above a quantile of the means. */
function eligibleRows(standardized: Matrix, threshold: number): Uint32Array {
  const rows = Uint32Array.from({ length: standardized.rows }, (_, i) => i);
  if (threshold === 0) return rows;
  const means = meanOfColumns(standardized, standardized.columns);
  const least = means.reduce((a, b) => Math.min(a, b), Infinity);
  const above = means.map((mean) => mean - least);
  const quantile = quantileAbs(above, threshold);
  return rows.filter((i) => above[i] >= quantile);
}

/** The mean of the first `count` entries of each row. */
export function meanOfColumns(x: Matrix, count: number): Float64Array {
  return Float64Array.from({ length: x.rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += x.get(i, j);
    return sum / count;
  });
}

/** From each list in turn the first entry that no list has given before. */
function takeTurns(lists: Uint32Array[], budget: number): OdisSelection {
  const indices = new Uint32Array(budget);
  const directions = new Uint8Array(budget);
  const taken = new Set<number>();
  const next = lists.map(() => 0);
  for (let at = 0; at < budget; at++) {
    const k = at % lists.length;
    while (taken.has(lists[k][next[k]])) next[k]++;
    indices[at] = lists[k][next[k]++];
    directions[at] = k;
    taken.add(indices[at]);
  }
  return { indices, directions };
}
