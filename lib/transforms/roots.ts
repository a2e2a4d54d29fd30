/**
 * Roots of unity within two thirds of a unit in the last place, and the same on every engine, which Math.cos and
 * Math.sin are not.
 */

/** What pi/2 is more than the double. */
const REST_OF_QUARTER = 6.123233995736766e-17;

/** 2^27 + 1: products with it split a double into halves, which multiply without rounding. */
const SPLIT = 134217729;

/**
 * Writes `scale` times the cosine and the sine of 2 pi k / n into `table[at]` and `table[at + gap]`, for integers
 * 0 <= k < n <= 2^40.
 */
export function writeRoot(
  table: Float64Array,
  at: number,
  gap: number,
  k: number,
  n: number,
  scale = 1,
): void {
  // To the first eighth of the circle, in integers: the angle is x / n quarters of it.
  let x = 4 * k;
  const isBelow = x > 2 * n;
  if (isBelow) x = 4 * n - x;
  const isLeft = x > n;
  if (isLeft) x = 2 * n - x;
  const isSteep = 2 * x > n;
  if (isSteep) x = n - x;
  // The angle as a sum of two doubles: the quotient and what it lacks, times pi/2.
  const quotient = x / n;
  const lacking = (x - quotient * n - productError(quotient, n)) / n;
  const u = quotient * (Math.PI / 2);
  const rest = productError(quotient, Math.PI / 2) + quotient * REST_OF_QUARTER + lacking * (Math.PI / 2);
  const z = u * u;
  const sine = u + (u * z * sineSeries(z) + rest * (1 - z / 2));
  // 1 - z / 2, what that rounds off, and the small terms.
  const most = 1 - z / 2;
  const cosine = most + (1 - most - z / 2 + (z * z * cosineSeries(z) - u * rest - productError(u, u) / 2));
  const c = isSteep ? sine : cosine;
  const s = isSteep ? cosine : sine;
  table[at] = scale * (isLeft ? -c : c);
  table[at + gap] = scale * (isBelow ? -s : s);
}

/** a b less the rounded product (Dekker 1971). */
function productError(a: number, b: number): number {
  const scaledA = SPLIT * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLIT * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (a * b - highA * highB - lowA * highB - highA * lowB);
}

/** (sin u - u) / u^3 for z = u^2 <= (pi/4)^2: Taylor's series. */
function sineSeries(z: number): number {
  return -1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880 + z * (-1 / 39916800 +
                    z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000))))));
}

/** (cos u - 1 + u^2 / 2) / u^4. */
function cosineSeries(z: number): number {
  return 1 / 24 + z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800 + z * (1 / 479001600 +
                    z * (-1 / 87178291200 + z * (1 / 20922789888000 - z / 6402373705728000))))));
}
