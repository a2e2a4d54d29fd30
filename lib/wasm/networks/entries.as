// Products and derivatives, entry by entry; the last ones of a vector one by one, since what is behind them may be another array's.

/** out = x y. */
@inline function multiply<T>(out: usize, x: usize, y: usize, count: i32): void {
  const end = out + <usize>count * sizeof<T>();
  for (const whole = end - (<usize>count * sizeof<T>() & 31); out < whole; out += 32, x += 32, y += 32) {
    const a = v128.mul<T>(v128.load(x), v128.load(y)), b = v128.mul<T>(v128.load(x, 16), v128.load(y, 16));
    v128.store(out, a);
    v128.store(out, b, 16);
  }
  for (; out < end; out += sizeof<T>(), x += sizeof<T>(), y += sizeof<T>()) store<T>(out, load<T>(x) * load<T>(y));
}
export function multiply64(out: usize, x: usize, y: usize, count: i32): void { multiply<f64>(out, x, y, count); }
export function multiply32(out: usize, x: usize, y: usize, count: i32): void { multiply<f32>(out, x, y, count); }

/** out += x. */
@inline function add<T>(out: usize, x: usize, count: i32): void {
  const end = out + <usize>count * sizeof<T>();
  for (const whole = end - (<usize>count * sizeof<T>() & 31); out < whole; out += 32, x += 32) {
    const a = v128.add<T>(v128.load(out), v128.load(x)), b = v128.add<T>(v128.load(out, 16), v128.load(x, 16));
    v128.store(out, a);
    v128.store(out, b, 16);
  }
  for (; out < end; out += sizeof<T>(), x += sizeof<T>()) store<T>(out, load<T>(out) + load<T>(x));
}
export function add64(out: usize, x: usize, count: i32): void { add<f64>(out, x, count); }
export function add32(out: usize, x: usize, count: i32): void { add<f32>(out, x, count); }

/** Adds `alpha` times the rows of `a`, one after the other, to `sums`. */
export function addRows64(sums: usize, a: usize, alpha_: f64, rows: i32, width: i32): void {
  const alpha = f64x2.splat(alpha_), row = <usize>width << 3;
  let j = 0;
  for (; j + 8 <= width; j += 8, sums += 64, a += 64) {
    let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
    let at = a;
    for (let i = 0; i < rows; i++, at += row) {
      s0 = plus(s0, times(alpha, v128.load(at)));
      s1 = plus(s1, times(alpha, v128.load(at, 16)));
      s2 = plus(s2, times(alpha, v128.load(at, 32)));
      s3 = plus(s3, times(alpha, v128.load(at, 48)));
    }
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
  }
  for (; j < width; j++, sums += 8, a += 8) {
    let sum = load<f64>(sums), at = a;
    for (let i = 0; i < rows; i++, at += row) sum += alpha_ * load<f64>(at);
    store<f64>(sums, sum);
  }
}

/** Two doubles that are floats, plus alpha times others, rounded to floats. */
@inline function roundedSum(sum: v128, alpha: v128, x: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(plus(sum, times(alpha, x))));
}

/** The same in single precision: each term is computed in doubles, and the sum rounded after it. */
export function addRows32(sums: usize, a: usize, alpha_: f64, rows: i32, width: i32): void {
  const alpha = f64x2.splat(alpha_), row = <usize>width << 2;
  let j = 0;
  for (; j + 16 <= width; j += 16, sums += 64, a += 64) {
    const x = v128.load(sums), y = v128.load(sums, 16), z = v128.load(sums, 32), w = v128.load(sums, 48);
    let s0 = lower(x), s1 = upper(x), s2 = lower(y), s3 = upper(y), s4 = lower(z), s5 = upper(z), s6 = lower(w), s7 = upper(w);
    let at = a;
    for (let i = 0; i < rows; i++, at += row) {
      const p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32), t = v128.load(at, 48);
      s0 = roundedSum(s0, alpha, lower(p));
      s1 = roundedSum(s1, alpha, upper(p));
      s2 = roundedSum(s2, alpha, lower(q));
      s3 = roundedSum(s3, alpha, upper(q));
      s4 = roundedSum(s4, alpha, lower(r));
      s5 = roundedSum(s5, alpha, upper(r));
      s6 = roundedSum(s6, alpha, lower(t));
      s7 = roundedSum(s7, alpha, upper(t));
    }
    v128.store(sums, rounded(s0, s1));
    v128.store(sums, rounded(s2, s3), 16);
    v128.store(sums, rounded(s4, s5), 32);
    v128.store(sums, rounded(s6, s7), 48);
  }
  for (; j < width; j++, sums += 4, a += 4) {
    let sum = load<f32>(sums), at = a;
    for (let i = 0; i < rows; i++, at += row) sum = <f32>(<f64>sum + alpha_ * <f64>load<f32>(at));
    store<f32>(sums, sum);
  }
}

/** Max(z, 0) in place, and both derivatives, the second one if `curvature` is not 0. NaN gives NaN. */
@inline function relu<T>(z: usize, slope: usize, curvature: usize, count: i32): void {
  const zero = v128.splat<T>(0), one = v128.splat<T>(1);
  const end = z + <usize>count * sizeof<T>();
  for (const whole = end - (<usize>count * sizeof<T>() & 15); z < whole; z += 16, slope += 16) {
    const x = v128.load(z), nan = v128.ne<T>(x, x);
    v128.store(z, v128.andnot(x, v128.le<T>(x, zero)));
    v128.store(slope, v128.or(v128.and(v128.gt<T>(x, zero), one), nan));
    if (curvature != 0) {
      v128.store(curvature, nan);
      curvature += 16;
    }
  }
  for (; z < end; z += sizeof<T>(), slope += sizeof<T>()) {
    const x = load<T>(z), rest: T = x == x ? 0 : x;
    store<T>(z, x > 0 ? x : rest);
    store<T>(slope, x > 0 ? 1 : rest);
    if (curvature != 0) {
      store<T>(curvature, rest);
      curvature += sizeof<T>();
    }
  }
}
export function relu64(z: usize, slope: usize, curvature: usize, count: i32): void { relu<f64>(z, slope, curvature, count); }
export function relu32(z: usize, slope: usize, curvature: usize, count: i32): void { relu<f32>(z, slope, curvature, count); }

/** Zeros in the place of what is not positive; NaN stays. */
export function keepPositive32(z: usize, count: i32): void {
  const zero = f32x4.splat(0), end = z + (<usize>count << 2);
  for (const whole = end - (<usize>(count & 3) << 2); z < whole; z += 16) {
    const x = v128.load(z);
    v128.store(z, v128.andnot(x, f32x4.le(x, zero)));
  }
  for (; z < end; z += 4) if (load<f32>(z) <= 0) store<f32>(z, 0);
}

/** Zeros where `values` are +0. */
export function keepWhere32(x: usize, values: usize, count: i32): void {
  const zero = i32x4.splat(0), end = x + (<usize>count << 2);
  for (const whole = end - (<usize>(count & 3) << 2); x < whole; x += 16, values += 16) {
    v128.store(x, v128.andnot(v128.load(x), i32x4.eq(v128.load(values), zero)));
  }
  for (; x < end; x += 4, values += 4) if (load<i32>(values) == 0) store<f32>(x, 0);
}

/** below = slope below + curvature moved tangent, then tangent = slope tangent. */
export function bend64(below: usize, tangent: usize, slope: usize, curvature: usize, moved: usize, count: i32): void {
  const end = below + (<usize>count << 3);
  for (const whole = end - (<usize>(count & 1) << 3); below < whole; below += 16) {
    const s = v128.load(slope), t = v128.load(tangent);
    v128.store(below, plus(times(s, v128.load(below)), times(times(v128.load(curvature), v128.load(moved)), t)));
    v128.store(tangent, times(s, t));
    tangent += 16;
    slope += 16;
    curvature += 16;
    moved += 16;
  }
  if (below < end) {
    const s = load<f64>(slope), t = load<f64>(tangent);
    store<f64>(below, s * load<f64>(below) + load<f64>(curvature) * load<f64>(moved) * t);
    store<f64>(tangent, s * t);
  }
}

/** The same in single precision, sums in doubles. */
export function bend32(below: usize, tangent: usize, slope: usize, curvature: usize, moved: usize, count: i32): void {
  const end = below + (<usize>count << 2);
  for (const whole = end - (<usize>(count & 3) << 2); below < whole; below += 16) {
    const s = v128.load(slope), t = v128.load(tangent), b = v128.load(below), c = v128.load(curvature), m = v128.load(moved);
    v128.store(
      below,
      rounded(
        plus(times(lower(s), lower(b)), times(times(lower(c), lower(m)), lower(t))),
        plus(times(upper(s), upper(b)), times(times(upper(c), upper(m)), upper(t))),
      ),
    );
    v128.store(tangent, f32x4.mul(s, t));
    tangent += 16;
    slope += 16;
    curvature += 16;
    moved += 16;
  }
  for (; below < end; below += 4) {
    const s = <f64>load<f32>(slope), t = <f64>load<f32>(tangent);
    store<f32>(below, <f32>(s * <f64>load<f32>(below) + <f64>load<f32>(curvature) * <f64>load<f32>(moved) * t));
    store<f32>(tangent, <f32>(s * t));
    tangent += 4;
    slope += 4;
    curvature += 4;
    moved += 4;
  }
}
