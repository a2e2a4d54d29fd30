// Sines and cosines as in lib/networks/sin_cos.ts, whose table they are given.

const PER_RADIAN = memory.data<f64>([512 / 3.141592653589793]);
const STEP = memory.data<f64>([1.57079632673412561417 / 256]);
const STEP_REST = memory.data<f64>([6.07710050650619224932e-11 / 256]);
const LARGEST = memory.data<f64>([1048576]);
const MINUS_HALF = memory.data<f64>([-0.5]);
const MINUS_SIXTH = memory.data<f64>([-1.0 / 6]);
const FOURTH_COSINE = memory.data<f64>([1.0 / 24]);
const FIFTH_SINE = memory.data<f64>([1.0 / 120]);

/** Of angles two by two, until one is too large for the reduction, or NaN; returns how many are done. */
@inline function sines<T>(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 {
  const perRadian = number(PER_RADIAN), round = number(ROUND), step = number(STEP), rest = number(STEP_REST);
  const largest = number(LARGEST), entries = number(ENTRIES), size = sizeof<T>() << 1;
  let i = 0;
  for (const pairs = count & ~1; i < pairs; i += 2, x += size, sin += size, cos += size) {
    const angle = sizeof<T>() == 8 ? v128.load(x) : f64x2.promote_low_f32x4(v128.load64_zero(x));
    const bits = plus(times(angle, perRadian), round), n = minus(bits, round);
    if (!i64x2.all_true(f64x2.lt(f64x2.abs(n), largest))) break;
    const places = i64x2.shl(v128.and(bits, entries), 4);
    const a = v128.load(table + <usize>i32x4.extract_lane(places, 0));
    const b = v128.load(table + <usize>i32x4.extract_lane(places, 2));
    const s0 = first(a, b), c0 = second(a, b);
    const r = minus(minus(angle, times(n, step)), times(n, rest)), t = times(r, r);
    if (sizeof<T>() == 8) {
      const s = plus(r, times(times(r, t), plus(number(MINUS_SIXTH), times(t, number(FIFTH_SINE)))));
      const c = times(t, plus(number(MINUS_HALF), times(t, number(FOURTH_COSINE))));
      v128.store(sin, plus(s0, plus(times(s0, c), times(c0, s))));
      v128.store(cos, plus(c0, minus(times(c0, c), times(s0, s))));
    } else {
      const s = minus(r, times(times(r, t), number(SIXTH))), c = minus(number(ONE), times(t, number(HALF)));
      v128.store64_lane(sin, f32x4.demote_f64x2_zero(plus(times(s0, c), times(c0, s))), 0);
      v128.store64_lane(cos, f32x4.demote_f64x2_zero(minus(times(c0, c), times(s0, s))), 0);
    }
  }
  return i;
}
export function sines64(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 { return sines<f64>(x, sin, cos, count, table); }
export function sines32(x: usize, sin: usize, cos: usize, count: i32, table: usize): i32 { return sines<f32>(x, sin, cos, count, table); }
