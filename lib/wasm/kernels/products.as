// Matrix products of lib/blas/portable. The loop there in TypeScript does the same additions and multiplications in the same
// order, without fused multiply-add, and gives the same bits.

/** Rows of the inner dimension summed at once, as in the loop. */
const DEPTH: i32 = 256;

/** Columns of B packed at once, a multiple of 4: with the depth a quarter of a megabyte, for the second-level cache. */
const COLUMNS: i32 = 128;

@inline function splat(x: f64): v128 { return f64x2.splat(x); }

/** Two doubles rounded to single precision. */
@inline function rounded(x: v128): v128 { return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(x)); }

/**
 * A strip: for each of `depth` steps four numbers side by side, of which `width` are there and the others are 0. Here the four
 * are neighbours in memory and a step goes down a row.
 */
function packNeighbors(from: usize, ld: usize, depth: i32, width: i32, to: usize): void {
  const end = to + (<usize>depth << 5);
  if (width == 4) {
    for (; to < end; to += 32, from += ld) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  for (; to < end; to += 32, from += ld) {
    store<f64>(to, load<f64>(from));
    store<f64>(to, width > 1 ? load<f64>(from, 8) : 0, 8);
    store<f64>(to, width > 2 ? load<f64>(from, 16) : 0, 16);
    store<f64>(to, 0, 24);
  }
}

/** A strip whose four numbers are in four rows; a step goes along the rows. */
function packRows(from: usize, ld: usize, depth: i32, width: i32, to: usize): void {
  let p = 0;
  if (width == 4) {
    let r0 = from, r1 = r0 + ld, r2 = r1 + ld, r3 = r2 + ld;
    for (const pairs = depth & ~1; p < pairs; p += 2) {
      const x0 = v128.load(r0), x1 = v128.load(r1), x2 = v128.load(r2), x3 = v128.load(r3);
      v128.store(to, v128.shuffle<f64>(x0, x1, 0, 2));
      v128.store(to, v128.shuffle<f64>(x2, x3, 0, 2), 16);
      v128.store(to, v128.shuffle<f64>(x0, x1, 1, 3), 32);
      v128.store(to, v128.shuffle<f64>(x2, x3, 1, 3), 48);
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
      to += 64;
    }
  }
  for (; p < depth; p++, to += 32) {
    const at = from + (<usize>p << 3);
    store<f64>(to, load<f64>(at));
    store<f64>(to, width > 1 ? load<f64>(at + ld) : 0, 8);
    store<f64>(to, width > 2 ? load<f64>(at + 2 * ld) : 0, 16);
    store<f64>(to, width > 3 ? load<f64>(at + 3 * ld) : 0, 24);
  }
}

/** Adds two sums, times alpha, to two entries of C. */
@inline function addTo(c: usize, scale: v128, sum: v128, single: bool): void {
  const x = f64x2.add(v128.load(c), f64x2.mul(scale, sum));
  v128.store(c, single ? rounded(x) : x);
}

/** Adds alpha times the product of two strips to a block of 4 x 4. */
function block(depth: i32, rows: usize, columns: usize, alpha: f64, c: usize, ldc: usize, single: bool): void {
  let c00 = splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (const end = rows + (<usize>depth << 5); rows < end; rows += 32, columns += 32) {
    const b0 = v128.load(columns), b1 = v128.load(columns, 16);
    let x = v128.load64_splat(rows);
    c00 = f64x2.add(c00, f64x2.mul(x, b0));
    c01 = f64x2.add(c01, f64x2.mul(x, b1));
    x = v128.load64_splat(rows, 8);
    c10 = f64x2.add(c10, f64x2.mul(x, b0));
    c11 = f64x2.add(c11, f64x2.mul(x, b1));
    x = v128.load64_splat(rows, 16);
    c20 = f64x2.add(c20, f64x2.mul(x, b0));
    c21 = f64x2.add(c21, f64x2.mul(x, b1));
    x = v128.load64_splat(rows, 24);
    c30 = f64x2.add(c30, f64x2.mul(x, b0));
    c31 = f64x2.add(c31, f64x2.mul(x, b1));
  }
  const scale = splat(alpha);
  addTo(c, scale, c00, single);
  addTo(c + 16, scale, c01, single);
  c += ldc;
  addTo(c, scale, c10, single);
  addTo(c + 16, scale, c11, single);
  c += ldc;
  addTo(c, scale, c20, single);
  addTo(c + 16, scale, c21, single);
  c += ldc;
  addTo(c, scale, c30, single);
  addTo(c + 16, scale, c31, single);
}

/** Adds a product of two strips to a block of fewer than 4 columns, in a copy of it. */
function blockAtEdge(
  depth: i32, rows: usize, columns: usize, alpha: f64, c: usize, ldc: usize, single: bool, width: i32, copy: usize,
): void {
  for (let r = 0; r < 4; r++) {
    const from = c + <usize>r * ldc, to = copy + (<usize>r << 5);
    for (let s = 0; s < width; s++) store<f64>(to + (<usize>s << 3), load<f64>(from + (<usize>s << 3)));
  }
  block(depth, rows, columns, alpha, copy, 32, single);
  for (let r = 0; r < 4; r++) {
    const from = copy + (<usize>r << 5), to = c + <usize>r * ldc;
    for (let s = 0; s < width; s++) store<f64>(to + (<usize>s << 3), load<f64>(from + (<usize>s << 3)));
  }
}

/**
 * Adds alpha op(A) op(B) to C, m x n with the inner size k; with `lower` only blocks that reach the lower triangle. C has room
 * for a multiple of 4 rows, of which the last ones may be changed. Entries of C are rounded to single precision with `single`.
 * The distances between rows count numbers. `work` has room for 256 * 132 + 16 of them.
 */
export function addProduct(
  transposeA: bool, transposeB: bool, m: i32, n: i32, k: i32, alpha: f64, a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32,
  lower: bool, single: bool, work: usize,
): void {
  const rowA = <usize>lda << 3, rowB = <usize>ldb << 3, rowC = <usize>ldc << 3;
  const copy = work, strip = copy + 128, panel = strip + (DEPTH << 5);
  for (let j0 = 0; j0 < n; j0 += COLUMNS) {
    const right = min(n, j0 + COLUMNS);
    for (let p0 = 0; p0 < k; p0 += DEPTH) {
      const depth = min(DEPTH, k - p0), size = <usize>depth << 5;
      let to = panel;
      for (let j = j0; j < right; j += 4, to += size) {
        const width = min(4, n - j);
        if (transposeB) packRows(b + <usize>j * rowB + (<usize>p0 << 3), rowB, depth, width, to);
        else packNeighbors(b + <usize>p0 * rowB + (<usize>j << 3), rowB, depth, width, to);
      }
      for (let i = lower ? j0 : 0; i < m; i += 4) {
        const end = lower ? min(right, i + 4) : right;
        if (transposeA) packNeighbors(a + <usize>p0 * rowA + (<usize>i << 3), rowA, depth, min(4, m - i), strip);
        else packRows(a + <usize>i * rowA + (<usize>p0 << 3), rowA, depth, min(4, m - i), strip);
        let from = panel, at = c + <usize>i * rowC + (<usize>j0 << 3);
        for (let j = j0; j < end; j += 4, from += size, at += 32) {
          const width = min(4, n - j);
          if (width == 4) block(depth, strip, from, alpha, at, rowC, single);
          else blockAtEdge(depth, strip, from, alpha, at, rowC, single, width, copy);
        }
      }
    }
  }
}
