import { type RealArray, requireLength, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { isFinite, narrow, requireValues, wide } from "./check.ts";
import { nextPowerOfTwo } from "./plan.ts";
import { inverseRealTransform, realTransform } from "./rfft.ts";

/** Options for {@linkcode convolve}. */
export interface ConvolveOptions {
  /**
   * "full" (default): all `kernel.length + signal.length - 1` sums. "causal": the first `signal.length` of
   * them, the output of a filter by the time the signal ends. "circular": indices modulo the length,
   * which both must have.
   */
  mode?: "full" | "causal" | "circular";
  /** "auto" (default) takes the faster one of "direct" sums and "fft". */
  method?: "auto" | "direct" | "fft";
}

/** Kernels up to this length are summed directly: measured, that is faster than three transforms. */
const DIRECT = 64;

/**
 * The convolution `y[t] = sum_s kernel[s] signal[t - s]` of real sequences of one precision, by real Fourier
 * transforms padded to a power of two, or directly if one of them is short.
 *
 * @param kernel At least one number.
 * @param signal At least one number; the sums are those of the kernel's precision, which it must have.
 * @param options Which of the sums, and how to compute them.
 * @returns The sums.
 * @throws {RangeError} if a sequence is empty or the lengths differ in mode "circular".
 * @throws {TypeError} if the precisions differ or an option is unknown.
 *
 * @example
 * ```ts
 * import { convolve } from "refigure/transforms";
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = new Float64Array([1, 10, 100]), signal = new Float64Array([1, 2, 3]);
 * assertEquals(convolve(kernel, signal), new Float64Array([1, 12, 123, 230, 300]));
 * assertEquals(convolve(kernel, signal, { mode: "causal" }), new Float64Array([1, 12, 123]));
 * assertEquals(convolve(kernel, signal, { mode: "circular" }), new Float64Array([231, 312, 123]));
 * ```
 */
export function convolve<Data extends RealArray>(
  kernel: Data,
  signal: Data,
  options: ConvolveOptions = {},
): Data {
  requireOptions("options", options, ["mode", "method"]);
  const { mode = "full", method = "auto" } = options;
  requireOneOf("mode", mode, ["full", "causal", "circular"]);
  requireOneOf("method", method, ["auto", "direct", "fft"]);
  requireValues("kernel", kernel);
  requireValues("signal", signal);
  requireSamePrecision("signal", signal, "kernel", kernel);
  const n = signal.length;
  if (mode === "circular") requireLength("kernel", kernel, n);
  let h = wide(kernel);
  // What comes after the end of the signal has no use for the rest of a longer kernel.
  if (mode === "causal" && h.length > n) h = h.subarray(0, n);
  const length = mode === "causal" ? n : n + h.length - 1;
  const direct = method === "direct" || (method === "auto" && Math.min(h.length, n) <= DIRECT);
  if (direct) {
    const full = directSums(h, wide(signal), length);
    return narrow(mode === "circular" ? fold(full, n) : full, signal);
  }
  const powerOfTwo = nextPowerOfTwo(n) === n;
  // A transform is circular by itself; other convolutions need room for what would come around.
  if (mode === "circular" && powerOfTwo) return narrow(multiplied(h, wide(signal), n), signal);
  const full = multiplied(h, wide(signal), nextPowerOfTwo(n + h.length - 1)).slice(0, length);
  return narrow(mode === "circular" ? fold(full, n) : full, signal);
}

/**
 * The circular convolution of length m of two sequences padded with zeros: the product of their transforms.
 */
function multiplied(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = product(a, b, m);
  if (isFinite(out) || !isFinite(a) || !isFinite(b)) return out;
  // Numbers overflowed on the way: once more, scaled by powers of two, so that only sums that are too large
  // themselves become infinite.
  const x = scaled(a);
  const y = scaled(b);
  return product(x.data, y.data, m).map((sum) => sum / x.half / y.half / x.other / y.other);
}

function product(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const x = realTransform(padded(a, m));
  const y = realTransform(padded(b, m));
  for (let k = 0; k < x.length; k += 2) {
    const re = x[k];
    const im = x[k + 1];
    x[k] = re * y[k] - im * y[k + 1];
    x[k + 1] = re * y[k + 1] + im * y[k];
  }
  return inverseRealTransform(x, m);
}

function padded(x: Float64Array, m: number): Float64Array {
  if (x.length === m) return x;
  const out = new Float64Array(m);
  out.set(x);
  return out;
}

/** The first `length` sums, the longer sequence in the inner loop. */
function directSums(a: Float64Array, b: Float64Array, length: number): Float64Array {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const out = new Float64Array(length);
  for (let s = 0; s < short.length; s++) {
    const factor = short[s];
    const end = Math.min(long.length, length - s);
    for (let t = 0; t < end; t++) out[s + t] += factor * long[t];
  }
  return out;
}

/** Adds what goes beyond n to the start. */
function fold(full: Float64Array, n: number): Float64Array {
  const out = full.slice(0, n);
  for (let t = n; t < full.length; t++) out[t - n] += full[t];
  return out;
}
