import {
  type RealArray,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireLength,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { requireInterleaved } from "../arrays/complex.ts";
import { requireSameSize } from "./check.ts";
import { convolve } from "../transforms/mod.ts";

/** Options of {@linkcode DiagonalRecurrence}. */
export interface RecurrenceOptions {
  /** Features H. Default 1. */
  features?: number;
  /** Outputs are twice the real part. Default true. */
  pairs?: boolean;
}

/**
 * H diagonal models as a stream, `x[k] = p x[k-1] + u[k]`, `y[k] = 2 Re sum_n w x[k]`: the recurrence of the
 * same kernel, one sample at a time in O(N) time and memory. The output uses the new state, so that the
 * response to an impulse is the kernel.
 *
 * @throws {RangeError} if sizes differ or an entry is not finite.
 *
 * @example
 * ```ts
 * import { DiagonalRecurrence } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = new Float64Array([1, 0]);
 * const factors = new Float64Array([0.5, 0]);
 * const stream = new DiagonalRecurrence(weights, factors, { pairs: false });
 * const y = [1, 0, 0].map((u) => stream.step(new Float64Array([u]))[0]);
 * assertEquals(y, [1, 0.5, 0.25]);
 * ```
 */
export class DiagonalRecurrence {
  /** State, H x N complex numbers, interleaved; may be saved and set. */
  readonly state: Float64Array;
  readonly #weights: Float64Array;
  readonly #factors: Float64Array;
  readonly #features: number;

  /**
   * A stream at state zero.
   *
   * @param weights `C dB`, H x N complex numbers, interleaved.
   * @param factors `dA`, H x N complex numbers, interleaved.
   * @param options Number of features, and whether modes are pairs.
   */
  constructor(weights: Float64Array, factors: Float64Array, options: RecurrenceOptions = {}) {
    requireOptions("options", options, ["features", "pairs"]);
    const { features = 1, pairs = true } = options;
    requireInteger("features", features, { min: 1 });
    requireBoolean("pairs", pairs);
    const count = requireSameSize("weights", weights, "factors", factors);
    if (count % features !== 0) {
      throw new RangeError(`\`weights\` must hold ${features} x N complex numbers, got ${count}`);
    }
    requireFinite("Cannot run with `weights`", weights);
    requireFinite("Cannot run with `factors`", factors);
    this.#weights = weights.map((w) => pairs ? 2 * w : w);
    this.#factors = factors.slice();
    this.#features = features;
    this.state = new Float64Array(factors.length);
  }

  /**
   * Takes one sample of each feature and returns one.
   *
   * @param u H numbers.
   * @param options `out`: where to write the H outputs. Default a new Float64Array.
   * @returns The outputs.
   * @throws {RangeError} if a length is not H.
   */
  step(u: RealArray, options: { out?: RealArray } = {}): RealArray {
    const features = this.#features;
    requireOptions("options", options, ["out"]);
    const { out = new Float64Array(features) } = options;
    requireLength("out", requireRealArray("out", out), features);
    requireRealArray("u", u);
    const x = this.state;
    const p = this.#factors;
    const w = this.#weights;
    requireLength("u", u, features);
    const width = x.length / features;
    let k = 0;
    for (let h = 0; h < features; h++) {
      const input = u[h];
      const end = k + width;
      let sum = 0;
      for (; k < end; k += 2) {
        const re = x[k];
        const im = x[k + 1];
        const pRe = p[k];
        const pIm = p[k + 1];
        const nextRe = pRe * re - pIm * im + input;
        const nextIm = pRe * im + pIm * re;
        x[k] = nextRe;
        x[k + 1] = nextIm;
        sum += w[k] * nextRe - w[k + 1] * nextIm;
      }
      out[h] = sum;
    }
    return out;
  }

  /** Sets the state to zero. */
  reset(): void {
    this.state.fill(0);
  }
}

/**
 * The causal response of a kernel to a signal, `y[t] = sum_s K[s] u[t - s]`, by Fourier transforms of at
 * least twice the length (Gu et al. 2022, section 2.1).
 *
 * @throws {RangeError} if one of them is empty.
 *
 * @example
 * ```ts
 * import { causalConv } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * const y = causalConv(new Float64Array([1, 2]), new Float64Array([1, 0, 1]));
 * assertEquals(y, new Float64Array([1, 2, 1]));
 * ```
 */
export function causalConv<Data extends RealArray>(kernel: Data, signal: Data): Data {
  return convolve(kernel, signal, { mode: "causal" });
}

/** How {@linkcode linearScan} goes: one step after the other, or in a tree of logarithmic depth. */
export type ScanMethod = "loop" | "parallel";

/** The names of the scans, for checks. */
export const SCAN_METHODS: readonly ScanMethod[] = ["loop", "parallel"];

/** Options of {@linkcode linearScan}. */
export interface ScanOptions {
  /** Default `"loop"`. */
  method?: ScanMethod;
  /** Runs from the end: `x[k] = p x[k+1] + v[k]`. Default false. */
  reverse?: boolean;
}

/**
 * All states of `x[k] = p x[k-1] + v[k]` from x[-1] = 0, in place of v. "parallel" is the associative scan of
 * S5 (Smith et al. 2023, appendix H; Blelloch 1990): an up- and a down-sweep of 2 log2 L levels whose
 * operations are independent of each other, for machines with many lanes; "loop" does half the work and is
 * faster on one.
 *
 * @param v L x N complex numbers, interleaved; becomes the states.
 * @param p N complex numbers, interleaved.
 * @param options Method and direction.
 * @returns `v`.
 * @throws {RangeError} if `v` does not hold L x N complex numbers.
 * @throws {TypeError} if the method is unknown.
 *
 * @example
 * ```ts
 * import { linearScan } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * const p = new Float64Array([0.5, 0]);
 * const x = linearScan(new Float64Array([1, 0, 0, 0, 4, 0]), p, { method: "parallel" });
 * assertEquals(x, new Float64Array([1, 0, 0.5, 0, 4.25, 0]));
 * ```
 */
export function linearScan<Data extends RealArray>(
  v: Data,
  p: RealArray,
  options: ScanOptions = {},
): Data {
  requireOptions("options", options, ["method", "reverse"]);
  const { method = "loop", reverse = false } = options;
  requireOneOf("method", method, SCAN_METHODS);
  requireBoolean("reverse", reverse);
  requireInterleaved("v", requireRealArray("v", v));
  requireInteger("p.length", requireInterleaved("p", requireRealArray("p", p)), { min: 1 });
  const width = p.length;
  if (v.length % width !== 0) {
    throw new RangeError(`\`v\` must hold L x ${width / 2} complex numbers, got ${v.length / 2}`);
  }
  const length = v.length / width;
  const place = (k: number) => (reverse ? length - 1 - k : k) * width;
  if (method === "loop") {
    for (let k = 1; k < length; k++) fold(v, place(k - 1), place(k), p);
    return v;
  }
  // Up: the last element of every block of 2^d takes in the block before it. Powers of p are all that is
  // combined.
  const powers: Float64Array[] = [Float64Array.from(p)];
  let span = 1;
  for (; 2 * span <= length; span *= 2) {
    const q = powers[powers.length - 1];
    for (let k = 2 * span - 1; k < length; k += 2 * span) fold(v, place(k - span), place(k), q);
    const square = new Float64Array(width);
    for (let i = 0; i < width; i += 2) {
      square[i] = q[i] * q[i] - q[i + 1] * q[i + 1];
      square[i + 1] = 2 * q[i] * q[i + 1];
    }
    powers.push(square);
  }
  for (let d = powers.length - 1; d >= 0; d--, span /= 2) {
    for (let k = 3 * span - 1; k < length; k += 2 * span) fold(v, place(k - span), place(k), powers[d]);
  }
  return v;
}

/** v[to] += p v[from]. */
function fold(v: RealArray, from: number, to: number, p: RealArray): void {
  for (let i = 0; i < p.length; i += 2) {
    const re = v[from + i];
    const im = v[from + i + 1];
    v[to + i] += p[i] * re - p[i + 1] * im;
    v[to + i + 1] += p[i] * im + p[i + 1] * re;
  }
}
