// Sines and cosines as in lib/networks/sin_cos.ts, whose table they are given.

const PER_RADIAN = memory.data<f64>([512 / 3.141592653589793]);
const STEP = memory.data<f64>([1.57079632673412561417 / 256]);
const STEP_REST = memory.data<f64>([6.07710050650619224932e-11 / 256]);
/** Below 2^20 steps of the table. */
const LARGEST = memory.data<f64>([6433]);
const MINUS_HALF = memory.data<f64>([-0.5]);
const MINUS_SIXTH = memory.data<f64>([-1.0 / 6]);
const FOURTH_COSINE = memory.data<f64>([1.0 / 24]);
const FIFTH_SINE = memory.data<f64>([1.0 / 120]);

/** Adding it to an angle in steps of the table rounds: the number of the step is in the low bits. */
@inline function stepOf(angle: v128): v128 { return plus(times(angle, number(PER_RADIAN)), number(ROUND)); }
/** What an angle is beyond its step. */
@inline function beyond(angle: v128, bits: v128): v128 {
  const n = minus(bits, number(ROUND));
  return minus(minus(angle, times(n, number(STEP))), times(n, number(STEP_REST)));
}
/** Sine and cosine of two angles of the table, side by side. */
@inline function entry(table: usize, places: v128, lane: i32): v128 {
  return v128.load(table + <usize>(lane == 0 ? i32x4.extract_lane(places, 0) : i32x4.extract_lane(places, 2)));
}
/** Sine of a small angle r; t = r^2. */
@inline function smallSine<T>(r: v128, t: v128): v128 {
  return sizeof<T>() == 8
    ? plus(r, times(times(r, t), plus(number(MINUS_SIXTH), times(t, number(FIFTH_SINE)))))
    : minus(r, times(times(r, t), number(SIXTH)));
}
/** Its cosine, in doubles less one. */
@inline function smallCosine<T>(t: v128): v128 {
  return sizeof<T>() == 8
    ? times(t, plus(number(MINUS_HALF), times(t, number(FOURTH_COSINE))))
    : minus(number(ONE), times(t, number(HALF)));
}
/** The sine of a sum from sine and cosine of an entry and of the rest. */
@inline function sineOfSum<T>(s0: v128, c0: v128, s: v128, c: v128): v128 {
  const sum = plus(times(s0, c), times(c0, s));
  return sizeof<T>() == 8 ? plus(s0, sum) : sum;
}
@inline function cosineOfSum<T>(s0: v128, c0: v128, s: v128, c: v128): v128 {
  const sum = minus(times(c0, c), times(s0, s));
  return sizeof<T>() == 8 ? plus(c0, sum) : sum;
}
/** Four numbers to memory. */
@inline function store4<T>(to: usize, a: v128, b: v128): void {
  if (sizeof<T>() == 8) {
    v128.store(to, a);
    v128.store(to, b, 16);
  } else v128.store(to, rounded(a, b));
}

/** Of angles four by four, until one is too large for the reduction, or NaN; returns how many are done. */
@inline function sines<T>(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 {
  const largest = number(LARGEST), entries = number(ENTRIES), size: usize = sizeof<T>() << 2;
  let i = 0;
  for (const fours = count & ~3; i < fours; i += 4, x += size, sin += size, cos += size) {
    const all = v128.load(x);
    const x0 = sizeof<T>() == 8 ? all : lower(all), x1 = sizeof<T>() == 8 ? v128.load(x, 16) : upper(all);
    if (!i64x2.all_true(v128.and(f64x2.lt(f64x2.abs(x0), largest), f64x2.lt(f64x2.abs(x1), largest)))) break;
    const bits0 = stepOf(x0), bits1 = stepOf(x1);
    const places0 = i64x2.shl(v128.and(bits0, entries), 4), places1 = i64x2.shl(v128.and(bits1, entries), 4);
    const r0 = beyond(x0, bits0), t0 = times(r0, r0), s0 = smallSine<T>(r0, t0), c0 = smallCosine<T>(t0);
    const a0 = entry(table, places0, 0), b0 = entry(table, places0, 1), sines0 = first(a0, b0), cosines0 = second(a0, b0);
    const r1 = beyond(x1, bits1), t1 = times(r1, r1), s1 = smallSine<T>(r1, t1), c1 = smallCosine<T>(t1);
    const a1 = entry(table, places1, 0), b1 = entry(table, places1, 1), sines1 = first(a1, b1), cosines1 = second(a1, b1);
    store4<T>(sin, sineOfSum<T>(sines0, cosines0, s0, c0), sineOfSum<T>(sines1, cosines1, s1, c1));
    store4<T>(cos, cosineOfSum<T>(sines0, cosines0, s0, c0), cosineOfSum<T>(sines1, cosines1, s1, c1));
  }
  return i;
}
export function sines64(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 { return sines<f64>(x, sin, cos, count, table); }
export function sines32(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 { return sines<f32>(x, sin, cos, count, table); }
