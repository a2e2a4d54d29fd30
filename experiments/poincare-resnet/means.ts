/** The two means of a sample, and batches normalized by them (notes 6, B, and 7). */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { PoincareBall, poincareBatchNormVjp } from "../../lib/hyperbolic/mod.ts";
import type { Row } from "./rows.ts";

/** A sample: n points in d dimensions around 0.5 e₁. */
export interface Sample {
  n: number;
  d: number;
  c: number;
  /** Root mean square norm of their tangent vectors at the origin, before they are moved. */
  sigma: number;
  seed: number;
}

/** Gaussian tangent vectors, taken to the ball and moved by a Möbius sum. */
export function samplePoints({ n, d, c, sigma, seed }: Sample): Matrix {
  const ball = new PoincareBall({ c });
  // The same draws for every spread and curvature: what differs between samples is those alone.
  const rng = new Rng(seed).split("sample");
  const centre = Float64Array.from({ length: d }, (_, j) => j === 0 ? 0.5 : 0);
  return Matrix.fromRows(
    Array.from({ length: n }, () => ball.mobiusAdd(centre, ball.exp0(rng.normals(d, sigma / Math.sqrt(d))))),
  );
}

/** Compares the closed-form midpoint with the iterated Fréchet mean. */
export function meansRow(sample: Sample): Row<"means"> {
  const { c, sigma, seed } = sample;
  const ball = new PoincareBall({ c });
  const points = samplePoints(sample);
  const midpoint = ball.midpoint(points);
  const { mean, iterations } = ball.frechetMean(points, { tolerance: 1e-12 });
  const variance = ball.frechetVariance(points, mean);
  return {
    kind: "means",
    c,
    sigma,
    seed,
    relative: ball.distance(midpoint, mean) / Math.sqrt(variance),
    iterations,
    excess: ball.frechetVariance(points, midpoint) / variance - 1,
  };
}

/** A batch of 1000 vectors off the origin, normalized to a mean and a variance: what it has afterwards. */
export function normalizationRows(seed: number): Row<"normalization">[] {
  const c = 1;
  const gamma = 1.3;
  const ball = new PoincareBall({ c });
  const rng = new Rng(seed).split("normalization");
  const u = rng.normalMatrix(1000, 8, 0.7);
  for (let i = 0; i < u.rows; i++) u.data[8 * i] += 0.5;
  const theta = rng.normalMatrix(1, 8, 0.2);
  const b = ball.exp0(theta.data);
  return (["midpoint", "frechet"] as const).map((mean): Row<"normalization"> => {
    const { value, statistics: { variance } } = poincareBatchNormVjp(u, theta, gamma, { c, mean });
    const points = Matrix.fromRows(value.toRows().map((tangent) => ball.exp0(tangent)));
    const total = new Float64Array(8);
    for (let i = 0; i < points.rows; i++) ball.log(b, points.row(i)).forEach((part, j) => total[j] += part);
    return {
      kind: "normalization",
      mean,
      seed,
      variance,
      varianceError: ball.frechetVariance(points, b) / (gamma * variance / (variance + 1e-6)) - 1,
      offCentre: Math.hypot(...total) / points.rows,
    };
  });
}
