// The renderer of lib/score_distillation/flatland_renderer.ts for two scenes side by side. A sample of the padded grid is 32
// bytes: both densities, then both colours.

@inline function pairOf(a: usize, b: usize): v128 { return v128.load64_lane(b, v128.load64_zero(a), 1); }
@inline function putPair(a: usize, b: usize, pair: v128): void {
  v128.store64_lane(a, pair, 0);
  v128.store64_lane(b, pair, 1);
}

/** Density and colour of scenes at `a` and `b` into the padded grid, and the derivatives of both, cell by cell. */
export function activate(
  a: usize, b: usize, grid: i32, densityScale: f64, field: usize, slopes: usize,
): void {
  const perUnit = number(PER_UNIT), round = number(ROUND), unit = number(UNIT);
  const one = number(ONE), limit = number(LIMIT);
  const colors = <usize>(grid * grid) << 3, scale = splat(densityScale);
  let to = field + (<usize>(grid + 3) << 5);
  for (let row = 0; row < grid; row++, to += 64) {
    for (let column = 0; column < grid; column++, a += 8, b += 8, to += 32, slopes += 32) {
      const x = pairOf(a, b), y = pairOf(a + colors, b + colors);
      const small = expWith(atMost(f64x2.abs(x), limit), perUnit, round, unit, one);
      const share = f64x2.div(one, plus(one, small));
      v128.store(to, times(scale, plus(f64x2.pmax(x, splat(0)), logOnePlus(small))));
      v128.store(slopes, times(scale, v128.bitselect(share, times(small, share), f64x2.ge(x, splat(0)))));
      const smallY = expWith(atMost(f64x2.abs(y), limit), perUnit, round, unit, one);
      const shareY = f64x2.div(one, plus(one, smallY));
      const less = times(smallY, shareY);
      v128.store(to, v128.bitselect(shareY, less, f64x2.ge(y, splat(0))), 16);
      v128.store(slopes, times(less, shareY), 16);
    }
  }
}

/**
 * Marches along the rays: the samples of ray i are `first`[i] on; of a sample `cells` has the offset of the lower corner and
 * `weights` those of the four corners. Writes both images, side by side, and of each sample the transmittance behind it and
 * its colour to `tape`. `row` is the length of a row of the grid in bytes.
 */
export function march(
  field: usize, row: usize, first: usize, cells: usize, weights: usize, pixels: i32, step_: f64, images: usize, tape: usize,
): void {
  const perUnit = number(PER_UNIT), round = number(ROUND), unit = number(UNIT);
  const one = number(ONE), limit = number(LIMIT), step = splat(step_);
  let k = load<i32>(first);
  for (let i = 0; i < pixels; i++, images += 16) {
    first += 4;
    let transmittance = one, light = splat(0);
    for (const end = load<i32>(first); k < end; k++, cells += 4, weights += 32, tape += 32) {
      const low = field + <usize>load<i32>(cells), high = low + row;
      const w00 = v128.load64_splat(weights), w01 = v128.load64_splat(weights, 8);
      const w10 = v128.load64_splat(weights, 16), w11 = v128.load64_splat(weights, 24);
      let density = plus(times(w00, v128.load(low)), times(w01, v128.load(low, 32)));
      density = plus(density, times(w10, v128.load(high)));
      density = plus(density, times(w11, v128.load(high, 32)));
      let color = plus(times(w00, v128.load(low, 16)), times(w01, v128.load(low, 48)));
      color = plus(color, times(w10, v128.load(high, 16)));
      color = plus(color, times(w11, v128.load(high, 48)));
      const next = times(transmittance, expWith(atMost(times(density, step), limit), perUnit, round, unit, one));
      light = plus(light, times(minus(transmittance, next), color));
      transmittance = next;
      v128.store(tape, next);
      v128.store(tape, color, 16);
    }
    v128.store(images, minus(times(number(TWO), light), one));
  }
}

/** Adds a weighted derivative to a corner. */
@inline function addTo(to: usize, weight: v128, byDensity: v128, byColor: v128): void {
  v128.store(to, plus(v128.load(to), times(weight, byDensity)));
  v128.store(to, plus(v128.load(to, 16), times(weight, byColor)), 16);
}

/** The way back along the rays, from derivatives by both images, side by side, to those by the fields. */
export function marchBack(
  gradient: usize, row: usize, first: usize, cells: usize, weights: usize, pixels: i32, step_: f64, cotangents: usize,
  tape: usize,
): void {
  const step = splat(step_);
  for (let i = 0; i < pixels; i++, cotangents += 16) {
    const start = load<i32>(first);
    first += 4;
    const cotangent = times(number(TWO), v128.load(cotangents)), scaled = times(cotangent, step);
    let rest = splat(0);
    for (let k = load<i32>(first) - 1; k >= start; k--) {
      const at = tape + (<usize>k << 5), to = weights + (<usize>k << 5);
      const after = v128.load(at), color = v128.load(at, 16);
      const before = k == start ? number(ONE) : v128.load(at - 32);
      const byColor = times(cotangent, minus(before, after));
      const byDensity = times(scaled, minus(times(after, color), rest));
      rest = plus(rest, times(minus(before, after), color));
      const low = gradient + <usize>load<i32>(cells + (<usize>k << 2)), high = low + row;
      addTo(low, v128.load64_splat(to), byDensity, byColor);
      addTo(low + 32, v128.load64_splat(to, 8), byDensity, byColor);
      addTo(high, v128.load64_splat(to, 16), byDensity, byColor);
      addTo(high + 32, v128.load64_splat(to, 24), byDensity, byColor);
    }
  }
}

/** From derivatives by the fields to those by the parameters of two scenes at `a` and `b`. */
export function deactivate(gradient: usize, grid: i32, slopes: usize, a: usize, b: usize): void {
  const colors = <usize>(grid * grid) << 3;
  let from = gradient + (<usize>(grid + 3) << 5);
  for (let row = 0; row < grid; row++, from += 64) {
    for (let column = 0; column < grid; column++, a += 8, b += 8, from += 32, slopes += 32) {
      putPair(a, b, times(v128.load(from), v128.load(slopes)));
      putPair(a + colors, b + colors, times(v128.load(from, 16), v128.load(slopes, 16)));
    }
  }
}
