// Pooling, four channels at once.

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
      const y0 = oy * strideH - top;
      const yFrom = max(0, y0);
      const yTo = min(h, y0 + fh);
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left;
        const xFrom = max(0, x0);
        const xTo = min(w, x0 + fw);
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

/** The sum of `rows` x `columns` pixels from x on, `line` bytes a row, where they are few. */
@inline function sumOfWindow(x: usize, rows: i32, columns: i32, pixel: usize, line: usize): v128 {
  let sum = splat(0);
  for (let y = 0; y < rows; y++) {
    let at = x;
    for (let i = 0; i < columns; i++) {
      sum = f32x4.add(sum, v128.load(at));
      at += pixel;
    }
    x += line;
  }
  return sum;
}

/** The same in doubles, divided: where they are many, or a sum of floats overflows. */
function quotientOfWindow(
  x: usize, rows: i32, columns: i32, pixel: usize, line: usize, divisor: f64,
): v128 {
  let first = f64x2.splat(0);
  let last = first;
  for (let y = 0; y < rows; y++) {
    let at = x;
    for (let i = 0; i < columns; i++) {
      const part = v128.load(at);
      first = f64x2.add(first, low(part));
      last = f64x2.add(last, high(part));
      at += pixel;
    }
    x += line;
  }
  return quotients(first, last, divisor);
}

/** The mean of the part of every window that lies inside. */
export function average_pool(
  x: usize, out: usize, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  const line = <usize>w * pixel;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const y0 = oy * strideH - top;
      const yFrom = max(0, y0);
      const rows = min(h, y0 + fh) - yFrom;
      for (let ox = 0; ox < outW; ox++) {
        const x0 = ox * strideW - left;
        const xFrom = max(0, x0);
        const columns = min(w, x0 + fw) - xFrom;
        const at = x + <usize>yFrom * line + <usize>xFrom * pixel;
        const count = max(0, rows) * max(0, columns);
        let isFinite = false;
        if (count <= PART) {
          const by = splat(<f32>count);
          let zero = splat(0);
          for (let i = 0; i < c; i += 4) {
            const k = <usize>i << 2;
            const mean = f32x4.div(sumOfWindow(at + k, rows, columns, pixel, line), by);
            v128.store(out + k, mean);
            zero = addFiniteness(zero, firstLanes(mean, c - i));
          }
          isFinite = i32x4.all_true(f32x4.eq(zero, splat(0)));
        }
        if (!isFinite) {
          for (let i = 0; i < c; i += 4) {
            const k = <usize>i << 2;
            v128.store(out + k, quotientOfWindow(at + k, rows, columns, pixel, line, <f64>count));
          }
        }
        out += pixel;
      }
    }
    x += <usize>h * line;
  }
}

/** The first window along an axis that reaches `at`, of `size` pixels every `stride`, the first of them at -before. */
@inline function firstWindow(at: i32, size: i32, stride: i32, before: i32): i32 {
  return max(0, (at + before - size + stride) / stride);
}

/** One past the last. */
@inline function lastWindow(at: i32, stride: i32, before: i32, windows: i32): i32 {
  return min(windows, (at + before) / stride + 1);
}

/** How many pixels of a window that begins at `start` lie inside. */
@inline function inside(start: i32, size: i32, length: i32): i32 {
  return min(length, start + size) - max(0, start);
}

/**
 * Every pixel's slope: those of the windows that it is in, each divided by how many pixels the window has inside (by all
 * that it has if `whole`). What is left of them after the division is written to `shares` first.
 */
export function average_pool_grad(
  dy: usize, shares: usize, dx: usize, whole: bool, batch: i32, h: i32, w: i32, c: i32, fh: i32, fw: i32,
  strideH: i32, strideW: i32, top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  let to = shares;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outH; oy++) {
      const rows = inside(oy * strideH - top, fh, h);
      for (let ox = 0; ox < outW; ox++) {
        const count = splat(<f32>(whole ? fh * fw : rows * inside(ox * strideW - left, fw, w)));
        for (let i = 0; i < c; i += 4) {
          v128.store(to + (<usize>i << 2), f32x4.div(v128.load(dy + (<usize>i << 2)), count));
        }
        to += pixel;
        dy += pixel;
      }
    }
  }
  const line = <usize>outW * pixel;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < h; y++) {
      const oy = firstWindow(y, fh, strideH, top);
      const rows = lastWindow(y, strideH, top, outH) - oy;
      for (let x = 0; x < w; x++) {
        const ox = firstWindow(x, fw, strideW, left);
        const columns = lastWindow(x, strideW, left, outW) - ox;
        const at = shares + <usize>oy * line + <usize>ox * pixel;
        for (let i = 0; i < c; i += 4) {
          const k = <usize>i << 2;
          const slope = rows * columns <= PART
            ? sumOfWindow(at + k, rows, columns, pixel, line)
            : quotientOfWindow(at + k, rows, columns, pixel, line, 1);
          v128.store(dx + k, slope);
        }
        dx += pixel;
      }
    }
    shares += <usize>outH * line;
  }
}

/** Adds four floats to the floats at byte k of `to`, or, if `wide`, to the doubles in their place. */
@inline function addAt(wide: bool, to: usize, k: usize, x: v128): void {
  if (wide) {
    const at = to + (k << 1);
    v128.store(at, f64x2.add(v128.load(at), low(x)));
    v128.store(at, f64x2.add(v128.load(at, 16), high(x)), 16);
  } else {
    const at = to + k;
    v128.store(at, f32x4.add(v128.load(at), x));
  }
}

/** Adds each window's slope to its first largest entry. */
@inline function maxPoolGrad(
  wide: bool, x: usize, y: usize, dy: usize, dx: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32,
  strideH: i32, strideW: i32, top: i32, left: i32, outH: i32, outW: i32,
): void {
  const pixel = <usize>c << 2;
  for (let oy = 0; oy < outH; oy++) {
    const y0 = oy * strideH - top;
    const yFrom = max(0, y0);
    const yTo = min(h, y0 + fh);
    for (let ox = 0; ox < outW; ox++) {
      const x0 = ox * strideW - left;
      const xFrom = max(0, x0);
      const xTo = min(w, x0 + fw);
      for (let i = 0; i < c; i += 4) {
        const k = <usize>i << 2;
        const best = v128.load(y + k);
        const slope = v128.load(dy + k);
        let open = lanes(i, c);
        for (let py = yFrom; py < yTo; py++) {
          let at = (<usize>py * w + xFrom) * pixel + k;
          for (let px = xFrom; px < xTo; px++) {
            const hit = v128.and(f32x4.eq(v128.load(x + at), best), open);
            addAt(wide, dx, at, v128.and(slope, hit));
            open = v128.andnot(open, hit);
            at += pixel;
          }
        }
      }
      y += pixel;
      dy += pixel;
    }
  }
}

/** The gradient of max_pool for one image, added to the floats of dx. */
export function max_pool_grad(
  x: usize, y: usize, dy: usize, dx: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32,
  strideH: i32, strideW: i32, top: i32, left: i32, outH: i32, outW: i32,
): void {
  maxPoolGrad(false, x, y, dy, dx, h, w, c, fh, fw, strideH, strideW, top, left, outH, outW);
}

/** The same, added to as many doubles, for pixels that are in many windows. */
export function max_pool_grad_wide(
  x: usize, y: usize, dy: usize, carry: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32,
  strideH: i32, strideW: i32, top: i32, left: i32, outH: i32, outW: i32,
): void {
  maxPoolGrad(true, x, y, dy, carry, h, w, c, fh, fw, strideH, strideW, top, left, outH, outW);
}
