/**
 * The native engine: cblas through Deno's foreign function interface; tiny products do not pay for the call.
 * Before each call the class and the length of every array are checked, which takes some nanoseconds.
 */
import type { RealArray } from "../../arrays/mod.ts";
import type { Engine, Op } from "../engine.ts";
import { complexGemv as portableComplexGemv } from "../portable/complex_gemv.ts";
import { gemv as portableGemv } from "../portable/gemv.ts";
import { mirror, mirrorHermitian } from "../portable/mirror.ts";
import { TINY_GEMM, TINY_GEMV, tinyGemm } from "../portable/tiny.ts";
import * as portableVector from "../portable/vector.ts";
import { requireRoom, span } from "./guard.ts";
import type { OpenLibrary } from "./library.ts";
import type { Threads } from "./threads.ts";

const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;
const CONJUGATE_TRANSPOSE = 113;
const LOWER = 122;

const CODE = {
  none: NO_TRANSPOSE,
  transpose: TRANSPOSE,
  "conjugate-transpose": CONJUGATE_TRANSPOSE,
} as const;

const i32 = "i32";
const f32 = "f32";
const f64 = "f64";
const buffer = "buffer";
const none = "void";

/** The part of cblas that the engine uses; a complex scalar is passed by address. */
const symbols = {
  cblas_sgemm: {
    parameters: [i32, i32, i32, i32, i32, i32, f32, buffer, i32, buffer, i32, f32, buffer, i32],
    result: none,
  },
  cblas_dgemm: {
    parameters: [i32, i32, i32, i32, i32, i32, f64, buffer, i32, buffer, i32, f64, buffer, i32],
    result: none,
  },
  cblas_cgemm: {
    parameters: [i32, i32, i32, i32, i32, i32, buffer, buffer, i32, buffer, i32, buffer, buffer, i32],
    result: none,
  },
  cblas_zgemm: {
    parameters: [i32, i32, i32, i32, i32, i32, buffer, buffer, i32, buffer, i32, buffer, buffer, i32],
    result: none,
  },
  cblas_ssyrk: { parameters: [i32, i32, i32, i32, i32, f32, buffer, i32, f32, buffer, i32], result: none },
  cblas_dsyrk: { parameters: [i32, i32, i32, i32, i32, f64, buffer, i32, f64, buffer, i32], result: none },
  cblas_cherk: { parameters: [i32, i32, i32, i32, i32, f32, buffer, i32, f32, buffer, i32], result: none },
  cblas_zherk: { parameters: [i32, i32, i32, i32, i32, f64, buffer, i32, f64, buffer, i32], result: none },
  cblas_sgemv: {
    parameters: [i32, i32, i32, i32, f32, buffer, i32, buffer, i32, f32, buffer, i32],
    result: none,
  },
  cblas_dgemv: {
    parameters: [i32, i32, i32, i32, f64, buffer, i32, buffer, i32, f64, buffer, i32],
    result: none,
  },
  cblas_cgemv: {
    parameters: [i32, i32, i32, i32, buffer, buffer, i32, buffer, i32, buffer, buffer, i32],
    result: none,
  },
  cblas_zgemv: {
    parameters: [i32, i32, i32, i32, buffer, buffer, i32, buffer, i32, buffer, buffer, i32],
    result: none,
  },
  cblas_sdot: { parameters: [i32, buffer, i32, buffer, i32], result: f32 },
  cblas_ddot: { parameters: [i32, buffer, i32, buffer, i32], result: f64 },
  // An index below 2^31 fits the lower half of the size_t that is returned.
  cblas_isamax: { parameters: [i32, buffer, i32], result: "u32" },
  cblas_idamax: { parameters: [i32, buffer, i32], result: "u32" },
  cblas_sscal: { parameters: [i32, f32, buffer, i32], result: none },
  cblas_dscal: { parameters: [i32, f64, buffer, i32], result: none },
  cblas_saxpy: { parameters: [i32, f32, buffer, i32, buffer, i32], result: none },
  cblas_daxpy: { parameters: [i32, f64, buffer, i32, buffer, i32], result: none },
} as const;

/** Entries below which a loop over them is faster than a call. */
const TINY_VECTOR = 256;
/**
 * Entries that are summed at once: few enough that single precision keeps its digits, and that OpenBLAS does
 * it on one thread (it divides sums of more than 10,000), so that the result does not depend on the number of
 * threads.
 */
const SUM_BLOCK = 8192;

/**
 * Products of fewer multiplications run on one thread: on two idle cores a second one saves at most 30 us of
 * 66, on busy ones the wait for it takes milliseconds.
 */
const SMALL = 4e6;

/** The engine of an opened library. @throws {Error} if one of its symbols is missing. */
export function nativeEngine(library: OpenLibrary, threads?: Threads): Engine {
  const blas = library.open(symbols);
  /**
   * Makes a small product run on one thread; returns how many there are to be afterwards, 0 if that is how it
   * is.
   */
  const alone = (multiplications: number): number => {
    if (threads === undefined || multiplications >= SMALL) return 0;
    const before = threads.get();
    if (before <= 1) return 0;
    threads.set(1);
    return before;
  };
  const again = (before: number): void => {
    if (before > 0) threads!.set(before);
  };
  const bytes = (x: RealArray) => x as unknown as BufferSource;
  const one32 = new Float32Array([1, 0]);
  const zero32 = new Float32Array(2);
  const one64 = new Float64Array([1, 0]);
  const zero64 = new Float64Array(2);
  return {
    name: "native",
    gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
      if (m * n * k <= TINY_GEMM) {
        tinyGemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
      }
      const single = c instanceof Float32Array;
      requireRoom("a", a, single, transposeA ? span(k, m, lda) : span(m, k, lda));
      requireRoom("b", b, single, transposeB ? span(n, k, ldb) : span(k, n, ldb));
      requireRoom("c", c, single, span(m, n, ldc));
      const gemm = single ? blas.cblas_sgemm : blas.cblas_dgemm;
      const opA = transposeA ? TRANSPOSE : NO_TRANSPOSE;
      const opB = transposeB ? TRANSPOSE : NO_TRANSPOSE;
      const before = alone(m * n * k);
      gemm(ROW_MAJOR, opA, opB, m, n, k, alpha, bytes(a), lda, bytes(b), ldb, beta, bytes(c), ldc);
      again(before);
    },
    complexGemm(opA: Op, opB: Op, m, n, k, a, lda, b, ldb, c, ldc) {
      const single = c instanceof Float32Array;
      requireRoom("a", a, single, 2 * (opA === "none" ? span(m, k, lda) : span(k, m, lda)));
      requireRoom("b", b, single, 2 * (opB === "none" ? span(k, n, ldb) : span(n, k, ldb)));
      requireRoom("c", c, single, 2 * span(m, n, ldc));
      const gemm = single ? blas.cblas_cgemm : blas.cblas_zgemm;
      const one = bytes(single ? one32 : one64);
      const zero = bytes(single ? zero32 : zero64);
      const before = alone(4 * m * n * k);
      gemm(ROW_MAJOR, CODE[opA], CODE[opB], m, n, k, one, bytes(a), lda, bytes(b), ldb, zero, bytes(c), ldc);
      again(before);
    },
    syrk(transposeA, n, k, alpha, a, lda, beta, c) {
      if (n * n * k <= TINY_GEMM) {
        // Reads all of C; the lower triangle is what counts.
        if (beta !== 0) mirror(n, c);
        tinyGemm(transposeA, !transposeA, n, n, k, alpha, a, lda, a, lda, beta, c, n);
        return;
      }
      const single = c instanceof Float32Array;
      requireRoom("a", a, single, transposeA ? span(k, n, lda) : span(n, k, lda));
      requireRoom("c", c, single, n * n);
      const syrk = single ? blas.cblas_ssyrk : blas.cblas_dsyrk;
      const before = alone(n * n * k / 2);
      syrk(
        ROW_MAJOR,
        LOWER,
        transposeA ? TRANSPOSE : NO_TRANSPOSE,
        n,
        k,
        alpha,
        bytes(a),
        lda,
        beta,
        bytes(c),
        n,
      );
      again(before);
      mirror(n, c);
    },
    herk(transposeA, n, k, a, lda, c) {
      const single = c instanceof Float32Array;
      requireRoom("a", a, single, 2 * (transposeA ? span(k, n, lda) : span(n, k, lda)));
      requireRoom("c", c, single, 2 * n * n);
      const herk = single ? blas.cblas_cherk : blas.cblas_zherk;
      herk(
        ROW_MAJOR,
        LOWER,
        transposeA ? CONJUGATE_TRANSPOSE : NO_TRANSPOSE,
        n,
        k,
        1,
        bytes(a),
        lda,
        0,
        bytes(c),
        n,
      );
      mirrorHermitian(n, c);
    },
    gemv(transposeA, m, n, a, lda, x, y) {
      if (m * n <= TINY_GEMV) {
        portableGemv(transposeA, m, n, a, lda, x, y);
        return;
      }
      const single = y instanceof Float32Array;
      requireRoom("a", a, single, span(m, n, lda));
      requireRoom("x", x, single, transposeA ? m : n);
      requireRoom("y", y, single, transposeA ? n : m);
      const gemv = single ? blas.cblas_sgemv : blas.cblas_dgemv;
      gemv(
        ROW_MAJOR,
        transposeA ? TRANSPOSE : NO_TRANSPOSE,
        m,
        n,
        1,
        bytes(a),
        lda,
        bytes(x),
        1,
        0,
        bytes(y),
        1,
      );
    },
    complexGemv(op: Op, m, n, a, lda, x, y) {
      // One complex entry is four multiplications.
      if (4 * m * n <= TINY_GEMV) {
        portableComplexGemv(op, m, n, a, lda, x, y);
        return;
      }
      const single = y instanceof Float32Array;
      requireRoom("a", a, single, 2 * span(m, n, lda));
      requireRoom("x", x, single, 2 * (op === "none" ? n : m));
      requireRoom("y", y, single, 2 * (op === "none" ? m : n));
      const gemv = single ? blas.cblas_cgemv : blas.cblas_zgemv;
      const one = bytes(single ? one32 : one64);
      const zero = bytes(single ? zero32 : zero64);
      gemv(ROW_MAJOR, CODE[op], m, n, one, bytes(a), lda, bytes(x), 1, zero, bytes(y), 1);
    },
    sumOfSquares(x) {
      if (x.length <= TINY_VECTOR) return portableVector.sumOfSquares(x);
      const single = x instanceof Float32Array;
      requireRoom("x", x, single, 0);
      const dot = single ? blas.cblas_sdot : blas.cblas_ddot;
      let sum = 0;
      for (let from = 0; from < x.length; from += SUM_BLOCK) {
        const block = x.subarray(from, from + SUM_BLOCK);
        sum += dot(block.length, bytes(block), 1, bytes(block), 1);
      }
      if (!single) return sum;
      // Squares of tiny or huge entries leave the range of single precision.
      return sum > 1e-28 * x.length && sum < Infinity ? sum : portableVector.sumOfSquares(x);
    },
    largestMagnitude(x) {
      if (x.length <= TINY_VECTOR) return portableVector.largestMagnitude(x);
      const single = x instanceof Float32Array;
      requireRoom("x", x, single, 0);
      const amax = single ? blas.cblas_isamax : blas.cblas_idamax;
      return Math.abs(x[amax(x.length, bytes(x), 1)]);
    },
    scaleInPlace(x, factor) {
      if (x.length <= TINY_VECTOR) return portableVector.scaleInPlace(x, factor);
      const single = x instanceof Float32Array;
      requireRoom("x", x, single, 0);
      const scal = single ? blas.cblas_sscal : blas.cblas_dscal;
      scal(x.length, factor, bytes(x), 1);
    },
    addScaled(y, factor, x) {
      if (y.length <= TINY_VECTOR) return portableVector.addScaled(y, factor, x);
      const single = y instanceof Float32Array;
      requireRoom("y", y, single, 0);
      requireRoom("x", x, single, y.length);
      const axpy = single ? blas.cblas_saxpy : blas.cblas_daxpy;
      axpy(y.length, factor, bytes(x), 1, bytes(y), 1);
    },
  };
}
