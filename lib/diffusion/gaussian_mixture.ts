import {
  Matrix,
  requireFinite,
  requireInstance,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { softmax } from "../arrays/softmax.ts";
import { requireSymmetric } from "../linalg/check.ts";
import { eigh } from "../linalg/mod.ts";
import { outputFor, requirePoints } from "./check.ts";

/** What predicts the noise of noisy points. */
export interface NoisePredictor {
  /** Coordinates of a point. */
  readonly dim: number;
  /**
   * The expected noise of points x = alpha x_0 + sigma eps.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data.
   * @param sigma The standard deviation of the noise.
   * @param options `out`: where to write.
   * @returns E[eps | x], n * dim numbers.
   */
  noisePrediction(x: Float64Array, alpha: number, sigma: number, options?: OutOption): Float64Array;
}

/** Where a result is written. */
export interface OutOption {
  /** An array of the result's length, which may be the input's. Default: a new one. */
  out?: Float64Array;
}

/** A score and its derivatives at n points. */
export interface ScoreAndJacobian {
  /** n * dim numbers. */
  score: Float64Array;
  /** n * dim * dim numbers: entry (i, a, b) is the derivative of coordinate a at point i by coordinate b. */
  jacobian: Float64Array;
}

/** Where a score and its derivatives are written. */
export interface JacobianOutOption {
  /** Arrays of the results' lengths. Default: new ones. */
  out?: ScoreAndJacobian;
}

/** The arrays that `options` has, or new ones. @throws {TypeError | RangeError} */
export function jacobianOutputs(options: JacobianOutOption, n: number, d: number): ScoreAndJacobian {
  requireOptions("options", options, ["out"]);
  const { out } = options;
  if (out === undefined) return { score: new Float64Array(n * d), jacobian: new Float64Array(n * d * d) };
  requireOptions("out", out, ["score", "jacobian"]);
  requireRealArray("out.score", out.score, "float64");
  requireLength("out.score", out.score, n * d);
  requireRealArray("out.jacobian", out.jacobian, "float64");
  requireLength("out.jacobian", out.jacobian, n * d * d);
  return out;
}

/** Options of {@linkcode GaussianMixture}: `variances` or `covariances`, not both. */
export interface GaussianMixtureOptions {
  /** K positive numbers, divided by their sum. */
  weights: ArrayLike<number>;
  /** K x d, one mean per row. */
  means: Matrix;
  /** K variances of isotropic components; 0 is a point mass. */
  variances?: ArrayLike<number>;
  /** K symmetric positive semidefinite d x d matrices. */
  covariances?: readonly Matrix[];
}

/** Options of {@linkcode GaussianMixture.sample}. */
export interface SampleOptions {
  /** Source of random numbers. */
  rng: Rng;
}

/**
 * A mixture of Gaussians, and what it becomes under noise: x = alpha x_0 + sigma eps is a mixture with means
 * alpha m_k and covariances alpha^2 C_k + sigma^2 I, so that density, score and noise prediction are exact at
 * every noise level. Probabilities of components are taken by the log-sum-exp of their log-densities. A NaN in
 * a point makes all that belongs to it NaN.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const two = new GaussianMixture({
 *   weights: [1, 1],
 *   means: Matrix.fromRows([[-1, 0], [1, 0]]),
 *   variances: [0.04, 0.04],
 * });
 * // Half-way between equal components the score vanishes.
 * const [along, across] = two.score(Float64Array.of(0, 0.3), 0.8, 0.6);
 * assertAlmostEquals(along, 0, 1e-15);
 * assertAlmostEquals(across, -0.3 / (0.64 * 0.04 + 0.36), 1e-15);
 * ```
 */
export class GaussianMixture implements NoisePredictor {
  /** Coordinates of a point, d. */
  readonly dim: number;
  /** Positive numbers with sum 1, one per component. */
  readonly weights: Float64Array;
  /** One mean per row. */
  readonly means: Matrix;
  /** Of each component: variances along its axes, or a single one if it is isotropic. */
  readonly #spectra: Float64Array[];
  /** Of each component: its axes as columns, unless it is isotropic. */
  readonly #axes: (Matrix | undefined)[];
  /** log-weights, minus half the log-determinants at the noise level of `#level`. */
  readonly #constants: Float64Array;
  /** Of each component: 1 / variance, or the d x d precision, at the noise level of `#level`. */
  readonly #precisions: Float64Array[];
  readonly #level = { alpha: NaN, sigma: NaN };
  /** Of each component, at the current point: log-density and gradient of the log-density. */
  readonly #logs: Float64Array;
  readonly #gradients: Float64Array;
  readonly #mean: Float64Array;

  /**
   * A mixture.
   *
   * @param options Weights, means and covariances.
   * @throws {RangeError} if a weight is not positive, a variance is negative, a covariance is not symmetric or
   * not positive semidefinite, the numbers of components or coordinates differ, or a number is not finite.
   * @throws {TypeError} if an option is of the wrong type or unknown, or not exactly one of `variances` and
   * `covariances` is given.
   */
  constructor(options: GaussianMixtureOptions) {
    requireOptions("options", options, ["weights", "means", "variances", "covariances"]);
    const { weights, means, variances, covariances } = options;
    requireMatrix("means", means);
    requireRealArray("means.data", means.data, "float64");
    requireFinite("`means` must be finite", means.data, means.columns);
    const components = requireInteger("means.rows", means.rows, { min: 1 });
    this.dim = requireInteger("means.columns", means.columns, { min: 1 });
    requireNumbers("weights", weights, { length: components });
    let total = 0;
    for (let k = 0; k < components; k++) total += requireNumber(`weights[${k}]`, weights[k], { above: 0 });
    this.weights = Float64Array.from(weights, (w) => w / total);
    this.means = means.clone();
    if ((variances === undefined) === (covariances === undefined)) {
      throw new TypeError("`options` must have either `variances` or `covariances`");
    }
    this.#spectra = [];
    this.#axes = [];
    for (let k = 0; k < components; k++) {
      if (variances !== undefined) {
        if (k === 0) requireNumbers("variances", variances, { length: components });
        this.#spectra.push(Float64Array.of(requireNumber(`variances[${k}]`, variances[k], { min: 0 })));
        this.#axes.push(undefined);
      } else {
        if (k === 0) requireInstance("covariances", covariances as unknown[], Array);
        if (covariances!.length !== components) {
          throw new RangeError(
            `\`covariances\` must have length ${components}, got ${covariances!.length}`,
          );
        }
        const { values, vectors } = covarianceAxes(`covariances[${k}]`, covariances![k], this.dim);
        this.#spectra.push(values);
        this.#axes.push(vectors);
      }
    }
    const d = this.dim;
    this.#constants = new Float64Array(components);
    this.#precisions = this.#axes.map((axes) => new Float64Array(axes === undefined ? 1 : d * d));
    this.#logs = new Float64Array(components);
    this.#gradients = new Float64Array(components * d);
    this.#mean = new Float64Array(d);
  }

  /**
   * The gradient of the log-density of the noisy mixture.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data, not negative.
   * @param sigma The standard deviation of the noise, not negative.
   * @param options `out`: where to write.
   * @returns n * dim numbers.
   * @throws {RangeError} if a length does not fit, or a number is out of range, or a component has no density
   * because its variance and the noise are zero.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  score(x: Float64Array, alpha: number, sigma: number, options: OutOption = {}): Float64Array {
    return this.#scaledScore(x, alpha, sigma, 1, options);
  }

  /**
   * The expected noise, -sigma times the score.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data, not negative.
   * @param sigma The standard deviation of the noise, not negative.
   * @param options `out`: where to write.
   * @returns n * dim numbers.
   * @throws {RangeError} as {@linkcode GaussianMixture.score}.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  noisePrediction(x: Float64Array, alpha: number, sigma: number, options: OutOption = {}): Float64Array {
    return this.#scaledScore(x, alpha, sigma, -sigma, options);
  }

  /**
   * The log-density of the noisy mixture.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data, not negative. Default 1.
   * @param sigma The standard deviation of the noise, not negative. Default 0.
   * @returns n numbers.
   * @throws {RangeError} as {@linkcode GaussianMixture.score}.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  logDensity(x: Float64Array, alpha: number = 1, sigma: number = 0): Float64Array {
    const n = requirePoints("x", x, this.dim);
    this.#setLevel(alpha, sigma);
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      out[i] = this.#visit(x, i * this.dim) - this.dim / 2 * Math.log(2 * Math.PI);
    }
    return out;
  }

  /**
   * The score and its derivatives: entry (i, a, b) of the second is the derivative of coordinate a of the score
   * at point i by coordinate b of the point.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data, not negative.
   * @param sigma The standard deviation of the noise, not negative.
   * @param options `out`: where to write.
   * @returns Both.
   * @throws {RangeError} as {@linkcode GaussianMixture.score}.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  scoreAndJacobian(
    x: Float64Array,
    alpha: number,
    sigma: number,
    options: JacobianOutOption = {},
  ): ScoreAndJacobian {
    const d = this.dim;
    const n = requirePoints("x", x, d);
    const { score, jacobian } = jacobianOutputs(options, n, d);
    this.#setLevel(alpha, sigma);
    const gradients = this.#gradients;
    const mean = this.#mean;
    for (let i = 0; i < n; i++) {
      this.#visit(x, i * d);
      this.#average();
      const to = i * d * d;
      jacobian.fill(0, to, to + d * d);
      for (let k = 0; k < this.#logs.length; k++) {
        const p = this.#logs[k];
        const precision = this.#precisions[k];
        const isIsotropic = this.#axes[k] === undefined;
        for (let a = 0; a < d; a++) {
          const away = p * (gradients[k * d + a] - mean[a]);
          const row = to + a * d;
          for (let b = 0; b < d; b++) {
            jacobian[row + b] += away * (gradients[k * d + b] - mean[b]);
            if (!isIsotropic) jacobian[row + b] -= p * precision[a * d + b];
          }
          if (isIsotropic) jacobian[row + a] -= p * precision[0];
        }
      }
      score.set(mean, i * d);
    }
    return { score, jacobian };
  }

  /**
   * Probabilities that points came from the components of the noisy mixture.
   *
   * @param x n points, one after another, n * dim numbers.
   * @param alpha The factor of the data, not negative. Default 1.
   * @param sigma The standard deviation of the noise, not negative. Default 0.
   * @returns n x K.
   * @throws {RangeError} as {@linkcode GaussianMixture.score}.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  responsibilities(x: Float64Array, alpha: number = 1, sigma: number = 0): Matrix {
    const n = requirePoints("x", x, this.dim);
    this.#setLevel(alpha, sigma);
    const out = Matrix.zeros(n, this.#logs.length);
    for (let i = 0; i < n; i++) {
      this.#visit(x, i * this.dim);
      this.#average();
      out.data.set(this.#logs, i * this.#logs.length);
    }
    return out;
  }

  /**
   * Independent points of the mixture without noise.
   *
   * @param n How many.
   * @param options `rng`: source of random numbers.
   * @returns n x d.
   * @throws {RangeError} if `n` is not a non-negative integer.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  sample(n: number, options: SampleOptions): Matrix {
    requireInteger("n", n);
    requireOptions("options", options, ["rng"]);
    const rng = requireRng("rng", options.rng);
    const d = this.dim;
    const out = Matrix.zeros(n, d);
    const last = this.weights.length - 1;
    for (let i = 0; i < n; i++) {
      let k = 0;
      for (let u = rng.uniform() - this.weights[0]; u >= 0 && k < last; u -= this.weights[k]) k++;
      const spectrum = this.#spectra[k];
      const axes = this.#axes[k];
      for (let a = 0; a < d; a++) out.data[i * d + a] = this.means.data[k * d + a];
      for (let b = 0; b < d; b++) {
        const z = rng.normal() * Math.sqrt(spectrum[axes === undefined ? 0 : b]);
        if (axes === undefined) out.data[i * d + b] += z;
        else for (let a = 0; a < d; a++) out.data[i * d + a] += axes.data[a * d + b] * z;
      }
    }
    return out;
  }

  #scaledScore(
    x: Float64Array,
    alpha: number,
    sigma: number,
    factor: number,
    options: OutOption,
  ): Float64Array {
    const n = requirePoints("x", x, this.dim);
    requireOptions("options", options, ["out"]);
    const out = outputFor(options.out, x.length);
    this.#setLevel(alpha, sigma);
    const mean = this.#mean;
    for (let i = 0; i < n; i++) {
      this.#visit(x, i * this.dim);
      this.#average();
      for (let a = 0; a < this.dim; a++) out[i * this.dim + a] = factor * mean[a];
    }
    return out;
  }

  /** Precisions and constants at a noise level, kept for the next call at the same one. */
  #setLevel(alpha: number, sigma: number): void {
    if (alpha === this.#level.alpha && sigma === this.#level.sigma) return;
    requireNumber("alpha", alpha, { min: 0 });
    requireNumber("sigma", sigma, { min: 0 });
    this.#level.alpha = NaN;
    const d = this.dim;
    this.#spectra.forEach((spectrum, k) => {
      const axes = this.#axes[k];
      const precision = this.#precisions[k].fill(0);
      this.#constants[k] = Math.log(this.weights[k]);
      for (let c = 0; c < spectrum.length; c++) {
        const variance = alpha * alpha * spectrum[c] + sigma * sigma;
        if (!(variance > 0)) {
          throw new RangeError(
            `\`sigma\` must be positive where a component has a direction without variance, got ${sigma}`,
          );
        }
        this.#constants[k] -= (axes === undefined ? d : 1) * Math.log(variance) / 2;
        if (axes === undefined) precision[0] = 1 / variance;
        else {
          for (let a = 0; a < d; a++) {
            const u = axes.data[a * d + c] / variance;
            for (let b = 0; b < d; b++) precision[a * d + b] += u * axes.data[b * d + c];
          }
        }
      }
    });
    this.#level.alpha = alpha;
    this.#level.sigma = sigma;
  }

  /**
   * Writes the probabilities of the components at a point into `#logs`, up to their sum, and the gradients of
   * their log-densities into `#gradients`. Returns the log-density without the power of 2 pi.
   */
  #visit(x: Float64Array, start: number): number {
    const d = this.dim;
    const logs = this.#logs;
    const gradients = this.#gradients;
    const { alpha } = this.#level;
    for (let k = 0; k < logs.length; k++) {
      const precision = this.#precisions[k];
      let square = 0;
      if (this.#axes[k] === undefined) {
        for (let a = 0; a < d; a++) {
          const away = x[start + a] - alpha * this.means.data[k * d + a];
          gradients[k * d + a] = -away * precision[0];
          square += away * away;
        }
        square *= precision[0];
      } else {
        for (let a = 0; a < d; a++) {
          let g = 0;
          for (let b = 0; b < d; b++) {
            g -= precision[a * d + b] * (x[start + b] - alpha * this.means.data[k * d + b]);
          }
          gradients[k * d + a] = g;
          square -= g * (x[start + a] - alpha * this.means.data[k * d + a]);
        }
      }
      logs[k] = this.#constants[k] - square / 2;
    }
    return softmax(logs);
  }

  /** Writes the mean of the gradients into `#mean`: the score. */
  #average(): void {
    const d = this.dim;
    const mean = this.#mean.fill(0);
    for (let k = 0; k < this.#logs.length; k++) {
      const p = this.#logs[k];
      // A product with zero would carry an overflow of a component that has no part in the sum.
      if (p !== 0) { for (let a = 0; a < d; a++) mean[a] += p * this.#gradients[k * d + a]; }
    }
  }
}

/** Eigenvalues, clipped at 0, and eigenvectors of a covariance. @throws {TypeError | RangeError} */
function covarianceAxes(name: string, c: Matrix, dim: number): { values: Float64Array; vectors: Matrix } {
  requireMatrix(name, c);
  requireRealArray(`${name}.data`, c.data, "float64");
  if (c.rows !== dim || c.columns !== dim) {
    throw new RangeError(`\`${name}\` must be ${dim} x ${dim}, got ${c.rows} x ${c.columns}`);
  }
  requireSymmetric(name, c);
  const { values, vectors } = eigh(c);
  for (const value of values) {
    if (value < -1e-12 * values[dim - 1]) {
      throw new RangeError(`\`${name}\` must be positive semidefinite, got the eigenvalue ${value}`);
    }
  }
  return { values: values.map((value) => Math.max(0, value)), vectors };
}
