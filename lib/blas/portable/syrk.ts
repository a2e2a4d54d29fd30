import type { RealArray } from "../../arrays/mod.ts";
import { gemm } from "./gemm.ts";
import { gemmCompiled } from "./gemm_compiled.ts";
import { mirror } from "./mirror.ts";
import { TINY_GEMM } from "./tiny.ts";

/** Columns of the result computed at once; blocks above the diagonal are skipped and mirrored. */
const PANEL = 64;

/** Both triangles of `C = alpha A A^T + beta C` (A n x k) or, transposed, with `A^T A` (A k x n). */
export function syrk(
  transposeA: boolean,
  n: number,
  k: number,
  alpha: number,
  a: RealArray,
  lda: number,
  beta: number,
  c: RealArray,
): void {
  // A last panel that is tiny starts its sums elsewhere than at a zero in C.
  if (
    n * k > TINY_GEMM &&
    gemmCompiled(transposeA, !transposeA, n, n, k, alpha, a, lda, a, lda, beta, c, n, true)
  ) {
    mirror(n, c);
    return;
  }
  for (let i = 0; i < n; i += PANEL) {
    const height = Math.min(PANEL, n - i);
    // Row panel i of the lower triangle, columns 0 .. i + height.
    const rows = transposeA ? a.subarray(i) : a.subarray(i * lda);
    gemm(
      transposeA,
      !transposeA,
      height,
      i + height,
      k,
      alpha,
      rows,
      lda,
      a,
      lda,
      beta,
      c.subarray(i * n),
      n,
    );
  }
  mirror(n, c);
}
