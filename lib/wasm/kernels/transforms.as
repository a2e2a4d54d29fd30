// Passes of the Fourier transform for lib/transforms. A pair of complex numbers is a block of 32 bytes: both real parts, then
// both imaginary parts. The loops in lib/transforms/loops.ts do the same operations in the same order.
//
// A pass of radix r takes number q + s (p + m j) for j = 0..r-1 to number q + s (r p + k) for k = 0..r-1 (Stockham's order):
// y[k] = w^(p k) sum_j x[j] exp(-2 pi i j k / r), w = exp(-2 pi i / (m r)); the last pass, m = 1, has w = 1. Roots are in
// blocks too: for p and p + 1 the cosines of both for k = 1, the sines for k = 1, the cosines for k = 2, ...

@inline function low(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 0, 2); }
@inline function high(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 1, 3); }
@inline function plus(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline function minus(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline function times(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
/** Real and imaginary part of (a + i b)(c - i s). */
@inline function turnedRe(a: v128, b: v128, c: v128, s: v128): v128 { return plus(times(a, c), times(b, s)); }
@inline function turnedIm(a: v128, b: v128, c: v128, s: v128): v128 { return minus(times(b, c), times(a, s)); }
@inline function put(to: usize, re: v128, im: v128): void {
  v128.store(to, re);
  v128.store(to, im, 16);
}

/** Where the roots of p are. */
@inline function rootsOf(roots: usize, p: i32, radix: i32): usize {
  return roots + <usize>(p >> 1) * <usize>((radix - 1) << 5) + (<usize>(p & 1) << 3);
}

/** Whether what was added up to two sums is finite; if not, the sums may have overflowed. */
@inline function areFinite(sums: v128): bool { return isFinite(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)); }

/** Interleaved complex numbers into blocks, and back: the middle ones of four change places. Returns whether their sum is finite. */
export function swapMiddles(x: usize, blocks: i32): bool {
  let sum = f64x2.splat(0), other = sum;
  for (let end = x + (<usize>blocks << 5); x < end; x += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    put(x, low(a, b), high(a, b));
    sum = plus(sum, a);
    other = plus(other, b);
  }
  return areFinite(plus(sum, other));
}

/** The first pass of a single transform of interleaved numbers, radix 4, s = 1, m even: pairs of neighbouring p side by side. */
export function firstPass4(x: usize, y: usize, m: i32, roots: usize): void {
  const jump = <usize>m << 4;
  for (let end = x + jump; x < end; x += 32) {
    const b_ = x + jump, c_ = b_ + jump, d_ = c_ + jump;
    const a0 = v128.load(x), a1 = v128.load(x, 16), c0 = v128.load(c_), c1 = v128.load(c_, 16);
    // Sums and differences first: they need not be in order.
    const s0 = plus(a0, c0), s1 = plus(a1, c1), t0 = minus(a0, c0), t1 = minus(a1, c1);
    const b0 = v128.load(b_), b1 = v128.load(b_, 16), d0 = v128.load(d_), d1 = v128.load(d_, 16);
    const u0 = plus(b0, d0), u1 = plus(b1, d1), v0 = minus(b0, d0), v1 = minus(b1, d1);
    const sr = low(s0, s1), si = high(s0, s1), tr = low(t0, t1), ti = high(t0, t1);
    const ur = low(u0, u1), ui = high(u0, u1), vr = low(v0, v1), vi = high(v0, v1);
    const r0 = plus(sr, ur), i0 = plus(si, ui);
    let re = plus(tr, vi), im = minus(ti, vr), c = v128.load(roots), s = v128.load(roots, 16);
    const r1 = turnedRe(re, im, c, s), i1 = turnedIm(re, im, c, s);
    put(y, low(r0, r1), low(i0, i1));
    put(y + 64, high(r0, r1), high(i0, i1));
    re = minus(sr, ur), im = minus(si, ui), c = v128.load(roots, 32), s = v128.load(roots, 48);
    const r2 = turnedRe(re, im, c, s), i2 = turnedIm(re, im, c, s);
    re = minus(tr, vi), im = plus(ti, vr), c = v128.load(roots, 64), s = v128.load(roots, 80);
    const r3 = turnedRe(re, im, c, s), i3 = turnedIm(re, im, c, s);
    put(y + 32, low(r2, r3), low(i2, i3));
    put(y + 96, high(r2, r3), high(i2, i3));
    y += 128;
    roots += 96;
  }
}

/** A block of four numbers, `jump` apart, into four results, `step` apart. */
@inline function turned4(
  x: usize, jump: usize, y: usize, step: usize, c1: v128, s1: v128, c2: v128, s2: v128, c3: v128, s3: v128,
): void {
  const b_ = x + jump, c_ = b_ + jump, d_ = c_ + jump, y1 = y + step, y2 = y1 + step, y3 = y2 + step;
  const ar = v128.load(x), ai = v128.load(x, 16), br = v128.load(b_), bi = v128.load(b_, 16);
  const cr = v128.load(c_), ci = v128.load(c_, 16), dr = v128.load(d_), di = v128.load(d_, 16);
  const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
  const ur = plus(br, dr), ui = plus(bi, di), vr = minus(br, dr), vi = minus(bi, di);
  put(y, plus(sr, ur), plus(si, ui));
  let re = plus(tr, vi), im = minus(ti, vr);
  put(y1, turnedRe(re, im, c1, s1), turnedIm(re, im, c1, s1));
  re = minus(sr, ur), im = minus(si, ui);
  put(y2, turnedRe(re, im, c2, s2), turnedIm(re, im, c2, s2));
  re = minus(tr, vi), im = plus(ti, vr);
  put(y3, turnedRe(re, im, c3, s3), turnedIm(re, im, c3, s3));
}

/** s even, as in all passes below. */
export function pass4(x: usize, y: usize, m: i32, s_: i32, roots: usize): void {
  const step = <usize>s_ << 4, jump = <usize>m * step;
  if (m == 1) {
    for (let end = x + step; x < end; x += 32) {
      const b_ = x + step, c_ = b_ + step, d_ = c_ + step, y1 = y + step, y2 = y1 + step, y3 = y2 + step;
      const ar = v128.load(x), ai = v128.load(x, 16), br = v128.load(b_), bi = v128.load(b_, 16);
      const cr = v128.load(c_), ci = v128.load(c_, 16), dr = v128.load(d_), di = v128.load(d_, 16);
      const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
      const ur = plus(br, dr), ui = plus(bi, di), vr = minus(br, dr), vi = minus(bi, di);
      put(y, plus(sr, ur), plus(si, ui));
      put(y1, plus(tr, vi), minus(ti, vr));
      put(y2, minus(sr, ur), minus(si, ui));
      put(y3, minus(tr, vi), plus(ti, vr));
      y += 32;
    }
    return;
  }
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 4);
    const c1 = v128.load64_splat(t), s1 = v128.load64_splat(t, 16), c2 = v128.load64_splat(t, 32);
    const s2 = v128.load64_splat(t, 48), c3 = v128.load64_splat(t, 64), s3 = v128.load64_splat(t, 80);
    if (s_ == 2) {
      turned4(x, jump, y, 32, c1, s1, c2, s2, c3, s3);
      x += 32;
      y += 128;
      continue;
    }
    for (let end = x + step; x < end; x += 32) {
      turned4(x, jump, y, step, c1, s1, c2, s2, c3, s3);
      y += 32;
    }
    y += 3 * step;
  }
}

export function pass2(x: usize, y: usize, m: i32, s_: i32, roots: usize): void {
  const step = <usize>s_ << 4, jump = <usize>m * step;
  if (m == 1) {
    for (let end = x + step; x < end; x += 32) {
      const ar = v128.load(x), ai = v128.load(x, 16), br = v128.load(x + step), bi = v128.load(x + step, 16);
      put(y, plus(ar, br), plus(ai, bi));
      put(y + step, minus(ar, br), minus(ai, bi));
      y += 32;
    }
    return;
  }
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 2), c = v128.load64_splat(t), s = v128.load64_splat(t, 16);
    for (let end = x + step; x < end; x += 32) {
      const ar = v128.load(x), ai = v128.load(x, 16), br = v128.load(x + jump), bi = v128.load(x + jump, 16);
      const re = minus(ar, br), im = minus(ai, bi);
      put(y, plus(ar, br), plus(ai, bi));
      put(y + step, turnedRe(re, im, c, s), turnedIm(re, im, c, s));
      y += 32;
    }
    y += step;
  }
}

export function pass3(x: usize, y: usize, m: i32, s_: i32, roots: usize): void {
  const step = <usize>s_ << 4, jump = <usize>m * step;
  const half = f64x2.splat(0.5), height = f64x2.splat(0.8660254037844386);
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 3);
    const c1 = v128.load64_splat(t), s1 = v128.load64_splat(t, 16);
    const c2 = v128.load64_splat(t, 32), s2 = v128.load64_splat(t, 48);
    for (let end = x + step; x < end; x += 32) {
      const b_ = x + jump, c_ = b_ + jump, y1 = y + step;
      const ar = v128.load(x), ai = v128.load(x, 16);
      const br = v128.load(b_), bi = v128.load(b_, 16), cr = v128.load(c_), ci = v128.load(c_, 16);
      const sr = plus(br, cr), si = plus(bi, ci);
      const ur = minus(ar, times(half, sr)), ui = minus(ai, times(half, si));
      const vr = times(height, minus(br, cr)), vi = times(height, minus(bi, ci));
      put(y, plus(ar, sr), plus(ai, si));
      let re = plus(ur, vi), im = minus(ui, vr);
      put(y1, turnedRe(re, im, c1, s1), turnedIm(re, im, c1, s1));
      re = minus(ur, vi), im = plus(ui, vr);
      put(y1 + step, turnedRe(re, im, c2, s2), turnedIm(re, im, c2, s2));
      y += 32;
    }
    y += 2 * step;
  }
}

export function pass5(x: usize, y: usize, m: i32, s_: i32, roots: usize): void {
  const step = <usize>s_ << 4, jump = <usize>m * step;
  const c72 = f64x2.splat(0.30901699437494745), s72 = f64x2.splat(0.9510565162951535);
  const c144 = f64x2.splat(-0.8090169943749475), s144 = f64x2.splat(0.5877852522924731);
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 5);
    for (let end = x + step; x < end; x += 32) {
      const b_ = x + jump, c_ = b_ + jump, d_ = c_ + jump, e_ = d_ + jump;
      const y1 = y + step, y2 = y1 + step, y3 = y2 + step, y4 = y3 + step;
      const ar = v128.load(x), ai = v128.load(x, 16);
      const br = v128.load(b_), bi = v128.load(b_, 16), cr = v128.load(c_), ci = v128.load(c_, 16);
      const dr = v128.load(d_), di = v128.load(d_, 16), er = v128.load(e_), ei = v128.load(e_, 16);
      const sr = plus(br, er), si = plus(bi, ei), tr = plus(cr, dr), ti = plus(ci, di);
      const ur = minus(br, er), ui = minus(bi, ei), vr = minus(cr, dr), vi = minus(ci, di);
      put(y, plus(ar, plus(sr, tr)), plus(ai, plus(si, ti)));
      let gr = plus(ar, plus(times(c72, sr), times(c144, tr))), gi = plus(ai, plus(times(c72, si), times(c144, ti)));
      let hr = plus(times(s72, ur), times(s144, vr)), hi = plus(times(s72, ui), times(s144, vi));
      let re = plus(gr, hi), im = minus(gi, hr), c = v128.load64_splat(t), s = v128.load64_splat(t, 16);
      put(y1, turnedRe(re, im, c, s), turnedIm(re, im, c, s));
      re = minus(gr, hi), im = plus(gi, hr), c = v128.load64_splat(t, 96), s = v128.load64_splat(t, 112);
      put(y4, turnedRe(re, im, c, s), turnedIm(re, im, c, s));
      gr = plus(ar, plus(times(c144, sr), times(c72, tr))), gi = plus(ai, plus(times(c144, si), times(c72, ti)));
      hr = minus(times(s144, ur), times(s72, vr)), hi = minus(times(s144, ui), times(s72, vi));
      re = plus(gr, hi), im = minus(gi, hr), c = v128.load64_splat(t, 32), s = v128.load64_splat(t, 48);
      put(y2, turnedRe(re, im, c, s), turnedIm(re, im, c, s));
      re = minus(gr, hi), im = plus(gi, hr), c = v128.load64_splat(t, 64), s = v128.load64_splat(t, 80);
      put(y3, turnedRe(re, im, c, s), turnedIm(re, im, c, s));
      y += 32;
    }
    y += 4 * step;
  }
}

/** x <- the conjugate of x y, interleaved, n blocks each. */
export function conjugateProduct(x: usize, y: usize, n: i32): void {
  for (let end = x + (<usize>n << 5); x < end; x += 32) {
    const ar = v128.load(x), ai = v128.load(x, 16), br = v128.load(y), bi = v128.load(y, 16);
    const re = minus(times(ar, br), times(ai, bi)), im = f64x2.neg(plus(times(ar, bi), times(ai, br)));
    put(x, low(re, im), high(re, im));
    y += 32;
  }
}
