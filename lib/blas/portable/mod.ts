/**
 * The portable engine: TypeScript loops that run in every JavaScript runtime, and the products also in WebAssembly.
 */
import type { RealArray } from "../../arrays/mod.ts";
import type { Engine } from "../engine.ts";
import { complexGemm } from "./complex_gemm.ts";
import { complexGemv } from "./complex_gemv.ts";
import { gemm } from "./gemm.ts";
import { gemv } from "./gemv.ts";
import { mirrorHermitian } from "./mirror.ts";
import { syrk } from "./syrk.ts";
import { addScaled, largestMagnitude, scaleInPlace, sumOfSquares } from "./vector.ts";

/** The portable engine. */
export const portable: Engine = {
  name: "portable",
  gemm,
  gemv,
  syrk,
  complexGemm,
  complexGemv,
  sumOfSquares,
  largestMagnitude,
  scaleInPlace,
  addScaled,
  herk(transposeA: boolean, n: number, k: number, a: RealArray, lda: number, c: RealArray): void {
    if (transposeA) complexGemm("conjugate-transpose", "none", n, n, k, a, lda, a, lda, c, n);
    else complexGemm("none", "conjugate-transpose", n, n, k, a, lda, a, lda, c, n);
    mirrorHermitian(n, c);
  },
};
