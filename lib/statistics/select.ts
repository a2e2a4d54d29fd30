/** The k-th smallest number. Not public. */
import type { RealArray } from "../arrays/mod.ts";

/**
 * Reorders `x[low..high]` so that the k-th smallest value is at k, none before it is larger and none after it
 * smaller: quickselect whose pivot comes from a sample around the wanted place (Floyd & Rivest 1975,
 * Algorithm 489).
 */
export function select(x: RealArray, k: number, low = 0, high = x.length - 1): void {
  while (high > low) {
    if (high - low > 600) {
      const n = high - low + 1;
      const place = k - low + 1;
      const size = 0.5 * Math.exp(2 * Math.log(n) / 3);
      const spread = 0.5 * Math.sqrt(Math.log(n) * size * (n - size) / n) * Math.sign(place - n / 2);
      const from = Math.floor(k - place * size / n + spread);
      const to = Math.floor(k + (n - place) * size / n + spread);
      select(x, k, Math.max(low, from), Math.min(high, to));
    }
    const pivot = x[k];
    let i = low;
    let j = high;
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
