// The chain rule of determinantal point processes: lib/sampling/chain_rule.ts does the same operations in the same order.

/** The inner product of m numbers, in four sums. */
@inline function dot(a: usize, b: usize, m: i32): f64 {
  let s = f64x2.splat(0), t = s;
  let j = 4;
  for (; j <= m; j += 4, a += 32, b += 32) {
    s = f64x2.add(s, f64x2.mul(v128.load(a), v128.load(b)));
    t = f64x2.add(t, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  let first = f64x2.extract_lane(s, 0);
  for (j -= 4; j < m; j++, a += 8, b += 8) first += load<f64>(a) * load<f64>(b);
  return first + f64x2.extract_lane(s, 1) + (f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1));
}

/** Takes a times row `from` from row `to`; there is room for an even number. */
@inline function take(to: usize, from: usize, a_: f64, m: i32): void {
  const a = f64x2.splat(a_);
  for (const end = to + (<usize>m << 3); to < end; to += 16, from += 16) {
    v128.store(to, f64x2.sub(v128.load(to), f64x2.mul(a, v128.load(from))));
  }
}

/** Makes row k of `q` the direction of `phi` beyond the rows before, along which it has the components `along`. */
function append(q: usize, row: usize, m: i32, k: i32, phi: usize, along: usize, isCleaned: bool): void {
  const to = q + <usize>k * row;
  memory.copy(to, phi, row);
  let i = 0, from = q;
  for (; i + 3 < k; i += 4, along += 32, from += 4 * row) {
    const a = v128.load64_splat(along), b = v128.load64_splat(along, 8);
    const c = v128.load64_splat(along, 16), d = v128.load64_splat(along, 24);
    const y = from + row, z = y + row, u = z + row;
    for (let j: usize = 0; j < row; j += 16) {
      let sum = f64x2.add(f64x2.mul(a, v128.load(from + j)), f64x2.mul(b, v128.load(y + j)));
      sum = f64x2.add(f64x2.add(sum, f64x2.mul(c, v128.load(z + j))), f64x2.mul(d, v128.load(u + j)));
      v128.store(to + j, f64x2.sub(v128.load(to + j), sum));
    }
  }
  for (; i < k; i++, along += 8, from += row) take(to, from, load<f64>(along), m);
  if (isCleaned) {
    for (from = q; from < to; from += row) take(to, from, dot(from, to, m), m);
  }
  const norm = f64x2.splat(Math.sqrt(dot(to, to, m)));
  for (let j: usize = 0; j < row; j += 16) v128.store(to + j, f64x2.div(v128.load(to + j), norm));
}

/**
 * Whether the candidate x, whose basis is `phi`, becomes point k: with the probability that is left of its square beyond the rows
 * of `q` so far. Then it is put among the `sorted` points, and its number into `order`. Rows have room for an even number.
 */
export function offer(
  q: usize, m: i32, k: i32, phi: usize, x: f64, u: f64, clean: f64, sorted: usize, order: usize, along: usize,
): bool {
  const row = <usize>((m + 1) & ~1) << 3;
  const leverage = dot(phi, phi, m), level = u * leverage;
  let left = leverage, low = 0, high = k;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(sorted + (<usize>middle << 3)) < x) low = middle + 1;
    else high = middle;
  }
  let above = low, below = low - 1;
  for (let i = 0; i < k && left > level; i++) {
    const isBelow = above == k || below >= 0 &&
      x - load<f64>(sorted + (<usize>below << 3)) < load<f64>(sorted + (<usize>above << 3)) - x;
    const number = load<i32>(order + (<usize>(isBelow ? below-- : above++) << 2));
    const component = dot(q + <usize>number * row, phi, m);
    store<f64>(along + (<usize>number << 3), component);
    left -= component * component;
  }
  if (!(left > level)) return false;
  append(q, row, m, k, phi, along, left < clean * leverage);
  const place = sorted + (<usize>low << 3), number = order + (<usize>low << 2);
  memory.copy(place + 8, place, <usize>(k - low) << 3);
  memory.copy(number + 4, number, <usize>(k - low) << 2);
  store<f64>(place, x);
  store<i32>(number, k);
  return true;
}
