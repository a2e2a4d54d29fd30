// Softmax over rows of n, and its gradient. A row is read from memory once and stays in the cache for the rest.

/** The difference below which e^x is 0. */
const NOTHING: f32 = -87.33;

/** Whether no e^(x - top) of the row that rowTop has last seen is 0; what is behind the last whole vector is left out. */
let allCount = false;

/** The largest of n. */
function rowTop(x: usize, n: i32): f32 {
  const blocks = n & ~15;
  const whole = n & ~3;
  let t0 = splat(-Infinity);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  let low = splat(Infinity);
  let i = 0;
  for (; i < blocks; i += 16) {
    const k = x + (<usize>i << 2);
    const a = v128.load(k);
    const b = v128.load(k, 16);
    const c = v128.load(k, 32);
    const d = v128.load(k, 48);
    t0 = atLeast(a, t0);
    t1 = atLeast(b, t1);
    t2 = atLeast(c, t2);
    t3 = atLeast(d, t3);
    low = f32x4.pmin(low, f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d)));
  }
  for (; i < whole; i += 4) {
    const a = v128.load(x + (<usize>i << 2));
    t0 = atLeast(a, t0);
    low = f32x4.pmin(low, a);
  }
  let top = max4(f32x4.max(f32x4.max(t0, t1), f32x4.max(t2, t3)));
  for (; i < n; i++) top = max(top, load<f32>(x + (<usize>i << 2)));
  allCount = i32x4.all_true(f32x4.ge(f32x4.sub(low, splat(top)), splat(NOTHING)));
  return top;
}

/**
 * Writes e^(x - top) to `out` and returns their sum, for a row where none of them is 0: as the next one, without a
 * comparison.
 */
function rowExpOfAll(x: usize, out: usize, n: i32, top: f32): f64 {
  const shift = splat(top);
  let first = f64x2.splat(0);
  let last = first;
  let i = 0;
  for (const blocks = n & ~15; i < blocks; i += 16) {
    const k = <usize>i << 2;
    //#four expWithin(f32x4.sub(x, shift))
    v128.store(out + k, y0);
    v128.store(out + k, y1, 16);
    v128.store(out + k, y2, 32);
    v128.store(out + k, y3, 48);
    const part = f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3));
    first = f64x2.add(first, low(part));
    last = f64x2.add(last, high(part));
  }
  return rowExpOfRest(x, out, i, n, top, first, last);
}

/** Writes e^(x - top) to `out` and returns their sum. */
function rowExp(x: usize, out: usize, n: i32, top: f32): f64 {
  const shift = splat(top);
  let first = f64x2.splat(0);
  let last = first;
  let i = 0;
  for (const blocks = n & ~15; i < blocks; i += 16) {
    const k = <usize>i << 2;
    //#four expOfNegative(f32x4.sub(x, shift))
    v128.store(out + k, y0);
    v128.store(out + k, y1, 16);
    v128.store(out + k, y2, 32);
    v128.store(out + k, y3, 48);
    const part = f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3));
    first = f64x2.add(first, low(part));
    last = f64x2.add(last, high(part));
  }
  return rowExpOfRest(x, out, i, n, top, first, last);
}

/** The same from entry i on; `first` and `last` are the sums so far. */
@inline function rowExpOfRest(x: usize, out: usize, i: i32, n: i32, top: f32, first: v128, last: v128): f64 {
  const shift = splat(top);
  for (const whole = n & ~3; i < whole; i += 4) {
    const k = <usize>i << 2;
    const e = expOfNegative(f32x4.sub(v128.load(x + k), shift));
    v128.store(out + k, e);
    first = f64x2.add(first, low(e));
    last = f64x2.add(last, high(e));
  }
  let sum = sum2(f64x2.add(first, last));
  for (; i < n; i++) {
    const k = <usize>i << 2;
    const e = f32x4.extract_lane(expOfNegative(splat(load<f32>(x + k) - top)), 0);
    store<f32>(out + k, e);
    sum += <f64>e;
  }
  return sum;
}

/** Multiplies n floats. */
@inline function scaleRow(at: usize, n: i32, factor: v128): void {
  let i = 0;
  for (const blocks = n & ~15; i < blocks; i += 16) {
    const k = at + (<usize>i << 2);
    v128.store(k, f32x4.mul(v128.load(k), factor));
    v128.store(k, f32x4.mul(v128.load(k, 16), factor), 16);
    v128.store(k, f32x4.mul(v128.load(k, 32), factor), 32);
    v128.store(k, f32x4.mul(v128.load(k, 48), factor), 48);
  }
  for (; i < n; i += 4) {
    const k = at + (<usize>i << 2);
    v128.store(k, f32x4.mul(v128.load(k), factor));
  }
}

/** Softmax over rows of n. */
export function softmax(x: usize, out: usize, rows: i32, n: i32): void {
  for (let row = 0; row < rows; row++) {
    const top = rowTop(x, n);
    const sum = allCount ? rowExpOfAll(x, out, n, top) : rowExp(x, out, n, top);
    scaleRow(out, n, splat(<f32>(1 / sum)));
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

/** The gradient of softmax with the output y: y (dy - sum(dy y)), rows of n. */
export function softmax_grad(y: usize, dy: usize, dx: usize, rows: i32, n: i32): void {
  const whole = n & ~3;
  const blocks = n & ~7;
  for (let row = 0; row < rows; row++) {
    let sum: f64 = 0;
    let from = 0;
    // Two parts at a time: an addition waits for the one before it in its part.
    for (; from + 2 * PART <= whole; from += 2 * PART) {
      let first = splat(0);
      let second = first;
      for (let i = from, end = from + PART; i < end; i += 4) {
        const k = <usize>i << 2;
        first = fma(v128.load(y + k), v128.load(dy + k), first);
        second = fma(v128.load(y + k, 4 * PART), v128.load(dy + k, 4 * PART), second);
      }
      sum += sum2(f64x2.add(low(first), high(first)));
      sum += sum2(f64x2.add(low(second), high(second)));
    }
    for (; from < whole; from += PART) {
      let part = splat(0);
      for (let i = from, end = min(whole, from + PART); i < end; i += 4) {
        part = fma(v128.load(y + (<usize>i << 2)), v128.load(dy + (<usize>i << 2)), part);
      }
      sum += sum2(f64x2.add(low(part), high(part)));
    }
    for (let i = whole; i < n; i++) {
      sum += <f64>(load<f32>(y + (<usize>i << 2)) * load<f32>(dy + (<usize>i << 2)));
    }
    const mean = splat(<f32>sum);
    let i = 0;
    for (; i < blocks; i += 8) {
      const k = <usize>i << 2;
      const a = f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), mean));
      const b = f32x4.mul(v128.load(y + k, 16), f32x4.sub(v128.load(dy + k, 16), mean));
      v128.store(dx + k, a);
      v128.store(dx + k, b, 16);
    }
    for (; i < n; i += 4) {
      const k = <usize>i << 2;
      v128.store(dx + k, f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), mean)));
    }
    y += <usize>n << 2;
    dy += <usize>n << 2;
    dx += <usize>n << 2;
  }
}
