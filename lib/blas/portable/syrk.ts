import type { RealArray } from "../../arrays/mod.ts";
import { gemm, scaleRows } from "./gemm.ts";
import { addProductCompiled } from "./gemm_compiled.ts";
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
  // A panel that is tiny starts its sums elsewhere than at a zero in C; only the last can be.
  if (n * k > TINY_GEMM) {
    scaleRows(n, n, beta, c, n);
    const fresh = beta === 0;
    if (
      alpha === 0 ||
      addProductCompiled(transposeA, !transposeA, n, n, k, alpha, a, lda, a, lda, fresh, c, n, true)
    ) {
      mirror(n, c);
      return;
    }
    beta = 1;
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
