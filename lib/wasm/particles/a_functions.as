// Exponential and logarithm of two doubles, as in lib/score_distillation/exp.ts, which fills the tables.

@inline function plus(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline function minus(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline function times(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
@inline function splat(x: f64): v128 { return f64x2.splat(x); }
/** A number from memory: V8 would put a constant together from two halves each time. */
@inline function number(at: usize): v128 { return v128.load64_splat(at); }
/** The smaller one, or `a` if it is NaN. */
@inline function atMost(a: v128, limit: v128): v128 { return f64x2.pmin(a, limit); }

const LIMIT = memory.data<f64>([40]);
const ONE = memory.data<f64>([1]);
const TWO = memory.data<f64>([2]);
const HALF = memory.data<f64>([0.5]);
const THIRD = memory.data<f64>([1.0 / 3]);
const FOURTH = memory.data<f64>([0.25]);
const FIFTH = memory.data<f64>([0.2]);
const SIXTH = memory.data<f64>([1.0 / 6]);
const CELLS = memory.data<f64>([128]);
const CELL = memory.data<f64>([1.0 / 128]);
const UNIT = memory.data<f64>([0.6931471805599453 / 1024]);
const PER_UNIT = memory.data<f64>([1024 / 0.6931471805599453]);
/** 1.5 * 2^52: adding it rounds to an integer, which is in the low bits. */
const ROUND = memory.data<f64>([6755399441055744]);
/** 2^52: adding it leaves a small integer in the low bits. */
const INTEGER = memory.data<f64>([4503599627370496]);

/** Where two places in a table are passed on. */
const PLACES = memory.data<u64>([0, 0], 16);

/** Where the tables are: behind the module's own memory, in the first block that is reserved. */
const FRACTIONS = (__heap_base + 63) & ~63;
const LOGS = FRACTIONS + 1024 * 8;
const RECIPROCALS = LOGS + 129 * 8;

/**
 * 2^(-k / 1024) with k added to the ten bits below its exponent's, so that k + 1024 n, subtracted there, leaves the quotient by
 * 2^n.
 */
export function fractions(): usize { return FRACTIONS; }
/** Logarithms of the middles of the 129 intervals from 1 on whose length is 1/128. */
export function logs(): usize { return LOGS; }
/** One over those middles. */
export function reciprocals(): usize { return RECIPROCALS; }

/** Two entries of a table, at places that are in the low bits of two doubles. */
@inline function lookUp(table: usize, bits: v128, mask: u32): v128 {
  // By way of the memory: to take numbers out of a vector needs the units that compute with vectors.
  v128.store(PLACES, bits);
  const first = v128.load64_zero(table + <usize>((load<u32>(PLACES) & mask) << 3));
  return v128.load64_lane(table + <usize>((load<u32>(PLACES, 8) & mask) << 3), first, 1);
}

/** exp(-z) for 0 <= z <= 40. The constants are the caller's, who loads them before a loop, not in it. */
@inline function expWith(z: v128, perUnit: v128, round: v128, unit: v128, one: v128): v128 {
  const bits = plus(times(z, perUnit), round);
  const r = minus(times(minus(bits, round), unit), z);
  const fraction = lookUp(FRACTIONS, bits, 1023);
  const series = plus(
    one,
    times(r, plus(one, times(r, plus(number(HALF), times(r, number(SIXTH)))))),
  );
  return times(i64x2.sub(fraction, i64x2.shl(bits, 42)), series);
}

/** log(1 + x) for 0 <= x <= 1. */
@inline function logOnePlus(x: v128): v128 {
  const k = f64x2.floor(times(x, number(CELLS))), places = plus(k, number(INTEGER));
  const r = times(minus(x, times(plus(k, number(HALF)), number(CELL))), lookUp(RECIPROCALS, places, 255));
  let series = minus(number(FIFTH), times(r, number(SIXTH)));
  series = minus(number(FOURTH), times(r, series));
  series = minus(number(THIRD), times(r, series));
  series = minus(number(HALF), times(r, series));
  series = minus(number(ONE), times(r, series));
  return plus(lookUp(LOGS, places, 255), times(r, series));
}
