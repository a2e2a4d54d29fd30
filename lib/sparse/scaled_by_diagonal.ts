import { Matrix } from "../arrays/mod.ts";
import type { CsrMatrix } from "./csr_matrix.ts";

/** Largest order of matrices whose entries are all stored. */
const DENSE_LIMIT = 2000;

/** @throws {RangeError} if a matrix of that order is too large to be stored with its zeros. */
export function requireDenseOrder(name: string, order: number): void {
  if (order > DENSE_LIMIT) {
    throw new RangeError(`\`${name}\` must be of an order from 1 to ${DENSE_LIMIT}, got ${order}`);
  }
}

/** `D^{-1/2} A D^{-1/2}`, dense. @throws {RangeError} if the matrix is not symmetric, or too large. */
export function scaledByDiagonal(name: string, a: CsrMatrix): Matrix {
  requireDenseOrder(name, a.rows);
  const dense = a.toDense();
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [dense.get(i, j), dense.get(j, i)];
      if (below === above) continue;
      throw new RangeError(
        `\`${name}\` must be symmetric, got ${below} in (${i}, ${j}) and ${above} in (${j}, ${i})`,
      );
    }
  }
  const roots = a.diagonal().map(Math.sqrt);
  return Matrix.from(a.rows, a.rows, (i, j) => dense.get(i, j) / roots[i] / roots[j]);
}
