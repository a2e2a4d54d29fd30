// The hot loops of the `native` tfjs backend, in AssemblyScript, four floats at a time. `deno task wasm` compiles these
// files to kernels_wasm.ts, once with fused multiply-add (`relaxed`) and once for engines without. Pointers are byte
// offsets into the one memory that holds all tensors; sizes count floats.
//
// Every block ends with room for one vector, so loops may read and write up to three floats past their end: rows are
// written in ascending order, and what spills over is written again or lies in that room.
//
// A number in `splat(1.5)` is put into memory by the build and loaded where it is used: an engine makes a constant vector
// from three instructions, in every turn of a loop, a fifth to a third of the time of an exponential.

@inline function splat(x: f32): v128 { return f32x4.splat(x); }

//#fma

/** The smaller and the larger of two, in one instruction; a NaN in x stays. */
@inline function atMost(x: v128, bound: v128): v128 { return f32x4.pmin(x, bound); }
@inline function atLeast(x: v128, bound: v128): v128 { return f32x4.pmax(x, bound); }

/** The first two and the last two floats as doubles. */
@inline function low(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
@inline function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
}

/** Two and two doubles as four floats. */
@inline function narrow(first: v128, last: v128): v128 {
  const a = f32x4.demote_f64x2_zero(first);
  const b = f32x4.demote_f64x2_zero(last);
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** The sum of two doubles. */
@inline function sum2(x: v128): f64 { return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1); }

@inline function max4(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

/** Four masks as four bytes, 0 or 1. */
@inline function storeFlags(to: usize, mask: v128): void {
  const words = i16x8.narrow_i32x4_s(mask, mask), bytes = i8x16.narrow_i16x8_s(words, words);
  store<u32>(to, i32x4.extract_lane(bytes, 0) & 0x01010101);
}

/** Copies n floats; may write up to three more. A short run is done before memory.copy has begun. */
@inline function copyRun(to: usize, from: usize, n: i32): void {
  if (n <= 64) for (let i = 0; i < n; i += 4) v128.store(to + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  else memory.copy(to, from, <usize>n << 2);
}
