// Depthwise convolution, four channels at once: every channel has its own filter.

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
