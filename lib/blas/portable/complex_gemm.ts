import { allocateLike, type RealArray } from "../../arrays/mod.ts";
import type { Op } from "../engine.ts";
import { gemm } from "./gemm.ts";

/**
 * `C = op(A) op(B)` for complex matrices, as four real products of the parts:
 * `(X + iY)(U + iV) = XU - YV + i(XV + YU)`.
 */
export function complexGemm(
  opA: Op,
  opB: Op,
  m: number,
  n: number,
  k: number,
  a: RealArray,
  lda: number,
  b: RealArray,
  ldb: number,
  c: RealArray,
  ldc: number,
): void {
  const transposeA = opA !== "none";
  const transposeB = opB !== "none";
  const [x, y] = parts(a, transposeA ? k : m, transposeA ? m : k, lda, opA === "conjugate-transpose");
  const [u, v] = parts(b, transposeB ? n : k, transposeB ? k : n, ldb, opB === "conjugate-transpose");
  const re = allocateLike(c, m * n);
  const im = allocateLike(c, m * n);
  const ka = transposeA ? m : k;
  const kb = transposeB ? k : n;
  gemm(transposeA, transposeB, m, n, k, 1, x, ka, u, kb, 0, re, n);
  gemm(transposeA, transposeB, m, n, k, -1, y, ka, v, kb, 1, re, n);
  gemm(transposeA, transposeB, m, n, k, 1, x, ka, v, kb, 0, im, n);
  gemm(transposeA, transposeB, m, n, k, 1, y, ka, u, kb, 1, im, n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      c[2 * (i * ldc + j)] = re[i * n + j];
      c[2 * (i * ldc + j) + 1] = im[i * n + j];
    }
  }
}

/** Real and imaginary part (negated if `conjugate`) of a rows x columns matrix. */
function parts(
  z: RealArray,
  rows: number,
  columns: number,
  ld: number,
  conjugate: boolean,
): [RealArray, RealArray] {
  const re = allocateLike(z, rows * columns);
  const im = allocateLike(z, rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      re[i * columns + j] = z[2 * (i * ld + j)];
      im[i * columns + j] = conjugate ? -z[2 * (i * ld + j) + 1] : z[2 * (i * ld + j) + 1];
    }
  }
  return [re, im];
}
