import type { RealArray } from "../../arrays/mod.ts";
import { gemmCompiled } from "./gemm_compiled.ts";
import { addProductLoop } from "./gemm_loop.ts";
import { scaleRows } from "./scale_rows.ts";
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
  if (gemmCompiled(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, false)) return;
  scaleRows(m, n, beta, c, ldc);
  if (alpha === 0) return;
  addProductLoop(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, c, ldc);
}
