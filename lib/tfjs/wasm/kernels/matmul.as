// The matrix product, where there is no BLAS.

/** Adds a 4 x 8 block: strips of 4 rows of A and 8 columns of B, packed side by side by the caller. */
@inline function block4x8(depth: i32, a: usize, b: usize, c: usize, ldc: i32): void {
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0), c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b), b1 = v128.load(b + 16);
    const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a + 4), a2 = v128.load32_splat(a + 8), a3 = v128.load32_splat(a + 12);
    c00 = fma(a0, b0, c00); c01 = fma(a0, b1, c01);
    c10 = fma(a1, b0, c10); c11 = fma(a1, b1, c11);
    c20 = fma(a2, b0, c20); c21 = fma(a2, b1, c21);
    c30 = fma(a3, b0, c30); c31 = fma(a3, b1, c31);
    a += 16;
    b += 32;
  }
  const row = <usize>ldc << 2;
  v128.store(c, f32x4.add(v128.load(c), c00)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c01)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c10)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c11)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c20)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c21)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c30)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c31));
}

/**
 * C = op(A) op(B), m x n. `work` has room for 256 (4 + 8 ceil(n / 8)) + 32 floats: a packed panel of B, a packed strip of
 * A, and one block for the edges.
 */
export function gemm(
  transposeA: bool, transposeB: bool, m: i32, n: i32, k: i32, a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32, work: usize,
): void {
  const strips = (n + 7) / 8, edge = work, strip = work + 128, panel = strip + 4096;
  for (let i = 0; i < m; i++) memory.fill(c + (<usize>i * ldc << 2), 0, <usize>n << 2);
  for (let p0 = 0; p0 < k; p0 += 256) {
    const depth = min(256, k - p0);
    for (let s = 0; s < strips; s++) {
      const j0 = s * 8, width = min(8, n - j0);
      let to = panel + (<usize>s * depth << 5);
      for (let p = 0; p < depth; p++) {
        for (let j = 0; j < 8; j++) {
          const at = transposeB ? <usize>(j0 + j) * ldb + p0 + p : <usize>(p0 + p) * ldb + j0 + j;
          store<f32>(to + (<usize>j << 2), j < width ? load<f32>(b + (at << 2)) : 0);
        }
        to += 32;
      }
    }
    for (let i0 = 0; i0 < m; i0 += 4) {
      const height = min(4, m - i0);
      let to = strip;
      for (let p = 0; p < depth; p++) {
        for (let i = 0; i < 4; i++) {
          const at = transposeA ? <usize>(p0 + p) * lda + i0 + i : <usize>(i0 + i) * lda + p0 + p;
          store<f32>(to + (<usize>i << 2), i < height ? load<f32>(a + (at << 2)) : 0);
        }
        to += 16;
      }
      for (let s = 0; s < strips; s++) {
        const j0 = s * 8, width = min(8, n - j0);
        const from = panel + (<usize>s * depth << 5), at = c + ((<usize>i0 * ldc + j0) << 2);
        if (height == 4 && width == 8) {
          block4x8(depth, strip, from, at, ldc);
        } else {
          memory.fill(edge, 0, 128);
          block4x8(depth, strip, from, edge, 8);
          for (let i = 0; i < height; i++) {
            for (let j = 0; j < width; j++) {
              const to = at + ((<usize>i * ldc + j) << 2);
              store<f32>(to, load<f32>(to) + load<f32>(edge + ((<usize>i * 8 + j) << 2)));
            }
          }
        }
      }
    }
  }
}
