/**
 * Loops for work of a few hundred operations, where packing or a foreign call would cost more than the sums.
 */
import type { RealArray } from "../../arrays/mod.ts";

/**
 * Products of up to this many multiplications are summed by {@linkcode tinyGemm} on both engines. Measured in
 * Deno 2.9: a foreign call takes about 250 ns, in which the loop does this many.
 */
export const TINY_GEMM = 128;

/**
 * Matrix-vector products of up to this many entries are left to the portable loop on both engines. Measured
 * alike.
 */
export const TINY_GEMV = 100;

/** `C = alpha op(A) op(B) + beta C`, one entry of C after the other, summed in double precision. */
export function tinyGemm(
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
  const rowA = transposeA ? 1 : lda;
  const stepA = transposeA ? lda : 1;
  const columnB = transposeB ? ldb : 1;
  const stepB = transposeB ? 1 : ldb;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let p = i * rowA;
      let q = j * columnB;
      for (let t = 0; t < k; t++, p += stepA, q += stepB) sum += a[p] * b[q];
      const at = i * ldc + j;
      // beta = 0 means "overwrite", so that NaN in an old C does not survive.
      c[at] = beta === 0 ? alpha * sum : alpha * sum + beta * c[at];
    }
  }
}
