import {
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { softmax } from "../arrays/softmax.ts";
import { matmul } from "../blas/mod.ts";
import { integrate } from "../numerics/mod.ts";
import { normalLogCdf } from "../statistics/mod.ts";

/** Options of {@linkcode fitSphericalMixture}. */
export interface SphericalMixtureOptions {
  /** Starts, of which the most likely is kept. Default 12. */
  restarts?: number;
  /** Steps of each start. Default 20. */
  startSteps?: number;
  /** Inputs that the starts use, the first ones. Default 2000, or all if there are fewer. */
  startSize?: number;
  /** Steps on all inputs after that. Default 20. */
  steps?: number;
  /** The stream of the starts. */
  rng: Rng;
}

/** A mixture that was fitted. */
export interface SphericalMixture {
  /** k x d, one mean per row. */
  means: Matrix;
  /** Mean log-likelihood per input before each of the last steps, and after them. */
  logLikelihood: Float64Array;
}

/**
 * The means of a mixture of k normal distributions with unit covariance and equal weights, by expectation maximization
 * (Dempster, Laird & Rubin 1977) from k-means++ starts (Arthur & Vassilvitskii 2007). One start often misses a mean;
 * the best of a dozen seldom does.
 *
 * @param x m x d, one input per row.
 * @param k Number of components, from 1 to m.
 * @param options Starts, steps and their stream.
 * @returns The means, in the order of the start.
 * @throws {RangeError} if `k` is not from 1 to m, an option is out of range or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitSphericalMixture } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const x = rng.normalMatrix(2000, 2).map((noise, i) => noise + (i % 2 === 0 ? 5 : -5));
 * const { means } = fitSphericalMixture(x, 2, { rng });
 * assertAlmostEquals(Math.abs(means.get(0, 0)), 5, 0.1);
 * assertAlmostEquals(means.get(0, 0) + means.get(1, 0), 0, 0.2);
 * ```
 */
export function fitSphericalMixture(
  x: Matrix,
  k: number,
  options: SphericalMixtureOptions,
): SphericalMixture {
  requireInputs(x);
  requireInteger("k", k, { min: 1, max: x.rows });
  requireOptions("options", options, ["restarts", "startSteps", "startSize", "steps", "rng"]);
  const { restarts = 12, startSteps = 20, startSize = Math.max(k, 2000), steps = 20 } = options;
  requireInteger("restarts", restarts, { min: 1 });
  requireInteger("startSteps", startSteps);
  requireInteger("startSize", startSize, { min: k });
  requireInteger("steps", steps);
  const rng = requireRng("rng", options.rng);
  const first = x.rows <= startSize ? x : x.slice(0, startSize);
  let best: SphericalMixture | undefined;
  for (let restart = 0; restart < restarts; restart++) {
    const fit = expectationMaximization(first, kMeansPlusPlus(first, k, rng), startSteps);
    if (best === undefined || fit.logLikelihood[startSteps] > best.logLikelihood[startSteps]) best = fit;
  }
  return expectationMaximization(x, best!.means, steps);
}

function expectationMaximization(x: Matrix, start: Matrix, steps: number): SphericalMixture {
  const logLikelihood = new Float64Array(steps + 1);
  let means = start;
  for (let step = 0; step <= steps; step++) {
    const { probabilities, logLikelihood: value } = posterior(means, x);
    logLikelihood[step] = value;
    if (step === steps) break;
    const sums = matmul(probabilities, x, { transposeA: true });
    const counts = new Float64Array(means.rows);
    const { data } = probabilities;
    for (let at = 0; at < data.length;) {
      for (let j = 0; j < counts.length; j++, at++) counts[j] += data[at];
    }
    // A component that no input belongs to stays where it is.
    means = means.map((old, j, c) => counts[j] > 0 ? sums.get(j, c) / counts[j] : old);
  }
  return { means, logLikelihood };
}

/** k rows of x, each drawn with a probability proportional to its squared distance from those before. */
function kMeansPlusPlus(x: Matrix, k: number, rng: Rng): Matrix {
  const chosen = [rng.integer(x.rows)];
  const distances = new Float64Array(x.rows).fill(Infinity);
  while (chosen.length < k) {
    const last = x.row(chosen.at(-1)!);
    let sum = 0;
    for (let i = 0; i < x.rows; i++) {
      const row = x.row(i);
      let square = 0;
      for (let c = 0; c < row.length; c++) square += (row[c] - last[c]) ** 2;
      distances[i] = Math.min(distances[i], square);
      sum += distances[i];
    }
    let left = rng.uniform(0, sum);
    let next = 0;
    while (next < x.rows - 1 && (left -= distances[next]) >= 0) next++;
    chosen.push(next);
  }
  return Matrix.fromRows(chosen.map((i) => x.row(i)));
}

/** What {@linkcode responsibilities} returns. */
export interface Responsibilities {
  /** n x k: the probability of each component given the input; every row sums to 1. */
  probabilities: Matrix;
  /** Mean log-likelihood per input. */
  logLikelihood: number;
}

/**
 * How probable each component of a mixture with unit covariances and equal weights is, given the input.
 *
 * @param means k x d, one mean per row.
 * @param x n x d, one input per row.
 * @returns Probabilities and the mean log-likelihood.
 * @throws {RangeError} if there is no mean or no input, sizes differ, or a number is not finite.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { responsibilities } from "refigure/latent_variables";
 * import { assertEquals } from "@std/assert";
 *
 * const { probabilities } = responsibilities(Matrix.fromRows([[1], [-1]]), Matrix.fromRows([[0]]));
 * assertEquals(probabilities.toRows(), [[0.5, 0.5]]);
 * ```
 */
export function responsibilities(means: Matrix, x: Matrix): Responsibilities {
  requireMeans(means);
  requireInputs(x);
  if (x.columns !== means.columns) {
    throw new RangeError(`\`x\` must have ${means.columns} columns as \`means\` has, got ${x.columns}`);
  }
  return posterior(means, x);
}

function posterior(means: Matrix, x: Matrix): Responsibilities {
  const k = means.rows;
  const halves = Float64Array.from(
    { length: k },
    (_, j) => means.row(j).reduce((sum, u) => sum + u * u, 0) / 2,
  );
  const probabilities = matmul(x, means, { transposeB: true });
  // Indices in place of views of rows, which would be a third of the time.
  const p = probabilities.data;
  const inputs = x.data;
  let total = 0;
  for (let i = 0; i < x.rows; i++) {
    const from = i * k;
    for (let j = 0; j < k; j++) p[from + j] -= halves[j];
    const logSum = softmax(p, from, from + k);
    let square = 0;
    for (let at = i * x.columns; at < (i + 1) * x.columns; at++) square += inputs[at] * inputs[at];
    total += logSum - square / 2;
  }
  const constant = Math.log(k) + x.columns / 2 * Math.log(2 * Math.PI);
  return { probabilities, logLikelihood: total / x.rows - constant };
}

/**
 * The most probable component of each input.
 *
 * @param means k x d, one mean per row.
 * @param x n x d, one input per row.
 * @returns n indices of components.
 * @throws {RangeError} if there is no mean or no input, sizes differ, or a number is not finite.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { nearestMeans } from "refigure/latent_variables";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearestMeans(Matrix.fromRows([[1], [-1]]), Matrix.fromRows([[-3], [2]])), new Int32Array([1, 0]));
 * ```
 */
export function nearestMeans(means: Matrix, x: Matrix): Int32Array {
  const { probabilities } = responsibilities(means, x);
  return Int32Array.from({ length: x.rows }, (_, i) => {
    const row = probabilities.row(i);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/**
 * The head of a mixture: for each component the share of label 1 among its labeled inputs as a decision, 0 or 1, and
 * 1/2 for a component that has none or as many of both.
 *
 * @param components n indices of components, one per labeled input.
 * @param labels n labels, 0 or 1.
 * @param k Number of components.
 * @returns k numbers: 0, 1, or 1/2 for a toss of a coin.
 * @throws {RangeError} if a length differs, an index is not below k, or a label is neither 0 nor 1.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { majorityLabels } from "refigure/latent_variables";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(majorityLabels([0, 0, 1], [1, 1, 0], 3), new Float64Array([1, 0, 0.5]));
 * ```
 */
export function majorityLabels(
  components: ArrayLike<number>,
  labels: ArrayLike<number>,
  k: number,
): Float64Array {
  requireInteger("k", k, { min: 1 });
  requireNumbers("components", components);
  requireNumbers("labels", labels, { length: components.length });
  const votes = new Float64Array(k);
  for (let i = 0; i < components.length; i++) {
    requireInteger(`components[${i}]`, components[i], { max: k - 1 });
    requireInteger(`labels[${i}]`, labels[i], { max: 1 });
    votes[components[i]] += 2 * labels[i] - 1;
  }
  return votes.map((vote) => (1 + Math.sign(vote)) / 2);
}

/**
 * The probability that an input of one of k components with orthogonal means of equal length, unit covariances and
 * equal weights is nearer to another mean: `1 - integral phi(t - rho) Phi(t)^(k - 1) dt`.
 *
 * @param k Number of components, at least 1.
 * @param rho Length of the means, positive.
 * @returns The probability.
 * @throws {RangeError} if a number is not in its range.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { nearestMeanError } from "refigure/latent_variables";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(nearestMeanError(8, 4.5), 0.0045331776, 1e-10);
 * ```
 */
export function nearestMeanError(k: number, rho: number): number {
  requireInteger("k", k, { min: 1 });
  requireNumber("rho", rho, { above: 0 });
  if (k === 1) return 0;
  const density = (t: number) => Math.exp(-(t * t) / 2) / Math.sqrt(2 * Math.PI);
  // The complement is integrated: it does not cancel where it is small.
  return integrate((t) => density(t) * -Math.expm1((k - 1) * normalLogCdf(t + rho)), -12, 12, {
    width: 0.25,
  });
}

function requireMeans(means: Matrix): void {
  requireMatrix("means", means);
  requireInteger("means.rows", means.rows, { min: 1 });
  requireFinite("Cannot use `means`", means.data, means.columns);
}

function requireInputs(x: Matrix): void {
  requireMatrix("x", x);
  requireInteger("x.rows", x.rows, { min: 1 });
  requireFinite("Cannot use `x`", x.data, x.columns);
}
