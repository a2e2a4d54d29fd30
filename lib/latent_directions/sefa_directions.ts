import { type Matrix, requireInteger, requireMatrix } from "../arrays/mod.ts";
import { signedSvd } from "./signed_svd.ts";

/** What {@linkcode sefaDirections} returns. */
export interface SefaDirections {
  /**
   * Unit columns, inputs x count, the strongest first; the largest entry of each, in magnitude, is positive.
   */
  directions: Matrix;
  /** By how much a unit step along each changes the styles. */
  singularValues: Float64Array;
}

/**
 * The directions of a latent space that change the styles most: the first right singular vectors of the
 * projection, the eigenvectors of AᵀA (SeFa; Shen & Zhou 2021, "Closed-form factorization of latent semantics
 * in GANs").
 *
 * Where singular values are equal, as all are of a {@linkcode HouseholderProjector}, the vectors are an
 * arbitrary basis of their space.
 *
 * @param a The projection, outputs x inputs.
 * @param count How many, at most the smaller size of `a`.
 * @throws {RangeError} if there are not so many, or an entry of `a` is NaN or infinite.
 * @throws {TypeError} if `a` is not a matrix, or `count` not a number.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { sefaDirections } from "refigure/latent_directions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { directions, singularValues } = sefaDirections(Matrix.fromRows([[0, 2], [1, 0], [0, 0]]), 1);
 * assertAlmostEquals(singularValues[0], 2);
 * assertAlmostEquals(directions.get(1, 0), 1);
 * ```
 */
export function sefaDirections(a: Matrix, count: number): SefaDirections {
  requireMatrix("a", a);
  requireInteger("count", count, { max: Math.min(a.rows, a.columns) });
  const { s, v } = signedSvd(a);
  return { directions: v.slice(0, a.columns, 0, count), singularValues: s.slice(0, count) };
}
