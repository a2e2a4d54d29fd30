import {
  Matrix,
  requireFunction,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { outputFor, requirePoints } from "./check.ts";
import {
  GaussianMixture,
  type JacobianOutOption,
  jacobianOutputs,
  type OutOption,
  type ScoreAndJacobian,
} from "./gaussian_mixture.ts";
import { VpSde } from "./schedule.ts";

/** What a {@linkcode ScoreField} is made of. */
export interface ScoreFieldOptions {
  /** Coordinates of a point. */
  dim: number;
  /** The diffusion whose times `t` are meant. */
  sde: VpSde;
  /** Writes the field at n points x (n * dim) and time t into `out` (n * dim). */
  score: (x: Float64Array, t: number, out: Float64Array) => void;
  /**
   * Writes the field into `score` (n * dim) and its derivatives into `jacobian` (n * dim * dim): entry
   * (i, a, b) is the derivative of coordinate a at point i by coordinate b of the point.
   */
  scoreAndJacobian?: (x: Float64Array, t: number, score: Float64Array, jacobian: Float64Array) => void;
  /** The log-densities at time t of n points. */
  logDensity?: (x: Float64Array, t: number) => Float64Array;
}

/**
 * What stands in place of the score in a diffusion model: a vector field at each time, the exact gradient of
 * the log-density, a learned one, or another one. Points are given as flat arrays, one after another, so that
 * many are evaluated at once.
 *
 * @example
 * ```ts
 * import { ScoreField, VpSde } from "refigure/diffusion";
 * import { assertEquals } from "@std/assert";
 *
 * // The score of N(0, I), which does not change as it diffuses.
 * const normal = new ScoreField({
 *   dim: 2,
 *   sde: new VpSde(),
 *   score: (x, _t, out) => x.forEach((value, i) => out[i] = -value),
 * });
 * assertEquals(normal.score(Float64Array.of(1, 2), 0.5), Float64Array.of(-1, -2));
 * ```
 */
export class ScoreField {
  /** Coordinates of a point. */
  readonly dim: number;
  /** The diffusion whose times are meant. */
  readonly sde: VpSde;
  readonly #parts: ScoreFieldOptions;

  /**
   * A field from functions, which need not check their arguments.
   *
   * @param options The functions, and what they are defined on.
   * @throws {RangeError} if `dim` is not a positive integer.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: ScoreFieldOptions) {
    requireOptions("options", options, ["dim", "sde", "score", "scoreAndJacobian", "logDensity"]);
    const { dim, sde, score, scoreAndJacobian, logDensity } = options;
    this.dim = requireInteger("dim", dim, { min: 1 });
    this.sde = requireInstance("sde", sde, VpSde);
    requireFunction("score", score);
    if (scoreAndJacobian !== undefined) requireFunction("scoreAndJacobian", scoreAndJacobian);
    if (logDensity !== undefined) requireFunction("logDensity", logDensity);
    this.#parts = { ...options };
  }

  /** Whether {@linkcode ScoreField.scoreAndJacobian} can be called. */
  get hasJacobian(): boolean {
    return this.#parts.scoreAndJacobian !== undefined;
  }

  /** Whether {@linkcode ScoreField.logDensity} can be called. */
  get hasLogDensity(): boolean {
    return this.#parts.logDensity !== undefined;
  }

  /**
   * The field at points.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param t Time in (0, 1].
   * @param options `out`: where to write, not `x`.
   * @returns n * dim numbers.
   * @throws {RangeError} if a length does not fit or `t` is out of range.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  score(x: Float64Array, t: number, options: OutOption = {}): Float64Array {
    requirePoints("x", x, this.dim);
    requireTime("t", t);
    requireOptions("options", options, ["out"]);
    const out = outputFor(options.out, x.length);
    this.#parts.score(x, t, out);
    return out;
  }

  /**
   * The field and its derivatives at points: entry (i, a, b) of the Jacobians is the derivative of coordinate a
   * at point i by coordinate b of the point.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param t Time in (0, 1].
   * @param options `out`: where to write.
   * @returns Both.
   * @throws {RangeError} if a length does not fit or `t` is out of range.
   * @throws {TypeError} if an argument is of the wrong type, or the field was made without derivatives.
   */
  scoreAndJacobian(x: Float64Array, t: number, options: JacobianOutOption = {}): ScoreAndJacobian {
    const n = requirePoints("x", x, this.dim);
    requireTime("t", t);
    const { score, jacobian } = jacobianOutputs(options, n, this.dim);
    requireJacobian("this", this);
    this.#parts.scoreAndJacobian!(x, t, score, jacobian);
    return { score, jacobian };
  }

  /**
   * The log-density at points, of a field that is its gradient.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param t Time in (0, 1].
   * @returns n numbers.
   * @throws {RangeError} if a length does not fit or `t` is out of range.
   * @throws {TypeError} if an argument is of the wrong type, or the field was made without a log-density.
   */
  logDensity(x: Float64Array, t: number): Float64Array {
    requirePoints("x", x, this.dim);
    requireTime("t", t);
    if (!this.hasLogDensity) throw new TypeError("`this` must be a score field made with `logDensity`");
    return this.#parts.logDensity!(x, t);
  }
}

/** Throws unless `field` has derivatives. @throws {TypeError} */
export function requireJacobian(name: string, field: ScoreField): void {
  requireInstance(name, field, ScoreField);
  if (!field.hasJacobian) {
    throw new TypeError(`\`${name}\` must be a score field made with \`scoreAndJacobian\``);
  }
}

/** A time at which the noise is positive. @throws {TypeError | RangeError} */
export function requireTime(name: string, t: number): number {
  return requireNumber(name, t, { above: 0, max: 1 });
}

/**
 * The exact score of a Gaussian mixture that diffuses, with its derivatives and its log-density.
 *
 * @param mixture The law at t = 0.
 * @param sde The diffusion.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture, mixtureScore, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sde = new VpSde();
 * const normal = new GaussianMixture({ weights: [1], means: Matrix.zeros(1, 2), variances: [1] });
 * const score = mixtureScore(normal, sde).score(Float64Array.of(0.3, -2), 0.4);
 * assertAlmostEquals(score[0], -0.3, 1e-15); // N(0, I) does not change as it diffuses
 * assertAlmostEquals(score[1], 2, 1e-15);
 * ```
 */
export function mixtureScore(mixture: GaussianMixture, sde: VpSde): ScoreField {
  requireInstance("mixture", mixture, GaussianMixture);
  requireInstance("sde", sde, VpSde);
  return new ScoreField({
    dim: mixture.dim,
    sde,
    score(x, t, out) {
      mixture.score(x, sde.alpha(t), sde.sigma(t), { out });
    },
    scoreAndJacobian(x, t, score, jacobian) {
      mixture.scoreAndJacobian(x, sde.alpha(t), sde.sigma(t), { out: { score, jacobian } });
    },
    logDensity: (x, t) => mixture.logDensity(x, sde.alpha(t), sde.sigma(t)),
  });
}

/**
 * The exact score of N(0, C) that diffuses: -(alpha^2 C + sigma^2 I)^-1 x.
 *
 * @param covariance C, symmetric positive semidefinite, d x d. A direction without variance is one in which
 * the data lie in a plane.
 * @param sde The diffusion.
 * @throws {RangeError} if `covariance` is not square, symmetric and positive semidefinite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sde = new VpSde();
 * const field = gaussianScore(Matrix.diagonal([4, 0]), sde);
 * const score = field.score(Float64Array.of(1, 1), 0.5);
 * assertAlmostEquals(score[1], -1 / sde.sigma(0.5) ** 2, 1e-15);
 * ```
 */
export function gaussianScore(covariance: Matrix, sde: VpSde): ScoreField {
  requireMatrix("covariance", covariance);
  requireRealArray("covariance.data", covariance.data, "float64");
  const mixture = new GaussianMixture({
    weights: [1],
    means: Matrix.zeros(1, requireInteger("covariance.columns", covariance.columns, { min: 1 })),
    covariances: [covariance],
  });
  return mixtureScore(mixture, sde);
}
