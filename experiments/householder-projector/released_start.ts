import type { Matrix } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { householderProduct } from "../../lib/linalg/mod.ts";

/**
 * What the released code starts a fine-tuning from, given all singular vectors of a square projection (its
 * `EqualLinear.intialize` and `forward`; notes 3.4): LAPACK's packed QR of both is taken for reflectors,
 * though its diagonal holds R where the reflectors have 1, and the product over the inputs is not transposed.
 */
export function releasedStart(u: Matrix, v: Matrix, rank: number): Matrix {
  const [left, right] = [u, v].map((q) => householderProduct(packedQr(q), { columns: q.rows }));
  return matmul(left.slice(0, left.rows, 0, rank), right.slice(0, rank));
}

/**
 * The QR factorization as LAPACK's `geqrf` returns it: R on and above the diagonal; below it, what follows
 * the first entry 1 of each reflector. R has the sign that avoids cancellation, opposite to the entry it
 * replaces.
 */
export function packedQr(a: Matrix): Matrix {
  const out = a.clone();
  const { rows, columns, data } = out;
  for (let k = 0; k < Math.min(rows - 1, columns); k++) {
    const first = data[k * columns + k];
    let tail = 0;
    for (let i = k + 1; i < rows; i++) tail += data[i * columns + k] ** 2;
    if (tail === 0) continue;
    const beta = first > 0 ? -Math.sqrt(first * first + tail) : Math.sqrt(first * first + tail);
    for (let i = k + 1; i < rows; i++) data[i * columns + k] /= first - beta;
    data[k * columns + k] = beta;
    for (let j = k + 1; j < columns; j++) {
      let product = data[k * columns + j];
      for (let i = k + 1; i < rows; i++) product += data[i * columns + k] * data[i * columns + j];
      product *= (beta - first) / beta;
      data[k * columns + j] -= product;
      for (let i = k + 1; i < rows; i++) data[i * columns + j] -= product * data[i * columns + k];
    }
  }
  return out;
}
