import { type Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { requireFiniteMatrix } from "./check.ts";

/**
 * The Householder reflectors of a matrix with orthonormal columns: `householderProduct` of them is the
 * matrix.
 *
 * They are those of its QR factorization, with the sign that makes R the identity: from column x, rows k and
 * below, `v = x - |x| e_1`, whose first entry is computed without cancellation as `-tail / (x_1 + |x|)`, with
 * `tail` the sum of the other squares, where x_1 > 0 (Golub & Van Loan, algorithm 5.1.1). LAPACK takes the
 * other sign, so that its product is the matrix up to signs of columns. A column that needs no reflection has
 * a reflector of zeros.
 *
 * @param q d x r, orthonormal columns.
 * @returns d x r, zero above the diagonal.
 * @throws {RangeError} if an entry is NaN or infinite, the matrix is wide, or its columns are not orthonormal
 * to half of the digits.
 * @throws {TypeError} if `q` is not a matrix.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { frobeniusNorm, haarOrthogonal, householderProduct } from "refigure/linalg";
 * import { reflectorsFromOrthonormal } from "refigure/linalg";
 * import { assertLess } from "@std/assert";
 *
 * const q = haarOrthogonal(6, { rng: new Rng(0) }).slice(0, 6, 0, 4);
 * const again = householderProduct(reflectorsFromOrthonormal(q));
 * assertLess(frobeniusNorm(again.minus(q)), 1e-14);
 * ```
 */
export function reflectorsFromOrthonormal<Data extends RealArray>(q: Matrix<Data>): Matrix<Data> {
  requireMatrix("q", q);
  requireFiniteMatrix("find the reflectors of `q`", q);
  requireOrthonormal(q);
  const { rows: d, columns: r } = q;
  const work = q.clone();
  const v = q.map(() => 0);
  const products = new Float64Array(r);
  for (let k = 0; k < r; k++) {
    const first = work.data[k * r + k];
    let tail = 0;
    for (let i = k + 1; i < d; i++) tail += work.data[i * r + k] ** 2;
    // Below this the squares of the reflector would underflow, and it would change no digit.
    if (tail < 1e-300 && first > 0) continue;
    const norm = Math.sqrt(first * first + tail);
    const head = first > 0 ? -tail / (first + norm) : first - norm;
    for (let i = k; i < d; i++) v.data[i * r + k] = i === k ? head : work.data[i * r + k];
    // The reflection of the columns that are left: two passes over their rows.
    products.fill(0);
    for (let i = k; i < d; i++) {
      const entry = v.data[i * r + k];
      for (let j = k + 1; j < r; j++) products[j] += entry * work.data[i * r + j];
    }
    const factor = 2 / (head * head + tail);
    for (let i = k; i < d; i++) {
      const scaled = factor * v.data[i * r + k];
      for (let j = k + 1; j < r; j++) work.data[i * r + j] -= scaled * products[j];
    }
  }
  return v;
}

/** @throws {RangeError} unless qᵀq is the identity, to half of the digits. */
function requireOrthonormal(q: Matrix<RealArray>): void {
  if (q.columns > q.rows) {
    throw new RangeError(
      `\`q\` must have orthonormal columns, at most as many as rows, got ${q.rows} x ${q.columns}`,
    );
  }
  const tolerance = q.dtype === "float32" ? 2 ** -12 : 2 ** -26;
  const products = gram(q);
  for (let i = 0; i < q.columns; i++) {
    for (let j = 0; j <= i; j++) {
      const value = products.get(i, j);
      if (Math.abs(value - (i === j ? 1 : 0)) <= tolerance) continue;
      throw new RangeError(
        `\`q\` must have orthonormal columns, but the product of columns ${j} and ${i} is ${value}`,
      );
    }
  }
}
