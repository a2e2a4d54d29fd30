import { allocateLike, Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { tamed } from "../arrays/scaling.ts";
import { lapack } from "../blas/choice.ts";
import { requireFiniteMatrix } from "./check.ts";
import { nativeQr } from "./native/qr.ts";
import { portableQr } from "./portable/qr.ts";

/** The thin QR factorization `a = q r` of an m x n matrix, with p = min(m, n). */
export interface Qr<Data extends RealArray = Float64Array> {
  /** m x p, orthonormal columns. */
  q: Matrix<Data>;
  /** p x n, upper triangular (trapezoidal if wide), with a non-negative diagonal. */
  r: Matrix<Data>;
}

/**
 * The thin QR factorization by Householder reflections (Golub & Van Loan, section 5.2). The diagonal of `r`
 * is non-negative, which makes the factorization of a matrix of full column rank unique.
 *
 * @throws {TypeError} if `a` is not a matrix.
 * @throws {RangeError} if an entry is NaN or infinite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { qr } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { q, r } = qr(Matrix.fromRows([[3, 1], [4, 2]]));
 * assertAlmostEquals(r.get(0, 0), 5);
 * assertAlmostEquals(q.get(0, 0), 3 / 5);
 * assertAlmostEquals(r.get(1, 0), 0);
 * ```
 */
export function qr<Data extends RealArray>(a: Matrix<Data>): Qr<Data> {
  requireMatrix("a", a);
  requireFiniteMatrix("compute the QR factorization of `a`", a);
  const p = Math.min(a.rows, a.columns);
  if (p === 0) {
    return {
      q: new Matrix(a.rows, 0, allocateLike(a.data, 0)),
      r: new Matrix(0, a.columns, allocateLike(a.data, 0)),
    };
  }
  const native = lapack();
  if (!native) return positiveDiagonal(portableQr(a));
  const { data, divisor } = tamed(a.data);
  const { q, r } = nativeQr(native, false, a.rows, a.columns, data);
  if (divisor !== 1) { for (let k = 0; k < r.length; k++) r[k] *= divisor; }
  return positiveDiagonal({ q: new Matrix(a.rows, p, q), r: new Matrix(p, a.columns, r) });
}

/** Moves the signs of r's diagonal into q. */
function positiveDiagonal<Data extends RealArray>({ q, r }: Qr<Data>): Qr<Data> {
  for (let i = 0; i < r.rows; i++) {
    if (r.get(i, i) >= 0) continue;
    for (let j = i; j < r.columns; j++) r.set(i, j, -r.get(i, j));
    for (let k = 0; k < q.rows; k++) q.set(k, i, -q.get(k, i));
  }
  return { q, r };
}
