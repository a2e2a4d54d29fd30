/**
 * Inverse sine and cosine within 2 units in the last place, by one polynomial and at most one square root: in a
 * fraction of the time of Math.acos, and with the same bits on every engine.
 */

/** What pi/4 is more than the double. */
const REST = 3.061616997868383e-17;

/** acos(-x) = pi - acos(x) for x in [-1, 1]. */
export function arccosOfNegative(x: number): number {
  const size = Math.abs(x);
  // NaN takes the first way and stays.
  if (!(size > 0.5)) return Math.PI / 2 + (x + excess(x, x * x));
  // acos(size) = 2 asin(root) with the root of half of 1 - size, which is without cancellation.
  const w = (1 - size) / 2;
  const root = Math.sqrt(w);
  const angle = 2 * (root + excess(root, w));
  return x < 0 ? angle : Math.PI - angle;
}

/** asin(x) for x in [-1, 1]. */
export function arcsin(x: number): number {
  const size = Math.abs(x);
  if (!(size > 0.5)) return x + excess(x, x * x);
  const w = (1 - size) / 2;
  const root = Math.sqrt(w);
  // pi/2 less acos(size), the difference of the leading terms first.
  const angle = 2 * (Math.PI / 4 - root - (excess(root, w) - REST));
  return x < 0 ? -angle : angle;
}

/**
 * asin(x) - x = x w P(w) for w = x^2 <= 1/4, the polynomial P of tools/fit_functions.py in groups that do not
 * wait for each other.
 */
function excess(x: number, w: number): number {
  const w2 = w * w;
  const w4 = w2 * w2;
  const a = (0.16666666666666669 + 0.07499999999998433 * w) +
    (0.04464285714635543 + 0.030381944138531247 * w) * w2;
  const b = (0.02237217294214989 + 0.017352392720869973 * w) +
    (0.013971212973552933 + 0.011479177415184906 * w) * w2;
  const c = (0.01032281435018578 + 0.005457506718640358 * w) +
    (0.01740087944269402 + -0.014851887071247204 * w) * w2 + 0.028757851367421566 * w4;
  return x * (w * (a + (b + c * w4) * w4));
}
