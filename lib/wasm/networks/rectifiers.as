// Rectifiers whose slope for negative numbers, and for 0, is not 0: for lib/neural_fields/iterative_passes.ts.

/** `x`, but `small` where x is negative or 0. A NaN has a sign, too, and is NaN in both. */
@inline function bySign<T>(sign: v128, x: v128, small: v128): v128 {
  const isNot = i32x4.shr_s(i32x4.sub(sign, i32x4.splat(1)), 31);
  return v128.bitselect(small, x, sizeof<T>() == 8 ? i32x4.shuffle(isNot, isNot, 1, 1, 3, 3) : isNot);
}

/** x times a double, rounded. */
@inline function scaled<T>(x: v128, factor: v128): v128 {
  return sizeof<T>() == 8 ? times(factor, x) : rounded(times(factor, lower(x)), times(factor, upper(x)));
}

/** Whether the slope of a number is that of negative ones. */
@inline function isLow<T>(at: usize): bool { return load<i32>(at, sizeof<T>() - 4) - 1 < 0; }

/** Adds biases to rows and rectifies. */
@inline function rectify<T>(values: usize, biases: usize, rows: i32, width: i32, slope: f64): void {
  const factor = f64x2.splat(slope), size = <usize>width * sizeof<T>(), whole = size & ~15;
  for (; rows > 0; rows--, values += size) {
    let c: usize = 0;
    for (; c < whole; c += 16) {
      const x = v128.add<T>(v128.load(values + c), v128.load(biases + c));
      v128.store(values + c, bySign<T>(x, x, scaled<T>(x, factor)));
    }
    for (; c < size; c += sizeof<T>()) {
      const x = load<T>(values + c) + load<T>(biases + c);
      store<T>(values + c, x);
      if (isLow<T>(values + c)) store<T>(values + c, <T>(slope * <f64>x));
    }
  }
}
export function rectify64(values: usize, biases: usize, rows: i32, width: i32, slope: f64): void { rectify<f64>(values, biases, rows, width, slope); }
export function rectify32(values: usize, biases: usize, rows: i32, width: i32, slope: f64): void { rectify<f32>(values, biases, rows, width, slope); }

/** Multiplies by the slopes of rectifiers whose results have the signs of `signs`. */
@inline function mask<T>(values: usize, signs: usize, count: i32, slope: f64): void {
  const factor = f64x2.splat(slope), end = values + <usize>count * sizeof<T>();
  for (const whole = end - (<usize>count * sizeof<T>() & 15); values < whole; values += 16, signs += 16) {
    const x = v128.load(values);
    v128.store(values, bySign<T>(v128.load(signs), x, scaled<T>(x, factor)));
  }
  for (; values < end; values += sizeof<T>(), signs += sizeof<T>()) {
    if (isLow<T>(signs)) store<T>(values, <T>(slope * <f64>load<T>(values)));
  }
}
export function mask64(values: usize, signs: usize, count: i32, slope: f64): void { mask<f64>(values, signs, count, slope); }
export function mask32(values: usize, signs: usize, count: i32, slope: f64): void { mask<f32>(values, signs, count, slope); }
