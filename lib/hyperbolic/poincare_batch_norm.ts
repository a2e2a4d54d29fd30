import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireSameShape,
} from "../arrays/mod.ts";
import { cholesky, choleskySolve } from "../linalg/mod.ts";
import { requirePrecision } from "./check.ts";
import { asinhc, asinhcSlope, dot, sinhc } from "./functions.ts";
import {
  landing,
  landingSlope,
  lift,
  type Lifted,
  type Scales,
  scalesOf,
  TANGENT_OPTIONS,
  type TangentOptions,
} from "./hyperboloid.ts";

/** Which mean a batch is centred at. */
export type PoincareMean = "midpoint" | "frechet";

/** All of them, for checks. */
export const POINCARE_MEANS: readonly PoincareMean[] = ["midpoint", "frechet"];

/** Mean and variance of a batch. */
export interface PoincareStatistics {
  /** The mean, as a tangent vector at the origin, length C. */
  mean: Float64Array;
  /** The Fréchet variance about it, the mean of the squared distances. */
  variance: number;
}

/** Options of {@linkcode poincareBatchNorm}. */
export interface PoincareBatchNormOptions extends TangentOptions {
  /** The mean: the closed-form midpoint (default), or the Fréchet mean by iteration. */
  mean?: PoincareMean;
  /** Added to the variance. Default 1e-6. */
  eps?: number;
  /** Statistics to use instead of the batch's, as at inference. */
  statistics?: PoincareStatistics;
}

/** Gradients of a batch normalization. */
export interface PoincareBatchNormGradients<Data extends RealArray = Float64Array> {
  /** With respect to the tangent vectors, N x C. */
  u: Matrix<Data>;
  /** With respect to the mean of the outputs, 1 x C. */
  theta: Matrix<Data>;
  /** With respect to the variance of the outputs. */
  gamma: number;
}

/** A batch normalization with its backward pass. */
export interface PoincareBatchNormVjp<Data extends RealArray = Float64Array> {
  /** Tangent vectors, N x C. */
  value: Matrix<Data>;
  /** Mean and variance that were used. */
  statistics: PoincareStatistics;
  /** The gradients of ⟨upstream, value⟩; statistics that were given are constants. */
  gradients(upstream: Matrix<Data>): PoincareBatchNormGradients<Data>;
}

/** Names of the options of {@linkcode poincareBatchNorm}. */
const OPTIONS = [...TANGENT_OPTIONS, "mean", "eps", "statistics"] as const;

/**
 * Poincaré batch normalization (van Spengler, Berkhout & Mettes 2023; the scheme is that of Lou
 * et al. 2020) between tangent vectors at the origin: points x_i = exp0(u_i) with mean μ and Fréchet
 * variance V are moved and scaled about b = exp0(θ),
 *
 *     out_i = log0(exp_b(√(γ/(V + eps)) P_{μ→b}(log_μ x_i))).
 *
 * It is computed on the hyperboloid, where every output is a combination of x_i, μ and b.
 *
 * @param u Tangent vectors at the origin, N x C; of images, one row per pixel.
 * @param theta Mean of the outputs as a tangent vector, 1 x C.
 * @param gamma Variance of the outputs, positive.
 * @param options The curvature, and which mean.
 * @returns Tangent vectors at the origin, N x C.
 * @throws {RangeError} if the batch is empty, the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { PoincareBall, poincareBatchNorm } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const u = new Rng(0).normalMatrix(100, 3);
 * const out = poincareBatchNorm(u, Matrix.zeros(1, 3), 2, { c: 1 });
 * const ball = new PoincareBall({ c: 1 });
 * const points = Matrix.fromRows(out.toRows().map((row) => ball.exp0(row)));
 * assertAlmostEquals(ball.frechetVariance(points, [0, 0, 0]), 2, 1e-5);
 * ```
 */
export function poincareBatchNorm<Data extends RealArray>(
  u: Matrix<Data>,
  theta: Matrix<Data>,
  gamma: number,
  options: PoincareBatchNormOptions,
): Matrix<Data> {
  const settings = requireNorm(u, theta, gamma, options);
  return normForward(u, theta, gamma, settings).value;
}

/**
 * {@linkcode poincareBatchNorm} with its backward pass, which keeps the arguments and a few numbers per
 * batch.
 *
 * @param u Tangent vectors, N x C.
 * @param theta Mean of the outputs, 1 x C.
 * @param gamma Variance of the outputs, positive.
 * @param options The curvature, and which mean.
 * @returns The value, the statistics, and a function from the value's gradient to those of the arguments.
 * @throws {RangeError} if the batch is empty, the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { poincareBatchNormVjp } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const u = new Rng(0).normalMatrix(10, 2);
 * const { value, gradients } = poincareBatchNormVjp(u, Matrix.zeros(1, 2), 2, { c: 1 });
 * // Around θ = 0 outputs grow as √γ.
 * assertAlmostEquals(gradients(value).gamma, value.data.reduce((sum, x) => sum + x * x, 0) / 4, 1e-12);
 * ```
 */
export function poincareBatchNormVjp<Data extends RealArray>(
  u: Matrix<Data>,
  theta: Matrix<Data>,
  gamma: number,
  options: PoincareBatchNormOptions,
): PoincareBatchNormVjp<Data> {
  const settings = requireNorm(u, theta, gamma, options);
  const { value, batch } = normForward(u, theta, gamma, settings);
  return {
    value,
    statistics: statisticsOf(batch, settings),
    gradients(upstream) {
      requireSameShape("upstream", upstream, value);
      requirePrecision("upstream", upstream, value);
      return normBackward(u, theta, gamma, batch, upstream, settings);
    },
  };
}

/** Checked options. */
export interface NormSettings extends Scales {
  c: number;
  mean: PoincareMean;
  eps: number;
  statistics?: PoincareStatistics;
}

/** Checks all arguments. @throws {TypeError | RangeError} */
export function requireNorm(
  u: Matrix<RealArray>,
  theta: Matrix<RealArray>,
  gamma: number,
  options: PoincareBatchNormOptions,
): NormSettings {
  requireMatrix("u", u);
  requireInteger("u.rows", u.rows, { min: 1 });
  requireMatrix("theta", theta);
  requireSameShape("theta", theta, { rows: 1, columns: u.columns });
  requirePrecision("theta", theta, u);
  requireNumber("gamma", gamma, { above: 0 });
  requireOptions("options", options, OPTIONS);
  const { c, maxTangentNorm, mean = "midpoint", eps = 1e-6, statistics } = options;
  requireOneOf("mean", mean, POINCARE_MEANS);
  requireNumber("eps", eps, { above: 0 });
  if (statistics !== undefined) {
    requireOptions("statistics", statistics, ["mean", "variance"]);
    requireRealArray("statistics.mean", statistics.mean, "float64");
    requireNumbers("statistics.mean", statistics.mean, { finite: true });
    requireNumber("statistics.variance", statistics.variance, { min: 0 });
    requireLength("statistics.mean", statistics.mean, u.columns);
  }
  return { ...scalesOf({ c, maxTangentNorm }, u.dtype), c, mean, eps, statistics };
}

/** A point of the hyperboloid. */
interface Point {
  time: number;
  space: Float64Array;
}

/** What the backward pass needs of the forward pass. */
export interface Batch {
  /** The mean. */
  mu: Point;
  /** The Fréchet variance times c: the mean of the squared t. */
  square: number;
  /** For the midpoint, the norm of the sum of all points. */
  length: number;
}

/** Mean and variance of a batch, as they are kept for inference. */
export function statisticsOf({ mu, square }: Batch, settings: NormSettings): PoincareStatistics {
  const factor = landing(norm(mu.space), settings);
  return { mean: mu.space.map((value) => factor * value), variance: square / settings.c };
}

function norm(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** A tangent vector as a point of the hyperboloid. */
function pointOf(theta: ArrayLike<number>, scales: Scales): Point {
  const row = new Matrix(1, theta.length, Float64Array.from(theta));
  const { scale, time } = lift(row, scales);
  return { time: time[0], space: row.data.map((value) => scale[0] * value) };
}

/** The centroid of points of the hyperboloid: their sum, scaled back to it. */
function midpointOf(u: Matrix<RealArray>, x: Lifted): { mu: Point; length: number } {
  const { rows, columns: d, data } = u;
  const space = new Float64Array(d);
  let time = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    time += x.time[i];
    for (let j = 0; j < d; j++) space[j] += x.scale[i] * data[at + j];
  }
  const size = norm(space);
  // The same as √(time² - size²), without cancellation far from the origin: each term below is positive.
  let gap = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    let along = 0;
    let square = 0;
    for (let j = 0; j < d; j++) {
      along += data[at + j] * space[j];
      square += data[at + j] * data[at + j];
    }
    const radius = Math.sqrt(square);
    const sinh = x.scale[i] * radius;
    const lag = size === 0 || radius === 0 ? 1 : Math.max(0, 1 - along / (radius * size));
    gap += 1 / (x.time[i] + sinh) + sinh * lag;
  }
  const length = Math.sqrt(gap * (time + size));
  return { mu: { time: time / length, space: space.map((value) => value / length) }, length };
}

/** Where every row is, seen from the mean and from b. */
interface Places {
  /** -⟨μ, x⟩ = cosh t. */
  alpha: Float64Array;
  /** -⟨b, x⟩. */
  delta: Float64Array;
  /** The distance t from the mean, over 1/√c. */
  t: Float64Array;
}

function placesOf(u: Matrix<RealArray>, x: Lifted, mu: Point, b: Point): Places {
  const { rows, columns: d, data } = u;
  const places = { alpha: new Float64Array(rows), delta: new Float64Array(rows), t: new Float64Array(rows) };
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    let difference = 0;
    let delta = b.time * x.time[i];
    for (let j = 0; j < d; j++) {
      const value = x.scale[i] * data[at + j];
      const gap = value - mu.space[j];
      difference += gap * gap;
      delta -= b.space[j] * value;
    }
    // cosh t - 1 from the difference of the points: near the mean the product would cancel.
    const excess = Math.max(0, (difference - (x.time[i] - mu.time) ** 2) / 2);
    places.alpha[i] = 1 + excess;
    places.delta[i] = delta;
    places.t[i] = Math.log1p(excess + Math.sqrt(excess * (2 + excess)));
  }
  return places;
}

/**
 * The Fréchet mean: steps along the mean of the logarithms, divided by its mean derivative, from the
 * midpoint.
 */
function frechetOf(u: Matrix<RealArray>, x: Lifted): Point {
  const { rows, columns: d, data } = u;
  let { mu } = midpointOf(u, x);
  for (let step = 0; step < 200; step++) {
    const { alpha, t } = placesOf(u, x, mu, mu);
    const sum = new Float64Array(d);
    let sumTime = 0;
    let weight = 0;
    let stretch = 0;
    for (let i = 0; i < rows; i++) {
      const at = i * d;
      // log_μ x = (t / sinh t) (x - α μ)
      const factor = 1 / sinhc(t[i]);
      // The derivative of the logarithm is 1 along the geodesic and t coth t across it.
      stretch += (1 + (d - 1) * factor * alpha[i]) / d;
      weight += factor * alpha[i];
      sumTime += factor * x.time[i];
      for (let j = 0; j < d; j++) sum[j] += factor * x.scale[i] * data[at + j];
    }
    for (let j = 0; j < d; j++) sum[j] = (sum[j] - weight * mu.space[j]) / stretch;
    sumTime = (sumTime - weight * mu.time) / stretch;
    const length = Math.sqrt(Math.max(0, norm(sum) ** 2 - sumTime * sumTime));
    const space = mu.space.map((value, j) => Math.cosh(length) * value + sinhc(length) * sum[j]);
    mu = { space, time: Math.sqrt(1 + norm(space) ** 2) };
    if (length < 1e-13) break;
  }
  return mu;
}

/** The outputs, and what the backward pass needs. */
export function normForward<Data extends RealArray>(
  u: Matrix<Data>,
  theta: Matrix<Data>,
  gamma: number,
  settings: NormSettings,
): { value: Matrix<Data>; batch: Batch } {
  const { rows, columns: d, data } = u;
  const x = lift(u, settings);
  const { c, eps, statistics } = settings;
  const { mu, length } = statistics !== undefined
    ? { mu: pointOf(statistics.mean, settings), length: NaN }
    : settings.mean === "midpoint"
    ? midpointOf(u, x)
    : { mu: frechetOf(u, x), length: NaN };
  const b = pointOf(theta.data, settings);
  const places = placesOf(u, x, mu, b);
  const square = statistics === undefined
    ? places.t.reduce((sum, t) => sum + t * t, 0) / rows
    : c * statistics.variance;
  const kappa = Math.sqrt(gamma / (square / c + eps));
  const eta = etaOf(mu, b);
  const out = new Matrix(rows, d, allocateLike(data, data.length));
  const o = new Float64Array(d);
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    const { ofX, ofMu, ofB } = weightsOf(places, i, kappa, eta);
    const scale = ofX * x.scale[i];
    for (let j = 0; j < d; j++) o[j] = scale * data[at + j] + ofMu * mu.space[j] + ofB * b.space[j];
    const factor = landing(norm(o), settings);
    for (let j = 0; j < d; j++) out.data[at + j] = factor * o[j];
  }
  return { value: out, batch: { mu, square, length } };
}

/** -⟨μ, b⟩. */
function etaOf(mu: Point, b: Point): number {
  return mu.time * b.time - dot(mu.space, b.space);
}

/**
 * Row i's output is the point `ofX x + ofMu μ + ofB b`: exp_b of κ times log_μ x = (t / sinh t) (x - α μ),
 * transported to b by adding ω (μ + b).
 */
function weightsOf({ alpha, delta, t }: Places, i: number, kappa: number, eta: number) {
  const ratio = kappa * sinhc(kappa * t[i]) / sinhc(t[i]);
  const omega = (alpha[i] * eta - delta[i]) / (1 + eta);
  return {
    ratio,
    omega,
    ofX: ratio,
    ofMu: ratio * (omega - alpha[i]),
    ofB: Math.cosh(kappa * t[i]) + ratio * omega,
  };
}

/** The derivative of sinh(κt) / sinh(t) by cosh t. */
function ratioSlope(t: number, kappa: number): number {
  if (t * Math.max(1, kappa) > 3e-3) {
    const sinh = Math.sinh(t);
    return (kappa * Math.cosh(kappa * t) - Math.sinh(kappa * t) * Math.cosh(t) / sinh) / (sinh * sinh);
  }
  const square = kappa * kappa;
  const a = (square - 1) / 6;
  const b = square * square / 120 - square / 36 + 7 / 360;
  return kappa * (2 * a + (4 * b - a / 3) * t * t);
}

/** The gradients, from what {@linkcode normForward} kept. */
export function normBackward<Data extends RealArray>(
  u: Matrix<Data>,
  theta: Matrix<Data>,
  gamma: number,
  batch: Batch,
  upstream: Matrix<Data>,
  settings: NormSettings,
): PoincareBatchNormGradients<Data> {
  const { rows, columns: d, data } = u;
  const G = upstream.data;
  const { mu } = batch;
  const x = lift(u, settings);
  const b = pointOf(theta.data, settings);
  const eta = etaOf(mu, b);
  const variance = batch.square / settings.c + settings.eps;
  const kappa = Math.sqrt(gamma / variance);
  const places = placesOf(u, x, mu, b);
  /** Gradients of the points x_i, and of α_i = -⟨μ, x_i⟩. */
  const dX = new Matrix(rows, d, allocateLike(data, data.length));
  const dTime = new Float64Array(rows);
  const dAlpha = new Float64Array(rows);
  const dMu = { time: 0, space: new Float64Array(d) };
  const dB = { time: 0, space: new Float64Array(d) };
  let dKappa = 0;
  let dEta = 0;
  const o = new Float64Array(d);
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    const { ratio, omega, ofX, ofMu, ofB } = weightsOf(places, i, kappa, eta);
    const alpha = places.alpha[i];
    const t = places.t[i];
    const s = x.scale[i];
    let along = 0;
    for (let j = 0; j < d; j++) {
      o[j] = ofX * s * data[at + j] + ofMu * mu.space[j] + ofB * b.space[j];
      along += G[at + j] * o[j];
    }
    const size = norm(o);
    const factor = landing(size, settings);
    const second = landingSlope(size, settings) * along;
    let alongX = 0;
    let alongMu = 0;
    let alongB = 0;
    for (let j = 0; j < d; j++) {
      const dO = factor * G[at + j] + second * o[j];
      o[j] = dO;
      alongX += dO * s * data[at + j];
      alongMu += dO * mu.space[j];
      alongB += dO * b.space[j];
    }
    const dRatio = alongX + alongMu * (omega - alpha) + alongB * omega;
    const dOmega = ratio * (alongMu + alongB);
    const dDelta = -dOmega / (1 + eta);
    // The last two through t: dt / dα = 1 / sinh t.
    dAlpha[i] = -ratio * alongMu + dOmega * eta / (1 + eta) + alongB * kappa * ratio +
      dRatio * ratioSlope(t, kappa);
    dEta += dOmega * (alpha - omega) / (1 + eta);
    dKappa += alongB * t * Math.sinh(kappa * t) + dRatio * Math.cosh(kappa * t) / sinhc(t);
    dTime[i] = dDelta * b.time;
    dB.time += dDelta * x.time[i];
    for (let j = 0; j < d; j++) {
      const dO = o[j];
      dX.data[at + j] = ofX * dO - dDelta * b.space[j];
      dMu.space[j] += ofMu * dO;
      dB.space[j] += ofB * dO - dDelta * s * data[at + j];
    }
  }
  const isOwn = settings.statistics === undefined;
  const dSquare = isOwn ? -dKappa * kappa / (2 * variance * settings.c) : 0;
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    const slope = dAlpha[i] + dSquare * 2 / (rows * sinhc(places.t[i]));
    dTime[i] += slope * mu.time;
    dMu.time += slope * x.time[i];
    for (let j = 0; j < d; j++) {
      dX.data[at + j] -= slope * mu.space[j];
      dMu.space[j] -= slope * x.scale[i] * data[at + j];
    }
  }
  dMu.time += dEta * b.time;
  dB.time += dEta * mu.time;
  for (let j = 0; j < d; j++) {
    dMu.space[j] -= dEta * b.space[j];
    dB.space[j] -= dEta * mu.space[j];
  }
  if (isOwn && settings.mean === "midpoint") throughMidpoint(dMu, mu, batch.length, dX, dTime);
  else if (isOwn) throughFrechet(dMu, mu, u, x, dX, dTime);
  // From the points back to the tangent vectors.
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    let along = 0;
    for (let j = 0; j < d; j++) along += dX.data[at + j] * data[at + j];
    const radial = along * x.slope[i] + dTime[i] * x.timeSlope[i];
    for (let j = 0; j < d; j++) dX.data[at + j] = x.scale[i] * dX.data[at + j] + radial * data[at + j];
  }
  const lifted = lift(theta, settings);
  const radial = dot(dB.space, theta.data) * lifted.slope[0] + dB.time * lifted.timeSlope[0];
  const dTheta = allocateLike(data, d);
  for (let j = 0; j < d; j++) dTheta[j] = lifted.scale[0] * dB.space[j] + radial * theta.data[j];
  return { u: dX, theta: new Matrix(1, d, dTheta), gamma: dKappa * kappa / (2 * gamma) };
}

/** Adds what comes to the points through their midpoint, their sum over its norm. */
function throughMidpoint(
  dMu: Point,
  mu: Point,
  length: number,
  dX: Matrix<RealArray>,
  dTime: Float64Array,
): void {
  const along = dMu.time * mu.time + dot(dMu.space, mu.space);
  const time = (dMu.time - along * mu.time) / length;
  const space = dMu.space.map((value, j) => (value + along * mu.space[j]) / length);
  const { rows, columns: d } = dX;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    dTime[i] += time;
    for (let j = 0; j < d; j++, at++) dX.data[at] += space[j];
  }
}

/**
 * Adds what comes to the points through their Fréchet mean, where the sum of the logarithms ξ_i vanishes: by
 * the implicit function theorem, with y_i the points seen from the mean.
 */
function throughFrechet(
  dMu: Point,
  mu: Point,
  u: Matrix<RealArray>,
  x: Lifted,
  dX: Matrix<RealArray>,
  dTime: Float64Array,
): void {
  const { rows, columns: d, data } = u;
  const seen = Matrix.zeros(rows, d);
  const derivative = Matrix.zeros(d, d);
  for (let i = 0; i < rows; i++) {
    const y = seen.row(i);
    for (let j = 0; j < d; j++) y[j] = x.scale[i] * data[i * d + j];
    const factor = dot(y, mu.space) / (1 + mu.time) - x.time[i];
    for (let j = 0; j < d; j++) y[j] += factor * mu.space[j];
    const square = dot(y, y);
    // t coth t, with sinh t = |y|; and what it lacks to 1 along y.
    const across = asinhc(Math.sqrt(square)) * Math.sqrt(1 + square);
    const lag = square < 1e-12 ? 0 : (1 - across) / square;
    for (let j = 0; j < d; j++) {
      derivative.data[j * d + j] += across;
      for (let k = 0; k < d; k++) derivative.data[j * d + k] += lag * y[j] * y[k];
    }
  }
  const ahead = dMu.time + dot(dMu.space, mu.space) / (1 + mu.time);
  const q = choleskySolve(cholesky(derivative), dMu.space.map((value, j) => value + ahead * mu.space[j]));
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    const y = seen.row(i);
    const size = norm(y);
    const second = asinhcSlope(size) * dot(y, q);
    const p = y.map((value, j) => asinhc(size) * q[j] + second * value);
    const along = dot(p, mu.space);
    dTime[i] -= along;
    for (let j = 0; j < d; j++) dX.data[at + j] += p[j] + along / (1 + mu.time) * mu.space[j];
  }
}
