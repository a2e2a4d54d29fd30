import {
  describeValue,
  Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
  requireSameShape,
} from "../arrays/mod.ts";
import { batchedSingularValues } from "../linalg/mod.ts";
import { fixedStepOde, type OdeMethod } from "../numerics/mod.ts";
import { requirePointMatrix } from "./check.ts";
import { logTimes, timeOf } from "./probability_flow.ts";
import { requireJacobian, type ScoreField } from "./score_field.ts";

/** Options of {@linkcode localVariability}. */
export interface LocalVariabilityOptions {
  /** Time at which the flow ends, in (0, 1). Default 1e-3. */
  tMin?: number;
  /** Steps, equally long in the logarithm of time. Default 4000. */
  steps?: number;
  /** Order 1, 2 or 4. Default "rk4". */
  method?: OdeMethod;
  /** How many times are recorded, the first and the last included; at least 2. Default 101. */
  record?: number;
}

/** What {@linkcode localVariability} returns. */
export interface LocalVariability {
  /** The times that were recorded, from 1 down to `tMin`. */
  t: Float64Array;
  /** The standard deviation of the noise at these times. */
  sigma: Float64Array;
  /** At each of these times: n x d singular values, descending in every row. */
  singularValues: Matrix[];
  /** The points at the last time, n x d. */
  end: Matrix;
}

/**
 * How the reverse probability flow from time 1 stretches the neighbourhood of points: the singular values of
 * Y(t), the derivative of phi_t(x_1) by x_1, along dY/dt = J_v Y with J_v = -beta / 2 (I + ds/dx). Along the
 * manifold of the data they level off as t goes to 0, across it they fall like sigma(t) (Horvat & Pfister 2024,
 * figure 2).
 *
 * @param field The field s, with derivatives.
 * @param x1 Points at time 1, one per row. For a data point, move it there by the probability flow first.
 * @param options Length, steps and method; how many times are recorded.
 * @returns Times, singular values and end points.
 * @throws {RangeError} if a size does not fit, an option is out of range, or steps so long that the solution
 * is not finite any more.
 * @throws {TypeError} if an argument is of the wrong type, the field has no derivatives, or an option or a name
 * is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, localVariability, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A line of unit variance in the plane: one direction stays, the other one falls with sigma.
 * const field = gaussianScore(Matrix.diagonal([1, 0]), new VpSde());
 * const { sigma, singularValues } = localVariability(field, Matrix.fromRows([[1, 1]]), { steps: 500 });
 * const [along, across] = singularValues[100].data;
 * assertAlmostEquals(along, 1, 1e-9);
 * assertAlmostEquals(across, sigma[100] / sigma[0], 1e-9);
 * ```
 */
export function localVariability(
  field: ScoreField,
  x1: Matrix,
  options: LocalVariabilityOptions = {},
): LocalVariability {
  requireJacobian("field", field);
  requirePointMatrix("x1", x1, field.dim);
  requireOptions("options", options, ["tMin", "steps", "method", "record"]);
  const { tMin = 1e-3, steps = 4000, method = "rk4", record = Math.min(101, steps + 1) } = options;
  requireNumber("tMin", tMin, { above: 0, below: 1 });
  requireInteger("steps", steps, { min: 1, max: 100_000_000 });
  requireInteger("record", record, { min: 2, max: steps + 1 });
  const d = field.dim;
  const n = x1.rows;
  const size = n * d;
  const jacobian = new Float64Array(size * d);
  // The points, then one d x d matrix Y per point.
  const start = new Float64Array(size + size * d);
  start.set(x1.data);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < d; a++) start[size + (i * d + a) * d + a] = 1;
  }
  const times = logTimes(1, tMin, steps);
  const t = new Float64Array(record);
  const singularValues: Matrix[] = [];
  const keep = (step: number, y: Float64Array) => {
    t[singularValues.length] = timeOf(times[step]);
    singularValues.push(batchedSingularValues(new Matrix(size, d, y.slice(size)), d));
  };
  /** The step at which record k is made. */
  const stepOf = (k: number) => Math.round(k * steps / (record - 1));
  keep(0, start);
  const end = fixedStepOde(
    (logT, y, dy) => {
      const time = timeOf(logT);
      const points = y.subarray(0, size);
      const slopes = dy.subarray(0, size);
      field.scoreAndJacobian(points, time, { out: { score: slopes, jacobian } });
      const rate = -field.sde.beta(time) / 2 * time;
      for (let i = 0; i < size; i++) slopes[i] = rate * (points[i] + slopes[i]);
      multiplyBlocks(rate, jacobian, y, dy, size, d);
    },
    start,
    times,
    {
      method,
      onStep: (step, y) => {
        if (step + 1 === stepOf(singularValues.length)) keep(step + 1, y);
      },
    },
  );
  return {
    t,
    sigma: t.map((time) => field.sde.sigma(time)),
    singularValues,
    end: new Matrix(n, d, end.slice(0, size)),
  };
}

/** dY = rate (I + J) Y, for the d x d blocks of `jacobian` and those behind the first `size` entries of y and dy. */
function multiplyBlocks(
  rate: number,
  jacobian: Float64Array,
  y: Float64Array,
  dy: Float64Array,
  size: number,
  d: number,
): void {
  if (d === 3) return multiplyBlocksOf3(rate, jacobian, y, dy, size);
  for (let row = 0; row < size; row++) {
    const block = size + (row - row % d) * d;
    const to = size + row * d;
    for (let c = 0; c < d; c++) {
      let sum = y[to + c];
      for (let b = 0; b < d; b++) sum += jacobian[row * d + b] * y[block + b * d + c];
      dy[to + c] = rate * sum;
    }
  }
}

/** The same for points in space, without inner loops: a third of the time. */
function multiplyBlocksOf3(
  rate: number,
  jacobian: Float64Array,
  y: Float64Array,
  dy: Float64Array,
  size: number,
): void {
  for (let row = 0; row < size; row++) {
    const block = size + (row - row % 3) * 3;
    const from = row * 3;
    const j0 = jacobian[from];
    const j1 = jacobian[from + 1];
    const j2 = jacobian[from + 2];
    for (let c = 0; c < 3; c++) {
      const to = size + from + c;
      const at = block + c;
      dy[to] = rate * (y[to] + j0 * y[at] + j1 * y[at + 3] + j2 * y[at + 6]);
    }
  }
}

/** Options of {@linkcode intrinsicDimension}. */
export interface IntrinsicDimensionOptions {
  /** Directions whose slope is below this count. Default 0.5, half-way between 0 and 1. */
  slope?: number;
}

/** What {@linkcode intrinsicDimension} returns. */
export interface IntrinsicDimension {
  /** One number per point: how many singular values level off. */
  dimensions: Int32Array;
  /** d log(singular value) / d log(sigma) at the end, n x d: 0 along the manifold, 1 across it. */
  slopes: Matrix;
  /** For comparison, one number per point: the values above the largest gap of their logarithms at the end. */
  byGap: Int32Array;
}

/**
 * The intrinsic dimension of the data at the end of a flow: the number of singular values that level off, by their
 * slope in log sigma over the last twentieth of the recorded times. Values are paired by rank.
 *
 * @param trajectory What {@linkcode localVariability} returned.
 * @param options Which slope counts.
 * @returns Dimensions and slopes.
 * @throws {RangeError} if fewer than two times were recorded, the parts differ in size, or an option is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { intrinsicDimension, localVariability, sphereScore, VpSde } from "refigure/diffusion";
 * import { assertEquals } from "@std/assert";
 *
 * const sphere = sphereScore(new VpSde(), { ambientDim: 5 });
 * const x1 = Matrix.fromRows([[1.2, -0.5, 0.8, 0.3, -0.7]]);
 * assertEquals([...intrinsicDimension(localVariability(sphere, x1, { steps: 500 })).dimensions], [2]);
 * ```
 */
export function intrinsicDimension(
  trajectory: Pick<LocalVariability, "sigma" | "singularValues">,
  options: IntrinsicDimensionOptions = {},
): IntrinsicDimension {
  if (typeof trajectory !== "object" || trajectory === null || !Array.isArray(trajectory.singularValues)) {
    throw new TypeError(
      `\`trajectory\` must be what localVariability returns, got ${describeValue(trajectory)}`,
    );
  }
  const { sigma, singularValues } = trajectory;
  requireRealArray("trajectory.sigma", sigma, "float64");
  requireFinite("`trajectory.sigma` must be finite", sigma);
  singularValues.forEach((values, k) => {
    requireMatrix(`trajectory.singularValues[${k}]`, values);
    requireSameShape(`trajectory.singularValues[${k}]`, values, singularValues[0]);
  });
  const last = requireInteger("trajectory.sigma.length", sigma.length, { min: 2 }) - 1;
  requireLength("trajectory.singularValues", singularValues, last + 1);
  requireOptions("options", options, ["slope"]);
  const { slope = 0.5 } = options;
  requireNumber("slope", slope);
  const before = last - Math.max(1, Math.round(last / 20));
  const now = singularValues[last];
  const earlier = singularValues[before];
  const n = now.rows;
  const d = now.columns;
  const run = Math.log(sigma[last] / sigma[before]);
  const slopes = Matrix.from(n, d, (i, j) => Math.log(now.get(i, j) / earlier.get(i, j)) / run);
  const dimensions = new Int32Array(n);
  const byGap = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let widest = 0;
    for (let j = 0; j < d; j++) {
      if (slopes.get(i, j) < slope) dimensions[i]++;
      const gap = j + 1 < d ? now.get(i, j) / now.get(i, j + 1) : 0;
      if (gap > widest) {
        widest = gap;
        byGap[i] = j + 1;
      }
    }
  }
  return { dimensions, slopes, byGap };
}
