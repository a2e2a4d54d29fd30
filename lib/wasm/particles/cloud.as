// The means of lib/score_distillation/particle_cloud.ts for two points side by side.

/** The least squared distances of two points to centres. */
function leastSquares(x: v128, y: v128, centers: usize, end: usize): v128 {
  let nearest = splat(Infinity);
  for (; centers < end; centers += 16) {
    const dx = minus(x, v128.load64_splat(centers)), dy = minus(y, v128.load64_splat(centers, 8));
    nearest = f64x2.min(nearest, plus(times(dx, dx), times(dy, dy)));
  }
  return nearest;
}

@inline function squaredDistance(x: v128, y: v128, centerX: v128, centerY: v128): v128 {
  const dx = minus(x, centerX), dy = minus(y, centerY);
  return plus(times(dx, dx), times(dy, dy));
}

/** Writes the means with the weights exp(shift - |x - centre|^2), x and y of both points, and returns the sums of weights. */
function weighInThePlane(x: v128, y: v128, centers: usize, end: usize, shift: v128, out: usize): v128 {
  const perUnit = number(PER_UNIT), round = number(ROUND), unit = number(UNIT);
  const one = number(ONE), limit = number(LIMIT);
  let sum = splat(0), sumX = sum, sumY = sum, at = centers;
  for (; at + 64 <= end; at += 64) {
    // weight0, ..., weight3, operation by operation side by side (tools/side_by_side.ts).
    //#four expWith(atMost(minus(squaredDistance(x, y, centerX, centerY), shift), limit), perUnit, round, unit, one)
    sum = plus(plus(plus(plus(sum, weight0), weight1), weight2), weight3);
    sumX = plus(sumX, times(weight0, v128.load64_splat(at)));
    sumY = plus(sumY, times(weight0, v128.load64_splat(at, 8)));
    sumX = plus(sumX, times(weight1, v128.load64_splat(at, 16)));
    sumY = plus(sumY, times(weight1, v128.load64_splat(at, 24)));
    sumX = plus(sumX, times(weight2, v128.load64_splat(at, 32)));
    sumY = plus(sumY, times(weight2, v128.load64_splat(at, 40)));
    sumX = plus(sumX, times(weight3, v128.load64_splat(at, 48)));
    sumY = plus(sumY, times(weight3, v128.load64_splat(at, 56)));
  }
  for (; at < end; at += 16) {
    const cx = v128.load64_splat(at), cy = v128.load64_splat(at, 8);
    const square = minus(squaredDistance(x, y, cx, cy), shift);
    const weight = expWith(atMost(square, limit), perUnit, round, unit, one);
    sum = plus(sum, weight);
    sumX = plus(sumX, times(weight, cx));
    sumY = plus(sumY, times(weight, cy));
  }
  v128.store(out, f64x2.div(sumX, sum));
  v128.store(out, f64x2.div(sumY, sum), 16);
  return sum;
}

/**
 * The means of n centres, one after the other, weighted for pairs of points: x of both, then y. `near` is the sum of weights from
 * which on they are in range without a shift.
 */
export function meansInThePlane(points: usize, pairs: i32, centers: usize, n: i32, out: usize, near: f64): void {
  const end = centers + (<usize>n << 4);
  for (; pairs > 0; pairs--, points += 32, out += 32) {
    const x = v128.load(points), y = v128.load(points, 16);
    const isNear = f64x2.gt(weighInThePlane(x, y, centers, end, splat(0), out), splat(near));
    if (i64x2.all_true(isNear)) continue;
    weighInThePlane(x, y, centers, end, v128.andnot(leastSquares(x, y, centers, end), isNear), out);
  }
}

/**
 * The same for d coordinates: coordinate by coordinate those of both points. `weights` has room for n pairs. Coordinates of the
 * mean are summed six at a time.
 */
export function means(
  points: usize, pairs: i32, centers: usize, n: i32, d: i32, weights: usize, out: usize,
): void {
  const perUnit = number(PER_UNIT), round = number(ROUND), unit = number(UNIT);
  const one = number(ONE), limit = number(LIMIT);
  const row = <usize>d << 3, end = weights + (<usize>n << 4);
  for (; pairs > 0; pairs--, points += 2 * row, out += 2 * row) {
    let nearest = splat(Infinity), center = centers;
    for (let to = weights; to < end; to += 16) {
      let square = splat(0);
      for (let x = points, stop = points + 2 * row; x < stop; x += 16, center += 8) {
        const away = minus(v128.load(x), v128.load64_splat(center));
        square = plus(square, times(away, away));
      }
      v128.store(to, square);
      nearest = f64x2.min(nearest, square);
    }
    let sum = splat(0);
    for (let to = weights; to < end; to += 16) {
      const away = atMost(minus(v128.load(to), nearest), limit);
      const weight = expWith(away, perUnit, round, unit, one);
      v128.store(to, weight);
      sum = plus(sum, weight);
    }
    let c: usize = 0;
    for (; c + 48 <= row; c += 48) {
      let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
      for (let from = weights, at = centers + c; from < end; from += 16, at += row) {
        const weight = v128.load(from);
        s0 = plus(s0, times(weight, v128.load64_splat(at)));
        s1 = plus(s1, times(weight, v128.load64_splat(at, 8)));
        s2 = plus(s2, times(weight, v128.load64_splat(at, 16)));
        s3 = plus(s3, times(weight, v128.load64_splat(at, 24)));
        s4 = plus(s4, times(weight, v128.load64_splat(at, 32)));
        s5 = plus(s5, times(weight, v128.load64_splat(at, 40)));
      }
      const to = out + 2 * c;
      v128.store(to, f64x2.div(s0, sum));
      v128.store(to, f64x2.div(s1, sum), 16);
      v128.store(to, f64x2.div(s2, sum), 32);
      v128.store(to, f64x2.div(s3, sum), 48);
      v128.store(to, f64x2.div(s4, sum), 64);
      v128.store(to, f64x2.div(s5, sum), 80);
    }
    for (; c < row; c += 8) {
      let s = splat(0);
      for (let from = weights, at = centers + c; from < end; from += 16, at += row) {
        s = plus(s, times(v128.load(from), v128.load64_splat(at)));
      }
      v128.store(out + 2 * c, f64x2.div(s, sum));
    }
  }
}
