import type { RealArray } from "../../arrays/mod.ts";

/**
 * Rows of the inner dimension packed at once: two strips of 4 x 256 doubles stay in the first-level cache.
 */
const DEPTH = 256;

const packedA = new Float64Array(4 * DEPTH);
let packedB = new Float64Array(0);

/**
 * `C = C + alpha op(A) op(B)` in register-blocked loops: strips of 4 rows of op(A) and 4 columns of op(B) are
 * copied side by side, and a 4 x 4 block of C is summed in local variables (Goto & van de Geijn 2008, section 4).
 * Sums are kept in double precision, also for Float32 matrices. lib/wasm/kernels/products.as has the same loops,
 * compiled, which give the same bits.
 */
export function addProductLoop(
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
  c: RealArray,
  ldc: number,
): void {
  const strips = Math.ceil(n / 4);
  if (packedB.length < strips * 4 * Math.min(k, DEPTH)) {
    packedB = new Float64Array(strips * 4 * Math.min(k, DEPTH));
  }
  for (let p0 = 0; p0 < k; p0 += DEPTH) {
    const depth = Math.min(DEPTH, k - p0);
    packColumns(transposeB, n, p0, depth, b, ldb);
    for (let i = 0; i < m; i += 4) {
      packRows(transposeA, i, Math.min(4, m - i), p0, depth, a, lda);
      for (let strip = 0; strip < strips; strip++) {
        block(
          depth,
          strip * 4 * depth,
          alpha,
          c,
          i * ldc + strip * 4,
          ldc,
          Math.min(4, m - i),
          Math.min(4, n - strip * 4),
        );
      }
    }
  }
}

/** Copies op(B)[p0 .. p0 + depth, :] as strips of 4 columns, the last one padded with zeros. */
function packColumns(
  transpose: boolean,
  n: number,
  p0: number,
  depth: number,
  b: RealArray,
  ldb: number,
): void {
  const out = packedB;
  let start = 0;
  for (let j = 0; j < n; j += 4, start += 4 * depth) {
    const width = Math.min(4, n - j);
    if (width < 4) out.fill(0, start, start + 4 * depth);
    if (transpose) {
      for (let r = 0; r < width; r++) {
        const row = (j + r) * ldb + p0;
        for (let p = 0; p < depth; p++) out[start + 4 * p + r] = b[row + p];
      }
    } else {
      for (let p = 0; p < depth; p++) {
        const row = (p0 + p) * ldb + j;
        for (let r = 0; r < width; r++) out[start + 4 * p + r] = b[row + r];
      }
    }
  }
}

/** Copies op(A)[i .. i + height, p0 .. p0 + depth] as one strip of 4 rows, padded with zeros. */
function packRows(
  transpose: boolean,
  i: number,
  height: number,
  p0: number,
  depth: number,
  a: RealArray,
  lda: number,
): void {
  const out = packedA;
  if (height < 4) out.fill(0, 0, 4 * depth);
  if (transpose) {
    for (let p = 0; p < depth; p++) {
      const row = (p0 + p) * lda + i;
      for (let r = 0; r < height; r++) out[4 * p + r] = a[row + r];
    }
  } else {
    for (let r = 0; r < height; r++) {
      const row = (i + r) * lda + p0;
      for (let p = 0; p < depth; p++) out[4 * p + r] = a[row + p];
    }
  }
}

/** Adds alpha times the product of two strips to one block of C, at most 4 x 4. */
function block(
  depth: number,
  start: number,
  alpha: number,
  c: RealArray,
  at: number,
  ldc: number,
  height: number,
  width: number,
): void {
  const x = packedA;
  const y = packedB;
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  const end = 4 * depth;
  let q = start;
  for (let p = 0; p < end; p += 4, q += 4) {
    const x0 = x[p];
    const x1 = x[p + 1];
    const x2 = x[p + 2];
    const x3 = x[p + 3];
    const y0 = y[q];
    const y1 = y[q + 1];
    const y2 = y[q + 2];
    const y3 = y[q + 3];
    c00 += x0 * y0, c01 += x0 * y1, c02 += x0 * y2, c03 += x0 * y3;
    c10 += x1 * y0, c11 += x1 * y1, c12 += x1 * y2, c13 += x1 * y3;
    c20 += x2 * y0, c21 += x2 * y1, c22 += x2 * y2, c23 += x2 * y3;
    c30 += x3 * y0, c31 += x3 * y1, c32 += x3 * y2, c33 += x3 * y3;
  }
  for (let r = 0; r < height; r++, at += ldc) {
    const s0 = r === 0 ? c00 : r === 1 ? c10 : r === 2 ? c20 : c30;
    const s1 = r === 0 ? c01 : r === 1 ? c11 : r === 2 ? c21 : c31;
    const s2 = r === 0 ? c02 : r === 1 ? c12 : r === 2 ? c22 : c32;
    const s3 = r === 0 ? c03 : r === 1 ? c13 : r === 2 ? c23 : c33;
    c[at] += alpha * s0;
    if (width > 1) c[at + 1] += alpha * s1;
    if (width > 2) c[at + 2] += alpha * s2;
    if (width > 3) c[at + 3] += alpha * s3;
  }
}
