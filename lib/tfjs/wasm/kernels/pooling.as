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
