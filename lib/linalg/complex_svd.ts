import { allocateLike, ComplexMatrix, type RealArray, requireComplexMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix } from "./check.ts";
import { nativeComplexSvd } from "./native/svd.ts";
import { jacobiSvd } from "./portable/complex_svd.ts";
import { scaled } from "../arrays/scaling.ts";

/** The thin singular value decomposition `a = u diag(s) vh` of a complex m x n matrix, with p = min(m, n). */
export interface ComplexSvd<Data extends RealArray = Float64Array> {
  /** Left singular vectors, m x p, orthonormal columns. */
  u: ComplexMatrix<Data>;
  /** Singular values (real), p of them, descending; always in double precision storage. */
  s: Float64Array;
  /** Conjugated right singular vectors as rows, p x n, orthonormal rows. */
  vh: ComplexMatrix<Data>;
}

/**
 * The thin singular value decomposition of a complex matrix.
 *
 * @throws {TypeError} if `a` is not a complex matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexSvd } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { s } = complexSvd(new ComplexMatrix(1, 2, new Float64Array([3, 0, 0, 4])));
 * assertAlmostEquals(s[0], 5);
 * ```
 */
export function complexSvd<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexSvd<Data> {
  requireComplexMatrix("a", a);
  requireFiniteMatrix("compute the SVD of `a`", a);
  const p = Math.min(a.rows, a.columns);
  if (p === 0) {
    return {
      u: new ComplexMatrix(a.rows, 0, allocateLike(a.data, 0)),
      s: new Float64Array(0),
      vh: new ComplexMatrix(0, a.columns, allocateLike(a.data, 0)),
    };
  }
  const native = lapack();
  return native ? nativeComplexSvd(native, a) : portableComplexSvd(a);
}

function portableComplexSvd<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexSvd<Data> {
  if (a.rows < a.columns) {
    const { u, s, vh } = portableComplexSvd(a.conjugateTranspose());
    return { u: vh.conjugateTranspose(), s, vh: u.conjugateTranspose() };
  }
  const { data, restore } = scaled(a.data);
  const { u, s, v } = jacobiSvd(a.rows, a.columns, data);
  const stored = (rows: number, x: Float64Array) => {
    const out = new ComplexMatrix(rows, a.columns, allocateLike(a.data, x.length));
    out.data.set(x);
    return out;
  };
  return { u: stored(a.rows, u), s: s.map(restore), vh: stored(a.columns, v).conjugateTranspose() };
}
