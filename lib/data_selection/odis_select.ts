import {
  type Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { quantileAbs } from "../statistics/mod.ts";
import { streamedScores } from "./streamed_scores.ts";
import { topOf } from "./top_indices.ts";

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
  const { rank, along: scoresAlong } = streamedScores(scores, clip);
  if (directions > rank) {
    throw new RangeError(
      `\`directions\` must be at most ${rank}, got ${directions}: only ${rank} ` +
        `${rank === 1 ? "direction has" : "directions have"} variance`,
    );
  }
  const along = scoresAlong(directions, jointThreshold > 0);
  const eligible = jointThreshold > 0 ? rowsFrom(along.row(directions), jointThreshold) : undefined;
  const most = eligible === undefined ? scores.rows : eligible.length;
  if (budget > most) {
    throw new RangeError(
      `\`budget\` must be at most ${most}, the number of eligible documents, got ${budget}`,
    );
  }
  return takeTurns(scores.rows, directions, budget, (k, count) => {
    const all = along.row(k);
    const values = eligible === undefined ? all : Float64Array.from(eligible, (i) => all[i]);
    const top = topOf(twoSided && k > 0 ? values.map(Math.abs) : values, count);
    return eligible === undefined ? top : top.map((at) => eligible[at]);
  });
}

/** Rows whose mean is at or above a quantile of the means. */
function rowsFrom(means: Float64Array, threshold: number): Uint32Array {
  const least = means.reduce((a, b) => Math.min(a, b), Infinity);
  const above = means.map((mean) => mean - least);
  const quantile = quantileAbs(above, threshold);
  return Uint32Array.from(above.keys().filter((i) => above[i] >= quantile));
}

/** The mean of the first `count` entries of each row. */
export function meanOfColumns(x: Matrix, count: number): Float64Array {
  return Float64Array.from({ length: x.rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += x.get(i, j);
    return sum / count;
  });
}

/**
 * From each list in turn the first entry that no list has given before. `top(k, count)` begins list k; none is asked
 * for more than `budget`, since each entry that it passes over is in the selection.
 */
function takeTurns(
  documents: number,
  count: number,
  budget: number,
  top: (k: number, count: number) => Uint32Array,
): OdisSelection {
  const indices = new Uint32Array(budget);
  const directions = new Uint8Array(budget);
  const taken = new Uint8Array(documents);
  const next = new Uint32Array(count);
  // Lists that overlap little are read to a little more than their share.
  const begun = Math.min(budget, Math.ceil(1.25 * budget / count));
  const lists = Array.from({ length: count }, (_, k) => top(k, begun));
  for (let at = 0; at < budget; at++) {
    const k = at % count;
    for (;;) {
      if (next[k] === lists[k].length) lists[k] = top(k, Math.min(budget, 2 * next[k]));
      if (taken[lists[k][next[k]]] === 0) break;
      next[k]++;
    }
    indices[at] = lists[k][next[k]++];
    directions[at] = k;
    taken[indices[at]] = 1;
  }
  return { indices, directions };
}
