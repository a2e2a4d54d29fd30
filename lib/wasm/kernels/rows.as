// Rows of matrices, for lib/continual. The loop there in TypeScript gives the same bits.

@inline function scaledPair(from: usize, factor: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(from)), factor));
}

/** Rows of `width` singles, each divided by its entry of `sums`: times the double nearest to the inverse, then rounded. */
export function divideRows32(rows: usize, sums: usize, height: i32, width: i32): void {
  const inPairs = <usize>(width & ~3) << 2, all = <usize>width << 2;
  for (let i = 0; i < height; i++, sums += 4) {
    const factor = 1 / <f64>load<f32>(sums), both = f64x2.splat(factor);
    const tail = rows + inPairs, end = rows + all;
    for (; rows < tail; rows += 16) {
      v128.store(rows, v128.shuffle<f64>(scaledPair(rows, both), scaledPair(rows + 8, both), 0, 2));
    }
    for (; rows < end; rows += 4) store<f32>(rows, <f32>(<f64>load<f32>(rows) * factor));
  }
}
