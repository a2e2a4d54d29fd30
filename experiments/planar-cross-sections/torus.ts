/** Part C: a torus from planes. */
import { mean, quantile, standardDeviation } from "simple-statistics";
import { Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  dualContour,
  gridCells,
  gridCrossings,
  gridNodes,
  harmonicFill,
  intersectionOverUnion,
  type PlanarSection,
  type Plane,
  randomPlanes,
  sectionContains,
  sliceField,
  torusDistance,
  type TriangleMesh,
} from "../../lib/meshes/mod.ts";
import { fitField, IterativeField, type LabelledPoints } from "../../lib/neural_fields/mod.ts";
import type { Row, Variant } from "./rows.ts";
import { HINGE, MINI, ONE_RADIUS, RADII } from "./variants.ts";

/** What a reconstruction is. */
export interface TorusTrial {
  variant: Variant;
  planes: number;
  passes: number;
  seed: number;
  batch: number;
  /** Epochs, level by level. */
  epochs: number[];
  /** Epochs after which the learning rate decays. */
  decayEvery: number;
  /** Whether the baselines are wanted, and the mesh. */
  baselines: boolean;
  drawn: boolean;
}

const distance = torusDistance(0.55, 0.22);
/** Cells along a side on which solids are compared; crossings are those of its nodes. */
const CELLS = 48;
/** Half the side of the square of a plane in which points are drawn. */
const SQUARE = 1.4;
/** Uniform points, points on the contour at most, per plane and level; points outside per level. */
const UNIFORM = 256;
const ON_CONTOUR = 160;
const OUTSIDE = 600;
/** How near to the torus a point must be for Newton's method to start there. */
const NEAR = 0.1;
/** Cells along a side of the mesh that is drawn. */
const MESH_CELLS = 20;

type Rows = Row<"torus"> | Row<"crossing"> | Row<"pass"> | Row<"vertex">;

/** Rebuilds the torus and compares. */
export function torusRows(trial: TorusTrial, report: Report<Rows>): Rows[] {
  const { variant, seed, batch, epochs, decayEvery } = trial;
  const passes = variant === "one pass" ? 1 : trial.passes;
  const rng = new Rng(seed).split("torus");
  const planes = torusPlanes(trial.planes, rng.split("planes"));
  const field = new IterativeField({ ...MINI, inputs: 3, passes, rng: rng.split("field") });
  const radii = variant === "one radius" ? RADII.map(() => ONE_RADIUS) : RADII;
  const levels = radii.map((radius, k) => levelOf(planes, radius, rng.split(`level ${k}`)));
  const total = epochs.reduce((sum, n) => sum + n, 0);
  let steps = 0;
  fitField(field, levels, {
    epochs,
    batch,
    learningRate: ({ epoch }) => 0.01 * 0.9 ** Math.floor(epoch / decayEvery),
    hinge: variant === "no hinge" ? 0 : HINGE,
    rng: rng.split("batches"),
    onStep: ({ step, epoch }) => {
      steps = step + 1;
      if (step % 10 === 0) report(epoch / total);
    },
  });
  const cells = gridCells([CELLS, CELLS, CELLS]);
  const truth = inside(distance(cells));
  const iou = (mask: Uint8Array) => intersectionOverUnion(mask, truth);
  const nodes = gridNodes([CELLS + 1, CELLS + 1, CELLS + 1]);
  const logits = field.logits(nodes);
  const lengths = gradientLengths(field, nodes.filter(nearSurface(nodes)));
  const crossings = crossingErrors(field, logits);
  const fresh = freshErrors(field, planes, rng.split("fresh"));
  const { nearest, harmonic } = trial.baselines
    ? baselines(planes, cells)
    : { nearest: undefined, harmonic: undefined };
  const rows: Rows[] = [{
    kind: "torus",
    variant,
    seed,
    steps,
    batch,
    planes: planes.length,
    iou: iou(inside(field.logits(cells))),
    nearest: nearest === undefined ? -1 : iou(nearest),
    harmonic: harmonic === undefined ? -1 : iou(harmonic),
    gradientMedian: quantile(lengths, 0.5),
    gradient95: quantile(lengths, 0.95),
    crossingError: mean(crossings.errors),
    crossingDeviation: standardDeviation(crossings.fractions),
    ...fresh,
  }];
  if (!trial.drawn) return rows;
  const bars = 20;
  for (let bar = 0; bar < bars; bar++) {
    const count = crossings.fractions.filter((t) => Math.min(bars - 1, Math.floor(t * bars)) === bar).length;
    const density = count * bars / crossings.fractions.length;
    rows.push({ kind: "crossing", variant, steps, seed, place: (bar + 0.5) / bars, density });
  }
  if (variant !== "full") return rows;
  const each = field.logitsPerPass(cells);
  for (let pass = 0; pass < passes; pass++) {
    const one = each.subarray(pass * truth.length, (pass + 1) * truth.length);
    rows.push({ kind: "pass", shape: "torus", seed, pass: pass + 1, iou: iou(inside(one)) });
  }
  const shape = [MESH_CELLS + 1, MESH_CELLS + 1, MESH_CELLS + 1];
  const mesh = dualContour(field.logits(gridNodes(shape)), shape, {
    gradient: (points) => field.gradient(points),
  });
  rows.push(...vertexRows("torus", mesh, field));
  return rows;
}

/** Planes of which at least a hundredth is inside. */
function torusPlanes(count: number, rng: Rng): Plane[] {
  const planes: Plane[] = [];
  for (let tries = 0; planes.length < count; tries++) {
    const [plane] = randomPlanes(1, { rng });
    const points = squarePoints(plane, 4000, rng.split(`try ${tries}`), false);
    if (inside(distance(points)).reduce((sum, one) => sum + one, 0) >= 40) planes.push(plane);
  }
  return planes;
}

/** Unit vectors that span a plane. */
function spanOf([nx, ny, nz]: ArrayLike<number> & Iterable<number>): [u: number[], v: number[]] {
  const [ax, ay, az] = Math.abs(nx) < 0.6 ? [1, 0, 0] : [0, 1, 0];
  const raw = [ay * nz - az * ny, az * nx - ax * nz, ax * ny - ay * nx];
  const length = Math.hypot(raw[0], raw[1], raw[2]);
  const u = raw.map((x) => x / length);
  return [u, [ny * u[2] - nz * u[1], nz * u[0] - nx * u[2], nx * u[1] - ny * u[0]]];
}

/** Uniform points of the square of a plane; with `boxed` only those in the cube, as many as are asked for. */
function squarePoints({ normal, offset }: Plane, count: number, rng: Rng, boxed: boolean): Float64Array {
  const [u, v] = spanOf(Array.from(normal));
  const out = new Float64Array(3 * count);
  let found = 0;
  while (found < count) {
    const [s, t] = [rng.uniform(-SQUARE, SQUARE), rng.uniform(-SQUARE, SQUARE)];
    const point = [0, 1, 2].map((a) => s * u[a] + t * v[a] - offset * normal[a]);
    if (boxed && point.some((x) => Math.abs(x) > 1)) continue;
    out.set(point, 3 * found++);
  }
  return out;
}

/** The training points of a level: notes 6.3. */
function levelOf(planes: readonly Plane[], radius: number, rng: Rng): LabelledPoints {
  const points: number[] = [];
  const labels: number[] = [];
  const add = (list: Float64Array) => {
    const isIn = inside(distance(list));
    for (let i = 0; i < isIn.length; i++) {
      points.push(list[3 * i], list[3 * i + 1], list[3 * i + 2]);
      labels.push(1 - isIn[i]);
    }
  };
  for (const plane of planes) {
    add(squarePoints(plane, UNIFORM, rng, true));
    const { on, normals } = contourPoints(plane, rng);
    add(on.map((x, k) => x + radius * normals[k]));
    add(on.map((x, k) => x - radius * normals[k]));
    for (const x of on) points.push(x);
    for (let i = 0; i < on.length / 3; i++) labels.push(0.5);
  }
  for (let i = 0; i < OUTSIDE; i++) {
    const face = rng.integer(6);
    const point = [0, 1, 2].map(() => rng.uniform(-1.05, 1.05));
    point[face % 3] = face < 3 ? 1.05 : -1.05;
    points.push(point[0], point[1], point[2]);
    labels.push(1);
  }
  return { points: Float64Array.from(points), labels: Float64Array.from(labels) };
}

/** Points on the contour in a plane, by Newton's method within the plane, and the contour's normals there. */
function contourPoints(plane: Plane, rng: Rng): { on: Float64Array; normals: Float64Array } {
  const { normal } = plane;
  const on: number[] = [];
  const normals: number[] = [];
  // From points that are near already, since from afar few parts of the contour are reached.
  const start = squarePoints(plane, 40 * ON_CONTOUR, rng, false);
  const near = distance(start).map((value) => Math.abs(value) < NEAR ? 1 : 0);
  const points = start.filter((_, k) => near[Math.floor(k / 3)] === 1);
  let slopes = planeGradient(points, normal);
  for (let round = 0; round < 8; round++) {
    const values = distance(points);
    for (let i = 0; i < values.length; i++) {
      const square = slopes[3 * i] ** 2 + slopes[3 * i + 1] ** 2 + slopes[3 * i + 2] ** 2;
      for (let a = 0; a < 3; a++) points[3 * i + a] -= values[i] * slopes[3 * i + a] / Math.max(square, 1e-3);
    }
    slopes = planeGradient(points, normal);
  }
  const values = distance(points);
  for (let i = 0; i < values.length && on.length < 3 * ON_CONTOUR; i++) {
    const length = Math.hypot(slopes[3 * i], slopes[3 * i + 1], slopes[3 * i + 2]);
    if (Math.abs(values[i]) > 1e-6 || length < 0.05) continue;
    for (let a = 0; a < 3; a++) {
      on.push(points[3 * i + a]);
      normals.push(slopes[3 * i + a] / length);
    }
  }
  return { on: Float64Array.from(on), normals: Float64Array.from(normals) };
}

/** The part of the distance's gradient that lies in a plane. */
function planeGradient(points: Float64Array, normal: ArrayLike<number>): Float64Array {
  const out = new Float64Array(points.length);
  const h = 1e-6;
  for (let a = 0; a < 3; a++) {
    const at = (step: number) => distance(points.map((x, k) => k % 3 === a ? x + step : x));
    const [plus, minus] = [at(h), at(-h)];
    for (let i = 0; i < plus.length; i++) out[3 * i + a] = (plus[i] - minus[i]) / (2 * h);
  }
  for (let i = 0; i < out.length; i += 3) {
    const along = out[i] * normal[0] + out[i + 1] * normal[1] + out[i + 2] * normal[2];
    for (let a = 0; a < 3; a++) out[i + a] -= along * normal[a];
  }
  return out;
}

function inside(values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(values, (value) => value < 0 ? 1 : 0);
}

/** Whether the point that a coordinate belongs to is within 0.05 of the torus. */
function nearSurface(points: Float64Array): (x: number, k: number) => boolean {
  const values = distance(points);
  return (_, k) => Math.abs(values[Math.floor(k / 3)]) < 0.05;
}

function gradientLengths(field: IterativeField, points: Float64Array): number[] {
  const gradient = field.gradient(points);
  return Array.from(
    { length: points.length / 3 },
    (_, i) => Math.hypot(gradient[3 * i], gradient[3 * i + 1], gradient[3 * i + 2]),
  );
}

/** Places of the linear crossings on their edges, and how far each is from a zero of the field, by bisection. */
export function crossingErrors(
  field: { logits(points: Float64Array): ArrayLike<number> },
  logits: Float32Array | Float64Array,
): { fractions: number[]; errors: number[] } {
  const side = Math.round(logits.length ** (1 / 3));
  const { nodes, axes, fractions } = gridCrossings(logits, [side, side, side]);
  const size = 2 / (side - 1);
  const lower = new Float64Array(3 * nodes.length);
  nodes.forEach((node, c) => {
    lower[3 * c] = Math.floor(node / (side * side)) * size - 1;
    lower[3 * c + 1] = Math.floor(node / side) % side * size - 1;
    lower[3 * c + 2] = node % side * size - 1;
  });
  const isPositive = Array.from(nodes, (node) => logits[node] > 0);
  const low = new Float64Array(nodes.length);
  const high = new Float64Array(nodes.length).fill(1);
  for (let round = 0; round < 18; round++) {
    const points = lower.slice();
    for (let c = 0; c < nodes.length; c++) points[3 * c + axes[c]] += size * (low[c] + high[c]) / 2;
    const values = field.logits(points);
    for (let c = 0; c < nodes.length; c++) {
      const end = values[c] > 0 === isPositive[c] ? low : high;
      end[c] = (low[c] + high[c]) / 2;
    }
  }
  return {
    fractions: Array.from(fractions),
    errors: Array.from(fractions, (t, c) => Math.abs(t - (low[c] + high[c]) / 2)),
  };
}

/** How many of 3000 fresh points of each plane, at least 0.03 from the surface, are on the wrong side. */
function freshErrors(
  field: IterativeField,
  planes: readonly Plane[],
  rng: Rng,
): { wrong: number; fresh: number } {
  let wrong = 0;
  let fresh = 0;
  for (const plane of planes) {
    const points = squarePoints(plane, 3000, rng, true);
    const values = distance(points);
    const logits = field.logits(points);
    for (let i = 0; i < values.length; i++) {
      if (Math.abs(values[i]) <= 0.03) continue;
      fresh++;
      if (values[i] < 0 !== logits[i] < 0) wrong++;
    }
  }
  return { wrong: wrong / fresh, fresh };
}

/** The nearest plane's label, and Laplace's equation between planes. */
function baselines(
  planes: readonly Plane[],
  cells: Float64Array,
): { nearest: Uint8Array; harmonic: Uint8Array } {
  const sections = sliceField(distance, planes, { resolution: 96 });
  return fromSections(sections, cells, CELLS);
}

/** What sections tell without training: the label of each cell's projection on the closest plane, and a harmonic fill. */
export function fromSections(
  sections: readonly PlanarSection[],
  cells: Float64Array,
  side: number,
): { nearest: Uint8Array; harmonic: Uint8Array } {
  const labels = sections.map((section) => sectionContains(section, cells));
  const count = cells.length / 3;
  const nearest = new Uint8Array(count);
  const fixed = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    let least = Infinity;
    for (let k = 0; k < sections.length; k++) {
      const { normal, offset } = sections[k];
      const d = Math.abs(
        normal[0] * cells[3 * i] + normal[1] * cells[3 * i + 1] + normal[2] * cells[3 * i + 2] + offset,
      );
      if (d < least) [best, least] = [k, d];
    }
    nearest[i] = labels[best][i];
    fixed[i] = least < 1 / side ? 1 : 0;
  }
  const signs = Float64Array.from(nearest, (isIn) => 1 - 2 * isIn);
  return { nearest, harmonic: inside(harmonicFill(fixed, signs, [side, side, side], { tolerance: 1e-4 })) };
}

/** A mesh's vertices with the field's unit gradients. */
export function vertexRows(
  shape: Row<"vertex">["shape"],
  mesh: TriangleMesh,
  field: IterativeField,
): Row<"vertex">[] {
  const { positions } = mesh;
  const gradient = field.gradient(positions);
  return Array.from({ length: positions.length / 3 }, (_, i): Row<"vertex"> => {
    const [gx, gy, gz] = gradient.subarray(3 * i, 3 * i + 3);
    const length = Math.hypot(gx, gy, gz) || 1;
    const rounded = (x: number) => Math.round(1000 * x) / 1000;
    return {
      kind: "vertex",
      shape,
      x: rounded(positions[3 * i]),
      y: rounded(positions[3 * i + 1]),
      z: rounded(positions[3 * i + 2]),
      nx: rounded(gx / length),
      ny: rounded(gy / length),
      nz: rounded(gz / length),
    };
  });
}
