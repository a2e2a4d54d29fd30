import { allocateLike, type RealArray, requireFinite, requireInteger, requireNumber } from "../arrays/mod.ts";

/**
 * A quantile of absolute values, interpolated linearly between the two order statistics around q (N - 1): NumPy's default.
 * Found by quickselect on a copy, in linear time on average.
 *
 * @param x Values; left unchanged.
 * @param q Which quantile, in [0, 1].
 * @param what Start of the message for an entry that is not finite.
 * @throws {RangeError} if `x` is empty or has an entry that is not finite, or q is outside [0, 1].
 *
 * @example
 * ```ts
 * import { quantileAbs } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(quantileAbs(Float64Array.of(3, -1, 2, -5, 4), 0.9), 4.6, 1e-15);
 * ```
 */
export function quantileAbs(x: RealArray, q: number, what = "Cannot take a quantile of `x`"): number {
  requireNumber("q", q, { min: 0, max: 1 });
  const n = requireInteger("x.length", x.length, { min: 1 });
  const sizes = scratchLike(x);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sizes[i] = Math.abs(x[i]);
    sum += x[i] * 0;
  }
  if (sum !== 0) requireFinite(what, x);
  const position = q * (n - 1), k = Math.floor(position);
  select(sizes, k);
  if (k === position) return sizes[k];
  // Everything right of k is at least as large: the next order statistic is the least of it.
  let next = Infinity;
  for (let i = k + 1; i < n; i++) if (sizes[i] < next) next = sizes[i];
  return sizes[k] + (position - k) * (next - sizes[k]);
}

/** One buffer a precision, kept from call to call: fresh memory costs as much as the search. */
const scratch: { float64: Float64Array; float32: Float32Array } = {
  float64: new Float64Array(0),
  float32: new Float32Array(0),
};

/** Larger ones are not kept. */
const LARGEST_KEPT = 1 << 22;

function scratchLike(x: RealArray): RealArray {
  const n = x.length, dtype = x instanceof Float32Array ? "float32" : "float64";
  if (n > LARGEST_KEPT) return allocateLike(x, n);
  if (scratch[dtype].length < n) {
    if (dtype === "float32") scratch.float32 = new Float32Array(n);
    else scratch.float64 = new Float64Array(n);
  }
  return scratch[dtype].subarray(0, n);
}

/**
 * Reorders `x[low..high]` so that the k-th smallest value is at k, none before it is larger and none after it smaller: quickselect
 * whose pivot comes from a sample around the wanted place (Floyd & Rivest 1975, Algorithm 489).
 */
function select(x: RealArray, k: number, low = 0, high = x.length - 1): void {
  while (high > low) {
    if (high - low > 600) {
      const n = high - low + 1, place = k - low + 1;
      const size = 0.5 * Math.exp(2 * Math.log(n) / 3);
      const spread = 0.5 * Math.sqrt(Math.log(n) * size * (n - size) / n) * Math.sign(place - n / 2);
      const from = Math.floor(k - place * size / n + spread);
      const to = Math.floor(k + (n - place) * size / n + spread);
      select(x, k, Math.max(low, from), Math.min(high, to));
    }
    const pivot = x[k];
    let i = low, j = high;
    while (i <= j) {
      // Both scans stop at values equal to the pivot, so that many equal values do not make it quadratic.
      while (x[i] < pivot) i++;
      while (x[j] > pivot) j--;
      if (i > j) break;
      const kept = x[i];
      x[i++] = x[j];
      x[j--] = kept;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}
