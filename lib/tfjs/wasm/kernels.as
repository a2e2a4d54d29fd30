// The hot loops of the `native` tfjs backend, in AssemblyScript, four floats at a time. `deno task wasm` compiles this file
// to kernels_wasm.ts. Pointers are byte offsets into the one memory that holds all tensors; sizes count floats.
//
// Every block ends with room for one vector, so loops may read and write up to three floats past their end: rows are
// written in ascending order, and what spills over is written again or lies in that room.

// --- Elementary functions -----------------------------------------------------------------------------------------

@inline function splat(x: f32): v128 { return f32x4.splat(x); }
@inline function fma(a: v128, b: v128, c: v128): v128 { return f32x4.add(f32x4.mul(a, b), c); }
@inline function choose(mask: v128, yes: v128, no: v128): v128 { return v128.bitselect(yes, no, mask); }

/** The smaller and the larger of two, in one instruction; a NaN in x stays. */
@inline function atMost(x: v128, bound: v128): v128 { return f32x4.pmin(x, bound); }
@inline function atLeast(x: v128, bound: v128): v128 { return f32x4.pmax(x, bound); }

/**
 * exp, relative error below 2e-7 (0 below x = -86): x = n ln 2 + r, a polynomial in r, and n added to its exponent. Adding
 * 1.5 2^23 rounds to an integer, which then stands in the low bits of the sum.
 */
@inline function exp(given: v128): v128 {
  const x = atMost(atLeast(given, splat(-86)), splat(89));
  const shifted = fma(x, splat(1.44269504088896341), splat(12582912));
  const n = f32x4.sub(shifted, splat(12582912));
  const r = fma(n, splat(2.12194440e-4), fma(n, splat(-0.693359375), x));
  const z = f32x4.mul(r, r);
  let p = fma(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = fma(p, r, splat(8.3334519073e-3));
  p = fma(p, r, splat(4.1665795894e-2));
  p = fma(p, r, splat(1.6666665459e-1));
  p = fma(p, r, splat(5.0000001201e-1));
  p = f32x4.add(fma(p, z, r), splat(1));
  // 2^(n - 1) and a doubling: 2^128 has no exponent of its own. The low 9 bits of `shifted` are n: the others leave.
  const exponent = i32x4.shl(i32x4.sub(shifted, i32x4.splat(1)), 23);
  const y = i32x4.add(p, exponent);
  // NaN times 0 is NaN; all else, being bounded, is 0.
  const finite = fma(x, splat(0), f32x4.add(y, y));
  return v128.andnot(finite, f32x4.lt(given, splat(-86)));
}

/** Natural logarithm, relative error below 2e-7: the mantissa in [sqrt(1/2), sqrt(2)), a polynomial, the exponent times ln 2. */
@inline function log(given: v128): v128 {
  // Denormals are scaled up first.
  const tiny = f32x4.lt(given, splat(1.17549435e-38));
  const x = choose(tiny, f32x4.mul(given, splat(8388608)), given);
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(tiny, splat(23)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, splat(1)), z = f32x4.mul(f, f);
  let p = splat(7.0376836292e-2);
  p = fma(p, f, splat(-1.1514610310e-1));
  p = fma(p, f, splat(1.1676998740e-1));
  p = fma(p, f, splat(-1.2420140846e-1));
  p = fma(p, f, splat(1.4249322787e-1));
  p = fma(p, f, splat(-1.6668057665e-1));
  p = fma(p, f, splat(2.0000714765e-1));
  p = fma(p, f, splat(-2.4999993993e-1));
  p = fma(p, f, splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, f), z);
  p = fma(e, splat(-2.12194440e-4), p);
  p = fma(z, splat(-0.5), p);
  let y = f32x4.add(f32x4.add(f, p), f32x4.mul(e, splat(0.693359375)));
  // log 0 = -inf, log of a negative number = NaN, log inf = inf, log NaN = NaN.
  y = choose(f32x4.eq(given, splat(0)), splat(-Infinity), y);
  y = choose(f32x4.eq(given, splat(Infinity)), given, y);
  return choose(f32x4.ge(given, splat(0)), y, splat(NaN));
}

@inline function sigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp(f32x4.neg(x))));
}

/** tanh: a polynomial near 0, where 1 - 2 / (exp 2x + 1) would cancel. */
@inline function tanh(x: v128): v128 {
  const size = f32x4.abs(x), z = f32x4.mul(x, x);
  let p = splat(-5.70498872745e-3);
  p = fma(p, z, splat(2.06390887954e-2));
  p = fma(p, z, splat(-5.37397155531e-2));
  p = fma(p, z, splat(1.33314422036e-1));
  p = fma(p, z, splat(-3.33332819422e-1));
  const near = fma(f32x4.mul(p, z), x, x);
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(exp(f32x4.add(size, size)), splat(1))));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return choose(f32x4.lt(size, splat(0.625)), near, signed);
}

/** erf by the formula that tfjs-core uses (Abramowitz & Stegun 7.1.26), absolute error 1.5e-7. */
@inline function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const t = f32x4.div(splat(1), fma(size, splat(0.3275911), splat(1)));
  let p = splat(1.061405429);
  p = fma(p, t, splat(-1.453152027));
  p = fma(p, t, splat(1.421413741));
  p = fma(p, t, splat(-0.284496736));
  p = fma(p, t, splat(0.254829592));
  const y = f32x4.sub(splat(1), f32x4.mul(f32x4.mul(p, t), exp(f32x4.neg(f32x4.mul(x, x)))));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

@inline function lanesum(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3);
}

/** The distribution function of the standard normal distribution, by erf's formula. */
@inline function normalCdf(x: v128): v128 {
  return fma(erf(f32x4.mul(x, splat(0.70710678118654752))), splat(0.5), splat(0.5));
}

/** The slope of gelu: x times the normal density, plus its distribution function. */
@inline function geluSlope(x: v128): v128 {
  const density = f32x4.mul(exp(f32x4.mul(f32x4.mul(x, x), splat(-0.5))), splat(0.39894228040143268));
  return fma(x, density, normalCdf(x));
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

// --- Element-wise: one loop a row of the table in build_wasm.ts -----------------------------------------------------
//#unary
//#binary

/** Every number moved into low..high; NaN stays. */
export function clip(x: usize, out: usize, n: i32, low: f32, high: f32): void {
  const from = splat(low), to = splat(high);
  for (let i = 0; i < n; i += 4) v128.store(out + (<usize>i << 2), atMost(atLeast(v128.load(x + (<usize>i << 2)), from), to));
}

/** Where the byte of `condition` is not 0, the entry of a, else that of b. */
export function select(condition: usize, a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2;
    const flags = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4(load<i32>(condition + i), 0, 0, 0)));
    v128.store(out + k, choose(i32x4.ne(flags, i32x4.splat(0)), v128.load(a + k), v128.load(b + k)));
  }
}

// --- Reductions over the middle axis of [outer, size, inner] --------------------------------------------------------

//#reduce

/** Softmax over rows of n. */
export function softmax(x: usize, out: usize, rows: i32, n: i32): void {
  const whole = n & ~3;
  for (let row = 0; row < rows; row++) {
    let top: f32 = -Infinity;
    let tops = splat(-Infinity);
    for (let i = 0; i < whole; i += 4) tops = atLeast(v128.load(x + (<usize>i << 2)), tops);
    top = max4(tops);
    for (let i = whole; i < n; i++) top = max(top, load<f32>(x + (<usize>i << 2)));
    const shift = splat(top);
    let sums = splat(0);
    for (let i = 0; i < whole; i += 4) {
      const k = <usize>i << 2;
      const y = f32x4.sub(v128.load(x + k), shift);
      const e = exp(y);
      sums = f32x4.add(sums, e);
      v128.store(out + k, e);
    }
    let sum = lanesum(sums);
    for (let i = whole; i < n; i++) {
      const k = <usize>i << 2;
      const y = splat(load<f32>(x + k) - top);
      const e = exp(y);
      sum += f32x4.extract_lane(e, 0);
      store<f32>(out + k, f32x4.extract_lane(e, 0));
    }
    const factor = splat(1 / sum);
    for (let i = 0; i < n; i += 4) v128.store(out + (<usize>i << 2), f32x4.mul(v128.load(out + (<usize>i << 2)), factor));
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

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

@inline function max4(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

// --- Moving ---------------------------------------------------------------------------------------------------------

/** [batch, m, n, run] to [batch, n, m, run]; 32-bit elements of any type. */
export function transpose(x: usize, out: usize, batch: i32, m: i32, n: i32, run: i32): void {
  const bytes = <usize>run << 2, image = <usize>m * n * bytes;
  for (let b = 0; b < batch; b++) {
    if (run == 1) {
      // Tiles keep reads and writes in the cache.
      for (let i0 = 0; i0 < m; i0 += 16) {
        const i1 = min(i0 + 16, m);
        for (let j0 = 0; j0 < n; j0 += 16) {
          const j1 = min(j0 + 16, n);
          for (let j = j0; j < j1; j++) {
            for (let i = i0; i < i1; i++) {
              store<u32>(out + ((<usize>j * m + i) << 2), load<u32>(x + ((<usize>i * n + j) << 2)));
            }
          }
        }
      }
    } else {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) memory.copy(out + (<usize>j * m + i) * bytes, x + (<usize>i * n + j) * bytes, bytes);
      }
    }
    x += image;
    out += image;
  }
}

/** out[i, j] = x[i strideI + j strideJ]: one plane of any exchange of axes. */
export function gather_plane(x: usize, out: usize, m: i32, n: i32, strideI: i32, strideJ: i32): void {
  for (let i = 0; i < m; i++) {
    let at = x + <usize>(i * strideI << 2);
    for (let j = 0; j < n; j++) {
      store<u32>(out, load<u32>(at));
      at += <usize>strideJ << 2;
      out += 4;
    }
  }
}

/** Patches of images [h, w, c] as rows [outH * outW, fh * fw * c], zeros outside. Rows from..to of the output positions. */
export function im2col(
  x: usize, out: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  const bytes = <usize>c << 2;
  for (let at = from; at < to; at++) {
    const y0 = (at / outW) * strideH - top, x0 = (at % outW) * strideW - left;
    for (let fy = 0; fy < fh; fy++) {
      const y = y0 + fy * dilationH;
      if (y < 0 || y >= h) {
        memory.fill(out, 0, bytes * fw);
        out += bytes * fw;
        continue;
      }
      if (dilationW == 1 && x0 >= 0 && x0 + fw <= w) {
        copyRun(out, x + <usize>(y * w + x0) * bytes, fw * c);
        out += bytes * fw;
        continue;
      }
      for (let fx = 0; fx < fw; fx++) {
        const px = x0 + fx * dilationW;
        if (px < 0 || px >= w) for (let i = 0; i < c; i++) store<f32>(out + (<usize>i << 2), 0);
        else copyRun(out, x + (<usize>y * w + px) * bytes, c);
        out += bytes;
      }
    }
  }
}

/** The adjoint of im2col: adds rows of patches into an image. */
export function col2im(
  patches: usize, out: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  const whole = c & ~3;
  for (let at = from; at < to; at++) {
    const y0 = (at / outW) * strideH - top, x0 = (at % outW) * strideW - left;
    for (let fy = 0; fy < fh; fy++) {
      const y = y0 + fy * dilationH;
      for (let fx = 0; fx < fw; fx++) {
        const px = x0 + fx * dilationW;
        if (y >= 0 && y < h && px >= 0 && px < w) {
          const to = out + ((<usize>y * w + px) * c << 2);
          for (let i = 0; i < whole; i += 4) {
            const k = <usize>i << 2;
            v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(patches + k)));
          }
          for (let i = whole; i < c; i++) {
            const k = <usize>i << 2;
            store<f32>(to + k, load<f32>(to + k) + load<f32>(patches + k));
          }
        }
        patches += <usize>c << 2;
      }
    }
  }
}

// --- Pooling: four channels at once ---------------------------------------------------------------------------------

/** Lanes of the vector at channel i of c that are channels. */
@inline function lanes(i: i32, c: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3)), i32x4.splat(c));
}

/** The largest entry of every window; NaN is passed over, as in the CPU backend. */
export function max_pool(
  x: usize, out: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top, yFrom = max(0, y0), yTo = min(h, y0 + fh);
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left, xFrom = max(0, x0), xTo = min(w, x0 + fw);
        for (let i = 0; i < c; i += 4) {
          let best = splat(-Infinity);
          for (let py = yFrom; py < yTo; py++) {
            let at = x + ((<usize>py * w + xFrom) * pixel) + (<usize>i << 2);
            for (let px = xFrom; px < xTo; px++) {
              best = f32x4.pmax(best, v128.load(at));
              at += pixel;
            }
          }
          v128.store(out + (<usize>i << 2), best);
        }
        out += pixel;
      }
    }
    x += <usize>h * w * pixel;
  }
}

/** The mean of the part of every window that lies inside. */
export function average_pool(
  x: usize, out: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top, yFrom = max(0, y0), yTo = min(h, y0 + fh);
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left, xFrom = max(0, x0), xTo = min(w, x0 + fw);
        const count = splat(<f32>((yTo - yFrom) * (xTo - xFrom)));
        for (let i = 0; i < c; i += 4) {
          let sum = splat(0);
          for (let py = yFrom; py < yTo; py++) {
            let at = x + ((<usize>py * w + xFrom) * pixel) + (<usize>i << 2);
            for (let px = xFrom; px < xTo; px++) {
              sum = f32x4.add(sum, v128.load(at));
              at += pixel;
            }
          }
          v128.store(out + (<usize>i << 2), f32x4.div(sum, count));
        }
        out += pixel;
      }
    }
    x += <usize>h * w * pixel;
  }
}

/** Adds each window's slope to its first largest entry; dx is zero before. */
export function max_pool_grad(
  x: usize, y: usize, dy: usize, dx: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top, yFrom = max(0, y0), yTo = min(h, y0 + fh);
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left, xFrom = max(0, x0), xTo = min(w, x0 + fw);
        for (let i = 0; i < c; i += 4) {
          const k = <usize>i << 2, best = v128.load(y + k), slope = v128.load(dy + k);
          let open = lanes(i, c);
          for (let py = yFrom; py < yTo; py++) {
            let at = (<usize>py * w + xFrom) * pixel + k;
            for (let px = xFrom; px < xTo; px++) {
              const hit = v128.and(f32x4.eq(v128.load(x + at), best), open);
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(slope, hit)));
              open = v128.andnot(open, hit);
              at += pixel;
            }
          }
        }
        y += pixel;
        dy += pixel;
      }
    }
    x += <usize>h * w * pixel;
    dx += <usize>h * w * pixel;
  }
}

// --- Depthwise convolution: four channels at once, every channel with its own filter ---------------------------------

/** The first tap of a filter that lies inside, for a window that begins at `start`. */
@inline function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past its last tap inside. */
@inline function lastTap(start: i32, dilation: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(taps, (size - start + dilation - 1) / dilation);
}

/** out[y, x, c] = sum over taps of x[.., c] f[tap, c]. */
export function depthwise(
  x: usize, f: usize, out: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2, step = <usize>dilationW * pixel;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top, fyFrom = firstTap(y0, dilationH), fyTo = lastTap(y0, dilationH, fh, h);
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left, fxFrom = firstTap(x0, dilationW), fxTo = lastTap(x0, dilationW, fw, w);
        for (let i = 0; i < c; i += 4) {
          const k = <usize>i << 2;
          let sum = splat(0);
          for (let fy = fyFrom; fy < fyTo; fy++) {
            let at = x + <usize>((y0 + fy * dilationH) * w + x0 + fxFrom * dilationW) * pixel + k;
            let tap = f + <usize>(fy * fw + fxFrom) * pixel + k;
            for (let fx = fxFrom; fx < fxTo; fx++) {
              sum = fma(v128.load(at), v128.load(tap), sum);
              at += step;
              tap += pixel;
            }
          }
          v128.store(out + k, sum);
        }
        out += pixel;
      }
    }
    x += <usize>h * w * pixel;
  }
}

/** Adds to `to` the product of two rows of c floats. */
@inline function addProduct(a: usize, b: usize, to: usize, c: i32): void {
  const whole = c & ~3;
  for (let i = 0; i < whole; i += 4) {
    const k = <usize>i << 2;
    v128.store(to + k, fma(v128.load(a + k), v128.load(b + k), v128.load(to + k)));
  }
  for (let i = whole; i < c; i++) {
    const k = <usize>i << 2;
    store<f32>(to + k, load<f32>(to + k) + load<f32>(a + k) * load<f32>(b + k));
  }
}

/** The filter's gradient from one image, added to what is there. */
export function depthwise_filter_grad(
  x: usize, df: usize, dy: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let oy = 0; oy < outH; oy++) {
    const y0 = oy * strideH - top, fyFrom = firstTap(y0, dilationH), fyTo = lastTap(y0, dilationH, fh, h);
    for (let ox = 0; ox < outW; ox++) {
      const x0 = ox * strideW - left, fxFrom = firstTap(x0, dilationW), fxTo = lastTap(x0, dilationW, fw, w);
      for (let fy = fyFrom; fy < fyTo; fy++) {
        const row = <usize>((y0 + fy * dilationH) * w + x0);
        for (let fx = fxFrom; fx < fxTo; fx++) {
          addProduct(dy, x + (row + fx * dilationW) * pixel, df + <usize>(fy * fw + fx) * pixel, c);
        }
      }
      dy += pixel;
    }
  }
}

/** The input's gradient from one image, added to what is there. */
export function depthwise_input_grad(
  dx: usize, f: usize, dy: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let oy = 0; oy < outH; oy++) {
    const y0 = oy * strideH - top, fyFrom = firstTap(y0, dilationH), fyTo = lastTap(y0, dilationH, fh, h);
    for (let ox = 0; ox < outW; ox++) {
      const x0 = ox * strideW - left, fxFrom = firstTap(x0, dilationW), fxTo = lastTap(x0, dilationW, fw, w);
      for (let fy = fyFrom; fy < fyTo; fy++) {
        const row = <usize>((y0 + fy * dilationH) * w + x0);
        for (let fx = fxFrom; fx < fxTo; fx++) {
          addProduct(dy, f + <usize>(fy * fw + fx) * pixel, dx + (row + fx * dilationW) * pixel, c);
        }
      }
      dy += pixel;
    }
  }
}

/** Every one of n numbers `times` times in a row; 32-bit elements of any type. */
export function repeat(x: usize, out: usize, n: i32, times: i32): void {
  for (let i = 0; i < n; i++) {
    const value = v128.load32_splat(x);
    for (let j = 0; j < times; j += 4) v128.store(out + (<usize>j << 2), value);
    x += 4;
    out += <usize>times << 2;
  }
}

// --- Matrix product, where there is no BLAS -------------------------------------------------------------------------

/** Adds a 4 x 8 block: strips of 4 rows of A and 8 columns of B, packed side by side by the caller. */
@inline function block4x8(depth: i32, a: usize, b: usize, c: usize, ldc: i32): void {
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0), c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b), b1 = v128.load(b + 16);
    const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a + 4), a2 = v128.load32_splat(a + 8), a3 = v128.load32_splat(a + 12);
    c00 = fma(a0, b0, c00); c01 = fma(a0, b1, c01);
    c10 = fma(a1, b0, c10); c11 = fma(a1, b1, c11);
    c20 = fma(a2, b0, c20); c21 = fma(a2, b1, c21);
    c30 = fma(a3, b0, c30); c31 = fma(a3, b1, c31);
    a += 16;
    b += 32;
  }
  const row = <usize>ldc << 2;
  v128.store(c, f32x4.add(v128.load(c), c00)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c01)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c10)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c11)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c20)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c21)); c += row;
  v128.store(c, f32x4.add(v128.load(c), c30)); v128.store(c + 16, f32x4.add(v128.load(c + 16), c31));
}

/**
 * C = op(A) op(B), m x n. `work` has room for 256 (4 + 8 ceil(n / 8)) + 32 floats: a packed panel of B, a packed strip of
 * A, and one block for the edges.
 */
export function gemm(
  transposeA: bool, transposeB: bool, m: i32, n: i32, k: i32, a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32, work: usize,
): void {
  const strips = (n + 7) / 8, edge = work, strip = work + 128, panel = strip + 4096;
  for (let i = 0; i < m; i++) memory.fill(c + (<usize>i * ldc << 2), 0, <usize>n << 2);
  for (let p0 = 0; p0 < k; p0 += 256) {
    const depth = min(256, k - p0);
    for (let s = 0; s < strips; s++) {
      const j0 = s * 8, width = min(8, n - j0);
      let to = panel + (<usize>s * depth << 5);
      for (let p = 0; p < depth; p++) {
        for (let j = 0; j < 8; j++) {
          const at = transposeB ? <usize>(j0 + j) * ldb + p0 + p : <usize>(p0 + p) * ldb + j0 + j;
          store<f32>(to + (<usize>j << 2), j < width ? load<f32>(b + (at << 2)) : 0);
        }
        to += 32;
      }
    }
    for (let i0 = 0; i0 < m; i0 += 4) {
      const height = min(4, m - i0);
      let to = strip;
      for (let p = 0; p < depth; p++) {
        for (let i = 0; i < 4; i++) {
          const at = transposeA ? <usize>(p0 + p) * lda + i0 + i : <usize>(i0 + i) * lda + p0 + p;
          store<f32>(to + (<usize>i << 2), i < height ? load<f32>(a + (at << 2)) : 0);
        }
        to += 16;
      }
      for (let s = 0; s < strips; s++) {
        const j0 = s * 8, width = min(8, n - j0);
        const from = panel + (<usize>s * depth << 5), at = c + ((<usize>i0 * ldc + j0) << 2);
        if (height == 4 && width == 8) {
          block4x8(depth, strip, from, at, ldc);
        } else {
          memory.fill(edge, 0, 128);
          block4x8(depth, strip, from, edge, 8);
          for (let i = 0; i < height; i++) {
            for (let j = 0; j < width; j++) {
              const to = at + ((<usize>i * ldc + j) << 2);
              store<f32>(to, load<f32>(to) + load<f32>(edge + ((<usize>i * 8 + j) << 2)));
            }
          }
        }
      }
    }
  }
}

// --- Optimizers, in place -------------------------------------------------------------------------------------------

/** m = decay m + g (or the other way of momentum), w -= rate m; with Nesterov w -= rate (g + decay m). */
export function momentum(w: usize, m: usize, g: usize, n: i32, rate: f32, decay: f32, nesterov: bool): void {
  const r = splat(-rate), d = splat(decay);
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2, gradient = v128.load(g + k);
    const next = fma(v128.load(m + k), d, gradient);
    v128.store(m + k, next);
    v128.store(w + k, fma(nesterov ? fma(next, d, gradient) : next, r, v128.load(w + k)));
  }
}

/** One step of Adam (Kingma & Ba 2015), or of AdamW with `shrink` = 1 - rate * decay. `rest` is 1 - beta, which floats would round
 * badly here; `c1`, `c2` are 1 - beta^t. */
export function adam(
  w: usize, m: usize, v: usize, g: usize, n: i32, rate: f32, beta1: f32, beta2: f32,
  rest1: f32, rest2: f32, c1: f32, c2: f32, epsilon: f32, shrink: f32,
): void {
  const b1 = splat(beta1), b2 = splat(beta2), n1 = splat(rest1), n2 = splat(rest2);
  const r = splat(-rate / c1), root = splat(1 / c2), eps = splat(epsilon), keep = splat(shrink);
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2, gradient = v128.load(g + k);
    const mean = fma(v128.load(m + k), b1, f32x4.mul(gradient, n1));
    const square = fma(v128.load(v + k), b2, f32x4.mul(f32x4.mul(gradient, gradient), n2));
    v128.store(m + k, mean);
    v128.store(v + k, square);
    const step = f32x4.div(f32x4.mul(mean, r), f32x4.add(f32x4.sqrt(f32x4.mul(square, root)), eps));
    v128.store(w + k, fma(v128.load(w + k), keep, step));
  }
}
