import type { RealArray } from "../../arrays/mod.ts";
import { addProductCompiled } from "./gemm_compiled.ts";
import { addProductLoop } from "./gemm_loop.ts";
import { TINY_GEMM, tinyGemm } from "./tiny.ts";

/** `C = alpha op(A) op(B) + beta C`: the same bits with the compiled loops as with those in TypeScript. */
export function gemm(
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: RealArray,
  lda: number,
  b: RealArray,
  ldb: number,
  beta: number,
  c: RealArray,
  ldc: number,
): void {
  if (m * n * k <= TINY_GEMM) {
    tinyGemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    return;
  }
  scaleRows(m, n, beta, c, ldc);
  if (m === 0 || n === 0 || k === 0 || alpha === 0) return;
  const fresh = beta === 0;
  if (addProductCompiled(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, fresh, c, ldc, false)) {
    return;
  }
  addProductLoop(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, c, ldc);
}

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
