import { Matrix, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { qr } from "./qr.ts";

/** Options for {@linkcode haarOrthogonal}. */
export interface HaarOrthogonalOptions {
  /** The stream that the matrix is drawn from. */
  rng: Rng;
}

/**
 * An n x n orthogonal matrix from the Haar (uniform) distribution: the q of a Gaussian matrix, with r's
 * diagonal made positive (Mezzadri 2007, "How to generate random matrices from the classical compact
 * groups").
 *
 * @throws {RangeError} if `n` is not a non-negative integer.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { gram } from "refigure/blas";
 * import { frobeniusNorm, haarOrthogonal } from "refigure/linalg";
 * import { assertLess } from "@std/assert";
 *
 * const q = haarOrthogonal(5, { rng: new Rng(1) });
 * assertLess(frobeniusNorm(gram(q).minus(Matrix.identity(5))), 1e-14);
 * ```
 */
export function haarOrthogonal(n: number, options: HaarOrthogonalOptions): Matrix {
  requireInteger("n", n);
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  return n === 0 ? Matrix.zeros(0, 0) : qr(rng.normalMatrix(n, n)).q;
}
