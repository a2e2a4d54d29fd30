import { ComplexMatrix, type RealArray, requireComplexMatrix } from "../arrays/mod.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { lapack } from "../blas/choice.ts";
import { asComplexColumn, requireFiniteMatrix, requireSquare } from "./check.ts";
import { SingularMatrixError } from "./errors.ts";
import { nativeSolve } from "./native/solve.ts";
import { complexSolveInPlace } from "./portable/lu.ts";
import { scaled } from "../arrays/scaling.ts";

/**
 * Solves `a x = b` for a square complex `a` and one right-hand side (an interleaved vector) or several (the
 * columns of a matrix), by LU factorization with partial pivoting. The solution has the shape of `b`.
 *
 * @throws {TypeError} if `a` is not a complex matrix, or `b` neither one nor a vector of its precision.
 * @throws {RangeError} if `a` is not square, the sizes differ, or an entry is NaN or infinite.
 * @throws {SingularMatrixError} if `a` is singular to working order: a pivot is exactly zero.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexSolve } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = complexSolve(new ComplexMatrix(1, 1, new Float64Array([0, 2])), new Float64Array([4, 6]));
 * assertAlmostEquals(x[0], 3);
 * assertAlmostEquals(x[1], -2);
 * ```
 */
export function complexSolve<Data extends RealArray>(
  a: ComplexMatrix<Data>,
  b: ComplexMatrix<Data>,
): ComplexMatrix<Data>;
/** The same for one right-hand side, n complex numbers, interleaved. */
export function complexSolve<Data extends RealArray>(a: ComplexMatrix<Data>, b: Data): Data;
export function complexSolve<Data extends RealArray>(
  a: ComplexMatrix<Data>,
  b: ComplexMatrix<Data> | Data,
): ComplexMatrix<Data> | Data {
  requireComplexMatrix("a", a);
  if (!(b instanceof ComplexMatrix)) return complexSolve(a, asComplexColumn(b)).data;
  requireComplexMatrix("b", b);
  requireSamePrecision("b", b.data, "a", a.data);
  requireSquare("a", a);
  if (b.rows !== a.rows) throw new RangeError(`\`b\` must have ${a.rows} rows as \`a\` has, got ${b.rows}`);
  requireFiniteMatrix("solve with `a`", a);
  requireFiniteMatrix("solve for `b`", b);
  if (b.data.length === 0) return b.clone();
  const native = lapack();
  const x = native
    ? nativeSolve(native, true, a.rows, b.columns, a.data, b.data)
    : portableSolve(a.rows, b.columns, a.data, b.data);
  if (x === null) {
    throw new SingularMatrixError("Cannot solve with `a`: the matrix is singular.");
  }
  return new ComplexMatrix(b.rows, b.columns, x);
}

function portableSolve<Data extends RealArray>(n: number, p: number, a: Data, b: Data): Data | null {
  const left = scaled(a);
  const right = scaled(b);
  if (complexSolveInPlace(n, p, left.data, right.data) >= 0) return null;
  // (sA) y = t b, so x = (s / t) y.
  const out = b.slice() as Data;
  for (let k = 0; k < out.length; k++) {
    out[k] = right.data[k] / right.half * left.half / right.other * left.other;
  }
  return out;
}
