import type { RealArray } from "../../arrays/mod.ts";

/**
 * `y = op(A) x` with A m x n, in one pass over the rows of A, four at a time: an addition need not wait for the one
 * before, and `x` (or `y`) is read once for four rows. Each number is summed as if its row were alone.
 */
export function gemv(
  transposeA: boolean,
  m: number,
  n: number,
  a: RealArray,
  lda: number,
  x: RealArray,
  y: RealArray,
): void {
  if (transposeA) addRows(m, n, a, lda, x, y.fill(0, 0, n));
  else multiplyRows(m, n, a, lda, x, y);
}

/** Dot products of the rows with x: the sum of the even terms and that of the odd ones. */
function multiplyRows(m: number, n: number, a: RealArray, lda: number, x: RealArray, y: RealArray): void {
  let i = 0;
  for (; i + 3 < m; i += 4) {
    let even0 = 0;
    let even1 = 0;
    let even2 = 0;
    let even3 = 0;
    let odd0 = 0;
    let odd1 = 0;
    let odd2 = 0;
    let odd3 = 0;
    const row0 = i * lda;
    const row1 = row0 + lda;
    const row2 = row1 + lda;
    const row3 = row2 + lda;
    let j = 0;
    for (; j + 1 < n; j += 2) {
      const x0 = x[j];
      const x1 = x[j + 1];
      even0 += a[row0 + j] * x0;
      odd0 += a[row0 + j + 1] * x1;
      even1 += a[row1 + j] * x0;
      odd1 += a[row1 + j + 1] * x1;
      even2 += a[row2 + j] * x0;
      odd2 += a[row2 + j + 1] * x1;
      even3 += a[row3 + j] * x0;
      odd3 += a[row3 + j + 1] * x1;
    }
    if (j < n) {
      even0 += a[row0 + j] * x[j];
      even1 += a[row1 + j] * x[j];
      even2 += a[row2 + j] * x[j];
      even3 += a[row3 + j] * x[j];
    }
    y[i] = even0 + odd0;
    y[i + 1] = even1 + odd1;
    y[i + 2] = even2 + odd2;
    y[i + 3] = even3 + odd3;
  }
  for (; i < m; i++) {
    let even = 0;
    let odd = 0;
    let j = 0;
    const row = i * lda;
    for (; j + 1 < n; j += 2) {
      even += a[row + j] * x[j];
      odd += a[row + j + 1] * x[j + 1];
    }
    if (j < n) even += a[row + j] * x[j];
    y[i] = even + odd;
  }
}

/** Adds multiples of the rows to y, one row after the other. */
function addRows(m: number, n: number, a: RealArray, lda: number, x: RealArray, y: RealArray): void {
  let i = 0;
  // In single precision every addition is rounded when it is stored.
  if (!(y instanceof Float32Array)) {
    for (; i + 3 < m; i += 4) {
      const x0 = x[i];
      const x1 = x[i + 1];
      const x2 = x[i + 2];
      const x3 = x[i + 3];
      const row0 = i * lda;
      const row1 = row0 + lda;
      const row2 = row1 + lda;
      const row3 = row2 + lda;
      for (let j = 0; j < n; j++) {
        y[j] = (((y[j] + x0 * a[row0 + j]) + x1 * a[row1 + j]) + x2 * a[row2 + j]) + x3 * a[row3 + j];
      }
    }
  }
  for (; i < m; i++) {
    const factor = x[i];
    const row = i * lda;
    for (let j = 0; j < n; j++) y[j] += factor * a[row + j];
  }
}
