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

/** The numbers of a pass of radix 4 for one p, s = 2, from the four that it takes; without roots if `isLast`. */
@inline function turnedTo(
  y: usize, t: usize, isLast: bool, ar: v128, ai: v128, br: v128, bi: v128, cr: v128, ci: v128, dr: v128, di: v128,
): void {
  const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
  const ur = plus(br, dr), ui = plus(bi, di), vr = minus(br, dr), vi = minus(bi, di);
  put(y, plus(sr, ur), plus(si, ui));
  const r1 = plus(tr, vi), i1 = minus(ti, vr), r2 = minus(sr, ur), i2 = minus(si, ui), r3 = minus(tr, vi), i3 = plus(ti, vr);
  if (isLast) {
    put(y + 32, r1, i1);
    put(y + 64, r2, i2);
    put(y + 96, r3, i3);
    return;
  }
  let c = v128.load64_splat(t), s = v128.load64_splat(t, 16);
  put(y + 32, turnedRe(r1, i1, c, s), turnedIm(r1, i1, c, s));
  c = v128.load64_splat(t, 32), s = v128.load64_splat(t, 48);
  put(y + 64, turnedRe(r2, i2, c, s), turnedIm(r2, i2, c, s));
  c = v128.load64_splat(t, 64), s = v128.load64_splat(t, 80);
  put(y + 96, turnedRe(r3, i3, c, s), turnedIm(r3, i3, c, s));
}

/**
 * The first pass, of radix 4, of two rows of 2h numbers, h a multiple of 4 as below. In Makhoul's order number j of a row is
 * x[4j] + i x[4j + 2] in the first half, and x[4k + 3] + i x[4k + 1] for k = h - 1 - j in the second. So what is at 4p has
 * numbers of two results, p and m - 1 - p, which are made together.
 */
@inline function firstPassOfRows<T>(x: usize, y: usize, to: usize, h: i32, roots: usize): void {
  const m = h >> 2, quad: usize = sizeof<T>() << 2, jump = <usize>m * quad;
  let x1 = x + jump - quad, y1 = y + jump - quad, back = to + (<usize>(m - 1) << 7);
  for (let p = 0; 2 * p < m; p++) {
    const other = m - 1 - p, t = rootsOf(roots, p, 4);
    let x0 = pairAt<T>(x, false), x2 = pairAt<T>(x, true), y0 = pairAt<T>(y, false), y2 = pairAt<T>(y, true);
    const ar = low(x0, y0), ai = low(x2, y2), Dr = high(x2, y2), Di = high(x0, y0);
    x0 = pairAt<T>(x + jump, false), x2 = pairAt<T>(x + jump, true), y0 = pairAt<T>(y + jump, false), y2 = pairAt<T>(y + jump, true);
    const br = low(x0, y0), bi = low(x2, y2), Cr = high(x2, y2), Ci = high(x0, y0);
    if (other == p) {
      turnedTo(to, t, m == 1, ar, ai, br, bi, Cr, Ci, Dr, Di);
      return;
    }
    x0 = pairAt<T>(x1 + jump, false), x2 = pairAt<T>(x1 + jump, true), y0 = pairAt<T>(y1 + jump, false), y2 = pairAt<T>(y1 + jump, true);
    const Br = low(x0, y0), Bi = low(x2, y2), cr = high(x2, y2), ci = high(x0, y0);
    x0 = pairAt<T>(x1, false), x2 = pairAt<T>(x1, true), y0 = pairAt<T>(y1, false), y2 = pairAt<T>(y1, true);
    const Ar = low(x0, y0), Ai = low(x2, y2), dr = high(x2, y2), di = high(x0, y0);
    turnedTo(to, t, false, ar, ai, br, bi, cr, ci, dr, di);
    turnedTo(back, rootsOf(roots, other, 4), false, Ar, Ai, Br, Bi, Cr, Ci, Dr, Di);
    x += quad;
    y += quad;
    x1 -= quad;
    y1 -= quad;
    to += 128;
    back -= 128;
  }
}
export function firstPassOfRows64(x: usize, y: usize, to: usize, h: i32, roots: usize): void {
  firstPassOfRows<f64>(x, y, to, h, roots);
}
export function firstPassOfRows32(x: usize, y: usize, to: usize, h: i32, roots: usize): void {
  firstPassOfRows<f32>(x, y, to, h, roots);
}

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

/** Makhoul's order undone, for the conjugates of h complex numbers. Returns whether the sum of all is finite. */
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
