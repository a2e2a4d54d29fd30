// Softmax over rows of n, and its gradient. A row is read from memory once and stays in the cache for the rest.

/** The largest of n. */
@inline function rowTop(x: usize, n: i32): f32 {
  const blocks = n & ~15;
  const whole = n & ~3;
  let t0 = splat(-Infinity);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  let i = 0;
  for (; i < blocks; i += 16) {
    const k = x + (<usize>i << 2);
    t0 = atLeast(v128.load(k), t0);
    t1 = atLeast(v128.load(k, 16), t1);
    t2 = atLeast(v128.load(k, 32), t2);
    t3 = atLeast(v128.load(k, 48), t3);
  }
  for (; i < whole; i += 4) t0 = atLeast(v128.load(x + (<usize>i << 2)), t0);
  let top = max4(f32x4.max(f32x4.max(t0, t1), f32x4.max(t2, t3)));
  for (; i < n; i++) top = max(top, load<f32>(x + (<usize>i << 2)));
  return top;
}

/** Writes e^(x - top) to `out` and returns their sum. */
@inline function rowExp(x: usize, out: usize, n: i32, top: f32): f64 {
  const shift = splat(top);
  const whole = n & ~3;
  const blocks = n & ~15;
  let first = f64x2.splat(0);
  let last = first;
  let i = 0;
  for (; i < blocks; i += 16) {
    const k = <usize>i << 2;
    const a = exp(f32x4.sub(v128.load(x + k), shift));
    const b = exp(f32x4.sub(v128.load(x + k, 16), shift));
    const c = exp(f32x4.sub(v128.load(x + k, 32), shift));
    const d = exp(f32x4.sub(v128.load(x + k, 48), shift));
    v128.store(out + k, a);
    v128.store(out + k, b, 16);
    v128.store(out + k, c, 32);
    v128.store(out + k, d, 48);
    const part = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    first = f64x2.add(first, low(part));
    last = f64x2.add(last, high(part));
  }
  for (; i < whole; i += 4) {
    const k = <usize>i << 2;
    const e = exp(f32x4.sub(v128.load(x + k), shift));
    v128.store(out + k, e);
    first = f64x2.add(first, low(e));
    last = f64x2.add(last, high(e));
  }
  let sum = sum2(f64x2.add(first, last));
  for (; i < n; i++) {
    const k = <usize>i << 2;
    const e = f32x4.extract_lane(exp(splat(load<f32>(x + k) - top)), 0);
    store<f32>(out + k, e);
    sum += <f64>e;
  }
  return sum;
}

/** Softmax over rows of n. */
export function softmax(x: usize, out: usize, rows: i32, n: i32): void {
  for (let row = 0; row < rows; row++) {
    const factor = splat(<f32>(1 / rowExp(x, out, n, rowTop(x, n))));
    for (let i = 0; i < n; i += 4) {
      const at = out + (<usize>i << 2);
      v128.store(at, f32x4.mul(v128.load(at), factor));
    }
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
    for (let from = 0; from < whole; from += PART) {
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
