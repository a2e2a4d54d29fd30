// Elementary functions of four floats. The polynomials are least-maximum fits (tools/fit_functions.py); the errors
// stated are measured in float32, test/tfjs/accuracy_test.ts holds them.

/**
 * exp, relative error below 1e-7 (0 below x = -87): x = n ln 2 + r, a polynomial in r, and n as an exponent. Adding 1.5 2^23
 * rounds to an integer, which then stands in the low bits of the sum; 126 more, and shifted up it is the exponent of
 * 2^(n - 1), because 2^128 has none of its own. For n = -126 that is the exponent of 0.
 */
@inline function exp(given: v128): v128 {
  return expWithin(atMost(atLeast(given, splat(-87.33)), splat(89)));
}

/** exp of numbers that are not positive. */
@inline function expOfNegative(given: v128): v128 { return expWithin(atLeast(given, splat(-87.33))); }

/** exp of numbers from -87.33 to 89. */
@inline function expWithin(x: v128): v128 {
  const shifted = fma(x, splat(1.44269504088896341), splat(12583038));
  const n = f32x4.sub(shifted, splat(12583038));
  const r = fma(n, splat(2.12194440e-4), fma(n, splat(-0.693359375), x));
  let p = fma(splat(1.38144669e-3), r, splat(8.36878042e-3));
  p = fma(p, r, splat(4.16683942e-2));
  p = fma(p, r, splat(1.66665201e-1));
  p = fma(p, r, splat(4.99999934e-1));
  p = fma(p, r, splat(1));
  p = fma(p, r, splat(1));
  const half = f32x4.mul(p, i32x4.shl(shifted, 23));
  return f32x4.add(half, half);
}

/**
 * log of ordinary numbers: x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log m = 2 artanh s with s = (m - 1) / (m + 1), which
 * is s times a polynomial in s^2.
 */
@inline function logOrdinary(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  return logOfParts(f32x4.sub(m, splat(1)), e);
}

@inline function logOfParts(f: v128, e: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, splat(2))), w = f32x4.mul(s, s);
  let p = fma(splat(2.99270522e-1), w, splat(3.99747433e-1));
  p = fma(p, w, splat(6.66668164e-1));
  // 2 s = f - s f: the error of s counts for less so.
  p = f32x4.sub(f32x4.mul(f32x4.mul(p, w), s), f32x4.mul(s, f));
  return fma(e, splat(0.693359375), f32x4.add(f, fma(e, splat(-2.12194440e-4), p)));
}

/** log 0 = -inf, log of a negative number = NaN, log inf = inf, log NaN = NaN; denormals are scaled up first. */
function logOfAny(given: v128): v128 {
  const tiny = f32x4.lt(given, splat(1.17549435e-38));
  let y = logOrdinary(choose(tiny, f32x4.mul(given, splat(8388608)), given));
  y = f32x4.sub(y, v128.and(tiny, splat(15.9423847)));
  y = choose(f32x4.eq(given, splat(0)), splat(-Infinity), y);
  y = choose(f32x4.eq(given, splat(Infinity)), given, y);
  return choose(f32x4.ge(given, splat(0)), y, splat(NaN));
}

/** Natural logarithm, relative error below 2e-7. */
@inline function log(x: v128): v128 {
  const ordinary = v128.and(f32x4.ge(x, splat(1.17549435e-38)), f32x4.lt(x, splat(Infinity)));
  return i32x4.all_true(ordinary) ? logOrdinary(x) : logOfAny(x);
}

/**
 * log(1 + x) of x > -1 and below 2^126: 1 + x = 2^e m as above, and m - 1 = 2^-e x + (2^-e - 1), which is rounded once, so that
 * for e = 0 it is x.
 */
@inline function log1pOrdinary(x: v128): v128 {
  const bits = i32x4.sub(f32x4.add(x, splat(1)), i32x4.splat(0x3f3504f3));
  const e = i32x4.shr_s(bits, 23);
  const scale = i32x4.sub(i32x4.splat(0x3f800000), i32x4.shl(e, 23));
  const f = fma(x, scale, f32x4.sub(scale, splat(1)));
  return logOfParts(f, f32x4.convert_i32x4_s(e));
}

/** log(1 + x), relative error below 4e-7. */
@inline function log1p(x: v128): v128 {
  const ordinary = v128.and(f32x4.gt(x, splat(-1)), f32x4.lt(x, splat(8.5070592e37)));
  return i32x4.all_true(ordinary) ? log1pOrdinary(x) : log1pOfAny(x, ordinary);
}

/** -inf for -1, NaN below and for NaN, log x where 1 is nothing beside x. */
function log1pOfAny(x: v128, ordinary: v128): v128 {
  return choose(ordinary, log1pOrdinary(v128.and(x, ordinary)), logOfAny(f32x4.add(x, splat(1))));
}

/** exp x - 1, relative error below 4e-7: the polynomial of exp where the difference would cancel. */
@inline function expm1(x: v128): v128 {
  let p = fma(splat(1.38144669e-3), x, splat(8.36878042e-3));
  p = fma(p, x, splat(4.16683942e-2));
  p = fma(p, x, splat(1.66665201e-1));
  p = fma(p, x, splat(4.99999934e-1));
  const near = fma(f32x4.mul(p, x), x, x);
  return choose(f32x4.lt(f32x4.abs(x), splat(0.34)), near, f32x4.sub(exp(x), splat(1)));
}

/** log(1 + exp x) = max(x, 0) + log(1 + t), t = exp -|x|: 2 artanh s with s = t / (2 + t). */
@inline function softplus(x: v128): v128 {
  const t = exp(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(t, f32x4.add(t, splat(2))), w = f32x4.mul(s, s);
  let p = fma(splat(2.8185334e-1), w, splat(2.79592401e-1));
  p = fma(p, w, splat(4.00249915e-1));
  p = fma(p, w, splat(6.66663132e-1));
  p = fma(p, w, splat(2));
  return fma(s, p, atLeast(x, splat(0)));
}

/** Sine or cosine of four numbers one by one. */
function far(x: v128, quarters: i32): v128 {
  let y = splat(0);
  for (let lane = 0; lane < 4; lane++) {
    const entry = f32x4.extract_lane(x, 0), value = quarters == 0 ? Mathf.sin(entry) : Mathf.cos(entry);
    y = f32x4.replace_lane(i8x16.shuffle(y, y, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3), 3, value);
    x = i8x16.shuffle(x, x, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
  return y;
}

/**
 * Sine or, with one quarter of a turn more, cosine, absolute error below 2e-7: x = n pi / 2 + r, with pi / 2 in three parts
 * whose multiples are exact up to |x| = 8192, Cephes' polynomials in r, and the quarter n mod 4 from the low bits of the
 * rounding sum.
 */
@inline function turn(x: v128, quarters: i32): v128 {
  const shifted = fma(x, splat(0.636619772), splat(12582912)), n = f32x4.sub(shifted, splat(12582912));
  let r = fma(n, splat(-1.5703125), x);
  r = fma(n, splat(-4.837512969970703e-4), r);
  r = fma(n, splat(-7.54978995489188e-8), r);
  const z = f32x4.mul(r, r);
  let s = fma(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  s = fma(s, z, splat(-1.6666654611e-1));
  s = fma(f32x4.mul(s, z), r, r);
  let c = fma(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  c = fma(c, z, splat(4.166664568298827e-2));
  c = fma(f32x4.mul(c, z), z, fma(splat(-0.5), z, splat(1)));
  const quarter = quarters == 0 ? shifted : i32x4.add(shifted, i32x4.splat(1));
  const odd = i32x4.neg(v128.and(quarter, i32x4.splat(1)));
  const y = v128.xor(choose(odd, c, s), i32x4.shl(v128.and(quarter, i32x4.splat(2)), 30));
  const isFar = f32x4.gt(f32x4.abs(x), splat(8192));
  return v128.any_true(isFar) ? choose(isFar, far(x, quarters), y) : y;
}

/**
 * 1 / (1 + exp -x) = s / (s + p), relative error below 4e-7: s = 2^n and p = exp -r, as in exp with a term less, for
 * x = n ln 2 + r. For n = -127 the exponent is that of 0.
 */
@inline function sigmoid(given: v128): v128 {
  return sigmoidWithin(atMost(atLeast(given, splat(-88)), splat(88)));
}

/** sigmoid of numbers from -88 to 88. */
@inline function sigmoidWithin(x: v128): v128 {
  const shifted = fma(x, splat(1.44269504088896341), splat(12583039));
  const n = f32x4.sub(shifted, splat(12583039));
  const r = fma(n, splat(2.12194440e-4), fma(n, splat(-0.693359375), x));
  let p = fma(splat(-8.31247769e-3), r, splat(4.18905501e-2));
  p = fma(p, r, splat(-1.66671163e-1));
  p = fma(p, r, splat(4.99992288e-1));
  p = fma(p, r, splat(-1));
  p = fma(p, r, splat(1));
  const s = i32x4.shl(shifted, 23);
  return f32x4.div(s, f32x4.add(s, p));
}

/** Numbers of -bound..bound; NaN stays. */
@inline function within(x: v128, bound: v128): v128 { return atMost(atLeast(x, f32x4.neg(bound)), bound); }

/** tanh, relative error below 4e-7: x times a quotient of polynomials in x^2, up to where it is 1 in float32. */
@inline function tanh(given: v128): v128 {
  const x = within(given, splat(9.1)), z = f32x4.mul(x, x);
  let p = fma(splat(1.31775266e-8), z, splat(2.04811891e-5));
  p = fma(p, z, splat(3.48781115e-3));
  p = fma(p, z, splat(1.33744752e-1));
  p = fma(p, z, splat(1));
  let q = fma(splat(7.70404767e-7), z, splat(3.27292038e-4));
  q = fma(q, z, splat(2.58473889e-2));
  q = fma(q, z, splat(4.6707789e-1));
  q = fma(q, z, splat(1));
  return within(f32x4.div(f32x4.mul(x, p), q), splat(1));
}

/** erf, relative error below 4e-7, in the same way. */
@inline function erf(given: v128): v128 {
  const x = within(given, splat(3.95)), z = f32x4.mul(x, x);
  let p = fma(splat(2.02589825e-6), z, splat(2.84687667e-4));
  p = fma(p, z, splat(3.80818097e-3));
  p = fma(p, z, splat(5.28755075e-2));
  p = fma(p, z, splat(1.91550839e-1));
  p = fma(p, z, splat(1.12837914));
  let q = fma(splat(3.78316945e-5), z, splat(1.17072946e-3));
  q = fma(q, z, splat(1.50551301e-2));
  q = fma(q, z, splat(1.14559834e-1));
  q = fma(q, z, splat(5.03090187e-1));
  q = fma(q, z, splat(1));
  return within(f32x4.div(f32x4.mul(x, p), q), splat(1));
}

/**
 * gelu, absolute error below 5e-7: relu(x) - |x| Phi(-|x|), where Phi(-a) is the eighth power of a polynomial. Nothing
 * cancels, there is no exponential and no division, and of the polynomial's two factors neither waits for the other.
 */
@inline function gelu(x: v128): v128 {
  const size = f32x4.abs(x);
  // From 5.5 on |x| Phi(-|x|) < 1.1e-7 is nothing.
  const a = v128.and(size, f32x4.lt(size, splat(5.5)));
  let p = fma(splat(3.47057507e-6), a, splat(-2.13077067e-5));
  p = fma(p, a, splat(-6.18798351e-5));
  p = fma(p, a, splat(-8.69699557e-5));
  p = fma(p, a, splat(3.37217849e-3));
  let q = f32x4.add(a, splat(-4.98842209));
  q = fma(q, a, splat(-20.1091352));
  q = fma(q, a, splat(271.932262));
  const y = f32x4.mul(p, q), y2 = f32x4.mul(y, y), y4 = f32x4.mul(y2, y2), y8 = f32x4.mul(y4, y4);
  return fnma(a, y8, atLeast(x, splat(0)));
}

/** The slope of gelu, Phi(x) + x times the normal density, absolute error below 5e-7: 1/2 and an odd function of x. */
@inline function geluSlope(given: v128): v128 {
  const x = within(given, splat(5.8)), z = f32x4.mul(x, x);
  let p = fma(splat(1.92084021e-7), z, splat(3.59129081e-5));
  p = fma(p, z, splat(2.12769975e-5));
  p = fma(p, z, splat(1.42215283e-2));
  p = fma(p, z, splat(-3.08910872e-2));
  p = fma(p, z, splat(7.97884964e-1));
  let q = fma(splat(8.92563066e-6), z, splat(1.92655769e-4));
  q = fma(q, z, splat(3.52536836e-3));
  q = fma(q, z, splat(4.10153856e-2));
  q = fma(q, z, splat(2.94623219e-1));
  q = fma(q, z, splat(1));
  return f32x4.add(f32x4.div(f32x4.mul(x, p), q), splat(0.5));
}
