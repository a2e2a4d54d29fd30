// Layer normalization over rows of n, and its gradients.

/** (x - mean) / sqrt(variance + epsilon) * gain + shift over rows of n. */
export function layer_norm(
  x: usize, gain: usize, shift: usize, out: usize, rows: i32, n: i32, epsilon: f32,
): void {
  for (let row = 0; row < rows; row++) {
    const mean = rowMean(x, n);
    const m = splat(mean);
    const s = splat(rowScale(x, n, mean, epsilon));
    let i = 0;
    for (const whole = n & ~7; i < whole; i += 8) {
      const k = <usize>i << 2;
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s);
      const z = f32x4.mul(f32x4.sub(v128.load(x + k, 16), m), s);
      v128.store(out + k, fma(y, v128.load(gain + k), v128.load(shift + k)));
      v128.store(out + k, fma(z, v128.load(gain + k, 16), v128.load(shift + k, 16)), 16);
    }
    for (; i < n; i += 4) {
      const k = <usize>i << 2;
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s);
      v128.store(out + k, fma(y, v128.load(gain + k), v128.load(shift + k)));
    }
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

/** Rows whose gradients of gain and shift are added as floats before they go to the doubles. */
const ROWS = 16;

/**
 * The gradients of layer_norm. `gains` and `shifts` have room for n doubles, rounded up to a multiple of four: those of
 * gain and shift are carried there.
 */
export function layer_norm_grad(
  x: usize, gain: usize, dy: usize, dx: usize, dgain: usize, dshift: usize, gains: usize, shifts: usize,
  rows: i32, n: i32, epsilon: f32,
): void {
  const bytes = <usize>n << 2;
  const doubles = <usize>((n + 3) & ~3) << 3;
  memory.fill(gains, 0, doubles);
  memory.fill(shifts, 0, doubles);
  for (let from = 0; from < rows; from += ROWS) {
    memory.fill(dgain, 0, bytes);
    memory.fill(dshift, 0, bytes);
    for (let row = from, end = min(rows, from + ROWS); row < end; row++) {
      rowGradients(x, gain, dy, dx, dgain, dshift, n, epsilon);
      x += bytes;
      dy += bytes;
      dx += bytes;
    }
    addToCarry(gains, dgain, n);
    addToCarry(shifts, dshift, n);
  }
  writeCarry(gains, dgain, n, 1);
  writeCarry(shifts, dshift, n, 1);
}

/** The gradients of one row; those of gain and shift are added to what is there, dx is written. */
function rowGradients(
  x: usize, gain: usize, dy: usize, dx: usize, dgain: usize, dshift: usize, n: i32, epsilon: f32,
): void {
  const whole = n & ~3;
  const mean = rowMean(x, n);
  const scale = rowScale(x, n, mean, epsilon);
  const m = splat(mean);
  const s = splat(scale);
  let sumA: f64 = 0;
  let sumB: f64 = 0;
  for (let from = 0; from < whole; from += PART) {
    let a = splat(0);
    let b = splat(0);
    for (let i = from, end = min(whole, from + PART); i < end; i += 4) {
      const k = <usize>i << 2;
      const slope = v128.load(dy + k);
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s);
      const g = f32x4.mul(slope, v128.load(gain + k));
      a = f32x4.add(a, g);
      b = fma(g, y, b);
      v128.store(dgain + k, fma(slope, y, v128.load(dgain + k)));
      v128.store(dshift + k, f32x4.add(slope, v128.load(dshift + k)));
    }
    sumA += sum2(f64x2.add(low(a), high(a)));
    sumB += sum2(f64x2.add(low(b), high(b)));
  }
  for (let i = whole; i < n; i++) {
    const k = <usize>i << 2;
    const slope = load<f32>(dy + k);
    const y = (load<f32>(x + k) - mean) * scale;
    const g = slope * load<f32>(gain + k);
    sumA += <f64>g;
    sumB += <f64>(g * y);
    store<f32>(dgain + k, load<f32>(dgain + k) + slope * y);
    store<f32>(dshift + k, load<f32>(dshift + k) + slope);
  }
  const meanA = splat(<f32>(sumA / <f64>n));
  const meanB = splat(<f32>(sumB / <f64>n));
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2;
    const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s);
    const g = f32x4.mul(v128.load(dy + k), v128.load(gain + k));
    v128.store(dx + k, f32x4.mul(s, f32x4.sub(f32x4.sub(g, meanA), f32x4.mul(y, meanB))));
  }
}

@inline function rowMean(x: usize, n: i32): f32 {
  return <f32>(sumOfRow(x, n) / <f64>n);
}

/** 1 / sqrt(variance + epsilon), from the squared deviations: the difference of two moments would cancel. */
@inline function rowScale(x: usize, n: i32, mean: f32, epsilon: f32): f32 {
  const whole = n & ~3;
  const m = splat(mean);
  let sum: f64 = 0;
  let from = 0;
  // Two parts at a time: an addition waits for the one before it in its part.
  for (; from + 2 * PART <= whole; from += 2 * PART) {
    let first = splat(0);
    let second = first;
    for (let i = from, end = from + PART; i < end; i += 4) {
      const k = x + (<usize>i << 2);
      const c = f32x4.sub(v128.load(k), m);
      const d = f32x4.sub(v128.load(k, 4 * PART), m);
      first = fma(c, c, first);
      second = fma(d, d, second);
    }
    sum += sum2(f64x2.add(low(first), high(first)));
    sum += sum2(f64x2.add(low(second), high(second)));
  }
  for (; from < whole; from += PART) {
    let part = splat(0);
    for (let i = from, end = min(whole, from + PART); i < end; i += 4) {
      const d = f32x4.sub(v128.load(x + (<usize>i << 2)), m);
      part = fma(d, d, part);
    }
    sum += sum2(f64x2.add(low(part), high(part)));
  }
  for (let i = whole; i < n; i++) {
    const d = load<f32>(x + (<usize>i << 2)) - mean;
    sum += <f64>(d * d);
  }
  return <f32>(1 / sqrt<f64>(sum / <f64>n + <f64>epsilon));
}
