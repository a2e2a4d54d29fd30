// Steps of lib/operators/burgers.ts for two pairs of functions side by side. The last stage of each transform of squares gives
// its modes to the step as it computes them: no pass over the modes waits for divisions alone, and dropped ones are not stored.

/** Where a step of Runge-Kutta has its numbers; a row of `table` has half a step of diffusion and the factor of the squares. */
@unmanaged class Step {
  v: usize;
  stage: usize;
  sum: usize;
  table: usize;
  /** Bytes of the modes that are dropped. */
  dropped: usize;
}

const step = changetype<Step>(memory.data(offsetof<Step>()));

/**
 * What one of the four slopes does with its squares at the mode whose number is at byte `at`: (r, i) are those at the opposite
 * mode. The slope is f times i (r, i).
 */
@inline function take(slope: i32, at: usize, row: usize, r: v128, i: v128, v: usize, stage: usize, sum: usize): void {
  const e = v128.load64_splat(row), f = v128.load64_splat(row, 8);
  const six = f64x2.splat(6), three = f64x2.splat(3), half = f64x2.splat(0.5);
  if (slope == 4) {
    put(
      v + at,
      minus(times(e, re(sum + at)), f64x2.div(times(f, i), six)),
      plus(times(e, im(sum + at)), f64x2.div(times(f, r), six)),
    );
    return;
  }
  const sr = times(f64x2.neg(f), i), si = times(f, r), vr = re(v + at), vi = im(v + at);
  if (slope == 1) {
    put(stage + at, times(e, plus(vr, times(sr, half))), times(e, plus(vi, times(si, half))));
    put(sum + at, times(e, plus(vr, f64x2.div(sr, six))), times(e, plus(vi, f64x2.div(si, six))));
    return;
  }
  if (slope == 2) put(stage + at, plus(times(e, vr), times(sr, half)), plus(times(e, vi), times(si, half)));
  else put(stage + at, times(e, plus(times(e, vr), sr)), times(e, plus(times(e, vi), si)));
  put(sum + at, plus(re(sum + at), f64x2.div(sr, three)), plus(im(sum + at), f64x2.div(si, three)));
}

/** The last stage of decimation in time, radix 4: outputs k, k + n/4, k + n/2 and k + 3n/4 are those of modes -k, ... . */
@inline function takeQuarters(slope: i32, x: usize, n: i32, kept: i32, twiddles: usize): void {
  const q = n >> 2, jump = <usize>q << 5, last = <usize>n << 5;
  const v = step.v, stage = step.stage, sum = step.sum, table = step.table;
  // Rows of negative modes follow those of the others.
  const negative = table - (step.dropped >> 1);
  for (let k = 0; k < q; k++) {
    const place = <usize>k << 5, a = x + place, b = a + jump, c = b + jump, d = c + jump;
    const w1 = twiddles + (place >> 1), w2 = w1 + (place >> 1), w3 = w2 + (place >> 1);
    const c1 = v128.load64_splat(w1), s1 = v128.load64_splat(w1, 8), c2 = v128.load64_splat(w2);
    const s2 = v128.load64_splat(w2, 8), c3 = v128.load64_splat(w3), s3 = v128.load64_splat(w3, 8);
    let br = re(b), bi = im(b), cr = re(c), ci = im(c), dr = re(d), di = im(d);
    if (k > 0) {
      const xr = br, xi = bi, yr = cr, yi = ci, zr = dr, zi = di;
      br = minus(times(xr, c1), times(xi, s1)), bi = plus(times(xr, s1), times(xi, c1));
      cr = minus(times(yr, c2), times(yi, s2)), ci = plus(times(yr, s2), times(yi, c2));
      dr = minus(times(zr, c3), times(zi, s3)), di = plus(times(zr, s3), times(zi, c3));
    }
    const ur = plus(br, dr), ui = plus(bi, di), vr = minus(bi, di), vi = minus(dr, br);
    const ar = re(a), ai = im(a);
    const sr = plus(ar, cr), si = plus(ai, ci), tr = minus(ar, cr), ti = minus(ai, ci);
    const first = k == 0 ? 0 : last - place, second = 3 * jump - place, third = 2 * jump - place, fourth = jump - place;
    take(slope, first, (k == 0 ? table : negative) + (first >> 1), plus(sr, ur), plus(si, ui), v, stage, sum);
    if (k + q <= kept) take(slope, second, negative + (second >> 1), plus(tr, vr), plus(ti, vi), v, stage, sum);
    if (2 * q - k <= kept) take(slope, third, table + (third >> 1), minus(sr, ur), minus(si, ui), v, stage, sum);
    take(slope, fourth, table + (fourth >> 1), minus(tr, vr), minus(ti, vi), v, stage, sum);
  }
}

/** The same, radix 2. */
@inline function takeHalves(slope: i32, x: usize, n: i32, kept: i32, twiddles: usize): void {
  const h = n >> 1, jump = <usize>h << 5, last = <usize>n << 5;
  const v = step.v, stage = step.stage, sum = step.sum, table = step.table;
  const negative = table - (step.dropped >> 1);
  for (let k = 0; k < h; k++, x += 32, twiddles += 16) {
    const c = v128.load64_splat(twiddles), s = v128.load64_splat(twiddles, 8), b = x + jump;
    const yr = re(b), yi = im(b), ar = re(x), ai = im(x);
    const br = minus(times(yr, c), times(yi, s)), bi = plus(times(yr, s), times(yi, c));
    const place = <usize>k << 5, first = k == 0 ? 0 : last - place, second = jump - place;
    if (k <= kept) take(slope, first, (k == 0 ? table : negative) + (first >> 1), plus(ar, br), plus(ai, bi), v, stage, sum);
    if (h - k <= kept) take(slope, second, table + (second >> 1), minus(ar, br), minus(ai, bi), v, stage, sum);
  }
}

/** One of the four slopes, from the modes at `from`. */
@inline function slopeFrom(slope: i32, from: usize, squares: usize, n: i32, kept: i32, twiddles: usize): void {
  almostSquareSpectrum(from, squares, n, kept, twiddles);
  if (hasRadixTwo(n)) takeHalves(slope, squares, n, kept, twiddles);
  else takeQuarters(slope, squares, n, kept, twiddles);
}

// Functions of their own, for the engine's allocation of registers.
function slope1(squares: usize, n: i32, kept: i32, twiddles: usize): void { slopeFrom(1, step.v, squares, n, kept, twiddles); }
function slope2(squares: usize, n: i32, kept: i32, twiddles: usize): void { slopeFrom(2, step.stage, squares, n, kept, twiddles); }
function slope3(squares: usize, n: i32, kept: i32, twiddles: usize): void { slopeFrom(3, step.stage, squares, n, kept, twiddles); }
function slope4(squares: usize, n: i32, kept: i32, twiddles: usize): void { slopeFrom(4, step.stage, squares, n, kept, twiddles); }

/**
 * Advances the transforms `v` by `steps` steps. Of the modes k = 0, 1, ..., kept, then -kept, ..., -1 a row of `table` has half a
 * step of diffusion, exp(-nu (2 pi k)^2 dt / 2), and the factor of the squares. `squares`, `stage` and `sum` have room for n
 * numbers.
 */
export function advance(
  v: usize, n: i32, kept: i32, steps: i32, table: usize, twiddles: usize, squares: usize, stage: usize, sum: usize,
): void {
  // Modes that are dropped stay zero.
  const from = <usize>(kept + 1) << 5, dropped = <usize>(n - 2 * kept - 1) << 5;
  memory.fill(v + from, 0, dropped);
  memory.fill(stage + from, 0, dropped);
  step.v = v, step.stage = stage, step.sum = sum, step.table = table, step.dropped = dropped;
  for (; steps > 0; steps--) {
    slope1(squares, n, kept, twiddles);
    slope2(squares, n, kept, twiddles);
    slope3(squares, n, kept, twiddles);
    slope4(squares, n, kept, twiddles);
  }
}
