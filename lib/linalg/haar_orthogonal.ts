import { Matrix, requireInteger, type Rng } from "../arrays/mod.ts";
import { qr } from "./qr.ts";

/**
 * An n x n orthogonal matrix from the Haar (uniform) distribution: the q of a Gaussian matrix, with r's
 * diagonal made positive (Mezzadri 2007, "How to generate random matrices from the classical compact
 * groups").
 *
 * @throws {RangeError} if `n` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { gram } from "refigure/blas";
 * import { frobeniusNorm, haarOrthogonal } from "refigure/linalg";
 * import { assertLess } from "@std/assert";
 *
 * const q = haarOrthogonal(5, new Rng(1));
 * assertLess(frobeniusNorm(gram(q).minus(Matrix.identity(5))), 1e-14);
 * ```
 */
export function haarOrthogonal(n: number, rng: Rng): Matrix {
  requireInteger("n", n);
  return n === 0 ? Matrix.zeros(0, 0) : qr(rng.normalMatrix(n, n)).q;
}
