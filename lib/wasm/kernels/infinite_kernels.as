// Layers of the kernels of infinite networks, two entries side by side, for lib/tangent_kernels/infinite_kernels.ts. The loops
// there and lib/tangent_kernels/arc_functions.ts do the same operations in the same order, and say what is computed.

@inline function choose(mask: v128, yes: v128, no: v128): v128 { return v128.bitselect(yes, no, mask); }
@inline function over(a: v128, b: v128): v128 { return f64x2.div(a, b); }

/** What asin(x) is more than x, over x, for w = x^2 <= 1/4. */
@inline function arcExcess(w: v128): v128 {
  const w2 = times(w, w), w4 = times(w2, w2);
  const a = plus(
    plus(splat(0.16666666666666669), times(splat(0.07499999999998433), w)),
    times(plus(splat(0.04464285714635543), times(splat(0.030381944138531247), w)), w2),
  );
  const b = plus(
    plus(splat(0.02237217294214989), times(splat(0.017352392720869973), w)),
    times(plus(splat(0.013971212973552933), times(splat(0.011479177415184906), w)), w2),
  );
  const c = plus(
    plus(
      plus(splat(0.01032281435018578), times(splat(0.005457506718640358), w)),
      times(plus(splat(0.01740087944269402), times(splat(-0.014851887071247204), w)), w2),
    ),
    times(splat(0.028757851367421566), w4),
  );
  return times(w, plus(a, times(plus(b, times(c, w4)), w4)));
}

/** acos(-x). */
@inline function arccosOfNegative(x: v128): v128 {
  const size = f64x2.abs(x), isFar = f64x2.gt(size, splat(0.5));
  const w = choose(isFar, times(minus(splat(1), size), splat(0.5)), times(x, x));
  const root = choose(isFar, f64x2.sqrt(w), x);
  const sum = plus(root, times(root, arcExcess(w))), angle = plus(sum, sum);
  const far = choose(f64x2.lt(x, splat(0)), angle, minus(splat(3.141592653589793), angle));
  return choose(isFar, far, plus(splat(1.5707963267948966), sum));
}

/** asin(x). */
@inline function arcsin(x: v128): v128 {
  const size = f64x2.abs(x), isFar = f64x2.gt(size, splat(0.5));
  const w = choose(isFar, times(minus(splat(1), size), splat(0.5)), times(x, x));
  const root = choose(isFar, f64x2.sqrt(w), x), excess = times(root, arcExcess(w));
  const half = minus(minus(splat(0.7853981633974483), root), minus(excess, splat(3.061616997868383e-17)));
  const angle = plus(half, half);
  return choose(isFar, choose(f64x2.lt(x, splat(0)), f64x2.neg(angle), angle), plus(root, excess));
}

/** Takes n entries of both kernels, of one input of variance a with others of variances c, through a rectifier. */
export function reluLayer(nngp: usize, ntk: usize, n: i32, a_: f64, c: usize, bias_: f64): void {
  const a = splat(a_), bias = splat(bias_), turn = splat(6.283185307179586), one = splat(1), half = splat(0.5);
  for (const end = nngp + (<usize>n << 3); nngp < end; nngp += 16) {
    const s = v128.load(nngp), t = v128.load(ntk), other = v128.load(c);
    const p = f64x2.sqrt(times(a, other));
    const cosine = f64x2.pmin(one, f64x2.pmax(splat(-1), over(s, p)));
    const rho = v128.andnot(cosine, f64x2.eq(p, splat(0)));
    const rest = arccosOfNegative(rho);
    const sine = f64x2.sqrt(times(minus(one, rho), plus(one, rho)));
    let mean = times(over(p, turn), plus(sine, times(rest, rho))), tangent = over(times(t, rest), turn);
    const isSame = v128.and(f64x2.eq(s, a), f64x2.eq(s, other));
    if (v128.any_true(isSame)) {
      mean = choose(isSame, times(s, half), mean);
      tangent = choose(isSame, times(t, half), tangent);
    }
    mean = plus(mean, bias);
    v128.store(nngp, mean);
    v128.store(ntk, plus(tangent, mean));
    ntk += 16;
    c += 16;
  }
}

/** The same through the error function. */
export function erfLayer(nngp: usize, ntk: usize, n: i32, a_: f64, c: usize, bias_: f64): void {
  const a = splat(1 + 2 * a_), bias = splat(bias_), one = splat(1), two = splat(2);
  for (const end = nngp + (<usize>n << 3); nngp < end; nngp += 16) {
    const s = v128.load(nngp), t = v128.load(ntk);
    const q = times(a, plus(one, times(two, v128.load(c))));
    const slope = over(splat(1.2732395447351628), f64x2.sqrt(minus(q, times(times(splat(4), s), s))));
    const next = plus(times(splat(0.6366197723675814), arcsin(over(times(two, s), f64x2.sqrt(q)))), bias);
    v128.store(nngp, next);
    v128.store(ntk, plus(times(t, slope), next));
    ntk += 16;
    c += 16;
  }
}
