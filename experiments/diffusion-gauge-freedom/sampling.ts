/** Sampling and densities in the plane: criteria 1 to 5. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  addFields,
  gaugeResidual,
  GaussianMixture,
  gaussianScore,
  linearField,
  localVariability,
  logLikelihood,
  mixtureScore,
  probabilityFlow,
  rotationField,
  type ScoreField,
  transformField,
  VpSde,
  weightedHodgeGrid,
  weightedHodgeLinear,
  withGauge,
} from "../../lib/diffusion/mod.ts";
import { energyDistance } from "../../lib/statistics/mod.ts";
import type { FieldKind, Row } from "./rows.ts";

export const sde = new VpSde();
/** The quarter turn. */
export const QUARTER = Matrix.fromRows([[0, -1], [1, 0]]);
/** Covariance and field of the linear examples: notes 6. */
export const COVARIANCE = Matrix.fromRows([[2, 0.6], [0.6, 0.5]]);
const LINEAR = Matrix.fromRows([[1, 2], [-0.5, 0.3]]);
/** The exact log-density of N(0, C) at (1, 0.5) after diffusion to t = 1e-5: notes 7. */
const LOG_DENSITY = -1.927234537594;

const MIXTURE = new GaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: Matrix.fromRows([[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]]),
  variances: [0.04, 0.04, 0.04],
});
/** Draws to compare with; samples in the picture. */
const DRAWS = 4000;
const SHOWN = 80;

function fieldOf(kind: FieldKind, strength: number, exact: ScoreField): ScoreField {
  switch (kind) {
    case "gauge":
      return withGauge(exact, QUARTER, strength);
    case "scaled":
      return transformField(exact, Matrix.diagonal([1 + strength, 1 + strength]));
    case "rotation":
      return addFields(exact, linearField(QUARTER, exact.sde), strength);
  }
}

/** One field, several numbers of steps. Seeds share starts and draws, whatever the field. */
export function samplingRows(
  trial: { field: FieldKind; strength: number; steps: readonly number[]; samples: number; seed: number },
  report: (fraction: number) => void,
): (Row<"sampling"> | Row<"cloud">)[] {
  const { field: kind, strength, steps: list, samples, seed } = trial;
  const rng = new Rng(seed);
  const start = rng.split("start").normalMatrix(samples, 2);
  const draws = MIXTURE.sample(DRAWS, { rng: rng.split("draws") });
  const field = fieldOf(kind, strength, mixtureScore(MIXTURE, sde));
  const rows: (Row<"sampling"> | Row<"cloud">)[] = [];
  list.forEach((steps, i) => {
    const end = probabilityFlow(field, start, { to: 1e-4, steps, method: "heun" });
    const distance = energyDistance(end, draws);
    rows.push({
      kind: "sampling",
      field: kind,
      strength,
      steps,
      seed,
      distance: Number.isFinite(distance) ? distance : null,
    });
    if (seed === 0 && i + 1 === list.length && Number.isFinite(distance)) {
      rows.push(...cloud(kind, strength, end));
    }
    report((i + 1) / list.length);
  });
  return rows;
}

function cloud(field: Row<"cloud">["field"], strength: number, points: Matrix): Row<"cloud">[] {
  return Array.from({ length: Math.min(SHOWN, points.rows) }, (_, i) => ({
    kind: "cloud" as const,
    field,
    strength,
    x: points.get(i, 0),
    y: points.get(i, 1),
  }));
}

/** Exact draws for the picture, and how large a gauge field is beside the whole. */
export function gaugeRows({ omega, seed }: { omega: number; seed: number }): (Row<"cloud"> | Row<"norm">)[] {
  const rng = new Rng(seed);
  const exact = mixtureScore(MIXTURE, sde);
  const gauge = transformField(exact, Matrix.from(2, 2, (i, j) => omega * QUARTER.get(i, j)));
  const whole = withGauge(exact, QUARTER, omega);
  const x = rng.split("places").normals(400);
  let smallest = Infinity;
  let largest = 0;
  let residual = 0;
  for (const t of [1e-3, 0.1, 0.5, 1]) {
    const [r, s] = [gauge.score(x, t), whole.score(x, t)];
    for (let k = 0; k < x.length; k += 2) {
      const ratio = Math.hypot(r[k], r[k + 1]) / Math.hypot(s[k], s[k + 1]);
      smallest = Math.min(smallest, ratio);
      largest = Math.max(largest, ratio);
    }
    // Relative to the size of its terms, which grow like 1 / sigma^2.
    for (const value of gaugeResidual(gauge, exact, x, t)) {
      residual = Math.max(residual, Math.abs(value) * sde.sigma(t) ** 2);
    }
  }
  return [
    { kind: "norm", omega, smallest, largest, residual },
    ...cloud("exact", 0, MIXTURE.sample(SHOWN, { rng: rng.split("draws") })),
  ];
}

/** Steps of a trajectory that are kept. */
export const PATH_STEPS = 80;

/** Trajectories of a Gaussian's flow from t = 0.6, where it is nearly isotropic, to 1e-3. */
export function pathRows({ omega, paths }: { omega: number; paths: number }): Row<"path">[] {
  const exact = gaussianScore(COVARIANCE, sde);
  const field = withGauge(exact, QUARTER, omega);
  const rows: Row<"path">[] = [];
  let x = Matrix.from(paths, 2, (i, a) => {
    const angle = 2 * Math.PI * i / paths;
    return 1.5 * (a === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  let from = 0.6;
  for (let step = 0; step <= PATH_STEPS; step++) {
    // The angle turned is proportional to the integral of beta, about t^2: small steps of it at the end.
    const to = Math.max(1e-3, 0.6 * (1 - step / PATH_STEPS));
    if (step > 0) x = probabilityFlow(field, x, { from, to, steps: Math.ceil(6 * (1 + omega)) });
    from = to;
    const s = exact.score(x.data, to);
    for (let path = 0; path < paths; path++) {
      const [a, b] = x.row(path);
      rows.push({
        kind: "path",
        omega,
        path,
        step,
        x: a,
        y: b,
        level: -a * s[2 * path] - b * s[2 * path + 1],
      });
    }
  }
  return rows;
}

/** The log-density of one point by the flow. */
export function likelihoodRows(
  { field: kind, strength }: { field: "gauge" | "scaled"; strength: number },
): Row<"likelihood">[] {
  const exact = gaussianScore(COVARIANCE, sde);
  const [value] = logLikelihood(fieldOf(kind, strength, exact), Matrix.fromRows([[1, 0.5]]), {
    steps: 4000,
    terminal: (end) => exact.logDensity(end, 1),
  });
  return [{ kind: "likelihood", field: kind, strength, value, error: value - LOG_DENSITY }];
}

/** E[(M x) . (N x)] under N(0, C). */
function inner(m: Matrix, n: Matrix): number {
  let sum = 0;
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      for (let k = 0; k < 2; k++) sum += m.get(k, i) * n.get(k, j) * COVARIANCE.get(i, j);
    }
  }
  return sum;
}

/** The field B x, split with the density of the data as weight and without. */
export function decompositionRows(
  { weight }: { weight: Row<"decomposition">["weight"] },
): (Row<"decomposition"> | Row<"arrow">)[] {
  const of = weight === "weighted" ? COVARIANCE : Matrix.identity(2);
  const { gradient, gauge } = weightedHodgeLinear(LINEAR, of);
  const row: Row<"decomposition"> = {
    kind: "decomposition",
    weight,
    field: inner(LINEAR, LINEAR),
    gradient: inner(gradient, gradient),
    gauge: inner(gauge, gauge),
    cross: inner(gradient, gauge),
    matrix: [...gradient.data],
  };
  return [
    row,
    ...weight === "weighted" ? arrows("field", LINEAR) : [],
    ...arrows(`${weight} rest`, gauge),
  ];
}

function arrows(part: Row<"arrow">["part"], b: Matrix): Row<"arrow">[] {
  const rows: Row<"arrow">[] = [];
  const length = 0.13;
  for (let i = -3; i <= 3; i++) {
    for (let j = -2; j <= 2; j++) {
      const [x, y] = [i * 0.9, j * 0.7];
      const [u, v] = [b.get(0, 0) * x + b.get(0, 1) * y, b.get(1, 0) * x + b.get(1, 1) * y];
      const arrow = (i + 3) * 5 + j + 2;
      rows.push({ kind: "arrow", part, arrow, end: 0, x, y });
      rows.push({ kind: "arrow", part, arrow, end: 1, x: x + length * u, y: y + length * v });
    }
  }
  return rows;
}

/** The same split on a grid of cells, without the closed form. */
export function gridRows({ cells }: { cells: number }): Row<"grid">[] {
  const determinant = 2 * 0.5 - 0.6 * 0.6;
  const { energy } = weightedHodgeGrid(
    (x, y) => [LINEAR.get(0, 0) * x + LINEAR.get(0, 1) * y, LINEAR.get(1, 0) * x + LINEAR.get(1, 1) * y],
    (x, y) => Math.exp(-(0.5 * x * x - 1.2 * x * y + 2 * y * y) / (2 * determinant)),
    { x: [-8, 8], y: [-4, 4], rows: cells, columns: cells },
  );
  return [{ kind: "grid", cells, gradient: energy.gradient, gauge: energy.gauge }];
}

/** A rotation of N(0, I) whose speed grows with the radius: shear kappa at the point (0.6, 0.8). */
export function shearRows({ kappa }: { kappa: number }): Row<"shear">[] {
  const normal = gaussianScore(Matrix.identity(2), sde);
  const tMin = 1e-3;
  // The angle is the speed times half the integral of beta, which is log(alpha(tMin) / alpha(1)).
  const rate = kappa / Math.log(sde.alpha(tMin) / sde.alpha(1));
  const swirl = rotationField((radius) => [rate * radius, rate], sde);
  const { end, singularValues } = localVariability(addFields(normal, swirl), Matrix.fromRows([[0.6, 0.8]]), {
    tMin,
    steps: 16_000,
    record: 2,
  });
  const x = new Rng(0).normals(200);
  return [{
    kind: "shear",
    kappa,
    values: [...singularValues[1].data],
    radiusChange: Math.hypot(end.get(0, 0), end.get(0, 1)) - 1,
    residual: gaugeResidual(swirl, normal, x, 0.3).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    ),
  }];
}
