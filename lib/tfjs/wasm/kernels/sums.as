// Sums of any length. A few floats are added as floats, two and two; what they give is carried in doubles. So the error
// is that of a handful of roundings, whatever the length, at the speed of memory. Doubles alone take twice as long.

/** Terms that are added as floats before they go to a sum of doubles, where they come one after the other. */
const PART = 64;

/** Columns that are summed at a time: their doubles stay in the first cache. */
const CHUNK = 512;
const carry: usize = memory.data(8 * CHUNK, 16);

/** The sum of eight vectors, `step` bytes apart, two and two. */
@inline function sumOf8(x: usize, step: usize): v128 {
  const a = f32x4.add(v128.load(x), v128.load(x + step));
  const b = f32x4.add(v128.load(x + 2 * step), v128.load(x + 3 * step));
  const c = f32x4.add(v128.load(x + 4 * step), v128.load(x + 5 * step));
  const d = f32x4.add(v128.load(x + 6 * step), v128.load(x + 7 * step));
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** The same for 32 floats that lie together. */
@inline function sumOf32(x: usize): v128 {
  const a = f32x4.add(v128.load(x), v128.load(x, 16));
  const b = f32x4.add(v128.load(x, 32), v128.load(x, 48));
  const c = f32x4.add(v128.load(x, 64), v128.load(x, 80));
  const d = f32x4.add(v128.load(x, 96), v128.load(x, 112));
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** The sum of n floats. Two that overflow together make it infinite or NaN though the sum may be finite. */
@inline function sumOfRow(x: usize, n: i32): f64 {
  let first = f64x2.splat(0);
  let last = first;
  let i = 0;
  for (let whole = n & ~127; i < whole; i += 128) {
    const k = x + (<usize>i << 2);
    const a = sumOf32(k);
    const b = sumOf32(k + 128);
    const c = sumOf32(k + 256);
    const d = sumOf32(k + 384);
    first = f64x2.add(f64x2.add(f64x2.add(f64x2.add(first, low(a)), low(b)), low(c)), low(d));
    last = f64x2.add(f64x2.add(f64x2.add(f64x2.add(last, high(a)), high(b)), high(c)), high(d));
  }
  for (let whole = n & ~31; i < whole; i += 32) {
    const part = sumOf32(x + (<usize>i << 2));
    first = f64x2.add(first, low(part));
    last = f64x2.add(last, high(part));
  }
  for (let whole = n & ~3; i < whole; i += 4) {
    const part = v128.load(x + (<usize>i << 2));
    first = f64x2.add(first, low(part));
    last = f64x2.add(last, high(part));
  }
  let sum = sum2(f64x2.add(first, last));
  for (; i < n; i++) sum += <f64>load<f32>(x + (<usize>i << 2));
  return sum;
}

/** The same in doubles alone: no sum of floats overflows them. */
function sumOfRowInDoubles(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += <f64>load<f32>(x + (<usize>i << 2));
  return sum;
}

/** Adds n floats to as many doubles; touches up to three doubles more. */
@inline function addToCarry(to: usize, x: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const at = to + (<usize>i << 3);
    const part = v128.load(x + (<usize>i << 2));
    v128.store(at, f64x2.add(v128.load(at), low(part)));
    v128.store(at, f64x2.add(v128.load(at, 16), high(part)), 16);
  }
}

/** The same for the sums of eight rows, `step` bytes apart. */
@inline function addToCarry8(to: usize, x: usize, n: i32, step: usize): void {
  for (let i = 0; i < n; i += 4) {
    const at = to + (<usize>i << 3);
    const part = sumOf8(x + (<usize>i << 2), step);
    v128.store(at, f64x2.add(v128.load(at), low(part)));
    v128.store(at, f64x2.add(v128.load(at, 16), high(part)), 16);
  }
}

/** Four doubles, divided, as floats. */
@inline function quotients(first: v128, last: v128, divisor: f64): v128 {
  if (divisor == 1) return narrow(first, last);
  const by = f64x2.splat(divisor);
  return narrow(f64x2.div(first, by), f64x2.div(last, by));
}

/** Four lanes that are kept, then four that are not. */
const LANES: usize = memory.data<u32>([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0], 16);

/** The first `count` lanes, at most four; zero in the others, which hold whatever comes after a row. */
@inline function firstLanes(values: v128, count: i32): v128 {
  return v128.and(values, v128.load(LANES + (<usize>(4 - min(count, 4)) << 2)));
}

/** Adds 0 x to each lane: 0 for a finite x, else NaN. */
@inline function addFiniteness(zero: v128, values: v128): v128 {
  return f32x4.add(zero, f32x4.mul(values, splat(0)));
}

/** n doubles, each divided, as floats; whether all of them are finite. */
@inline function writeCarry(from: usize, out: usize, n: i32, divisor: f64): bool {
  let zero = splat(0);
  for (let i = 0; i < n; i += 4) {
    const at = from + (<usize>i << 3);
    const values = quotients(v128.load(at), v128.load(at, 16), divisor);
    v128.store(out + (<usize>i << 2), values);
    zero = addFiniteness(zero, firstLanes(values, n - i));
  }
  return i32x4.all_true(f32x4.eq(zero, splat(0)));
}

/** Sums n columns of `size` rows, `row` bytes apart, in doubles alone. */
function sumColumnsInDoubles(x: usize, out: usize, size: i32, n: i32, row: usize, divisor: f64): void {
  for (let i = 0; i < n; i += 4) {
    let at = x + (<usize>i << 2);
    let first = f64x2.splat(0);
    let last = first;
    for (let r = 0; r < size; r++) {
      const part = v128.load(at);
      first = f64x2.add(first, low(part));
      last = f64x2.add(last, high(part));
      at += row;
    }
    v128.store(out + (<usize>i << 2), quotients(first, last, divisor));
  }
}

/** The same for a few rows, which are added as floats; whether all sums are finite. */
@inline function sumFewRows(x: usize, out: usize, size: i32, n: i32, row: usize, divisor: f64): bool {
  let zero = splat(0);
  for (let i = 0; i < n; i += 4) {
    let at = x + (<usize>i << 2);
    let part = v128.load(at);
    for (let r = 1; r < size; r++) {
      at += row;
      part = f32x4.add(part, v128.load(at));
    }
    zero = addFiniteness(zero, firstLanes(part, n - i));
    if (divisor != 1) part = quotients(low(part), high(part), divisor);
    v128.store(out + (<usize>i << 2), part);
  }
  return i32x4.all_true(f32x4.eq(zero, splat(0)));
}

/** The same for at most CHUNK columns of many rows, eight at a time; whether all sums are finite. */
@inline function sumManyRows(x: usize, out: usize, size: i32, n: i32, row: usize, divisor: f64): bool {
  memory.fill(carry, 0, <usize>((n + 3) & ~3) << 3);
  let r = 0;
  for (; r + 8 <= size; r += 8) {
    addToCarry8(carry, x, n, row);
    x += 8 * row;
  }
  for (; r < size; r++) {
    addToCarry(carry, x, n);
    x += row;
  }
  return writeCarry(carry, out, n, divisor);
}

/** Sums at most CHUNK columns. */
function sumColumns(x: usize, out: usize, size: i32, n: i32, row: usize, divisor: f64): void {
  const isFinite = size < 8
    ? sumFewRows(x, out, size, n, row, divisor)
    : sumManyRows(x, out, size, n, row, divisor);
  if (!isFinite) sumColumnsInDoubles(x, out, size, n, row, divisor);
}

/** The sums along the middle axis of [outer, size, inner], each divided: by `size` for means. */
export function sum(x: usize, out: usize, outer: i32, size: i32, inner: i32, divisor: f64): void {
  const row = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      let sum = sumOfRow(x, size);
      if (sum - sum != 0) sum = sumOfRowInDoubles(x, size);
      store<f32>(out, <f32>(sum / divisor));
    } else {
      for (let i = 0; i < inner; i += CHUNK) {
        const at = <usize>i << 2;
        sumColumns(x + at, out + at, size, min(CHUNK, inner - i), row, divisor);
      }
    }
    x += <usize>size * row;
    out += row;
  }
}

/** Sixteen floats at byte k of each of `count` arrays, whose pointers are at `arrays`, added and written. */
@inline function sumFewArrays(arrays: usize, count: i32, out: usize, k: usize): void {
  let at = <usize>load<u32>(arrays) + k;
  let a = v128.load(at);
  let b = v128.load(at, 16);
  let c = v128.load(at, 32);
  let d = v128.load(at, 48);
  for (let i = 1; i < count; i++) {
    at = <usize>load<u32>(arrays + (<usize>i << 2)) + k;
    a = f32x4.add(a, v128.load(at));
    b = f32x4.add(b, v128.load(at, 16));
    c = f32x4.add(c, v128.load(at, 32));
    d = f32x4.add(d, v128.load(at, 48));
  }
  v128.store(out + k, a);
  v128.store(out + k, b, 16);
  v128.store(out + k, c, 32);
  v128.store(out + k, d, 48);
}

/** Four floats at byte k of each of `count` arrays, added as floats. */
@inline function sumOfArrays(arrays: usize, count: i32, k: usize): v128 {
  let sum = splat(0);
  for (let i = 0; i < count; i++) {
    sum = f32x4.add(sum, v128.load(<usize>load<u32>(arrays + (<usize>i << 2)) + k));
  }
  return sum;
}

/** The sum of `count` arrays of n floats, whose pointers are at `arrays`. */
export function sum_arrays(arrays: usize, count: i32, out: usize, n: i32): void {
  let i = 0;
  if (count <= 8) {
    for (let whole = n & ~15; i < whole; i += 16) sumFewArrays(arrays, count, out, <usize>i << 2);
  }
  for (; i < n; i += 4) {
    const k = <usize>i << 2;
    let first = f64x2.splat(0);
    let last = first;
    for (let from = 0; from < count; from += 8) {
      const part = sumOfArrays(arrays + (<usize>from << 2), min(8, count - from), k);
      first = f64x2.add(first, low(part));
      last = f64x2.add(last, high(part));
    }
    v128.store(out + k, narrow(first, last));
  }
}

/**
 * Row s of out is the sum of the rows order[starts[s]..starts[s + 1]] of x, rows of `width`: the gradient of a look-up.
 */
export function sum_segments(
  x: usize, order: usize, starts: usize, out: usize, segments: i32, width: i32,
): void {
  const row = <usize>width << 2;
  for (let s = 0; s < segments; s++) {
    const from = load<i32>(starts + (<usize>s << 2));
    const to = load<i32>(starts + (<usize>s << 2), 4);
    if (to - from == 1) {
      copyRun(out, x + <usize>load<i32>(order + (<usize>from << 2)) * row, width);
    } else {
      for (let i = 0; i < width; i += CHUNK) {
        const n = min(CHUNK, width - i);
        memory.fill(carry, 0, <usize>((n + 3) & ~3) << 3);
        for (let r = from; r < to; r++) {
          addToCarry(carry, x + <usize>load<i32>(order + (<usize>r << 2)) * row + (<usize>i << 2), n);
        }
        writeCarry(carry, out + (<usize>i << 2), n, 1);
      }
    }
    out += row;
  }
}

/** Adds n floats to as many doubles. */
export function carry_add(x: usize, carry: usize, n: i32): void {
  addToCarry(carry, x, n);
}

/** n doubles as floats. */
export function carry_write(carry: usize, out: usize, n: i32): void {
  writeCarry(carry, out, n, 1);
}

//#scan
