// From the transform F of h complex numbers, which are n = 2h real ones in pairs, to that of the real numbers, and on to their
// cosine transform, for lib/transforms/rfft.ts and dct.ts. With j = h - k, w = exp(-pi i / h):
// V[k] = (F[k] + F*[j]) / 2 + w^k (F[k] - F*[j]) / 2i, and V[j] has the difference, conjugate.
// Left out is k = h / 2, which has no partner.

/** F[j] for two neighbours k: the first number of the block behind (at k = 0: of F[0] = F[h]) and the second one before it. */
@inline function mirrored(behind: v128, before: v128): v128 { return i64x2.shuffle(behind, before, 0, 3); }

/**
 * V of a single transform, h a multiple of 4, interleaved. A block of `roots`: cosines and sines of pi k / h for k, k + 1.
 * Returns whether the sum of the results is finite.
 */
export function realSpectrum(f: usize, out: usize, h: i32, roots: usize): bool {
  let sum = f64x2.splat(0), other = sum;
  const half = f64x2.splat(0.5);
  let back = f + (<usize>h << 4), to = out + (<usize>h << 4);
  let behindRe = v128.load(f), behindIm = v128.load(f, 16);
  for (let end = f + (<usize>h << 3); f < end; f += 32) {
    back -= 32;
    const beforeRe = v128.load(back), beforeIm = v128.load(back, 16);
    const fr = v128.load(f), fi = v128.load(f, 16);
    const jr = mirrored(behindRe, beforeRe), ji = mirrored(behindIm, beforeIm);
    const er = plus(fr, jr), ei = minus(fi, ji), or = plus(fi, ji), oi = minus(jr, fr);
    const c = v128.load(roots), s = v128.load(roots, 16);
    const re = turnedRe(or, oi, c, s), im = turnedIm(or, oi, c, s);
    const vr = times(half, plus(er, re)), vi = times(half, plus(ei, im));
    const wr = times(half, minus(er, re)), wi = times(half, minus(im, ei));
    put(out, low(vr, vi), high(vr, vi));
    put(to - 16, high(wr, wi), low(wr, wi));
    sum = plus(sum, plus(vr, vi));
    other = plus(other, plus(wr, wi));
    behindRe = beforeRe;
    behindIm = beforeIm;
    out += 32;
    to -= 32;
    roots += 32;
  }
  return areFinite(plus(sum, other));
}

/** Writes two neighbouring results. */
@inline function putPair<T>(to: usize, values: v128): void {
  if (sizeof<T>() == 8) v128.store(to, values);
  else v128.store64_lane(to, f32x4.demote_f64x2_zero(values), 0);
}

/**
 * Cosine coefficients k, k + 1, and those of n - k, j and n - j, of a row that begins at `out`, from F[k], F[k + 1] and F[j],
 * F[j - 1]. A block of `table`: as above, then cosines and sines of pi k / 2n, then those of pi j / 2n, both with the scale.
 * Returns the sum of the results.
 */
@inline function cosineStep<T>(
  fr: v128, fi: v128, jr: v128, ji: v128, table: usize, out: usize, k: usize, h: usize,
): v128 {
  const er = plus(fr, jr), ei = minus(fi, ji), or = plus(fi, ji), oi = minus(jr, fr);
  let c = v128.load(table), s = v128.load(table, 16);
  const re = turnedRe(or, oi, c, s), im = turnedIm(or, oi, c, s);
  const vr = plus(er, re), vi = plus(ei, im), wr = minus(er, re), wi = minus(im, ei);
  c = v128.load(table, 32), s = v128.load(table, 48);
  const d0 = plus(times(c, vr), times(s, vi)), d3 = minus(times(s, vr), times(c, vi));
  c = v128.load(table, 64), s = v128.load(table, 80);
  const d1 = plus(times(c, wr), times(s, wi)), d2 = minus(times(s, wr), times(c, wi));
  // At k = 0 the first number behind the row, which is that of the next row.
  putPair<T>(out + (2 * h - 1 - k) * sizeof<T>(), i64x2.shuffle(d3, d3, 1, 0));
  putPair<T>(out + k * sizeof<T>(), d0);
  putPair<T>(out + (h - 1 - k) * sizeof<T>(), i64x2.shuffle(d1, d1, 1, 0));
  putPair<T>(out + (h + k) * sizeof<T>(), d2);
  return plus(plus(d0, d1), plus(d2, d3));
}

/**
 * Cosine transform, type 2, of a single row, but for k = h / 2; h a multiple of 4. One number behind `out` is written too.
 * Returns whether the sum of the results is finite.
 */
export function cosines(f: usize, out: usize, h: i32, table: usize): bool {
  let sum = f64x2.splat(0), back = f + (<usize>h << 4), behindRe = v128.load(f), behindIm = v128.load(f, 16);
  for (let k = 0; 2 * k < h; k += 2) {
    back -= 32;
    const beforeRe = v128.load(back), beforeIm = v128.load(back, 16);
    const jr = mirrored(behindRe, beforeRe), ji = mirrored(behindIm, beforeIm);
    sum = plus(sum, cosineStep<f64>(v128.load(f), v128.load(f, 16), jr, ji, table, out, k, h));
    behindRe = beforeRe;
    behindIm = beforeIm;
    f += 32;
    table += 96;
  }
  return areFinite(sum);
}

/** The numbers at two addresses. */
@inline function two<T>(x: usize, y: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_lane(y, v128.load64_zero(x), 1);
  return f64x2.promote_low_f32x4(v128.load32_lane(y, v128.load32_zero(x), 1));
}

/** Writes a number to each of two addresses. */
@inline function putTwo<T>(x: usize, y: usize, values: v128): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(x, values, 0);
    v128.store64_lane(y, values, 1);
  } else {
    const single = f32x4.demote_f64x2_zero(values);
    v128.store32_lane(x, single, 0);
    v128.store32_lane(y, single, 1);
  }
}

/** The numbers at `x` and behind, and the two after them if `later`. */
@inline function pairAt<T>(x: usize, later: bool): v128 {
  if (sizeof<T>() == 8) return v128.load(x + (later ? 16 : 0));
  return f64x2.promote_low_f32x4(v128.load64_zero(x + (later ? 8 : 0)));
}

/** Two rows of 2h numbers in Makhoul's order as h complex ones, side by side; h a multiple of 4, as below. */
@inline function orderRows<T>(x: usize, y: usize, to: usize, h: i32): void {
  let back = to + (<usize>(h - 1) << 5);
  for (let j = h >> 1; j > 0; j--) {
    const x0 = pairAt<T>(x, false), x2 = pairAt<T>(x, true), y0 = pairAt<T>(y, false), y2 = pairAt<T>(y, true);
    put(to, low(x0, y0), low(x2, y2));
    put(back, high(x2, y2), high(x0, y0));
    x += sizeof<T>() << 2;
    y += sizeof<T>() << 2;
    to += 32;
    back -= 32;
  }
}
export function orderRows64(x: usize, y: usize, to: usize, h: i32): void { orderRows<f64>(x, y, to, h); }
export function orderRows32(x: usize, y: usize, to: usize, h: i32): void { orderRows<f32>(x, y, to, h); }

/**
 * The cosine transforms, type 2, of two rows side by side, `x` before `y`. The number behind a row is written too, before the
 * next row. Returns whether the sum of all results is finite.
 */
@inline function cosineRows<T>(f: usize, x: usize, y: usize, h: i32, table: usize): bool {
  let sum = f64x2.splat(0), behind = f, before = f + (<usize>(h - 1) << 5);
  for (let k = 0; 2 * k < h; k += 2) {
    const f0r = v128.load(f), f0i = v128.load(f, 16), f1r = v128.load(f, 32), f1i = v128.load(f, 48);
    const j0r = v128.load(behind), j0i = v128.load(behind, 16), j1r = v128.load(before), j1i = v128.load(before, 16);
    const one = cosineStep<T>(low(f0r, f1r), low(f0i, f1i), low(j0r, j1r), low(j0i, j1i), table, x, k, h);
    const two = cosineStep<T>(high(f0r, f1r), high(f0i, f1i), high(j0r, j1r), high(j0i, j1i), table, y, k, h);
    sum = plus(sum, plus(one, two));
    f += 64;
    behind = before - 32;
    before -= 64;
    table += 96;
  }
  // Its own partner: V is the conjugate of F.
  const c = v128.load64_splat(table, 32), s = v128.load64_splat(table, 48), fr = v128.load(f), fi = v128.load(f, 16);
  const vr = plus(fr, fr), vi = f64x2.neg(plus(fi, fi));
  const d0 = plus(times(c, vr), times(s, vi)), d1 = minus(times(s, vr), times(c, vi));
  const first = <usize>(h >> 1) * sizeof<T>(), last = 3 * first;
  putTwo<T>(x + first, y + first, d0);
  putTwo<T>(x + last, y + last, d1);
  sum = plus(sum, plus(d0, d1));
  return areFinite(sum);
}
export function cosineRows64(f: usize, x: usize, y: usize, h: i32, table: usize): bool {
  return cosineRows<f64>(f, x, y, h, table);
}
export function cosineRows32(f: usize, x: usize, y: usize, h: i32, table: usize): bool {
  return cosineRows<f32>(f, x, y, h, table);
}

/** The way back, type 3: the conjugate of F from two rows. */
@inline function packSpectrum<T>(x: usize, y: usize, to: usize, h: i32, table: usize): void {
  const start = two<T>(x, y), middle = two<T>(x + <usize>h * sizeof<T>(), y + <usize>h * sizeof<T>());
  const v0 = times(v128.load64_splat(table, 32), start);
  const vh = plus(times(v128.load64_splat(table, 64), middle), times(v128.load64_splat(table, 80), middle));
  put(to, plus(v0, vh), minus(vh, v0));
  let first: usize = sizeof<T>(), left = <usize>(h - 1) * sizeof<T>(), right = <usize>(h + 1) * sizeof<T>();
  let last = <usize>(2 * h - 1) * sizeof<T>(), back = to + (<usize>(h - 1) << 5);
  to += 32;
  for (let k = 1; 2 * k < h; k++) {
    const t = table + <usize>(k >> 1) * 96 + (<usize>(k & 1) << 3);
    let c = v128.load64_splat(t, 32), s = v128.load64_splat(t, 48);
    let a = two<T>(x + first, y + first), b = two<T>(x + last, y + last);
    const vr = plus(times(c, a), times(s, b)), vi = minus(times(s, a), times(c, b));
    c = v128.load64_splat(t, 64), s = v128.load64_splat(t, 80);
    a = two<T>(x + left, y + left), b = two<T>(x + right, y + right);
    const wr = plus(times(c, a), times(s, b)), wi = minus(times(s, a), times(c, b));
    const er = plus(vr, wr), ei = minus(vi, wi), re = minus(vr, wr), im = plus(vi, wi);
    c = v128.load64_splat(t), s = v128.load64_splat(t, 16);
    const or = minus(times(c, re), times(s, im)), oi = plus(times(c, im), times(s, re));
    put(to, minus(er, oi), f64x2.neg(plus(ei, or)));
    put(back, plus(er, oi), minus(ei, or));
    to += 32;
    back -= 32;
    first += sizeof<T>();
    right += sizeof<T>();
    left -= sizeof<T>();
    last -= sizeof<T>();
  }
  const t = table + <usize>(h >> 2) * 96, c = v128.load64_splat(t, 32), s = v128.load64_splat(t, 48);
  const a = two<T>(x + first, y + first), b = two<T>(x + last, y + last);
  const vr = plus(times(c, a), times(s, b)), vi = minus(times(s, a), times(c, b));
  put(to, plus(vr, vr), plus(vi, vi));
}
export function packSpectrum64(x: usize, y: usize, to: usize, h: i32, table: usize): void { packSpectrum<f64>(x, y, to, h, table); }
export function packSpectrum32(x: usize, y: usize, to: usize, h: i32, table: usize): void { packSpectrum<f32>(x, y, to, h, table); }

/** orderRows undone, for the conjugates of h complex numbers. Returns whether the sum of all is finite. */
@inline function restoreRows<T>(from: usize, x: usize, y: usize, h: i32): bool {
  let back = from + (<usize>(h - 1) << 5), sum = f64x2.splat(0);
  for (let j = h >> 1; j > 0; j--) {
    const ar = v128.load(from), ai = f64x2.neg(v128.load(from, 16));
    const br = v128.load(back), bi = f64x2.neg(v128.load(back, 16));
    putTwo<T>(x, y, ar);
    putTwo<T>(x + sizeof<T>(), y + sizeof<T>(), bi);
    putTwo<T>(x + 2 * sizeof<T>(), y + 2 * sizeof<T>(), ai);
    putTwo<T>(x + 3 * sizeof<T>(), y + 3 * sizeof<T>(), br);
    sum = plus(sum, plus(plus(ar, ai), plus(br, bi)));
    from += 32;
    back -= 32;
    x += sizeof<T>() << 2;
    y += sizeof<T>() << 2;
  }
  return areFinite(sum);
}
export function restoreRows64(from: usize, x: usize, y: usize, h: i32): bool { return restoreRows<f64>(from, x, y, h); }
export function restoreRows32(from: usize, x: usize, y: usize, h: i32): bool { return restoreRows<f32>(from, x, y, h); }
