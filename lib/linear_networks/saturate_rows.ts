import { Matrix } from "../arrays/mod.ts";

/**
 * A square root of `a (I + a^T a)^-1 a^T`, which is `a a^T` with every eigenvalue x moved to x / (1 + x): the upper
 * block of an orthonormal basis of the columns of [a; I]. The rows of `a` may differ in size by any power of ten;
 * an SVD of `a` would compute what small rows add with an error of the size of the largest.
 *
 * Householder QR with the largest rows first and the largest column next keeps the error of every row relative to that
 * row (Cox and Higham, "Stability of Householder QR factorization for weighted least squares problems", 1998).
 *
 * @param a m x k, with entries whose squares do not overflow.
 * @returns m x k, of norm 1 at most.
 */
export function saturateRows(a: Matrix): Matrix {
  const { rows: m, columns: k } = a;
  const size = (i: number) => i < m ? a.row(i).reduce((most, x) => Math.max(most, Math.abs(x)), 0) : 1;
  const order = Array.from({ length: m + k }, (_, i) => i).sort((i, j) => size(j) - size(i));
  const entry = (i: number, j: number) => i < m ? a.get(i, j) : i - m === j ? 1 : 0;
  const x = Matrix.from(m + k, k, (i, j) => entry(order[i], j));
  const reflectors: Float64Array[] = [];
  for (let j = 0; j < k; j++) {
    bringLargestColumn(x, j);
    reflectors.push(reflect(x, j));
  }
  // The reflectors, last one first, take the identity to the basis.
  const q = Matrix.from(m + k, k, (i, j) => i === j ? 1 : 0);
  for (let j = k - 1; j >= 0; j--) apply(reflectors[j], q, j, 0);
  const out = Matrix.zeros(m, k);
  order.forEach((i, from) => {
    if (i < m) out.row(i).set(q.row(from));
  });
  return out;
}

/** Exchanges column j with the one from j on whose rows from j on are largest. */
function bringLargestColumn(x: Matrix, j: number): void {
  let largest = j;
  let most = -1;
  for (let column = j; column < x.columns; column++) {
    let sum = 0;
    for (let i = j; i < x.rows; i++) sum += x.get(i, column) ** 2;
    if (sum > most) {
      most = sum;
      largest = column;
    }
  }
  for (let i = 0; i < x.rows; i++) {
    const kept = x.get(i, j);
    x.set(i, j, x.get(i, largest));
    x.set(i, largest, kept);
  }
}

/** Makes column j zero below its diagonal, and returns the reflector v of I - v v^T that does; rows 0 to j - 1 stay. */
function reflect(x: Matrix, j: number): Float64Array {
  const v = new Float64Array(x.rows);
  let sum = 0;
  for (let i = j; i < x.rows; i++) {
    v[i] = x.get(i, j);
    sum += v[i] ** 2;
  }
  const norm = Math.sqrt(sum);
  // Away from zero: the sum of two numbers of one sign.
  const head = v[j] + (v[j] < 0 ? -norm : norm);
  // v^T v = 2.
  const scale = 1 / Math.sqrt(norm * Math.abs(head));
  v[j] = head;
  for (let i = j; i < x.rows; i++) v[i] *= scale;
  apply(v, x, j, j);
  return v;
}

/** Applies I - v v^T to the columns of x from `first` on; v is zero before entry `from`. */
function apply(v: Float64Array, x: Matrix, from: number, first: number): void {
  for (let column = first; column < x.columns; column++) {
    let product = 0;
    for (let i = from; i < x.rows; i++) product += v[i] * x.get(i, column);
    for (let i = from; i < x.rows; i++) x.set(i, column, x.get(i, column) - product * v[i]);
  }
}
