import type { RealArray } from "../../arrays/mod.ts";
import type { Op } from "../engine.ts";

/** `y = op(A) x` for a complex m x n matrix, in one pass over the rows of A. */
export function complexGemv(
  op: Op,
  m: number,
  n: number,
  a: RealArray,
  lda: number,
  x: RealArray,
  y: RealArray,
): void {
  if (op === "none") {
    for (let i = 0; i < m; i++) {
      let re = 0;
      let im = 0;
      let p = 2 * i * lda;
      for (let j = 0; j < n; j++, p += 2) {
        re += a[p] * x[2 * j] - a[p + 1] * x[2 * j + 1];
        im += a[p] * x[2 * j + 1] + a[p + 1] * x[2 * j];
      }
      y[2 * i] = re;
      y[2 * i + 1] = im;
    }
    return;
  }
  const sign = op === "conjugate-transpose" ? -1 : 1;
  y.fill(0, 0, 2 * n);
  for (let i = 0; i < m; i++) {
    const xr = x[2 * i];
    const xi = x[2 * i + 1];
    let p = 2 * i * lda;
    for (let j = 0; j < n; j++, p += 2) {
      const re = a[p];
      const im = sign * a[p + 1];
      y[2 * j] += re * xr - im * xi;
      y[2 * j + 1] += re * xi + im * xr;
    }
  }
}
