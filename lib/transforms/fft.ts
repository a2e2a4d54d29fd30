import type { RealArray } from "../arrays/mod.ts";
import { narrow, requireComplexValues, type Transformed, wide, withoutOverflow } from "./check.ts";
import { transformed } from "./plan.ts";

/**
 * The discrete Fourier transform `X[k] = sum_j x[j] exp(-2 pi i j k / n)` of n complex numbers, for any n >=
 * 1: passes of radix 4, 5, 3 and 2 (Stockham's order) where n has no other prime factors, Bluestein's chirp
 * transform for all other lengths. The same as `numpy.fft.fft`, and the same bits on every engine.
 *
 * @param x n complex numbers, interleaved: length 2n.
 * @returns n complex numbers, interleaved.
 * @throws {RangeError} if `x` is empty or its length is odd.
 * @throws {TypeError} if `x` is not a Float64Array or a Float32Array.
 *
 * @example
 * ```ts
 * import { fft } from "refigure/transforms";
 * import { assertEquals } from "@std/assert";
 *
 * // The transform of a unit impulse is flat.
 * assertEquals(fft(new Float64Array([1, 0, 0, 0])), new Float64Array([1, 0, 1, 0]));
 * ```
 */
export function fft<Data extends RealArray>(x: Data): Data {
  const n = requireComplexValues("x", x);
  return narrow(withoutOverflow(wide(x), (values) => transformed(values, n)), x);
}

/**
 * The inverse discrete Fourier transform `x[j] = (1 / n) sum_k z[k] exp(2 pi i j k / n)`, so that
 * `ifft(fft(x))` is `x`.
 *
 * @param z n complex numbers, interleaved: length 2n.
 * @returns n complex numbers, interleaved.
 * @throws {RangeError} if `z` is empty or its length is odd.
 * @throws {TypeError} if `z` is not a Float64Array or a Float32Array.
 *
 * @example
 * ```ts
 * import { fft, ifft } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = new Float64Array([1, 2, 3, 4, 5, 6]);
 * ifft(fft(x)).forEach((value, k) => assertAlmostEquals(value, x[k], 1e-14));
 * ```
 */
export function ifft<Data extends RealArray>(z: Data): Data {
  const n = requireComplexValues("z", z);
  return narrow(withoutOverflow(wide(z), (values) => inverse(values, n)), z);
}

function inverse(z: Float64Array, n: number): Transformed {
  const { values: out, seenFinite } = transformed(z, n);
  // Reading a transform backwards, entry n - k for entry k, turns exp(-i...) into exp(i...).
  for (let k = 1; 2 * k <= n; k++) {
    const j = n - k;
    const re = out[2 * k];
    const im = out[2 * k + 1];
    out[2 * k] = out[2 * j];
    out[2 * k + 1] = out[2 * j + 1];
    out[2 * j] = re;
    out[2 * j + 1] = im;
  }
  const factor = 1 / n;
  for (let k = 0; k < 2 * n; k++) out[k] *= factor;
  return { values: out, seenFinite };
}
