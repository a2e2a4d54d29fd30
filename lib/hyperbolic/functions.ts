/**
 * Elementary functions and quotients of them that stay accurate near 0, where the plain quotient is 0 / 0.
 * Not public.
 */

/** Below this, two terms of the series are exact to double precision. */
const SMALL = 1e-4;
/** Below this, the differences of nearly equal quotients are taken from their series. */
const CLOSE = 1e-2;
/** Squares of larger numbers overflow. */
const LARGE = 1e150;

/**
 * The inverse hyperbolic sine, in half the time of `Math.asinh`: log(x + √(1 + x²)), and near 0, where that
 * cancels, 2 artanh(x / (1 + √(1 + x²))) by its series.
 */
export function asinh(x: number): number {
  const size = x < 0 ? -x : x;
  if (size > LARGE) return x < 0 ? -Math.log(size) - Math.LN2 : Math.log(size) + Math.LN2;
  const root = Math.sqrt(1 + size * size);
  if (size > 0.3) return x < 0 ? -Math.log(size + root) : Math.log(size + root);
  const z = x / (1 + root);
  const q = z * z;
  const tail = 1 / 11 + q * (1 / 13 + q * (1 / 15 + q * (1 / 17 + q / 19)));
  return 2 * z * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * tail)))));
}

/** The hyperbolic sine, in half the time of `Math.sinh`: by the exponential, and near 0 by its series. */
export function sinh(x: number): number {
  if (x > 1 || x < -1) {
    const grown = Math.exp(x);
    return (grown - 1 / grown) / 2;
  }
  const q = x * x;
  const tail = 1 / 39916800 + q * (1 / 6227020800 + q * (1 / 1307674368000 + q / 355687428096000));
  return x * (1 + q * (1 / 6 + q * (1 / 120 + q * (1 / 5040 + q * (1 / 362880 + q * tail)))));
}

/** sinh(t) / t. */
export function sinhc(t: number): number {
  return Math.abs(t) < SMALL ? 1 + t * t / 6 : Math.sinh(t) / t;
}

/** asinh(x) / x. */
export function asinhc(x: number): number {
  return Math.abs(x) < SMALL ? 1 - x * x / 6 : asinh(x) / x;
}

/** tanh(t) / t. */
export function tanhc(t: number): number {
  return Math.abs(t) < SMALL ? 1 - t * t / 3 : Math.tanh(t) / t;
}

/** artanh(x) / x. */
export function atanhc(x: number): number {
  return Math.abs(x) < SMALL ? 1 + x * x / 3 : Math.atanh(x) / x;
}

/** (cosh t - sinh(t) / t) / t^2: the derivative of sinh(t) / t, over t. */
export function sinhcSlope(t: number): number {
  const square = t * t;
  return t < CLOSE ? 1 / 3 + square / 30 + square * square / 840 : (Math.cosh(t) - Math.sinh(t) / t) / square;
}

/** (1 / sqrt(1 + x^2) - asinh(x) / x) / x^2: the derivative of asinh(x) / x, over x. */
export function asinhcSlope(x: number): number {
  const square = x * x;
  return x < CLOSE
    ? -1 / 3 + square * (3 / 10) - square * square * (15 / 56)
    : (1 / Math.sqrt(1 + square) - asinh(x) / x) / square;
}

/** (1 / cosh^2(t) - tanh(t) / t) / t^2: the derivative of tanh(t) / t, over t. */
export function tanhcSlope(t: number): number {
  const square = t * t;
  return t < CLOSE
    ? -2 / 3 + square * (8 / 15) - square * square * (34 / 105)
    : (1 / Math.cosh(t) ** 2 - Math.tanh(t) / t) / square;
}

/** (1 / (1 - x^2) - artanh(x) / x) / x^2: the derivative of artanh(x) / x, over x. */
export function atanhcSlope(x: number): number {
  const square = x * x;
  return x < CLOSE
    ? 2 / 3 + square * (4 / 5) + square * square * (6 / 7)
    : (1 / (1 - square) - Math.atanh(x) / x) / square;
}

/** The scalar product of short vectors. */
export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
