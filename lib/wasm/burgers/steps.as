// Steps of lib/operators/burgers.ts for two pairs of functions side by side.

/**
 * Advances the transforms `v` by `steps` steps. Of the modes k = 0, 1, ..., kept, then -kept, ..., -1 a row of `table` has half a
 * step of diffusion, exp(-nu (2 pi k)^2 dt / 2), and the factor of the squares. `squares`, `stage` and `sum` have room for n
 * numbers.
 */
export function advance(
  v: usize, n: i32, kept: i32, steps: i32, table: usize, twiddles: usize, squares: usize, stage: usize, sum: usize,
): void {
  // Modes that are dropped stay zero.
  const last = <usize>n << 5, from = <usize>(kept + 1) << 5, dropped = <usize>(n - 2 * kept - 1) << 5;
  memory.fill(v + from, 0, dropped);
  memory.fill(stage + from, 0, dropped);
  const two = f64x2.splat(0.5), three = f64x2.splat(3), six = f64x2.splat(6);
  for (; steps > 0; steps--) {
    squareSpectrum(v, squares, n, kept, twiddles);
    for (let at: usize = 0, t = table; at < last; at += 32, t += 16) {
      if (at == from) at += dropped;
      const other = squares + (at == 0 ? 0 : last - at);
      const e = v128.load64_splat(t), f = v128.load64_splat(t, 8);
      const r = times(f64x2.neg(f), im(other)), i = times(f, re(other)), vr = re(v + at), vi = im(v + at);
      put(stage + at, times(e, plus(vr, times(r, two))), times(e, plus(vi, times(i, two))));
      put(sum + at, times(e, plus(vr, f64x2.div(r, six))), times(e, plus(vi, f64x2.div(i, six))));
    }
    squareSpectrum(stage, squares, n, kept, twiddles);
    for (let at: usize = 0, t = table; at < last; at += 32, t += 16) {
      if (at == from) at += dropped;
      const other = squares + (at == 0 ? 0 : last - at);
      const e = v128.load64_splat(t), f = v128.load64_splat(t, 8);
      const r = times(f64x2.neg(f), im(other)), i = times(f, re(other));
      put(stage + at, plus(times(e, re(v + at)), times(r, two)), plus(times(e, im(v + at)), times(i, two)));
      put(sum + at, plus(re(sum + at), f64x2.div(r, three)), plus(im(sum + at), f64x2.div(i, three)));
    }
    squareSpectrum(stage, squares, n, kept, twiddles);
    for (let at: usize = 0, t = table; at < last; at += 32, t += 16) {
      if (at == from) at += dropped;
      const other = squares + (at == 0 ? 0 : last - at);
      const e = v128.load64_splat(t), f = v128.load64_splat(t, 8);
      const r = times(f64x2.neg(f), im(other)), i = times(f, re(other));
      put(stage + at, times(e, plus(times(e, re(v + at)), r)), times(e, plus(times(e, im(v + at)), i)));
      put(sum + at, plus(re(sum + at), f64x2.div(r, three)), plus(im(sum + at), f64x2.div(i, three)));
    }
    squareSpectrum(stage, squares, n, kept, twiddles);
    for (let at: usize = 0, t = table; at < last; at += 32, t += 16) {
      if (at == from) at += dropped;
      const other = squares + (at == 0 ? 0 : last - at);
      const e = v128.load64_splat(t), f = v128.load64_splat(t, 8);
      put(
        v + at,
        minus(times(e, re(sum + at)), f64x2.div(times(f, im(other)), six)),
        plus(times(e, im(sum + at)), f64x2.div(times(f, re(other)), six)),
      );
    }
  }
}
