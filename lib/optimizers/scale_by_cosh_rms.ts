import {
  type RealArray,
  requireBoolean,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { largestMagnitude, scaleInPlace, sumOfSquares } from "../blas/mod.ts";
import { coshRms, directionCoshRms } from "./cosh_rms.ts";
import { boundsOf } from "./cosh_rms_bounds.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";

/** Options of {@linkcode scaleByCoshRms}. */
export interface CoshRmsScaling {
  /** Factor on the argument of cosh. Default 1. */
  gamma?: number;
  /**
   * What cosh is taken of: `"direction"`, the update over its Frobenius norm (the default), or `"entries"`,
   * the update as it is, for an update that is normalized already.
   */
  of?: "direction" | "entries";
  /** Whether the update is divided by its norm as well; with `"direction"` only. Default false. */
  normalize?: boolean;
  /** Added to the norm. Default 1e-7. */
  eps?: number;
  /**
   * Relative error that R may have, with `"direction"`. Default 1e-9 for float64 and 2^-23, its last bit, for
   * float32: then the bounds of a large matrix are as good as R. With 0 its entries are always summed.
   */
  tolerance?: number;
}

/** Added to R by the paper and by its code; it is at least 1, so nothing needs it. */
const RMS_EPS = 1e-8;
/** Entries from which the bounds may be close enough to each other. */
const LARGE = 50_000;

/**
 * Divides the update by R, the root mean square of hyperbolic cosines (AuON: Maity 2025, arXiv 2509.24320).
 * In place, after one pass over the update for norm and R together; of a large update only the norm is
 * summed.
 *
 * | options | update | where |
 * |---|---|---|
 * | `{ normalize: true }` | x / R(x), x = U / norm | AuON, paper |
 * | `{ gamma: 1.5 }` | U / R(1.5 x) | AuON, published code since 2026 |
 * | `{ of: "entries" }` | U / R(U) | Hybrid-AuON, after a Newton-Schulz step |
 *
 * R lies between the {@linkcode coshRmsBounds}, which differ by less than 1 / (5 n) for n entries: in
 * training it acts as a constant. A zero update stays zero.
 *
 * @throws {RangeError} if gamma is not positive, eps or the tolerance is negative; in a step, if the update
 * is not finite or R is beyond the largest number.
 * @throws {TypeError} if an option is unknown or of the wrong type, or `normalize` is asked for with
 * `of: "entries"`.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { scaleByCoshRms } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const link = scaleByCoshRms({ normalize: true });
 * const u = link.update(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), link.init(w), w);
 * assertAlmostEquals(u.get(0, 0), 0.096396045337, 1e-8);
 * ```
 */
export function scaleByCoshRms(options: CoshRmsScaling = {}): GradientTransformation {
  requireOptions("options", options, ["gamma", "of", "normalize", "eps", "tolerance"]);
  const { gamma = 1, of = "direction", normalize = false, eps = 1e-7 } = options;
  requireNumber("gamma", gamma, { above: 0 });
  requireNumber("eps", eps, { min: 0 });
  if (options.tolerance !== undefined) requireNumber("tolerance", options.tolerance, { min: 0 });
  requireOneOf("of", of, ["direction", "entries"]);
  requireBoolean("normalize", normalize);
  if (of === "entries" && normalize) {
    throw new TypeError('`normalize` needs `of: "direction"`: there is no norm to divide by with "entries"');
  }
  return stateless((updates) => {
    const u = updates.data;
    if (u.length === 0) return updates;
    let factor: number;
    if (of === "entries") factor = 1 / (coshRms(u, { gamma }).rms + RMS_EPS);
    else {
      const tolerance = options.tolerance ?? (u instanceof Float32Array ? 2 ** -23 : 1e-9);
      const { norm, rms } = fromBounds(u, gamma, eps, tolerance) ?? directionCoshRms(u, { gamma, eps });
      if (norm === 0) return updates;
      factor = 1 / (rms + RMS_EPS) / (normalize ? norm + eps : 1);
    }
    scaleInPlace(u, factor);
    return updates;
  });
}

/**
 * Norm and R where what is known without powers of the entries is enough: their number, or their number and
 * the largest.
 */
function fromBounds(
  u: RealArray,
  gamma: number,
  eps: number,
  tolerance: number,
): { norm: number; rms: number } | undefined {
  const n = u.length;
  if (n < LARGE || tolerance === 0) return undefined;
  const { low: { rms: lower }, high: { rms: upper } } = boundsOf(n, gamma);
  // The number of entries may be all that R depends on, for this tolerance; else no square is larger than the
  // sum of its block.
  const { squares, largestBlock } = upper - lower <= 2 * tolerance
    ? { squares: sumOfSquares(u), largestBlock: Infinity }
    : blockSums(u);
  if (!(squares > 1e-60 && squares < 1e60)) return undefined;
  const norm = Math.sqrt(squares);
  const scale = gamma * norm / (norm + eps);
  const rms = midpoint(n, scale, Math.min(1, largestBlock / squares), tolerance) ??
    midpoint(n, scale, (largestMagnitude(u) / norm) ** 2, tolerance);
  return rms === undefined ? undefined : { norm, rms };
}

/** Entries that are summed at once: no square is larger than the sum of its block. */
const BLOCK = 4096;

function blockSums(u: RealArray): { squares: number; largestBlock: number } {
  let squares = 0;
  let largestBlock = 0;
  for (let from = 0; from < u.length; from += BLOCK) {
    const sum = sumOfSquares(u.subarray(from, from + BLOCK));
    squares += sum;
    if (sum > largestBlock) largestBlock = sum;
  }
  return { squares, largestBlock };
}

/**
 * The middle of the bounds of R(gamma x), for x of norm 1 without a square above `largest`, if they are close
 * enough: sinh^2 sqrt y is convex and 0 at 0, so up to there it stays below its chord.
 */
function midpoint(n: number, gamma: number, largest: number, tolerance: number): number | undefined {
  const lower = boundsOf(n, gamma).low.rms;
  const upper = Math.sqrt(1 + Math.sinh(gamma * Math.sqrt(largest)) ** 2 / largest / n);
  return upper - lower <= 2 * tolerance ? (lower + upper) / 2 : undefined;
}
