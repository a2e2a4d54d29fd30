import { Matrix, requireMatrix } from "../arrays/mod.ts";
import { tamed } from "../arrays/scaling.ts";
import { matmul } from "../blas/mod.ts";
import { qr } from "./qr.ts";
import { rowNorms } from "./row_norms.ts";
import { svd } from "./svd.ts";

/**
 * The leverage scores of the rows of an m x n matrix: the diagonal of the orthogonal projection onto its
 * column space, `l_i = (A (A^T A)^+ A^T)_ii`. Each is in [0, 1] and they sum to the rank (Drineas & Mahoney,
 * "RandNLA", 2016).
 *
 * They are the squared row norms of any orthonormal basis of the column space: of the `q` of a thin QR, which
 * is what is used, and of the polar factor {@linkcode polarFactor}. A wide or square matrix of full rank has
 * scores 1.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { leverageScores } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The last row alone reaches the second dimension; the other two share the first.
 * const scores = leverageScores(Matrix.fromRows([[3, 0], [4, 0], [0, 7]]));
 * [9 / 25, 16 / 25, 1].forEach((score, i) => assertAlmostEquals(scores[i], score, 1e-14));
 * ```
 */
export function leverageScores(a: Matrix): Float64Array {
  requireMatrix("a", a);
  const { q, r } = qr(new Matrix(a.rows, a.columns, tamed(a.data).data));
  // Without full rank some columns of q are outside of the column space; the singular vectors of r
  // show which.
  const { u, s } = svd(r);
  const negligible = Number.EPSILON * Math.max(a.rows, a.columns) * (s[0] ?? 0);
  const rank = s.filter((value) => value > negligible).length;
  const basis = rank === q.columns ? q : matmul(q, u.slice(0, u.rows, 0, rank));
  return rowNorms(basis).map((norm) => norm * norm);
}
