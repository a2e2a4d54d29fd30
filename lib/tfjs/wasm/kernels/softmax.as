// Softmax over rows of n, and its gradient. A row is read from memory once and stays in the cache for the rest.

/** The largest of n. */
@inline function rowTop(x: usize, n: i32): f32 {
  const blocks = n & ~15, whole = n & ~3;
  let t0 = splat(-Infinity), t1 = t0, t2 = t0, t3 = t0, i = 0;
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

/** Writes e^(x - top) to `out` and answers their sum. */
@inline function rowExp(x: usize, out: usize, n: i32, top: f32): f32 {
  const shift = splat(top), whole = n & ~3, blocks = n & ~15;
  let s0 = splat(0), s1 = s0, i = 0;
  for (; i < blocks; i += 16) {
    const k = <usize>i << 2;
    const a = exp(f32x4.sub(v128.load(x + k), shift)), b = exp(f32x4.sub(v128.load(x + k, 16), shift));
    const c = exp(f32x4.sub(v128.load(x + k, 32), shift)), d = exp(f32x4.sub(v128.load(x + k, 48), shift));
    v128.store(out + k, a);
    v128.store(out + k, b, 16);
    v128.store(out + k, c, 32);
    v128.store(out + k, d, 48);
    s0 = f32x4.add(s0, f32x4.add(a, c));
    s1 = f32x4.add(s1, f32x4.add(b, d));
  }
  for (; i < whole; i += 4) {
    const k = <usize>i << 2, e = exp(f32x4.sub(v128.load(x + k), shift));
    v128.store(out + k, e);
    s0 = f32x4.add(s0, e);
  }
  let sum = lanesum(f32x4.add(s0, s1));
  for (; i < n; i++) {
    const k = <usize>i << 2, e = f32x4.extract_lane(exp(splat(load<f32>(x + k) - top)), 0);
    store<f32>(out + k, e);
    sum += e;
  }
  return sum;
}

/** Softmax over rows of n. */
export function softmax(x: usize, out: usize, rows: i32, n: i32): void {
  for (let row = 0; row < rows; row++) {
    const factor = splat(1 / rowExp(x, out, n, rowTop(x, n)));
    for (let i = 0; i < n; i += 4) v128.store(out + (<usize>i << 2), f32x4.mul(v128.load(out + (<usize>i << 2)), factor));
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

/** The gradient of softmax with the answer y: y (dy - sum(dy y)), rows of n. */
export function softmax_grad(y: usize, dy: usize, dx: usize, rows: i32, n: i32): void {
  const whole = n & ~3, blocks = n & ~7;
  for (let row = 0; row < rows; row++) {
    let s0 = splat(0), s1 = s0, i = 0;
    for (; i < blocks; i += 8) {
      const k = <usize>i << 2;
      s0 = fma(v128.load(y + k), v128.load(dy + k), s0);
      s1 = fma(v128.load(y + k, 16), v128.load(dy + k, 16), s1);
    }
    for (; i < whole; i += 4) s0 = fma(v128.load(y + (<usize>i << 2)), v128.load(dy + (<usize>i << 2)), s0);
    let sum = lanesum(f32x4.add(s0, s1));
    for (; i < n; i++) sum += load<f32>(y + (<usize>i << 2)) * load<f32>(dy + (<usize>i << 2));
    const mean = splat(sum);
    for (i = 0; i < blocks; i += 8) {
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
