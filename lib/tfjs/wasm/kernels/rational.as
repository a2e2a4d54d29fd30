// Rational activations P / Q of degrees 5 and 4, one per group of neighbouring channels, and their gradients.
//
// A row has `groups` runs of `width` floats, a multiple of four. With mask = ~0 and sign = 0,
// Q = 1 + |b1 x + ... + b4 x^4|; with mask = 0x7fffffff and sign = 0x80000000, Q = 1 + |b1 x| + ... + |b4 x^4|. Both
// functions return whether a number is not finite: powers of a large x overflow in floats, but not in doubles.

/** Vectors whose gradients of the coefficients are added as floats before they go to the doubles. */
const TURNS = 64;

/** The coefficients of a group's denominator, without their signs if those of x are masked. */
@inline function coefficient(b: usize, mask: v128): v128 { return v128.and(v128.load32_splat(b), mask); }

@inline function isLost(bad: v128): bool {
  return f32x4.extract_lane(bad, 0) + f32x4.extract_lane(bad, 1) + f32x4.extract_lane(bad, 2) +
    f32x4.extract_lane(bad, 3) != 0;
}

/** P / Q of all entries. */
export function rational(
  x: usize, a: usize, b: usize, out: usize, rows: i32, width: i32, groups: i32, mask_: i32,
): bool {
  const mask = i32x4.splat(mask_);
  const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a, 4), a2 = v128.load32_splat(a, 8);
  const a3 = v128.load32_splat(a, 12), a4 = v128.load32_splat(a, 16), a5 = v128.load32_splat(a, 20);
  const one = splat(1), bytes = <usize>width << 2, row = bytes * groups;
  let bad = splat(0);
  for (let g = 0; g < groups; g++) {
    const b1 = coefficient(b, mask), b2 = coefficient(b + 4, mask);
    const b3 = coefficient(b + 8, mask), b4 = coefficient(b + 12, mask);
    let at = <usize>g * bytes;
    for (let r = 0; r < rows; r++) {
      for (let k = at; k < at + bytes; k += 16) {
        const t = v128.load(x + k), z = v128.and(t, mask);
        const p = fma(fma(fma(fma(fma(a5, t, a4), t, a3), t, a2), t, a1), t, a0);
        const s = f32x4.mul(fma(fma(fma(b4, z, b3), z, b2), z, b1), z);
        const y = f32x4.div(p, f32x4.add(one, f32x4.abs(s)));
        v128.store(out + k, y);
        bad = fma(y, splat(0), bad);
      }
      at += row;
    }
    b += 16;
  }
  return isLost(bad);
}

/** Adds the floats of a vector to a double. */
@inline function pour(sum: usize, part: v128): void {
  store<f64>(sum, load<f64>(sum) + sum2(f64x2.add(low(part), high(part))));
}

/**
 * The gradients of `rational`. `sums` has room for 6 + 4 groups doubles, in which those of the coefficients are
 * carried; they are stored as floats to `da` and `db`.
 */
export function rational_grad(
  x: usize, a: usize, b: usize, dy: usize, dx: usize, da: usize, db: usize, sums: usize,
  rows: i32, width: i32, groups: i32, mask_: i32, sign_: i32,
): bool {
  const mask = i32x4.splat(mask_), sign = i32x4.splat(sign_), minus = i32x4.splat(0x80000000);
  const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a, 4), a2 = v128.load32_splat(a, 8);
  const a3 = v128.load32_splat(a, 12), a4 = v128.load32_splat(a, 16), a5 = v128.load32_splat(a, 20);
  const d2 = f32x4.mul(a2, splat(2)), d3 = f32x4.mul(a3, splat(3));
  const d4 = f32x4.mul(a4, splat(4)), d5 = f32x4.mul(a5, splat(5));
  const one = splat(1), zero = splat(0), bytes = <usize>width << 2, row = bytes * groups;
  const count = 6 + 4 * groups;
  memory.fill(sums, 0, <usize>count << 3);
  let bad = zero;
  const block = max(1, (TURNS << 2) / width);
  for (let from = 0; from < rows; from += block) {
    const end = min(rows, from + block);
    for (let g = 0; g < groups; g++) {
      const c = b + (<usize>g << 4);
      const b1 = coefficient(c, mask), b2 = coefficient(c + 4, mask);
      const b3 = coefficient(c + 8, mask), b4 = coefficient(c + 12, mask);
      const e2 = f32x4.mul(b2, splat(2)), e3 = f32x4.mul(b3, splat(3)), e4 = f32x4.mul(b4, splat(4));
      let at = <usize>from * row + <usize>g * bytes;
      for (let r = from; r < end; r++) {
        for (let begin = at; begin < at + bytes; begin += TURNS << 4) {
          let s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero;
          let t1 = zero, t2 = zero, t3 = zero, t4 = zero;
          for (let k = begin, stop = min(at + bytes, begin + (TURNS << 4)); k < stop; k += 16) {
            const t = v128.load(x + k), z = v128.and(t, mask);
            const p = fma(fma(fma(fma(fma(a5, t, a4), t, a3), t, a2), t, a1), t, a0);
            const s = f32x4.mul(fma(fma(fma(b4, z, b3), z, b2), z, b1), z);
            const w = f32x4.div(one, f32x4.add(one, f32x4.abs(s)));
            let u = f32x4.mul(v128.load(dy + k), w);
            // -u F, with the sign of S, which is 1 for zero.
            let v = f32x4.mul(u, f32x4.mul(p, w));
            v = v128.xor(v, v128.andnot(minus, f32x4.lt(s, zero)));
            const dp = fma(fma(fma(fma(d5, t, d4), t, d3), t, d2), t, a1);
            const ds = fma(fma(fma(e4, z, e3), z, e2), z, b1);
            const slope = v128.xor(f32x4.mul(v, ds), v128.and(sign, f32x4.lt(t, zero)));
            const d = fma(u, dp, slope);
            v128.store(dx + k, d);
            bad = fma(d, zero, bad);
            s0 = f32x4.add(s0, u);
            u = f32x4.mul(u, t);
            s1 = f32x4.add(s1, u);
            u = f32x4.mul(u, t);
            s2 = f32x4.add(s2, u);
            u = f32x4.mul(u, t);
            s3 = f32x4.add(s3, u);
            u = f32x4.mul(u, t);
            s4 = f32x4.add(s4, u);
            s5 = fma(u, t, s5);
            v = f32x4.mul(v, z);
            t1 = f32x4.add(t1, v);
            v = f32x4.mul(v, z);
            t2 = f32x4.add(t2, v);
            v = f32x4.mul(v, z);
            t3 = f32x4.add(t3, v);
            t4 = fma(v, z, t4);
          }
          pour(sums, s0);
          pour(sums + 8, s1);
          pour(sums + 16, s2);
          pour(sums + 24, s3);
          pour(sums + 32, s4);
          pour(sums + 40, s5);
          const own = sums + 48 + (<usize>g << 5);
          pour(own, t1);
          pour(own + 8, t2);
          pour(own + 16, t3);
          pour(own + 24, t4);
        }
        at += row;
      }
    }
  }
  let lost: f64 = 0;
  for (let k = 0; k < count; k++) {
    let sum = load<f64>(sums + (<usize>k << 3));
    lost += sum * 0;
    if (k < 6) store<f32>(da + (<usize>k << 2), <f32>sum);
    else {
      const j = <usize>(k - 6) << 2;
      if (sign_ != 0 && load<f32>(b + j) < 0) sum = -sum;
      store<f32>(db + j, <f32>sum);
    }
  }
  return isLost(bad) || lost != 0;
}
