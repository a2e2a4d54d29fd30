// Loops of lib/networks and of what trains networks of its own. Those in TypeScript give the same bits.

@inline function plus(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline function minus(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline function times(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
/** A number from memory: V8 would put a constant together from two halves each time. */
@inline function number(at: usize): v128 { return v128.load64_splat(at); }
/** The first numbers of two pairs, and the second ones. */
@inline function first(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 0, 2); }
@inline function second(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 1, 3); }
/** The first two of four floats as doubles, and the last two. */
@inline function lower(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
@inline function upper(x: v128): v128 { return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)); }
/** Four doubles as floats. */
@inline function rounded(a: v128, b: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

const ONE = memory.data<f64>([1]);
const TWO = memory.data<f64>([2]);
const HALF = memory.data<f64>([0.5]);
const SIXTH = memory.data<f64>([1.0 / 6]);
/** 1.5 * 2^52: adding it rounds to an integer, which is in the low bits. */
const ROUND = memory.data<f64>([6755399441055744]);
/** Numbers of a table but one. */
const ENTRIES = memory.data<u64>([1023]);
