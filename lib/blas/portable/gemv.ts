import type { RealArray } from "../../arrays/mod.ts";

/** `y = op(A) x` with A m x n, in one pass over the rows of A. */
export function gemv(
  transposeA: boolean,
  m: number,
  n: number,
  a: RealArray,
  lda: number,
  x: RealArray,
  y: RealArray,
): void {
  if (!transposeA) {
    for (let i = 0; i < m; i++) {
      // Two sums hide the latency of the addition.
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
    return;
  }
  y.fill(0, 0, n);
  for (let i = 0; i < m; i++) {
    const factor = x[i];
    const row = i * lda;
    for (let j = 0; j < n; j++) y[j] += factor * a[row + j];
  }
}
