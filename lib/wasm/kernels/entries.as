// Entries of arrays, one by one, for lib/networks. The loop there in TypeScript gives the same bits.

@inline function product(x: usize, shift: v128, y: usize): v128 {
  return f64x2.mul(f64x2.add(v128.load(x), shift), v128.load(y));
}

/**
 * `sums += sum_l (x_l + shifts_l) y_l`, entry by entry, in the order of l. Of `terms` x and y each begins `distance` bytes after
 * the one before. The arrays have room for a multiple of 8 entries.
 */
export function addShiftedProducts(
  sums: usize, x: usize, shifts: usize, y: usize, terms: i32, distance: usize, count: i32,
): void {
  const lastShift = shifts + (<usize>terms << 3);
  for (let end = sums + (<usize>count << 3); sums < end; sums += 64, x += 64, y += 64) {
    let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
    let a = x, b = y;
    for (let at = shifts; at < lastShift; at += 8, a += distance, b += distance) {
      const shift = v128.load64_splat(at);
      s0 = f64x2.add(s0, product(a, shift, b));
      s1 = f64x2.add(s1, product(a + 16, shift, b + 16));
      s2 = f64x2.add(s2, product(a + 32, shift, b + 32));
      s3 = f64x2.add(s3, product(a + 48, shift, b + 48));
    }
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
  }
}
