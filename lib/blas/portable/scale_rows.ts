import type { RealArray } from "../../arrays/mod.ts";

/** `C = beta C`; beta = 0 means "overwrite", so that NaN in an old C does not survive. */
export function scaleRows(m: number, n: number, beta: number, c: RealArray, ldc: number): void {
  if (beta === 1) return;
  if (beta === 0 && ldc === n && c.length === m * n) {
    c.fill(0);
    return;
  }
  for (let i = 0; i < m; i++) {
    const row = i * ldc;
    if (beta === 0) c.fill(0, row, row + n);
    else for (let j = 0; j < n; j++) c[row + j] *= beta;
  }
}
