import type { RealArray } from "../../arrays/mod.ts";
import { compiledKernels } from "../../wasm/module.ts";
import { scaleRows } from "./scale_rows.ts";

/** Below this many multiplications the loop is as fast as copying to the kernel's memory and back. */
const SMALL = 256;

/** What the kernel needs beside the matrices, in numbers. */
const WORK = 256 * 132 + 16;

/** Matrices start at lines of the cache, of so many numbers. */
const LINE = 8;

/**
 * `C = alpha op(A) op(B) + beta C` by the compiled kernel, or false, having done nothing: where there is none, for
 * small products and for those that do not fit its memory.
 *
 * @param lower Whether only the lower triangle of C, with the blocks that it reaches, is wanted.
 */
export function gemmCompiled(
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
  lower: boolean,
): boolean {
  // Where there is nothing to add, C is only scaled.
  if (m * n * k < SMALL || alpha === 0) return false;
  const kernels = compiledKernels();
  if (kernels === null) return false;
  const sizeA = upToLine(m * k);
  // The Gram matrix has one factor.
  const isSame = a === b && lda === ldb && transposeA !== transposeB && m === n;
  const sizeB = isSame ? 0 : upToLine(k * n);
  // The kernel writes four rows at a time.
  const sizeC = upToLine(4 * Math.ceil(m / 4) * n);
  const start = kernels.scratch(8 * (sizeA + sizeB + sizeC + WORK));
  if (start === 0) return false;
  const { float64 } = kernels;
  const columnsA = transposeA ? m : k;
  const columnsB = transposeB ? k : n;
  const atA = start / 8;
  const atB = isSame ? atA : atA + sizeA;
  const atC = atA + sizeA + sizeB;
  copyIn(transposeA ? k : m, columnsA, a, lda, float64, atA);
  if (!isSame) copyIn(transposeB ? n : k, columnsB, b, ldb, float64, atB);
  if (beta === 0) {
    float64.fill(0, atC, atC + sizeC);
  } else {
    scaleRows(m, n, beta, c, ldc);
    copyIn(m, n, c, ldc, float64, atC);
  }
  kernels.run.addProduct(
    Number(transposeA),
    Number(transposeB),
    m,
    n,
    k,
    alpha,
    8 * atA,
    columnsA,
    8 * atB,
    columnsB,
    8 * atC,
    n,
    Number(lower),
    Number(c instanceof Float32Array),
    8 * (atC + sizeC),
  );
  copyOut(m, n, float64, atC, c, ldc);
  return true;
}

function upToLine(numbers: number): number {
  return Math.ceil(numbers / LINE) * LINE;
}

/** Numbers above which a view and one copy are faster than a loop. */
const LOOP = 64;

/** Copies a rows x columns matrix into the memory, rows close together. */
function copyIn(
  rows: number,
  columns: number,
  x: RealArray,
  ld: number,
  memory: Float64Array,
  at: number,
): void {
  const size = rows * columns;
  if (ld === columns && size > LOOP) {
    memory.set(x.length === size ? x : x.subarray(0, size), at);
    return;
  }
  for (let i = 0; i < rows; i++, at += columns) {
    const row = i * ld;
    for (let j = 0; j < columns; j++) memory[at + j] = x[row + j];
  }
}

/** Copies it back, and leaves alone what is between the rows. */
function copyOut(
  rows: number,
  columns: number,
  memory: Float64Array,
  at: number,
  x: RealArray,
  ld: number,
): void {
  if (ld === columns && rows * columns > LOOP) {
    x.set(memory.subarray(at, at + rows * columns));
    return;
  }
  for (let i = 0; i < rows; i++, at += columns) {
    const row = i * ld;
    for (let j = 0; j < columns; j++) x[row + j] = memory[at + j];
  }
}
