import type { ComplexMatrix, RealArray } from "../arrays/mod.ts";
import { complexMatmul } from "../blas/mod.ts";
import { complexSvd } from "./complex_svd.ts";

/**
 * The unitary polar factor `u vh` of a complex `a = u diag(s) vh`: the nearest matrix with orthonormal
 * columns (or rows, if wide) in every unitarily invariant norm (Higham, Functions of Matrices, theorem 8.4).
 *
 * @throws {TypeError} if `a` is not a complex matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {NotConvergedError} if the SVD fails.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexPolarFactor } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Of a number: its phase.
 * const { re, im } = complexPolarFactor(new ComplexMatrix(1, 1, new Float64Array([3, -4]))).get(0, 0);
 * assertAlmostEquals(re, 0.6);
 * assertAlmostEquals(im, -0.8);
 * ```
 */
export function complexPolarFactor<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexMatrix<Data> {
  const { u, vh } = complexSvd(a);
  return complexMatmul(u, vh);
}
