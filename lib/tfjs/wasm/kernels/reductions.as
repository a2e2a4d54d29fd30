// Extremes along the middle axis of [outer, size, inner], written by tools/build_wasm.ts.

//#reduce

/**
 * Where the first largest of every row of n is, or with `smallest` the first smallest. NaN is passed over, but for one at the
 * beginning, which stays, as in the CPU backend.
 */
export function arg_extreme(x: usize, out: usize, rows: i32, n: i32, smallest: bool): void {
  const flip = i32x4.splat(smallest ? 0x80000000 : 0), blocks = n & ~15, whole = n & ~3;
  for (let row = 0; row < rows; row++) {
    const start = v128.xor(v128.load32_splat(x), flip);
    let t0 = start, t1 = start, t2 = start, t3 = start, i = 0;
    // pmax(t, x) is t where x is NaN.
    for (; i < blocks; i += 16) {
      const k = x + (<usize>i << 2);
      t0 = f32x4.pmax(t0, v128.xor(v128.load(k), flip));
      t1 = f32x4.pmax(t1, v128.xor(v128.load(k, 16), flip));
      t2 = f32x4.pmax(t2, v128.xor(v128.load(k, 32), flip));
      t3 = f32x4.pmax(t3, v128.xor(v128.load(k, 48), flip));
    }
    for (; i < whole; i += 4) t0 = f32x4.pmax(t0, v128.xor(v128.load(x + (<usize>i << 2)), flip));
    for (; i < n; i++) t0 = f32x4.pmax(t0, v128.xor(v128.load32_splat(x + (<usize>i << 2)), flip));
    const top = f32x4.splat(max4(f32x4.pmax(f32x4.pmax(t0, t1), f32x4.pmax(t2, t3))));
    let index = 0;
    for (i = 0; i < n; i += 4) {
      const hits = i32x4.bitmask(f32x4.eq(v128.xor(v128.load(x + (<usize>i << 2)), flip), top));
      if (hits != 0) {
        index = i + ctz(hits);
        break;
      }
    }
    store<i32>(out + (<usize>row << 2), index);
    x += <usize>n << 2;
  }
}
