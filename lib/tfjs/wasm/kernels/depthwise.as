// Depthwise convolution, four channels at once: every channel has its own filter.

/** The first tap of a filter that lies inside, for a window that begins at `start`. */
@inline function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past its last tap inside. */
@inline function lastTap(start: i32, dilation: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(taps, (size - start + dilation - 1) / dilation);
}

/** The sum of `columns` products, whose factors are `stepA` and `stepB` bytes apart. */
@inline function sumOfProducts(a: usize, stepA: usize, b: usize, stepB: usize, columns: i32): v128 {
  let part = splat(0);
  for (let i = 0; i < columns; i++) {
    part = fma(v128.load(a), v128.load(b), part);
    a += stepA;
    b += stepB;
  }
  return part;
}

/**
 * The sum over `rows` x `columns` taps of two arrays. At most PART products are added as floats, a row of more taps one
 * part at a time; what they give goes to doubles where there is more than one part.
 */
@inline function sumOfTaps(
  a: usize, lineA: usize, stepA: usize, b: usize, lineB: usize, stepB: usize, rows: i32, columns: i32,
): v128 {
  let part = splat(0);
  if (rows * columns <= PART) {
    for (let y = 0; y < rows; y++) {
      part = f32x4.add(part, sumOfProducts(a, stepA, b, stepB, columns));
      a += lineA;
      b += lineB;
    }
    return part;
  }
  let first = f64x2.splat(0);
  let last = first;
  for (let y = 0; y < rows; y++) {
    for (let from = 0; from < columns; from += PART) {
      const atA = a + <usize>from * stepA;
      const atB = b + <usize>from * stepB;
      part = sumOfProducts(atA, stepA, atB, stepB, min(PART, columns - from));
      first = f64x2.add(first, low(part));
      last = f64x2.add(last, high(part));
    }
    a += lineA;
    b += lineB;
  }
  return narrow(first, last);
}

/** out[y, x, c] = sum over taps of x[.., c] f[tap, c]. */
export function depthwise(
  x: usize, f: usize, out: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  const line = <usize>w * pixel * dilationH;
  const step = <usize>dilationW * pixel;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top;
      const fyFrom = firstTap(y0, dilationH);
      const rows = lastTap(y0, dilationH, fh, h) - fyFrom;
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left;
        const fxFrom = firstTap(x0, dilationW);
        const columns = lastTap(x0, dilationW, fw, w) - fxFrom;
        const at = x + <usize>((y0 + fyFrom * dilationH) * w + x0 + fxFrom * dilationW) * pixel;
        const tap = f + <usize>(fyFrom * fw + fxFrom) * pixel;
        for (let i = 0; i < c; i += 4) {
          const k = <usize>i << 2;
          v128.store(out + k, sumOfTaps(at + k, line, step, tap + k, <usize>fw * pixel, pixel, rows, columns));
        }
        out += pixel;
      }
    }
    x += <usize>h * w * pixel;
  }
}

/**
 * The filter's gradient. `carry` has room for as many doubles as the filter has taps, each with its channels rounded up
 * to a multiple of four.
 */
export function depthwise_filter_grad(
  x: usize, df: usize, dy: usize, carry: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32,
  strideH: i32, strideW: i32, top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  const doubles = <usize>((c + 3) & ~3) << 3;
  const step = <usize>strideW * pixel;
  memory.fill(carry, 0, <usize>(fh * fw) * doubles);
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top;
      const fyFrom = firstTap(y0, dilationH);
      const fyTo = lastTap(y0, dilationH, fh, h);
      for (let fy = fyFrom; fy < fyTo; fy++) {
        const line = x + <usize>(y0 + fy * dilationH) * w * pixel;
        for (let fx = 0; fx < fw; fx++) {
          // The positions of this row at which the tap lies inside.
          const start = fx * dilationW - left;
          const oxFrom = firstTap(start, strideW);
          const oxTo = lastTap(start, strideW, outW, w);
          const to = carry + <usize>(fy * fw + fx) * doubles;
          for (let from = oxFrom; from < oxTo; from += PART) {
            const columns = min(PART, oxTo - from);
            const at = line + <usize>(start + from * strideW) * pixel;
            const slope = dy + <usize>from * pixel;
            for (let i = 0; i < c; i += 4) {
              const k = <usize>i << 2;
              addAt(true, to, k, sumOfProducts(slope + k, pixel, at + k, step, columns));
            }
          }
        }
      }
      dy += <usize>outW * pixel;
    }
    x += <usize>h * w * pixel;
  }
  for (let tap = 0; tap < fh * fw; tap++) {
    writeCarry(carry, df, c, 1);
    carry += doubles;
    df += pixel;
  }
}

/** The first tap that reaches a pixel, `at` pixels after the first window begins, in a window that exists. */
@inline function firstReaching(at: i32, stride: i32, dilation: i32, windows: i32): i32 {
  const tap = at % stride;
  // Every `stride` taps one window before; the first ones may be in windows after the last.
  const late = (at - tap * dilation) / stride - windows + 1;
  return late <= 0 ? tap : tap + (late + dilation - 1) / dilation * stride;
}

/** How many taps from `first` on, every `stride`, reach the pixel in a window that exists. */
@inline function countReaching(at: i32, first: i32, stride: i32, dilation: i32, taps: i32): i32 {
  const inFilter = first >= taps ? 0 : (taps - first + stride - 1) / stride;
  const before = at - first * dilation;
  const inImage = before < 0 ? 0 : before / (stride * dilation) + 1;
  return min(inFilter, inImage);
}

/** The input's gradient. Of strides and dilations, those along one axis are 1. */
export function depthwise_input_grad(
  dx: usize, f: usize, dy: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  // From one tap that reaches a pixel to the next: some windows before, some taps on.
  const line = 0 - <usize>(dilationH * outW) * pixel;
  const step = 0 - <usize>dilationW * pixel;
  const tapLine = <usize>(strideH * fw) * pixel;
  const tapStep = <usize>strideW * pixel;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < h; y++) {
      const fy = firstReaching(y + top, strideH, dilationH, outH);
      const rows = countReaching(y + top, fy, strideH, dilationH, fh);
      const oy = (y + top - fy * dilationH) / strideH;
      for (let x = 0; x < w; x++) {
        const fx = firstReaching(x + left, strideW, dilationW, outW);
        const columns = countReaching(x + left, fx, strideW, dilationW, fw);
        const ox = (x + left - fx * dilationW) / strideW;
        const at = dy + <usize>(oy * outW + ox) * pixel;
        const tap = f + <usize>(fy * fw + fx) * pixel;
        for (let i = 0; i < c; i += 4) {
          const k = <usize>i << 2;
          v128.store(dx + k, sumOfTaps(at + k, line, step, tap + k, tapLine, tapStep, rows, columns));
        }
        dx += pixel;
      }
    }
    dy += <usize>outH * outW * pixel;
  }
}
