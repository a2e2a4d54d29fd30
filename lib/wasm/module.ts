/**
 * Compiled loops on float64 (128-bit SIMD, without fused multiply-add) for what BLAS does not have, and for where there
 * is no BLAS, in one module with one memory. The sources are kernels/*.as; `deno task wasm` compiles them. Every caller
 * has a loop in TypeScript for engines without WebAssembly SIMD, which gives the same bits.
 */
import { type Compiled, compiledOnce, type HeapBase } from "./compiled.ts";
import { kernelsOfFloat64 } from "./kernels_wasm.ts";

export { withoutKernels } from "./compiled.ts";

/** The functions of the module. Addresses are bytes from the start of the memory, and multiples of 16. */
export interface Kernels extends HeapBase {
  /**
   * Adds alpha op(A) op(B) to C, m x n with the inner size k; with `lower` only what reaches the lower triangle, and
   * rounded to single precision with `single`. C has room for a multiple of 4 rows. Flags are 0 or 1, distances
   * between rows count numbers. `work` has room for 256 * 132 + 16 of them.
   */
  addProduct(
    transposeA: number,
    transposeB: number,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    c: number,
    ldc: number,
    lower: number,
    single: number,
    work: number,
  ): void;
  /** `sums += sum_l (x_l + shifts_l) y_l`, entry by entry, with room for a multiple of 8: see kernels/entries.as. */
  addShiftedProducts(
    sums: number,
    x: number,
    shifts: number,
    y: number,
    terms: number,
    distance: number,
    count: number,
  ): void;
  /** Rows of singles, each divided by its entry of `sums`: see kernels/rows.as. */
  divideRows32(rows: number, sums: number, height: number, width: number): void;
  /** Interleaved complex numbers into blocks of two, and back; returns 0 if their sum is not finite. */
  swapMiddles(x: number, blocks: number): number;
  /** The first pass of radix 4 of a transform, `m` even, of interleaved numbers: see kernels/transforms.as. */
  firstPass4(x: number, y: number, m: number, roots: number): void;
  /** A pass of radix 2; `s` even. */
  pass2(x: number, y: number, m: number, s: number, roots: number): void;
  /** A pass of radix 3; `s` even. */
  pass3(x: number, y: number, m: number, s: number, roots: number): void;
  /** A pass of radix 4; `s` even. */
  pass4(x: number, y: number, m: number, s: number, roots: number): void;
  /** A pass of radix 5; `s` even. */
  pass5(x: number, y: number, m: number, s: number, roots: number): void;
  /** x becomes the conjugate of x y, `blocks` pairs of complex numbers each. */
  conjugateProduct(x: number, y: number, blocks: number): void;
  /**
   * The spectrum of 2h real numbers from that of h complex ones, h a multiple of 4: see kernels/real_transforms.as.
   * Returns 0 if the sum is not finite.
   */
  realSpectrum(from: number, out: number, h: number, roots: number): number;
  /** The cosine transform of 2h real numbers in Makhoul's order, h a multiple of 4; returns 0 if the sum is not finite. */
  cosines(from: number, out: number, h: number, table: number): number;
  /** The first pass, of radix 4, of two rows of 2h numbers, h a multiple of 4, from their order to Makhoul's. */
  firstPassOfRows64(x: number, y: number, to: number, h: number, roots: number): void;
  /** The same for single precision. */
  firstPassOfRows32(x: number, y: number, to: number, h: number, roots: number): void;
  /** The cosine transforms of two rows; returns 0 if their sum is not finite. */
  cosineRows64(from: number, x: number, y: number, h: number, table: number): number;
  /** The same for single precision. */
  cosineRows32(from: number, x: number, y: number, h: number, table: number): number;
  /** The way back: two rows of cosine coefficients packed for a transform. */
  packSpectrum64(x: number, y: number, to: number, h: number, table: number): void;
  /** The same for single precision. */
  packSpectrum32(x: number, y: number, to: number, h: number, table: number): void;
  /** Makhoul's order undone; returns 0 if the sum is not finite. */
  restoreRows64(from: number, x: number, y: number, h: number): number;
  /** The same for single precision. */
  restoreRows32(from: number, x: number, y: number, h: number): number;
  /** `n` entries of both kernels of infinite networks through a layer: see kernels/infinite_kernels.as; room for an even `n`. */
  reluLayer(nngp: number, ntk: number, n: number, a: number, c: number, bias: number): void;
  /** The same for the error function. */
  erfLayer(nngp: number, ntk: number, n: number, a: number, c: number, bias: number): void;
}

/** The kernels with the memory that they work in. */
export type CompiledKernels = Compiled<Kernels>;

/** The kernels, compiled at the first call; null where the engine cannot run them, or is not allowed to. */
export const compiledKernels: () => CompiledKernels | null = compiledOnce<Kernels>(kernelsOfFloat64);
