import type { Matrix, RealArray } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { svd } from "./svd.ts";

/**
 * The orthogonal polar factor `u vt` of `a = u diag(s) vt`: the nearest matrix with orthonormal columns (or
 * rows, if wide) in every unitarily invariant norm (Higham, Functions of Matrices, theorem 8.4). What
 * Newton-Schulz iterations approximate. For a matrix without full rank it is one of several.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {NotConvergedError} if the SVD fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { polarFactor } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const q = polarFactor(Matrix.fromRows([[0, -3], [2, 0]]));
 * assertAlmostEquals(q.get(0, 1), -1);
 * assertAlmostEquals(q.get(1, 0), 1);
 * ```
 */
export function polarFactor<Data extends RealArray>(a: Matrix<Data>): Matrix<Data> {
  const { u, vt } = svd(a);
  return matmul(u, vt);
}
