import {
  euclideanNorm,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import type { IterationOutcome } from "../arrays/mod.ts";
import { requireColumns, requireCurvature, requireVectors } from "./check.ts";
import { asinh, asinhc, atanhc, dot, tanhc } from "./functions.ts";

/** Norms and denominators are not divided by anything smaller. */
const TINY = 1e-15;

/** Options of {@linkcode PoincareBall}. */
export interface PoincareBallOptions {
  /** The ball has curvature -c and radius 1/√c; c > 0. */
  c: number;
  /** Whether points outside, and results that round to the boundary, are moved inside. Default false. */
  project?: boolean;
  /** How far inside: to the norm (1 - projectEps)/√c. Default 1e-5; 4e-3 is usual in single precision. */
  projectEps?: number;
}

/** Options of {@linkcode PoincareBall.frechetMean}. */
export interface FrechetMeanOptions {
  /** It ends when no coordinate changes by more than this. Default 1e-6. */
  tolerance?: number;
  /** Steps at most. Default 1000. */
  maxIterations?: number;
}

/** What {@linkcode PoincareBall.frechetMean} returns. */
export interface FrechetMean extends IterationOutcome {
  /** The mean, length d. */
  mean: Float64Array;
  /** Steps taken. */
  iterations: number;
}

/**
 * The Poincaré ball of curvature -c, `{x : c ‖x‖² < 1}`, in double precision: gyrovector operations (Ungar
 * 2008; Ganea, Bécigneul & Hofmann 2018), the closed-form midpoint, and the Fréchet mean that it
 * replaces.
 *
 * A tangent vector at the origin is half as long as the distance it reaches: `distance(0, exp0(v)) = 2 ‖v‖`.
 *
 * @example
 * ```ts
 * import { PoincareBall } from "refigure/hyperbolic";
 * import { assertAlmostEquals, assertThrows } from "@std/assert";
 *
 * const ball = new PoincareBall({ c: 1 });
 * const x = ball.exp0([0.3, 0.4]);
 * assertAlmostEquals(ball.distance([0, 0], x), 2 * 0.5, 1e-15);
 * const back = ball.mobiusAdd(x.map((value) => -value), ball.mobiusAdd(x, [0.1, -0.2]));
 * assertAlmostEquals(back[1], -0.2, 1e-15);
 * assertThrows(() => ball.log0([1, 1]), RangeError, "outside the ball of radius 1/√c");
 * ```
 */
export class PoincareBall {
  /** The curvature is -c. */
  readonly c: number;
  readonly #root: number;
  readonly #project: boolean;
  readonly #largest: number;

  /**
   * A ball.
   *
   * @throws {RangeError} if `c` is not positive and finite, or `projectEps` not in (0, 1).
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(options: PoincareBallOptions) {
    requireOptions("options", options, ["c", "project", "projectEps"]);
    const { c, project = false, projectEps = 1e-5 } = options;
    this.c = requireCurvature("c", c);
    this.#root = Math.sqrt(c);
    this.#project = requireBoolean("project", project);
    this.#largest = (1 - requireNumber("projectEps", projectEps, { above: 0, below: 1 })) / this.#root;
  }

  /**
   * The point itself, or for `project: true` the nearest one of norm (1 - projectEps)/√c if it lies beyond.
   *
   * @throws {RangeError} if an entry is not finite, or the point is outside the ball and `project` is false.
   * @throws {TypeError} if `x` is not an array of numbers.
   */
  project(x: ArrayLike<number>): Float64Array {
    requireVectors({ x });
    return this.#inside("x", Float64Array.from(x));
  }

  /** λ_x = 2 / (1 - c ‖x‖²), by which the metric at x stretches. @throws {RangeError} outside the ball. */
  conformalFactor(x: ArrayLike<number>): number {
    return 2 / (1 - this.c * square(this.project(x)));
  }

  /**
   * Möbius addition x ⊕ y.
   *
   * @throws {RangeError} if the lengths differ, or a point is outside the ball.
   * @throws {TypeError} if an argument is not an array of numbers.
   */
  mobiusAdd(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
    requireVectors({ x, y });
    return this.#add(this.#point("x", x), this.#point("y", y));
  }

  /**
   * The distance of two points, (2/√c) asinh(√c ‖x - y‖ / √((1 - c‖x‖²)(1 - c‖y‖²))). @throws {RangeError}
   */
  distance(x: ArrayLike<number>, y: ArrayLike<number>): number {
    requireVectors({ x, y });
    return this.#distance(this.#point("x", x), this.#point("y", y));
  }

  /**
   * The point that the tangent vector `v` at the origin leads to. @throws {RangeError} if an entry is not
   * finite.
   */
  exp0(v: ArrayLike<number>): Float64Array {
    requireVectors({ v });
    const factor = tanhc(this.#root * euclideanNorm(v));
    return this.#inside("exp0(v)", Float64Array.from(v, (value) => factor * value));
  }

  /** The tangent vector at the origin that leads to `y`. @throws {RangeError} outside the ball. */
  log0(y: ArrayLike<number>): Float64Array {
    requireVectors({ y });
    const point = this.#point("y", y);
    const factor = atanhc(this.#root * Math.sqrt(square(point)));
    return point.map((value) => factor * value);
  }

  /** The point that the tangent vector `v` at `x` leads to. @throws {RangeError} outside the ball. */
  exp(x: ArrayLike<number>, v: ArrayLike<number>): Float64Array {
    requireVectors({ x, v });
    const point = this.#point("x", x);
    const factor = this.conformalFactor(point) / 2;
    return this.#inside(
      "exp(x, v)",
      this.#add(point, this.exp0(Float64Array.from(v, (value) => factor * value))),
    );
  }

  /** The tangent vector at `x` that leads to `y`. @throws {RangeError} outside the ball. */
  log(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
    requireVectors({ x, y });
    const from = this.#point("x", x);
    const direction = this.#add(from.map((value) => -value), this.#point("y", y));
    // The distance is known better than the norm of a point close to the boundary.
    const length = this.#distance(from, this.#point("y", y)) / this.conformalFactor(from);
    const norm = Math.sqrt(square(direction));
    return norm === 0 ? direction : direction.map((value) => value * (length / norm));
  }

  /**
   * The rotation gyr[u, v] of w, -(u ⊕ v) ⊕ (u ⊕ (v ⊕ w)), in closed form: linear in w, which may be any
   * vector.
   *
   * @param u A point.
   * @param v A point.
   * @param w A vector of the same length.
   * @returns The rotated vector.
   * @throws {RangeError} if the lengths differ, or `u` or `v` is outside the ball.
   */
  gyration(u: ArrayLike<number>, v: ArrayLike<number>, w: ArrayLike<number>): Float64Array {
    requireVectors({ u, v, w });
    const { c } = this;
    const first = this.#point("u", u);
    const second = this.#point("v", v);
    const uv = dot(first, second);
    const uw = dot(first, w);
    const vw = dot(second, w);
    const ofU = -c * c * uw * square(second) + c * vw + 2 * c * c * uv * vw;
    const ofV = -c * c * vw * square(first) - c * uw;
    const denominator = Math.max(1 + 2 * c * uv + c * c * square(first) * square(second), TINY);
    return Float64Array.from(w, (value, i) => value + 2 * (ofU * first[i] + ofV * second[i]) / denominator);
  }

  /**
   * The tangent vector `v` at `x`, transported in parallel along the geodesic to `y`: (λ_x / λ_y) gyr[y, -x]
   * v.
   *
   * @param x A point.
   * @param y A point.
   * @param v A tangent vector at `x`.
   * @returns A tangent vector at `y` of the same length in the metric.
   * @throws {RangeError} if the lengths differ, or a point is outside the ball.
   */
  transport(x: ArrayLike<number>, y: ArrayLike<number>, v: ArrayLike<number>): Float64Array {
    requireVectors({ x, y, v });
    const factor = this.conformalFactor(x) / this.conformalFactor(y);
    return this.gyration(y, this.project(x).map((value) => -value), v).map((value) => factor * value);
  }

  /**
   * The Poincaré midpoint of points, in closed form: m = Σ w λ x / Σ w (λ - 1), halved by m / (1 + √(1 -
   * c‖m‖²)). It is the centroid of the hyperboloid model, projected back.
   *
   * @param x One point per row, n x d, n >= 1.
   * @param weights Positive weights, length n. Default: all equal.
   * @returns The midpoint, length d.
   * @throws {RangeError} if there is no point, one is outside the ball, or a weight is not positive.
   * @throws {TypeError} if `x` is not a matrix.
   */
  midpoint(x: Matrix<RealArray>, weights?: ArrayLike<number>): Float64Array {
    const points = this.#rows("x", x);
    if (weights !== undefined) {
      requireNumbers("weights", weights, { length: x.rows });
      for (let i = 0; i < weights.length; i++) requireNumber(`weights[${i}]`, weights[i], { above: 0 });
    }
    const { columns: d, data } = points;
    const mean = new Float64Array(d);
    let total = 0;
    for (let i = 0; i < points.rows; i++) {
      const at = i * d;
      let norm = 0;
      for (let j = 0; j < d; j++) norm += data[at + j] * data[at + j];
      const weight = weights === undefined ? 1 : weights[i];
      const lambda = 2 / (1 - this.c * norm);
      total += weight * (lambda - 1);
      const factor = weight * lambda;
      for (let j = 0; j < d; j++) mean[j] += factor * data[at + j];
    }
    for (let j = 0; j < d; j++) mean[j] /= total;
    // Points at the boundary give a mean whose norm rounds to 1/√c.
    const half = 1 + Math.sqrt(Math.max(0, 1 - this.c * square(mean)));
    return this.#inside("midpoint(x)", mean.map((value) => value / half));
  }

  /**
   * The Fréchet mean, the point with the least sum of squared distances, by the fixed point of Lou et al.
   * (2020, "Differentiating through the Fréchet mean"), which starts at the first point.
   *
   * @throws {RangeError} if there is no point, one is outside the ball, or an option is out of range.
   * @throws {TypeError} if `x` is not a matrix, or an option is unknown.
   */
  frechetMean(x: Matrix<RealArray>, options: FrechetMeanOptions = {}): FrechetMean {
    const points = this.#rows("x", x);
    requireOptions("options", options, ["tolerance", "maxIterations"]);
    const { tolerance = 1e-6, maxIterations = 1000 } = options;
    requireNumber("tolerance", tolerance, { above: 0 });
    requireInteger("maxIterations", maxIterations, { min: 1 });
    const { c } = this;
    const { rows, columns: d, data } = points;
    const norms = Float64Array.from({ length: rows }, (_, i) => square(points.row(i)));
    let mean = points.row(0).slice();
    let change = Infinity;
    let iterations = 0;
    for (; iterations < maxIterations && change > tolerance; iterations++) {
      const gap = 1 - c * square(mean);
      const sum = new Float64Array(d);
      let A = 0;
      let C = 0;
      for (let i = 0; i < rows; i++) {
        const at = i * d;
        let distance = 0;
        for (let j = 0; j < d; j++) distance += (data[at + j] - mean[j]) ** 2;
        const own = 1 - c * norms[i];
        const q = c * distance / (own * gap);
        // arcosh(1 + 2q) = 2 asinh √q, so the quotient tends to 4.
        const alpha = 4 * asinhc(Math.sqrt(q)) / Math.sqrt(q + 1) / own;
        A += alpha;
        C += alpha * norms[i];
        for (let j = 0; j < d; j++) sum[j] += alpha * data[at + j];
      }
      const B = square(sum);
      const total = A + c * C;
      // (t - √(t² - 4cB)) / (2cB) without its cancellation.
      const factor = 2 / (total + Math.sqrt(Math.max(0, total * total - 4 * c * B)));
      const next = sum.map((value) => factor * value);
      change = 0;
      for (let j = 0; j < d; j++) change = Math.max(change, Math.abs(next[j] - mean[j]));
      mean = next;
    }
    const converged = change <= tolerance;
    return {
      mean,
      iterations,
      status: converged ? "converged" : "step-limit",
      advice: converged ? null : "increase `maxIterations` or `tolerance`",
    };
  }

  /**
   * The Fréchet variance about `mean`: the mean of the squared distances.
   *
   * @throws {RangeError} if there is no point, a point is outside the ball, or the sizes differ.
   * @throws {TypeError} if `x` is not a matrix.
   */
  frechetVariance(x: Matrix<RealArray>, mean: ArrayLike<number>): number {
    const points = this.#rows("x", x);
    requireVectors({ mean });
    requireColumns("x", x, mean.length);
    const center = this.#point("mean", mean);
    let sum = 0;
    for (let i = 0; i < points.rows; i++) sum += this.#distance(points.row(i), center) ** 2;
    return sum / points.rows;
  }

  /**
   * Signed distances to hyperplanes, scaled by the norms of their normals: the multinomial logits of HNN++
   * (Shimizu et al. 2021), v_k = (2‖z_k‖/√c) asinh(√c λ_x ⟨x, z_k/‖z_k‖⟩ cosh(2√c r_k) - (λ_x -
   * 1) sinh(2√c r_k)).
   *
   * @param x A point, length n.
   * @param Z Normals z_k as columns, n x m.
   * @param r Offsets, length m.
   * @returns v, length m.
   * @throws {RangeError} if the sizes do not fit, or `x` is outside the ball.
   */
  hyperplaneLogits(x: ArrayLike<number>, Z: Matrix<RealArray>, r: ArrayLike<number>): Float64Array {
    requireVectors({ x });
    const point = this.#point("x", x);
    requireMatrix("Z", Z);
    if (Z.rows !== point.length) {
      throw new RangeError(`\`Z\` must have ${point.length} rows, one per entry of \`x\`, got ${Z.rows}`);
    }
    requireNumbers("r", r, { length: Z.columns });
    const root = this.#root;
    const lambda = 2 / (1 - this.c * square(point));
    return Float64Array.from({ length: Z.columns }, (_, k) => {
      const z = Z.column(k);
      const norm = Math.max(Math.sqrt(square(z)), TINY);
      const offset = 2 * root * r[k];
      const inner = root * lambda * dot(point, z) / norm;
      return 2 * norm / root * asinh(inner * Math.cosh(offset) - (lambda - 1) * Math.sinh(offset));
    });
  }

  /**
   * The Poincaré fully connected layer from points to points (Shimizu et al. 2021): the point
   * whose distances to the coordinate hyperplanes are `v`, y = w / (1 + √(1 + c‖w‖²)) with w = sinh(√c
   * v)/√c.
   *
   * @param x A point, length n.
   * @param Z Normals as columns, n x m.
   * @param r Offsets, length m.
   * @returns A point, length m.
   * @throws {RangeError} if the sizes do not fit, or `x` is outside the ball.
   */
  linear(x: ArrayLike<number>, Z: Matrix<RealArray>, r: ArrayLike<number>): Float64Array {
    const root = this.#root;
    const w = this.hyperplaneLogits(x, Z, r).map((v) => Math.sinh(root * v) / root);
    const divisor = 1 + Math.sqrt(1 + this.c * square(w));
    return this.#inside("linear(x, Z, r)", w.map((value) => value / divisor));
  }

  #add(x: Float64Array, y: ArrayLike<number>): Float64Array {
    const { c } = this;
    const xy = dot(x, y);
    const xx = square(x);
    const yy = square(y);
    const denominator = Math.max(1 + 2 * c * xy + c * c * xx * yy, TINY);
    const a = (1 + 2 * c * xy + c * yy) / denominator;
    const b = (1 - c * xx) / denominator;
    return this.#inside("x ⊕ y", x.map((value, i) => a * value + b * y[i]));
  }

  #distance(x: Float64Array, y: Float64Array): number {
    let difference = 0;
    for (let i = 0; i < x.length; i++) difference += (x[i] - y[i]) ** 2;
    const gaps = (1 - this.c * square(x)) * (1 - this.c * square(y));
    return 2 / this.#root * asinh(this.#root * Math.sqrt(difference / gaps));
  }

  #point(name: string, x: ArrayLike<number>): Float64Array {
    return this.#inside(name, x instanceof Float64Array ? x : Float64Array.from(x));
  }

  /** The point, moved inside if that is wanted. @throws {RangeError} */
  #inside(name: string, x: Float64Array): Float64Array {
    const norm = Math.sqrt(square(x));
    if (this.#project) {
      return norm > this.#largest ? x.map((value) => value * (this.#largest / norm)) : x;
    }
    if (!(this.c * norm * norm < 1)) {
      throw new RangeError(
        `\`${name}\` must be a point of the ball, it is outside the ball of radius 1/√c = ${
          1 / this.#root
        }: its ` +
          `norm is ${norm} (\`project: true\` moves such points inside)`,
      );
    }
    return x;
  }

  /** Points as rows in double precision, inside the ball. @throws {TypeError | RangeError} */
  #rows(name: string, x: Matrix<RealArray>): Matrix {
    requireMatrix(name, x);
    requireInteger(`${name}.rows`, x.rows, { min: 1 });
    requireFinite(`\`${name}\` must be finite`, x.data, x.columns);
    const points = x.astype("float64");
    const { columns: d, data } = points;
    for (let i = 0; i < points.rows; i++) {
      const at = i * d;
      let norm = 0;
      for (let j = 0; j < d; j++) norm += data[at + j] * data[at + j];
      if (this.c * norm < 1 && (!this.#project || norm <= this.#largest ** 2)) continue;
      const row = data.subarray(at, at + d);
      row.set(this.#inside(`${name}, row ${i}`, row));
    }
    return points;
  }
}

function square(x: ArrayLike<number>): number {
  return dot(x, x);
}
