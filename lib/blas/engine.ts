import type { RealArray } from "../arrays/mod.ts";

/** What is done to a factor before the product: nothing, transpose, or conjugate transpose. */
export type Op = "none" | "transpose" | "conjugate-transpose";

/** The names of {@linkcode Op}, for checks. */
export const OPS: readonly Op[] = ["none", "transpose", "conjugate-transpose"];

/**
 * The kernels that every engine offers. All matrices are row-major; `ld*` is the distance between rows,
 * counted in entries (a complex entry counts once). All arrays of a call have the same precision. Shapes
 * and options are checked by the public functions, with the names their callers know; the native engine checks
 * the class and length of each array again, as a wrong one would end the process.
 */
export interface Engine {
  /** Which of the two engines this is. */
  readonly name: "native" | "portable";
  /** `C = alpha op(A) op(B) + beta C`, with C m x n and the inner size k. */
  gemm(
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
  ): void;
  /** `C = op(A) op(B)` for complex matrices, C m x n and the inner size k. */
  complexGemm(
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
  ): void;
  /**
   * Both triangles of `C = alpha A A^T + beta C` (n x n, A is n x k), or with `A^T A` (A is k x n) for
   * `transposeA`; of the old C only the lower triangle is read.
   */
  syrk(
    transposeA: boolean,
    n: number,
    k: number,
    alpha: number,
    a: RealArray,
    lda: number,
    beta: number,
    c: RealArray,
  ): void;
  /** Both triangles of `C = A A^H` (n x n, A is n x k), or of `C = A^H A` (A is k x n) with `transposeA`. */
  herk(transposeA: boolean, n: number, k: number, a: RealArray, lda: number, c: RealArray): void;
  /** `y = op(A) x` with A m x n. */
  gemv(
    transposeA: boolean,
    m: number,
    n: number,
    a: RealArray,
    lda: number,
    x: RealArray,
    y: RealArray,
  ): void;
  /** `y = op(A) x` for a complex m x n matrix. */
  complexGemv(op: Op, m: number, n: number, a: RealArray, lda: number, x: RealArray, y: RealArray): void;
  /** Sum of squared entries, in float64; single precision within blocks is allowed for float32. */
  sumOfSquares(x: RealArray): number;
  /** Largest absolute value of finite entries; 0 for none. */
  largestMagnitude(x: RealArray): number;
  /** `x = factor x`. */
  scaleInPlace(x: RealArray, factor: number): void;
  /** `y = y + factor x`, of one length and precision. */
  addScaled(y: RealArray, factor: number, x: RealArray): void;
}
