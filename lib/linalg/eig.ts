import { ComplexMatrix, type Matrix, type RealArray, requireBoolean, requireOptions } from "../arrays/mod.ts";
import { lapack } from "../blas/choice.ts";
import { requireEitherMatrix, requireFiniteMatrix, requireSquare } from "./check.ts";
import { nativeEig } from "./native/eig.ts";
import { portableEig } from "./portable/eig.ts";

/** Eigenvalues and eigenvectors of a general n x n matrix. */
export interface Eig<Data extends RealArray = Float64Array> {
  /** Eigenvalues in no particular order, n pairs (re, im); always in double precision storage. */
  values: Float64Array;
  /** Right eigenvectors as columns, `a v = lambda v`, each of norm 1 with its largest entry real. */
  right: ComplexMatrix<Data>;
  /** Left eigenvectors as columns, `w^H a = lambda w^H`, normalized as the right ones. Absent unless asked for. */
  left?: ComplexMatrix<Data>;
}

/** Options for {@linkcode eig}. */
export interface EigOptions {
  /** Whether to compute the left eigenvectors as well. Default false. */
  left?: boolean;
}

/**
 * Eigenvalues and eigenvectors of a general square matrix, real or complex (Golub & Van Loan, section 7.5).
 * If the matrix is not diagonalizable, some of the vectors are parallel to working precision.
 *
 * @throws {TypeError} if `a` is not a matrix, real or complex, or an option is unknown.
 * @throws {RangeError} if the matrix is not square or an entry is NaN or infinite.
 * @throws {NotConvergedError} if the iteration fails.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { eig } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A quarter turn has the eigenvalues i and -i.
 * const { values } = eig(Matrix.fromRows([[0, -1], [1, 0]]));
 * assertAlmostEquals(values[0], 0);
 * assertAlmostEquals(Math.abs(values[1]), 1);
 * assertAlmostEquals(values[1] + values[3], 0);
 * ```
 */
export function eig<Data extends RealArray>(
  a: Matrix<Data> | ComplexMatrix<Data>,
  options: { left: true },
): Required<Eig<Data>>;
/** The same for options that are not known at compile time. */
export function eig<Data extends RealArray>(
  a: Matrix<Data> | ComplexMatrix<Data>,
  options?: EigOptions,
): Eig<Data>;
export function eig<Data extends RealArray>(
  a: Matrix<Data> | ComplexMatrix<Data>,
  options: EigOptions = {},
): Eig<Data> {
  requireEitherMatrix("a", a);
  requireOptions("options", options, ["left"]);
  const { left = false } = options;
  requireBoolean("left", left);
  requireSquare("a", a);
  requireFiniteMatrix("compute the eigenvalues of `a`", a);
  if (a.rows === 0) {
    const none = new ComplexMatrix(0, 0, a.data.slice() as Data);
    return { values: new Float64Array(0), right: none, ...(left ? { left: none } : {}) };
  }
  const native = lapack();
  return native ? nativeEig(native, a, left) : portableEig(a, left);
}
