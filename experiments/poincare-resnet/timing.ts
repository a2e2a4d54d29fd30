/**
 * Time of the two means. Clocks are not deterministic, so this is no part of the experiment: a test and the
 * notebook run it.
 */
import { median } from "simple-statistics";
import { PoincareBall } from "../../lib/hyperbolic/mod.ts";
import { samplePoints } from "./means.ts";

/** How long the two means of one sample take. */
export interface MeansTime {
  sigma: number;
  /** Milliseconds of the midpoint, the median of the samples. */
  midpointMs: number;
  /** Milliseconds of the Fréchet mean, the median of the samples. */
  frechetMs: number;
}

/** Times both means in turn, on 4096 points in 16 dimensions, c = 1. */
export function meansTimes(sigmas: readonly number[], samples = 11): MeansTime[] {
  const ball = new PoincareBall({ c: 1 });
  return sigmas.map((sigma) => {
    const points = samplePoints({ n: 4096, d: 16, c: 1, sigma, seed: 0 });
    const midpoint = () => ball.midpoint(points);
    const frechet = () => ball.frechetMean(points, { tolerance: 1e-12 });
    // Until both are compiled.
    for (let k = 0; k < 30; k++) midpoint();
    for (let k = 0; k < 5; k++) frechet();
    const times = Array.from({ length: samples }, () => [timeOf(midpoint), timeOf(frechet)]);
    return {
      sigma,
      midpointMs: median(times.map(([ms]) => ms)),
      frechetMs: median(times.map(([, ms]) => ms)),
    };
  });
}

function timeOf(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
