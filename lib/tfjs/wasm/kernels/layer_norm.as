// Layer normalization over rows of n, and its gradients.

/** (x - mean) / sqrt(variance + epsilon) * gain + shift over rows of n. */
export function layer_norm(x: usize, gain: usize, shift: usize, out: usize, rows: i32, n: i32, epsilon: f32): void {
  for (let row = 0; row < rows; row++) {
    const mean = rowMean(x, n), scale = rowScale(x, n, mean, epsilon);
    const m = splat(mean), s = splat(scale);
    for (let i = 0; i < n; i += 4) {
      const k = <usize>i << 2;
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s);
      v128.store(out + k, fma(y, v128.load(gain + k), v128.load(shift + k)));
    }
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

/** The gradients of layer_norm; those of gain and shift are added to what is there, dx is written. */
export function layer_norm_grad(
  x: usize, gain: usize, dy: usize, dx: usize, dgain: usize, dshift: usize, rows: i32, n: i32, epsilon: f32,
): void {
  const whole = n & ~3;
  for (let row = 0; row < rows; row++) {
    const mean = rowMean(x, n), scale = rowScale(x, n, mean, epsilon);
    const m = splat(mean), s = splat(scale);
    let a = splat(0), b = splat(0);
    for (let i = 0; i < whole; i += 4) {
      const k = <usize>i << 2, slope = v128.load(dy + k);
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s), g = f32x4.mul(slope, v128.load(gain + k));
      a = f32x4.add(a, g);
      b = fma(g, y, b);
      v128.store(dgain + k, fma(slope, y, v128.load(dgain + k)));
      v128.store(dshift + k, f32x4.add(slope, v128.load(dshift + k)));
    }
    let sumA = lanesum(a), sumB = lanesum(b);
    for (let i = whole; i < n; i++) {
      const k = <usize>i << 2, slope = load<f32>(dy + k);
      const y = (load<f32>(x + k) - mean) * scale, g = slope * load<f32>(gain + k);
      sumA += g;
      sumB += g * y;
      store<f32>(dgain + k, load<f32>(dgain + k) + slope * y);
      store<f32>(dshift + k, load<f32>(dshift + k) + slope);
    }
    const meanA = splat(sumA / <f32>n), meanB = splat(sumB / <f32>n);
    for (let i = 0; i < n; i += 4) {
      const k = <usize>i << 2;
      const y = f32x4.mul(f32x4.sub(v128.load(x + k), m), s), g = f32x4.mul(v128.load(dy + k), v128.load(gain + k));
      v128.store(dx + k, f32x4.mul(s, f32x4.sub(f32x4.sub(g, meanA), f32x4.mul(y, meanB))));
    }
    x += <usize>n << 2;
    dy += <usize>n << 2;
    dx += <usize>n << 2;
  }
}

@inline function rowMean(x: usize, n: i32): f32 {
  const whole = n & ~3;
  let sums = splat(0);
  for (let i = 0; i < whole; i += 4) sums = f32x4.add(sums, v128.load(x + (<usize>i << 2)));
  let sum = lanesum(sums);
  for (let i = whole; i < n; i++) sum += load<f32>(x + (<usize>i << 2));
  return sum / <f32>n;
}

/** 1 / sqrt(variance + epsilon), from the squared deviations: the difference of two moments would cancel. */
@inline function rowScale(x: usize, n: i32, mean: f32, epsilon: f32): f32 {
  const whole = n & ~3, m = splat(mean);
  let sums = splat(0);
  for (let i = 0; i < whole; i += 4) {
    const d = f32x4.sub(v128.load(x + (<usize>i << 2)), m);
    sums = fma(d, d, sums);
  }
  let sum = lanesum(sums);
  for (let i = whole; i < n; i++) {
    const d = load<f32>(x + (<usize>i << 2)) - mean;
    sum += d * d;
  }
  return 1 / sqrt<f32>(sum / <f32>n + epsilon);
}
