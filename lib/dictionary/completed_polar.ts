import {
  type Matrix,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { frobeniusNorm, polarFactor } from "../linalg/mod.ts";

/**
 * The orthogonal polar factor of a square matrix that may lack rank: `polar(g + eps ||g||_F reference)`. Of
 * all the orthogonal matrices that are best in the direction `g`, it takes the one nearest to the reference,
 * instead of one that depends on rounding. Zero gives the polar factor of the reference itself.
 *
 * It maximizes `<s, g>` over the ball `||s||_2 <= 1`: the linear step of Frank-Wolfe.
 *
 * @param g n x n.
 * @param options `reference`, n x n and not singular; `eps`, default 1e-9.
 * @throws {RangeError} if the shapes differ, an entry is not finite or `eps` is negative.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { completedPolarFactor } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The second direction is open: the reference decides.
 * const s = completedPolarFactor(Matrix.fromRows([[2, 0], [0, 0]]), { reference: Matrix.diagonal([1, -1]) });
 * assertAlmostEquals(s.get(0, 0), 1, 1e-12);
 * assertAlmostEquals(s.get(1, 1), -1, 1e-12);
 * ```
 */
export function completedPolarFactor(g: Matrix, options: { reference: Matrix; eps?: number }): Matrix {
  requireOptions("options", options, ["reference", "eps"]);
  const { reference, eps = 1e-9 } = options;
  requireMatrix("g", g);
  requireSameShape("reference", reference, g);
  requireNumber("eps", eps, { min: 0 });
  const norm = frobeniusNorm(g);
  return norm === 0 ? polarFactor(reference) : polarFactor(g.plus(reference, eps * norm));
}

/** Newton-Schulz steps that are tried before an SVD. */
const STEPS = 8;

/**
 * The orthogonal polar factor of a matrix that is nearly orthogonal, by `x <- x (3 I - x^T x) / 2` (Higham,
 * Functions of Matrices, equation 8.20), which doubles the digits every step; further away by an SVD.
 */
export function retract(a: Matrix): Matrix {
  const n = a.columns;
  let x = a;
  for (let step = 0; step < STEPS; step++) {
    const products = gram(x);
    let distance = 0;
    let k = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++, k++) {
        const entry = products.data[k] - (i === j ? 1 : 0);
        distance += entry * entry;
        products.data[k] = (i === j ? 1 : 0) - entry / 2;
      }
    }
    // Singular values between 0 and sqrt 3 are needed; this is well inside.
    if (!(distance < 0.25)) break;
    if (distance < 1e-27 * n) return x;
    x = matmul(x, products);
    // The distance after the step is at most its square: nothing is left to check.
    if (distance < 1e-16) return x;
  }
  return polarFactor(a);
}
