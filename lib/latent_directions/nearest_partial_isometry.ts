import { type Matrix, requireInteger, requireMatrix } from "../arrays/mod.ts";
import { signedSvd } from "./signed_svd.ts";

/** A matrix `u vᵀ` whose singular values are `rank` ones. */
export interface PartialIsometry {
  /** Orthonormal columns, outputs x rank. */
  u: Matrix;
  /**
   * Orthonormal columns, inputs x rank: the directions, which are taken to the columns of `u`. The entry of
   * each that is largest in magnitude is positive.
   */
  v: Matrix;
  /** Distance from the matrix that was given, in the Frobenius norm. */
  distance: number;
  /**
   * How many of the last directions are arbitrary, because the matrix has singular values below 1e-12 of its
   * largest among the first `rank`. 0 as a rule.
   */
  arbitrary: number;
}

/**
 * The matrix with `rank` singular values 1 and all others 0 that is nearest to `a` in the Frobenius norm: the
 * singular vectors of `a`, with the first `rank` singular values replaced by ones. Its squared distance is
 * `sum_{i <= r} (s_i - 1)^2 + sum_{i > r} s_i^2` (Song, Zhang, Sebe & Wang 2023, where it is the start of a
 * fine-tuning; that it is the nearest follows from von Neumann's trace inequality).
 *
 * @param a outputs x inputs.
 * @param rank From 1 to the smaller size of `a`.
 * @throws {RangeError} if the rank is out of range, or an entry of `a` is NaN or infinite.
 * @throws {TypeError} if `a` is not a matrix, or `rank` not a number.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { nearestPartialIsometry } from "refigure/latent_directions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { u, v, distance } = nearestPartialIsometry(Matrix.diagonal([3, 0.5]), 1);
 * assertAlmostEquals(u.get(0, 0) * v.get(0, 0), 1);
 * assertAlmostEquals(distance, Math.hypot(3 - 1, 0.5));
 * ```
 */
export function nearestPartialIsometry(a: Matrix, rank: number): PartialIsometry {
  requireRank(requireMatrix("a", a).rows, a.columns, rank);
  const { u, s, v } = signedSvd(a);
  let square = 0;
  for (let i = 0; i < s.length; i++) square += i < rank ? (s[i] - 1) ** 2 : s[i] ** 2;
  return {
    u: u.slice(0, a.rows, 0, rank),
    v: v.slice(0, a.columns, 0, rank),
    distance: Math.sqrt(square),
    arbitrary: s.subarray(0, rank).filter((value) => !(value >= 1e-12 * s[0] && value > 0)).length,
  };
}

/** Returns `rank` if an outputs x inputs matrix can have it. @throws {RangeError | TypeError} */
export function requireRank(outputs: number, inputs: number, rank: number): number {
  const most = Math.min(outputs, inputs);
  if (!(typeof rank === "number" && rank > most)) return requireInteger("rank", rank, { min: 1 });
  throw new RangeError(
    `\`rank\` must be in 1..min(outputs, inputs), which is 1..${most} for ${outputs} x ${inputs}, ` +
      `got ${rank}`,
  );
}
