import { type ComplexMatrix, type RealArray, requireComplexMatrix } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix, requireSquare } from "./check.ts";
import { nativeComplexEigh } from "./native/eigh.ts";
import { hermitianJacobi } from "./portable/complex_eigh.ts";
import { scaled } from "../arrays/scaling.ts";

/** The eigendecomposition `a = vectors diag(values) vectors^H` of a Hermitian n x n matrix. */
export interface ComplexEigh<Data extends RealArray = Float64Array> {
  /** Eigenvalues (real), ascending; always in double precision storage. */
  values: Float64Array;
  /** Orthonormal eigenvectors as columns, n x n. */
  vectors: ComplexMatrix<Data>;
}

/**
 * Eigenvalues and eigenvectors of a Hermitian matrix. Only the lower triangle is read, and of the diagonal
 * only the real part.
 *
 * @throws {TypeError} if `a` is not a complex matrix.
 * @throws {RangeError} if the matrix is not square or an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexEigh } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The Pauli matrix (0, -i; i, 0) has the eigenvalues -1 and 1.
 * const { values } = complexEigh(new ComplexMatrix(2, 2, new Float64Array([0, 0, 0, -1, 0, 1, 0, 0])));
 * assertAlmostEquals(values[0], -1);
 * assertAlmostEquals(values[1], 1);
 * ```
 */
export function complexEigh<Data extends RealArray>(a: ComplexMatrix<Data>): ComplexEigh<Data> {
  requireComplexMatrix("a", a);
  requireSquare("a", a);
  requireFiniteMatrix("compute the eigenvectors of `a`", a);
  const native = lapack();
  if (native && a.rows > 0) return nativeComplexEigh(native, a);
  const n = a.rows;
  const hermitian = a.data.slice();
  for (let i = 0; i < n; i++) {
    hermitian[2 * (i * n + i) + 1] = 0;
    for (let j = 0; j < i; j++) {
      hermitian[2 * (j * n + i)] = hermitian[2 * (i * n + j)];
      hermitian[2 * (j * n + i) + 1] = -hermitian[2 * (i * n + j) + 1];
    }
  }
  const { data, restore } = scaled(hermitian);
  const v = hermitianJacobi(n, data);
  const found = Float64Array.from({ length: n }, (_, i) => restore(data[2 * (i * n + i)]));
  const order = Array.from(found.keys()).sort((i, j) => found[i] - found[j]);
  const vectors = a.clone();
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) {
      vectors.data[2 * (i * n + to)] = v[2 * (i * n + from)];
      vectors.data[2 * (i * n + to) + 1] = v[2 * (i * n + from) + 1];
    }
  });
  return { values: Float64Array.from(order, (i) => found[i]), vectors };
}
