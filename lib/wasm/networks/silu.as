// z sigmoid(z) with derivatives, in single precision. The loop in lib/networks/activation.ts computes in doubles and rounds, and
// so does this one, with another exponential: where errors in the last digits of doubles could make another float, it stops.

/** Bounds the difference between the doubles here and there, relative to the terms of the sums. */
const DOUBT = memory.data<f64>([8e-15]);
/** Beyond it exponentials are left to the loop. */
const REACH = memory.data<f64>([64]);
const PER_UNIT = memory.data<f64>([-1024 / 0.6931471805599453]);
/** log 2 / 1024, its first bits and the rest. */
const UNIT = memory.data<f64>([0.6931471803691238 / 1024]);
const UNIT_REST = memory.data<f64>([1.9082149292705877e-10 / 1024]);

/** Two doubles as floats. */
@inline function below(x: v128, doubt: v128): v128 { return f32x4.demote_f64x2_zero(minus(x, doubt)); }
/** Whether a larger double is the same float. */
@inline function isSure(x: v128, doubt: v128, single: v128): v128 { return f32x4.eq(single, f32x4.demote_f64x2_zero(plus(x, doubt))); }

/**
 * Two by two, until one is in doubt; returns how many are done. `table` has 1024 entries for expNegative. Without second derivatives
 * `curvature` is 0.
 */
export function silu32(z_: usize, slope_: usize, curvature: usize, count: i32, table: usize): i32 {
  const perUnit = number(PER_UNIT), round = number(ROUND), unit = number(UNIT), rest = number(UNIT_REST);
  const one = number(ONE), entries = number(ENTRIES);
  let i = 0;
  for (const pairs = count & ~1; i < pairs; i += 2, z_ += 8, slope_ += 8) {
    const z = f64x2.promote_low_f32x4(v128.load64_zero(z_)), size = f64x2.abs(z);
    // exp(-|z|) from 2^(n / 1024): the table lacks n in the place where it is added.
    const bits = plus(times(size, perUnit), round), n = minus(bits, round);
    const places = i64x2.shl(v128.and(bits, entries), 3);
    const fraction = v128.load64_lane(
      table + <usize>i32x4.extract_lane(places, 2),
      v128.load64_zero(table + <usize>i32x4.extract_lane(places, 0)),
      1,
    );
    const power = i64x2.add(fraction, i64x2.shl(bits, 42));
    const r = f64x2.neg(plus(plus(size, times(n, unit)), times(n, rest)));
    const small = plus(r, times(times(r, r), plus(number(HALF), times(r, number(SIXTH)))));
    const e = plus(power, times(power, small));
    const s = f64x2.div(v128.bitselect(e, one, f64x2.lt(z, f64x2.splat(0))), plus(one, e));
    const slope = times(s, minus(one, s)), derivative = plus(s, times(z, slope)), value = times(z, s);
    const doubt = times(s, number(DOUBT)), more = times(size, doubt), most = plus(doubt, more);
    const singleValue = below(value, more), singleSlope = below(derivative, most);
    let sure = v128.and(isSure(value, more, singleValue), isSure(derivative, most, singleSlope));
    if (!i64x2.all_true(f64x2.lt(size, number(REACH)))) break;
    if (curvature == 0) {
      if (!i32x4.all_true(sure)) break;
    } else {
      const second = times(slope, plus(number(TWO), times(z, minus(one, plus(s, s)))));
      const all = plus(most, doubt), single = below(second, all);
      sure = v128.and(sure, isSure(second, all, single));
      if (!i32x4.all_true(sure)) break;
      v128.store64_lane(curvature, single, 0);
      curvature += 8;
    }
    v128.store64_lane(z_, singleValue, 0);
    v128.store64_lane(slope_, singleSlope, 0);
  }
  return i;
}
