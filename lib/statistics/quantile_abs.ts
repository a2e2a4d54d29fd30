import {
  allocateLike,
  type RealArray,
  requireFinite,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRealArray,
  requireString,
} from "../arrays/mod.ts";
import { select } from "./select.ts";

/** Options for {@linkcode quantileAbs}. */
export interface QuantileAbsOptions {
  /** Start of the message for an entry that is not finite. Default "Cannot take a quantile of `x`". */
  what?: string;
}

/**
 * A quantile of absolute values, interpolated linearly between the two order statistics around
 * `probability * (N - 1)`: NumPy's default.
 *
 * Linear in time: the leading bits of a float order it among all sizes, so one pass counts how many entries
 * there are of each leading bits, one collects those that share them with the wanted entry, and quickselect
 * finds it among these few.
 *
 * @param x N values; left unchanged.
 * @param probability Which quantile, in [0, 1].
 * @param options How to word an error.
 * @returns The quantile.
 * @throws {RangeError} if `x` is empty or has an entry that is not finite, or `probability` is outside [0, 1].
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { quantileAbs } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(quantileAbs(Float64Array.of(3, -1, 2, -5, 4), 0.9), 4.6, 1e-15);
 * ```
 */
export function quantileAbs(x: RealArray, probability: number, options: QuantileAbsOptions = {}): number {
  requireRealArray("x", x);
  requireNumber("probability", probability, { min: 0, max: 1 });
  requireOptions("options", options, ["what"]);
  const { what = "Cannot take a quantile of `x`" } = options;
  requireString("what", what);
  const n = requireInteger("x.length", x.length, { min: 1 });
  const position = probability * (n - 1);
  const k = Math.floor(position);
  const layout = x instanceof Float32Array ? single : double;
  const { counts } = layout;
  count(x, layout);
  for (let bin = layout.infinite; bin < counts.length; bin++) if (counts[bin] > 0) requireFinite(what, x);
  let bin = 0;
  let below = 0;
  while (below + counts[bin] <= k) below += counts[bin++];
  const alike = collect(x, layout, bin);
  const place = k - below;
  select(alike, place);
  const kth = alike[place];
  if (k === position) return kth;
  // Everything right of its place is at least as large: the next order statistic is the least of it, or of
  // the next bin.
  let next = least(alike, place + 1);
  if (next === Infinity) {
    do bin++; while (counts[bin] === 0);
    next = least(collect(x, layout, bin), 0);
  }
  return kth + (position - k) * (next - kth);
}

/**
 * How sizes are binned: by the exponent and the first bits of the mantissa (six in single precision, three in
 * double), in the upper 32 bits of a float.
 */
interface Layout {
  /** 32-bit words per entry. */
  stride: number;
  /** Bits that are left out. */
  shift: number;
  /** First bin of what is not finite. */
  infinite: number;
  /** How many entries each bin has. */
  counts: Int32Array;
}

const single: Layout = { stride: 1, shift: 17, infinite: 0x7f800000 >>> 17, counts: new Int32Array(1 << 14) };
const double: Layout = { stride: 2, shift: 17, infinite: 0x7ff00000 >>> 17, counts: new Int32Array(1 << 14) };

/** All bits but the sign. */
const SIZE = 0x7fffffff;

/** The upper words are the last of each entry: JavaScript runs on little-endian machines. */
function wordsOf(x: RealArray): Int32Array {
  return new Int32Array(x.buffer, x.byteOffset, x.byteLength / 4);
}

function count(x: RealArray, { stride, shift, counts }: Layout): void {
  const words = wordsOf(x);
  counts.fill(0);
  for (let i = stride - 1; i < words.length; i += stride) counts[(words[i] & SIZE) >>> shift]++;
}

/** The sizes of the entries of a bin. */
function collect(x: RealArray, { stride, shift, counts }: Layout, bin: number): RealArray {
  const words = wordsOf(x);
  const out = scratchLike(x, counts[bin]);
  let i = stride - 1;
  let at = 0;
  for (let k = 0; k < x.length; k++, i += stride) {
    if ((words[i] & SIZE) >>> shift === bin) out[at++] = Math.abs(x[k]);
  }
  return out;
}

function least(x: RealArray, from: number): number {
  let value = Infinity;
  for (let i = from; i < x.length; i++) if (x[i] < value) value = x[i];
  return value;
}

/** One buffer per precision, kept from call to call: fresh memory costs as much as the search. */
const scratch: { float64: Float64Array; float32: Float32Array } = {
  float64: new Float64Array(0),
  float32: new Float32Array(0),
};

/** Larger ones are not kept. */
const LARGEST_KEPT = 1 << 22;

function scratchLike(x: RealArray, n: number): RealArray {
  const dtype = x instanceof Float32Array ? "float32" : "float64";
  if (n > LARGEST_KEPT) return allocateLike(x, n);
  if (scratch[dtype].length < n) {
    if (dtype === "float32") scratch.float32 = new Float32Array(n);
    else scratch.float64 = new Float64Array(n);
  }
  return scratch[dtype].subarray(0, n);
}
