/** Learned scores: criteria 7 and 8, and why the free one fails. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matvec } from "../../lib/blas/mod.ts";
import {
  fitScoreNetwork,
  type LocalVariability,
  localVariability,
  type ScoreField,
  ScoreNetwork,
  sphereScore,
} from "../../lib/diffusion/mod.ts";
import { cholesky, choleskySolve } from "../../lib/linalg/mod.ts";
import { median, quantile } from "simple-statistics";
import type { NetworkKey, Row, Surface } from "./rows.ts";
import { sde } from "./sampling.ts";
import { spherePoints } from "./variability.ts";

/** Singular values above it count: notes 7. */
const THRESHOLD = 0.15;
const POINTS = 64;
/** Least time of training and of the flow. */
const T_MIN = 5e-3;

function sampler(surface: Surface, dim: number): (n: number, rng: Rng) => Matrix {
  if (surface === "sphere") return (n, rng) => spherePoints(n, rng, dim);
  return (n, rng) => {
    const points = Matrix.zeros(n, dim);
    for (let i = 0; i < n; i++) {
      const u = rng.uniform(1.5 * Math.PI, 4.5 * Math.PI);
      const roll = [
        (u * Math.cos(u) - 2) / 10,
        rng.uniform(-1.05, 1.05),
        (u * Math.sin(u) - 2 / (3 * Math.PI)) / 10,
      ];
      points.row(i).set(roll);
    }
    return points;
  };
}

/** Trains one network, and follows the flow of its score from 64 points. */
export function learnedRows(
  trial: NetworkKey & { split: boolean },
  report: (fraction: number) => void,
): (Row<"learned"> | Row<"learned-variability"> | Row<"split">)[] {
  const { split, surface, dim, conservative, width, steps, seed } = trial;
  const key: NetworkKey = { surface, dim, conservative, width, steps, seed };
  const rng = new Rng(seed).split(
    `${surface} ${dim} ${conservative ? "conservative" : "free"} ${width} ${steps}`,
  );
  const network = new ScoreNetwork({ dim, sde, conservative, width, rng: rng.split("network") });
  const rows: (Row<"learned"> | Row<"learned-variability"> | Row<"split">)[] = [];
  const checkpoints = split ? [0.1, 0.3, 1].map((share) => Math.round(share * steps)) : [];
  const field = network.field();
  const losses = fitScoreNetwork(network, sampler(surface, dim), {
    rng: rng.split("training"),
    steps,
    tMin: T_MIN,
    onStep: (step) => {
      if (checkpoints.includes(step + 1)) rows.push(...splitRows(field, key, step + 1));
      if (step % 100 === 0) report(0.9 * step / steps);
    },
  });
  const trajectory = localVariability(field, rng.split("start").normalMatrix(POINTS, dim), {
    tMin: T_MIN,
    steps: 150,
    method: "heun",
    record: 31,
  });
  rows.push(summary(key, field, trajectory, losses));
  for (let k = 0; k <= 30; k++) {
    for (let rank = 0; rank < dim; rank++) {
      const values = column(trajectory.singularValues[k], rank);
      rows.push({
        kind: "learned-variability",
        ...key,
        rank,
        sigma: trajectory.sigma[k],
        value: median(values),
        low: quantile(values, 0.25),
        high: quantile(values, 0.75),
      });
    }
  }
  return rows;
}

function column(m: Matrix, j: number): number[] {
  return Array.from({ length: m.rows }, (_, i) => m.get(i, j));
}

function summary(
  key: NetworkKey,
  field: ScoreField,
  { end, singularValues }: LocalVariability,
  losses: Float64Array,
): Row<"learned"> {
  const last = singularValues[singularValues.length - 1];
  const counts = Array(key.dim + 1).fill(0);
  for (let i = 0; i < POINTS; i++) counts[last.row(i).filter((value) => value > THRESHOLD).length]++;
  const { jacobian } = field.scoreAndJacobian(end.data, T_MIN);
  const d = key.dim;
  const asymmetries = Array.from({ length: POINTS }, (_, i) => {
    let difference = 0;
    let size = 0;
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) {
        const entry = jacobian[(i * d + a) * d + b];
        size += entry * entry;
        difference += (entry - jacobian[(i * d + b) * d + a]) ** 2;
      }
    }
    return Math.sqrt(difference / size) / 2;
  });
  const off = Array.from({ length: POINTS }, (_, i) => Math.abs(Math.hypot(...end.row(i)) - 1));
  const tail = losses.slice(-200);
  return {
    kind: "learned",
    ...key,
    counts,
    third: median(column(last, 2)),
    offSurface: key.surface === "sphere" ? median(off) : null,
    asymmetry: median(asymmetries),
    loss: tail.reduce((sum, loss) => sum + loss, 0) / tail.length,
  };
}

/** Points for the split of the error. */
const SPLIT_POINTS = 1000;

/** The error of a learned score of the sphere under the noisy density, at three noise levels. */
function splitRows(field: ScoreField, key: NetworkKey, after: number): Row<"split">[] {
  const exact = sphereScore(sde);
  return [0.01, 0.05, 0.3].map((t) => {
    const rng = new Rng(`split ${t}`);
    const clean = spherePoints(SPLIT_POINTS, rng);
    const [alpha, sigma] = [sde.alpha(t), sde.sigma(t)];
    const x = clean.data.map((value) => alpha * value + sigma * rng.normal());
    const wanted = exact.score(x, t);
    const error = field.score(x, t).map((value, k) => sigma * (value - wanted[k]));
    const gradients = basisGradients(x, alpha, sigma);
    const { gradient, rest, total } = project(gradients, error);
    return { kind: "split", ...key, after, sigma, error: total, gradient, gauge: rest };
  });
}

/** Exponents of the monomials of degree 3 and 4: on the sphere they span all polynomials up to degree 4. */
const MONOMIALS = [3, 4].flatMap((degree) =>
  Array.from(
    { length: degree + 1 },
    (_, a) => Array.from({ length: degree + 1 - a }, (_, b) => [a, b, degree - a - b] as const),
  ).flat()
);
/** Powers of the distance from the sphere in units of the noise. */
const POWERS = 5;

/**
 * Gradients of functions Y(x / |x|) z^k with z = (|x| - alpha) / sigma: 3 n rows, a column per function.
 */
function basisGradients(x: Float64Array, alpha: number, sigma: number): Matrix {
  const n = x.length / 3;
  const out = Matrix.zeros(3 * n, MONOMIALS.length * POWERS);
  for (let i = 0; i < n; i++) {
    const point = x.subarray(3 * i, 3 * i + 3);
    const rho = Math.hypot(point[0], point[1], point[2]);
    const z = (rho - alpha) / sigma;
    MONOMIALS.forEach((exponents, m) => {
      const degree = exponents[0] + exponents[1] + exponents[2];
      const unit = [point[0] / rho, point[1] / rho, point[2] / rho];
      const value = unit[0] ** exponents[0] * unit[1] ** exponents[1] * unit[2] ** exponents[2];
      for (let a = 0; a < 3; a++) {
        let slope = exponents[a];
        for (let b = 0; b < 3; b++) {
          slope *= b === a ? (slope === 0 ? 1 : unit[b] ** (exponents[b] - 1)) : unit[b] ** exponents[b];
        }
        const tangential = (slope - degree * value * unit[a]) / rho;
        for (let k = 0; k < POWERS; k++) {
          const radial = k === 0 ? 0 : k * z ** (k - 1) / sigma * unit[a] * value;
          out.data[(3 * i + a) * out.columns + m * POWERS + k] = z ** k * tangential + radial;
        }
      }
    });
  }
  return out;
}

/** Mean squares of a field, of its projection on the gradients, and of the rest. */
function project(gradients: Matrix, field: Float64Array): { total: number; gradient: number; rest: number } {
  const products = gram(gradients);
  const right = matvec(gradients, field, { transpose: true });
  let largest = 0;
  for (let k = 0; k < products.rows; k++) largest = Math.max(largest, products.get(k, k));
  // Functions that depend on each other, such as x^4 + ... and z^k of other degrees, need a little weight.
  for (let k = 0; k < products.rows; k++) {
    products.set(k, k, products.get(k, k) * (1 + 1e-9) + 1e-12 * largest);
  }
  const coefficients = choleskySolve(cholesky(products), right);
  const n = field.length / 3;
  const projection = matvec(gradients, coefficients);
  const square = (value: (k: number) => number) => {
    let sum = 0;
    for (let k = 0; k < field.length; k++) sum += value(k) ** 2;
    return sum / n;
  };
  return {
    total: square((k) => field[k]),
    gradient: square((k) => projection[k]),
    rest: square((k) => field[k] - projection[k]),
  };
}
