// The spectrum of squares, for two pairs of functions side by side: lib/operators/square_spectrum.ts does the same operations in
// the same order for one pair. A number is 32 bytes: the real parts of both pairs, then the imaginary parts. Left out are
// products with 1, and sums with modes that are zero. `twiddles` are interleaved: cosine and minus sine of 2 pi k / n.

@inline function plus(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline function minus(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline function times(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
@inline function re(x: usize): v128 { return v128.load(x); }
@inline function im(x: usize): v128 { return v128.load(x, 16); }
@inline function put(to: usize, real: v128, imaginary: v128): void {
  v128.store(to, real);
  v128.store(to, imaginary, 16);
}
@inline function square(x: v128): v128 { return times(x, x); }
@inline function squared(to: usize, real: v128, imaginary: v128): void { put(to, square(real), square(imaginary)); }
/** Writes (a + i b)(c + i s). */
@inline function putTurned(to: usize, a: v128, b: v128, c: v128, s: v128): void {
  put(to, minus(times(a, c), times(b, s)), plus(times(a, s), times(b, c)));
}

/**
 * The first stage of decimation in frequency, radix 4, from `v` to `x`, of modes up to `kept` and from n - kept on; the others
 * are taken for zero. `distance` is that of two blocks, n / 4 numbers.
 */
function quarterOfKept(v: usize, x: usize, n: i32, kept: i32, twiddles: usize): void {
  const q = n >> 2, jump = <usize>q << 5;
  const zero = f64x2.splat(0);
  for (let k = 0; k < q; k++) {
    const a = v + (<usize>k << 5), b = a + jump, c = b + jump, d = c + jump, to = x + (<usize>k << 5);
    const ar = re(a), ai = im(a), dr = re(d), di = im(d);
    let sr = ar, si = ai, tr = ar, ti = ai, ur = dr, ui = di, vr = f64x2.neg(di), vi = dr;
    // i (d - b) is written as minus i (b - d).
    if (k + q <= kept) {
      const br = re(b), bi = im(b);
      ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
    }
    if (k + 2 * q >= n - kept) {
      const cr = re(c), ci = im(c);
      sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
    }
    put(to, plus(sr, ur), plus(si, ui));
    const w1 = twiddles + (<usize>k << 4), w2 = twiddles + (<usize>k << 5), w3 = w1 + (<usize>k << 5);
    putTurned(to + jump, plus(tr, vr), plus(ti, vi), v128.load64_splat(w1), v128.load64_splat(w1, 8));
    putTurned(to + 2 * jump, minus(sr, ur), minus(si, ui), v128.load64_splat(w2), v128.load64_splat(w2, 8));
    putTurned(to + 3 * jump, minus(tr, vr), minus(ti, vi), v128.load64_splat(w3), v128.load64_splat(w3, 8));
  }
}

/** A later stage: blocks of `size` numbers become four blocks each. */
function quarter(x: usize, n: i32, size: i32, twiddles: usize): void {
  const jump = <usize>size << 3, end = x + (<usize>n << 5), stride = <usize>(n / size) << 4;
  for (let a = x; a < end; a += 4 * jump) {
    const b = a + jump, c = b + jump, d = c + jump;
    const ar = re(a), ai = im(a), br = re(b), bi = im(b), cr = re(c), ci = im(c), dr = re(d), di = im(d);
    const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
    const ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
    put(a, plus(sr, ur), plus(si, ui));
    put(b, plus(tr, vr), plus(ti, vi));
    put(c, minus(sr, ur), minus(si, ui));
    put(d, minus(tr, vr), minus(ti, vi));
  }
  for (let from = x + 32, w = stride; from < x + jump; from += 32, w += stride) {
    const w1 = twiddles + w, w2 = w1 + w, w3 = w2 + w;
    const c1 = v128.load64_splat(w1), s1 = v128.load64_splat(w1, 8), c2 = v128.load64_splat(w2);
    const s2 = v128.load64_splat(w2, 8), c3 = v128.load64_splat(w3), s3 = v128.load64_splat(w3, 8);
    for (let a = from; a < end; a += 4 * jump) {
      const b = a + jump, c = b + jump, d = c + jump;
      const ar = re(a), ai = im(a), cr = re(c), ci = im(c);
      const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
      const br = re(b), bi = im(b), dr = re(d), di = im(d);
      const ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
      put(a, plus(sr, ur), plus(si, ui));
      putTurned(b, plus(tr, vr), plus(ti, vi), c1, s1);
      putTurned(c, minus(sr, ur), minus(si, ui), c2, s2);
      putTurned(d, minus(tr, vr), minus(ti, vi), c3, s3);
    }
  }
}

/** Blocks of four: a transform, the squares of all parts, a transform. */
function squareInFours(x: usize, n: i32): void {
  for (const end = x + (<usize>n << 5); x < end; x += 128) {
    const a = x, b = x + 32, c = x + 64, d = x + 96;
    const ar = re(a), ai = im(a), br = re(b), bi = im(b), cr = re(c), ci = im(c), dr = re(d), di = im(d);
    let sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
    let ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
    const pr = square(plus(sr, ur)), pi = square(plus(si, ui)), qr = square(plus(tr, vr)), qi = square(plus(ti, vi));
    const yr = square(minus(sr, ur)), yi = square(minus(si, ui)), zr = square(minus(tr, vr)), zi = square(minus(ti, vi));
    sr = plus(pr, yr), si = plus(pi, yi), tr = minus(pr, yr), ti = minus(pi, yi);
    ur = plus(qr, zr), ui = plus(qi, zi), vr = minus(qi, zi), vi = minus(zr, qr);
    put(a, plus(sr, ur), plus(si, ui));
    put(b, plus(tr, vr), plus(ti, vi));
    put(c, minus(sr, ur), minus(si, ui));
    put(d, minus(tr, vr), minus(ti, vi));
  }
}

/** A stage of decimation in time: four blocks become one of `size` numbers. */
function join(x: usize, n: i32, size: i32, twiddles: usize): void {
  const jump = <usize>size << 3, end = x + (<usize>n << 5), stride = <usize>(n / size) << 4;
  for (let a = x; a < end; a += 4 * jump) {
    const b = a + jump, c = b + jump, d = c + jump;
    const ar = re(a), ai = im(a), br = re(b), bi = im(b), cr = re(c), ci = im(c), dr = re(d), di = im(d);
    const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
    const ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
    put(a, plus(sr, ur), plus(si, ui));
    put(b, plus(tr, vr), plus(ti, vi));
    put(c, minus(sr, ur), minus(si, ui));
    put(d, minus(tr, vr), minus(ti, vi));
  }
  for (let from = x + 32, w = stride; from < x + jump; from += 32, w += stride) {
    const w1 = twiddles + w, w2 = w1 + w, w3 = w2 + w;
    const c1 = v128.load64_splat(w1), s1 = v128.load64_splat(w1, 8), c2 = v128.load64_splat(w2);
    const s2 = v128.load64_splat(w2, 8), c3 = v128.load64_splat(w3), s3 = v128.load64_splat(w3, 8);
    for (let a = from; a < end; a += 4 * jump) {
      const b = a + jump, c = b + jump, d = c + jump;
      let xr = re(b), xi = im(b), yr = re(d), yi = im(d);
      const br = minus(times(xr, c1), times(xi, s1)), bi = plus(times(xr, s1), times(xi, c1));
      const dr = minus(times(yr, c3), times(yi, s3)), di = plus(times(yr, s3), times(yi, c3));
      const ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
      const ar = re(a), ai = im(a);
      xr = re(c), xi = im(c);
      const cr = minus(times(xr, c2), times(xi, s2)), ci = plus(times(xr, s2), times(xi, c2));
      const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
      put(a, plus(sr, ur), plus(si, ui));
      put(b, plus(tr, vr), plus(ti, vi));
      put(c, minus(sr, ur), minus(si, ui));
      put(d, minus(tr, vr), minus(ti, vi));
    }
  }
}

/** The first stage of decimation in frequency, radix 2, from `v` to `x`. */
function halve(v: usize, x: usize, n: i32, twiddles: usize): void {
  const jump = <usize>n << 4;
  for (const end = v + jump; v < end; v += 32, x += 32, twiddles += 16) {
    const ar = re(v), ai = im(v), br = re(v + jump), bi = im(v + jump);
    put(x, plus(ar, br), plus(ai, bi));
    putTurned(x + jump, minus(ar, br), minus(ai, bi), v128.load64_splat(twiddles), v128.load64_splat(twiddles, 8));
  }
}

/** Whether n, a power of two, is not one of four. */
@inline function hasRadixTwo(n: i32): bool { return ((31 - clz(n)) & 1) != 0; }

/**
 * What `squareSpectrum` computes of `v`, whose modes beyond `kept` are zero, into `x`, but for the last stage of decimation in
 * time, of radix 2 or 4; n a power of two, at least 16.
 */
function almostSquareSpectrum(v: usize, x: usize, n: i32, kept: i32, twiddles: usize): void {
  const largest = hasRadixTwo(n) ? n >> 1 : n;
  if (hasRadixTwo(n)) halve(v, x, n, twiddles);
  else quarterOfKept(v, x, n, kept, twiddles);
  for (let size = hasRadixTwo(n) ? largest : largest >> 2; size > 4; size >>= 2) quarter(x, n, size, twiddles);
  squareInFours(x, n);
  for (let size = 16; size < n; size <<= 2) join(x, n, size, twiddles);
}
