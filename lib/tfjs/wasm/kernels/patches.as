// Convolutions as matrix products: patches of images side by side, and back.

/**
 * Patches of images [h, w, c] as rows [outH * outW, fh * fw * c], zeros outside. Rows from..to of the output positions.
 */
export function im2col(
  x: usize, out: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  const bytes = <usize>c << 2;
  for (let at = from; at < to; at++) {
    const y0 = (at / outW) * strideH - top;
    const x0 = (at % outW) * strideW - left;
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
@inline function addPatches(
  wide: bool, patches: usize, out: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  const whole = c & ~3;
  for (let at = from; at < to; at++) {
    const y0 = (at / outW) * strideH - top;
    const x0 = (at % outW) * strideW - left;
    for (let fy = 0; fy < fh; fy++) {
      const y = y0 + fy * dilationH;
      for (let fx = 0; fx < fw; fx++) {
        const px = x0 + fx * dilationW;
        if (y >= 0 && y < h && px >= 0 && px < w) {
          const to = (<usize>y * w + px) * c << 2;
          for (let i = 0; i < whole; i += 4) {
            const k = <usize>i << 2;
            addAt(wide, out, to + k, v128.load(patches + k));
          }
          for (let i = whole; i < c; i++) {
            const k = <usize>i << 2;
            const entry = load<f32>(patches + k);
            if (wide) {
              const sum = out + ((to + k) << 1);
              store<f64>(sum, load<f64>(sum) + <f64>entry);
            } else {
              const sum = out + to + k;
              store<f32>(sum, load<f32>(sum) + entry);
            }
          }
        }
        patches += <usize>c << 2;
      }
    }
  }
}

/** Adds rows of patches into an image of floats. */
export function col2im(
  patches: usize, out: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  addPatches(
    false, patches, out, h, w, c, fh, fw, strideH, strideW, top, left, dilationH, dilationW, outW, from, to,
  );
}

/** The same into an image of doubles, for pixels that are in many patches. */
export function col2im_wide(
  patches: usize, carry: usize, h: i32, w: i32, c: i32, fh: i32, fw: i32, strideH: i32, strideW: i32,
  top: i32, left: i32, dilationH: i32, dilationW: i32, outW: i32, from: i32, to: i32,
): void {
  addPatches(
    true, patches, carry, h, w, c, fh, fw, strideH, strideW, top, left, dilationH, dilationW, outW, from, to,
  );
}
