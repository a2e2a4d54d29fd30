/** Singular values of exact flows: criterion 6, the Swiss roll, and what a finite sample does. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  GaussianMixture,
  intrinsicDimension,
  localVariability,
  mixtureScore,
  sphereScore,
  swissRollScore,
  withGauge,
} from "../../lib/diffusion/mod.ts";
import type { Row, Surface } from "./rows.ts";
import { sde } from "./sampling.ts";

/** Where trajectories start; the first is that of the reference values. */
const STARTS: Record<Surface, readonly number[][]> = {
  sphere: [[1.2, -0.5, 0.8], [0.15, 0.2, -0.1], [0.6, 0, 0.8], [0, -1.5, 0], [-1.2, 1.2, 1.06], [1, 2, 1.5]],
  "Swiss roll": [[0.5, 0.3, -0.8], [-1, -0.6, 0.4]],
};
/** Coordinates behind the third, at the start. */
const PADDING = [0.3, -0.7];

/** A rotation of the first two coordinates. */
function turn(dim: number): Matrix {
  const a = Matrix.zeros(dim, dim);
  a.set(1, 0, 1);
  a.set(0, 1, -1);
  return a;
}

/** One field, all starts. */
export function variabilityRows(
  { surface, dim, omega, steps }: { surface: Surface; dim: number; omega: number; steps: number },
): (Row<"variability"> | Row<"dimension">)[] {
  const exact = surface === "sphere"
    ? sphereScore(sde, { ambientDim: dim })
    : swissRollScore(sde, { ambientDim: dim });
  const field = omega === 0 ? exact : withGauge(exact, turn(dim), omega);
  const x1 = Matrix.fromRows(STARTS[surface].map((start) => [...start, ...PADDING.slice(0, dim - 3)]));
  const trajectory = localVariability(field, x1, { steps, record: 101 });
  const { sigma, singularValues, end } = trajectory;
  const { dimensions, slopes, byGap } = intrinsicDimension(trajectory);
  const radius = (x: Matrix, i: number) => Math.hypot(x.get(i, 0), x.get(i, 1), x.get(i, 2));
  const rows: (Row<"variability"> | Row<"dimension">)[] = STARTS[surface].map((_, start) => ({
    kind: "dimension" as const,
    surface,
    dim,
    omega,
    start,
    startRadius: radius(x1, start),
    endRadius: radius(end, start),
    values: [...singularValues[100].row(start)],
    slopes: [...slopes.row(start)],
    dimension: dimensions[start],
    byGap: byGap[start],
  }));
  for (let k = 0; k <= 100; k += surface === "sphere" ? 4 : 2) {
    for (let rank = 0; rank < dim; rank++) {
      rows.push({
        kind: "variability",
        surface,
        dim,
        omega,
        rank,
        sigma: sigma[k],
        value: singularValues[k].get(0, rank),
      });
    }
  }
  return rows;
}

/**
 * The score of a finite sample, a mixture of point masses: the mean number of values that level off at each
 * noise level, over several starts.
 */
export function windowRows(
  { points, starts, seed }: { points: number; starts: number; seed: number },
): Row<"window">[] {
  const rng = new Rng(seed);
  const sample = new GaussianMixture({
    weights: new Float64Array(points).fill(1),
    means: spherePoints(points, rng.split("sample")),
    variances: new Float64Array(points),
  });
  const { sigma, singularValues } = localVariability(
    mixtureScore(sample, sde),
    rng.split("start").normalMatrix(starts, 3),
    { tMin: 1e-4, steps: 600, record: 61 },
  );
  const rows: Row<"window">[] = [];
  // Slopes over four records on both sides.
  for (let k = 4; k + 4 < sigma.length; k++) {
    const part = { sigma: sigma.slice(k - 4, k + 5), singularValues: singularValues.slice(k - 4, k + 5) };
    const { dimensions } = intrinsicDimension({
      sigma: Float64Array.of(part.sigma[0], part.sigma[8]),
      singularValues: [part.singularValues[0], part.singularValues[8]],
    });
    rows.push({
      kind: "window",
      sigma: sigma[k],
      dimension: dimensions.reduce((sum, value) => sum + value, 0) / starts,
    });
  }
  return rows;
}

/** Points uniform on the unit sphere. */
export function spherePoints(n: number, rng: Rng, dim = 3): Matrix {
  const points = Matrix.zeros(n, dim);
  for (let i = 0; i < n; i++) points.row(i).set(rng.sphere(3));
  return points;
}
