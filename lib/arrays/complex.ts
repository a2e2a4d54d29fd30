import { requireLength, requireNumbers } from "./check.ts";
import type { Complex } from "./complex_matrix.ts";
import type { RealArray } from "./matrix.ts";

// Arithmetic on single complex numbers, for code inside the library: short enough for the engine to inline,
// so that a formula can be written as in the paper. Each performs the textbook operations in the textbook
// order.

/** `re + 1i * im`. */
export function complex(re: number, im = 0): Complex {
  return { re, im };
}

/** `a + b`. */
export function add(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im };
}

/** `a - b`. */
export function subtract(a: Complex, b: Complex): Complex {
  return { re: a.re - b.re, im: a.im - b.im };
}

/** `a b`. */
export function multiply(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

/** Squared moduli between this and {@linkcode LARGEST_SQUARE} lose nothing to underflow or overflow. */
export const SMALLEST_SQUARE = 1e-280;
/** See {@linkcode SMALLEST_SQUARE}. */
export const LARGEST_SQUARE = 1e280;

/** `a / b`; NaN if b is zero. */
export function divide(a: Complex, b: Complex): Complex {
  const square = b.re * b.re + b.im * b.im;
  if (square < SMALLEST_SQUARE || square > LARGEST_SQUARE) return divideScaled(a, b);
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square };
}

/** The same where `|b|^2` would overflow or underflow. */
function divideScaled(a: Complex, b: Complex): Complex {
  const size = Math.max(Math.abs(b.re), Math.abs(b.im));
  if (!(size > 0 && size < Infinity)) {
    // Division by infinity is 0, by zero undefined.
    return size === Infinity ? { re: 0 * a.re, im: 0 * a.im } : { re: NaN, im: NaN };
  }
  const re = b.re / size;
  const im = b.im / size;
  const square = re * re + im * im;
  const top = Math.max(Math.abs(a.re), Math.abs(a.im));
  if (top === 0) return { re: 0, im: 0 };
  const x = a.re / top;
  const y = a.im / top;
  const factor = top / size;
  return { re: factor * ((x * re + y * im) / square), im: factor * ((y * re - x * im) / square) };
}

/** `1 / z`; NaN if z is zero. */
export function reciprocal(z: Complex): Complex {
  const square = z.re * z.re + z.im * z.im;
  if (square < SMALLEST_SQUARE || square > LARGEST_SQUARE) return divideScaled({ re: 1, im: 0 }, z);
  return { re: z.re / square, im: -z.im / square };
}

/** The complex conjugate. */
export function conjugate(z: Complex): Complex {
  return { re: z.re, im: -z.im };
}

/** `factor z` for a real factor. */
export function scale(z: Complex, factor: number): Complex {
  return { re: factor * z.re, im: factor * z.im };
}

/** `exp(z) - 1` without cancellation: `expm1(x) cos y - 2 sin^2(y/2)` and `exp(x) sin y` for z = x + iy. */
export function expm1(z: Complex): Complex {
  const s = Math.sin(z.im / 2);
  return {
    re: Math.expm1(z.re) * Math.cos(z.im) - 2 * s * s,
    im: Math.exp(z.re) * Math.sin(z.im),
  };
}

/** `z^k` for an integer k >= 0, by repeated squaring. */
export function power(z: Complex, k: number): Complex {
  let { re, im } = z;
  let x = 1;
  let y = 0;
  for (; k > 0; k >>= 1) {
    if (k & 1) {
      const next = x * re - y * im;
      y = x * im + y * re;
      x = next;
    }
    const square = re * re - im * im;
    im = 2 * re * im;
    re = square;
  }
  return { re: x, im: y };
}

/** Number k of an interleaved complex vector. */
export function complexAt(vector: ArrayLike<number>, k: number): Complex {
  return { re: vector[2 * k], im: vector[2 * k + 1] };
}

/** Writes number k of an interleaved complex vector. */
export function setComplexAt(vector: RealArray, k: number, value: Complex): void {
  vector[2 * k] = value.re;
  vector[2 * k + 1] = value.im;
}

/**
 * The complex vector with the given real and imaginary parts, interleaved as everywhere in the library:
 * `re[0], im[0], re[1], im[1], ...`.
 *
 * @param re Real parts, n numbers.
 * @param im Imaginary parts, n numbers. Default zeros.
 * @returns 2 n numbers.
 * @throws {RangeError} if the lengths differ.
 *
 * @example
 * ```ts
 * import { interleave } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(interleave([1, 2], [3, 4]), new Float64Array([1, 3, 2, 4]));
 * assertEquals(interleave([1, 2]), new Float64Array([1, 0, 2, 0]));
 * ```
 */
export function interleave(re: ArrayLike<number>, im?: ArrayLike<number>): Float64Array {
  requireNumbers("re", re);
  if (im !== undefined) requireNumbers("im", im, { length: re.length });
  const out = new Float64Array(2 * re.length);
  for (let k = 0; k < re.length; k++) {
    out[2 * k] = re[k];
    if (im !== undefined) out[2 * k + 1] = im[k];
  }
  return out;
}

/**
 * The real and the imaginary parts of an interleaved complex vector, the inverse of {@linkcode interleave}.
 *
 * @param z n complex numbers, interleaved.
 * @throws {RangeError} if `z` has an odd length.
 *
 * @example
 * ```ts
 * import { deinterleave } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * const { re, im } = deinterleave(new Float64Array([1, 3, 2, 4]));
 * assertEquals([...re, ...im], [1, 2, 3, 4]);
 * ```
 */
export function deinterleave(z: ArrayLike<number>): { re: Float64Array; im: Float64Array } {
  const n = requireInterleaved("z", z);
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    re[k] = z[2 * k];
    im[k] = z[2 * k + 1];
  }
  return { re, im };
}

/**
 * The products of two complex vectors, entry by entry.
 *
 * @param a n complex numbers, interleaved.
 * @param b n complex numbers, interleaved.
 * @returns n complex numbers, interleaved.
 * @throws {RangeError} if a length is odd or the lengths differ.
 *
 * @example
 * ```ts
 * import { complexMultiply } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * // (1 + 2i) (3 + 4i) = -5 + 10i
 * const product = complexMultiply(new Float64Array([1, 2]), new Float64Array([3, 4]));
 * assertEquals(product, new Float64Array([-5, 10]));
 * ```
 */
export function complexMultiply(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const n = requireInterleaved("a", a);
  requireLength("b", requireNumbers("b", b), a.length);
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) setComplexAt(out, k, multiply(complexAt(a, k), complexAt(b, k)));
  return out;
}

/**
 * The absolute values of the numbers of a complex vector.
 *
 * @param z n complex numbers, interleaved.
 * @returns n numbers.
 * @throws {RangeError} if `z` has an odd length.
 *
 * @example
 * ```ts
 * import { complexAbs } from "refigure/arrays";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(complexAbs(new Float64Array([3, 4, 0, 1])), new Float64Array([5, 1]));
 * ```
 */
export function complexAbs(z: ArrayLike<number>): Float64Array {
  const n = requireInterleaved("z", z);
  return Float64Array.from({ length: n }, (_, k) => Math.hypot(z[2 * k], z[2 * k + 1]));
}

/**
 * Returns how many complex numbers an interleaved vector holds.
 *
 * @throws {TypeError} if it is not an array of numbers.
 * @throws {RangeError} if its length is odd.
 */
export function requireInterleaved(name: string, z: ArrayLike<number>): number {
  requireNumbers(name, z);
  if (z.length % 2 !== 0) {
    throw new RangeError(`\`${name}\` must hold (re, im) pairs, an even number of entries, got ${z.length}`);
  }
  return z.length / 2;
}
