import { Matrix } from "../arrays/mod.ts";

/** The upper triangle of the symmetric part, row by row. */
export function pack(m: Matrix): Float64Array {
  const n = m.rows;
  const out = new Float64Array(n * (n + 1) / 2);
  let k = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++, k++) out[k] = (m.data[i * n + j] + m.data[j * n + i]) / 2;
  }
  return out;
}

/** The adjoint of pack: a weight beside the diagonal is shared by two entries. */
export function unpack(n: number, v: Float64Array): Matrix {
  const out = Matrix.zeros(n, n);
  let k = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++, k++) {
      const value = i === j ? v[k] : v[k] / 2;
      out.data[i * n + j] = value;
      out.data[j * n + i] = value;
    }
  }
  return out;
}

/**
 * Turns rows of standard normal numbers into packed symmetric Gaussian matrices: entries beside the diagonal
 * have variance 2.
 */
export function weightPacked(n: number, vectors: Matrix): void {
  let k = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++, k++) {
      if (j === i) continue;
      for (let row = 0; row < vectors.rows; row++) vectors.data[row * vectors.columns + k] *= Math.SQRT2;
    }
  }
}
