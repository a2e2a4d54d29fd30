/** The prior of the study in the plane: what is asked for, and everything. */
import { Matrix } from "../../lib/arrays/mod.ts";
import { GaussianMixture, type NoisePredictor } from "../../lib/diffusion/mod.ts";
import { classifierFreeGuidance } from "../../lib/score_distillation/mod.ts";

const VARIANCE = 0.04;
export const MEANS = [[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]];
export const WEIGHTS = [0.5, 0.3, 0.2];
const OTHERS = [[-1.4, 0.2], [-1, -1.2], [0.2, -1.6]];

/** What is asked for. */
export const conditional = new GaussianMixture({
  weights: WEIGHTS,
  means: Matrix.fromRows(MEANS),
  variances: MEANS.map(() => VARIANCE),
});

/** Half of that, and half of three equal modes elsewhere. */
export const unconditional = new GaussianMixture({
  weights: [...WEIGHTS.map((w) => w / 2), ...OTHERS.map(() => 1 / 6)],
  means: Matrix.fromRows([...MEANS, ...OTHERS]),
  variances: [...MEANS, ...OTHERS].map(() => VARIANCE),
});

export function promptAt(guidance: number): NoisePredictor {
  return classifierFreeGuidance(conditional, unconditional, guidance);
}

/** The nearest of the three means, and its distance. */
export function nearestMean(x: number, y: number): { mode: number; distance: number } {
  const distances = MEANS.map(([a, b]) => Math.hypot(x - a, y - b));
  const distance = Math.min(...distances);
  return { mode: distances.indexOf(distance), distance };
}

/** What a cloud of points in the plane amounts to. */
export function cloudSummary(points: Matrix) {
  const n = points.rows;
  const mean = [0, 1].map((k) => points.column(k).reduce((sum, x) => sum + x / n, 0));
  const shares = MEANS.map(() => 0);
  let totalVariance = 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    const [x, y] = points.row(i);
    const { mode, distance } = nearestMean(x, y);
    shares[mode] += 1 / n;
    square += distance * distance / n;
    totalVariance += ((x - mean[0]) ** 2 + (y - mean[1]) ** 2) / n;
  }
  return {
    shares,
    totalVariance,
    rms: Math.sqrt(square),
    mean,
    distance: nearestMean(mean[0], mean[1]).distance,
  };
}
