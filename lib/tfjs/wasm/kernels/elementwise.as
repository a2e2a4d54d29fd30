// Entry by entry: one loop for every row of the tables in operations.ts, written by tools/build_wasm.ts.

//#unary
//#binary

/** Every number moved into low..high; NaN stays. */
export function clip(x: usize, out: usize, n: i32, low: f32, high: f32): void {
  const from = splat(low), to = splat(high);
  for (let i = 0; i < n; i += 4) v128.store(out + (<usize>i << 2), atMost(atLeast(v128.load(x + (<usize>i << 2)), from), to));
}

/** Where the byte of `condition` is not 0, the entry of a, else that of b. */
export function select(condition: usize, a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2;
    const flags = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4(load<i32>(condition + i), 0, 0, 0)));
    v128.store(out + k, choose(i32x4.ne(flags, i32x4.splat(0)), v128.load(a + k), v128.load(b + k)));
  }
}
