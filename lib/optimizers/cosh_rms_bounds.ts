/** The root mean square of hyperbolic cosines from what is known of the mean. Not public. */
import type { CoshRms } from "./cosh_rms.ts";

/** The two bounds; infinite where they are beyond the largest number. */
export function boundsOf(n: number, gamma: number): { low: CoshRms; high: CoshRms } {
  const lowMean = Math.sinh(gamma / Math.sqrt(n)) ** 2;
  const highMean = Math.sinh(gamma) ** 2 / n;
  return {
    low: lowMean < Infinity ? fromMean(lowMean) : fromRoot(scaledSinh(gamma / Math.sqrt(n), 1)),
    high: highMean < Infinity ? fromMean(highMean) : fromRoot(scaledSinh(gamma, n)),
  };
}

/** sinh(x) / sqrt(n) for large x, without forming sinh(x). */
function scaledSinh(x: number, n: number): number {
  const half = Math.exp(x / 2);
  return half / (2 * Math.sqrt(n)) * half;
}

/** R and R - 1 where sinh^2 overflows, from the root of its mean: what 1 adds is far below rounding. */
export function fromRoot(root: number): CoshRms {
  return { rms: root, rmsMinus1: root - 1 };
}

/** R and R - 1 from s = mean sinh^2. */
export function fromMean(s: number): CoshRms {
  const rms = Math.sqrt(1 + s);
  return { rms, rmsMinus1: s / (1 + rms) };
}
