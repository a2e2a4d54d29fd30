import {
  type Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireSameShape,
} from "../arrays/mod.ts";
import { matmul, matvec } from "../blas/mod.ts";
import { eigh, SingularMatrixError } from "../linalg/mod.ts";
import { normalQuantile } from "../statistics/mod.ts";

/**
 * How long training lasted: a time of gradient flow (Infinity: to convergence), or steps of gradient descent.
 */
export type TrainingTime = number | { stepSize: number; steps: number };

/** Options of {@linkcode KernelGradientFlow}. */
export interface KernelGradientFlowOptions {
  /** Tangent kernel at the N training inputs, N x N. */
  ntk: Matrix;
  /**
   * Covariance of the initial outputs at the training inputs, N x N; needed for {@linkcode
   * KernelGradientFlow.covariance}.
   */
  nngp?: Matrix;
  /** Training targets, N. */
  y: Float64Array;
  /** Added to the diagonal of `ntk`. Default 0. */
  ridge?: number;
}

/**
 * Training on the mean squared error `1/(2N) sum (f - y)^2` when the tangent kernel does not change: a linear
 * equation, solved in the kernel's principal components (Jacot, Gabriel & Hongler 2018, section 5). Along the
 * component with eigenvalue l of K/N the error decays as exp(-l t).
 *
 * @throws {RangeError} if shapes differ, an entry is not finite or `ridge` < 0.
 * @throws {TypeError} if an option is unknown.
 * @throws {SingularMatrixError} if the kernel matrix is singular.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { infiniteKernels, KernelGradientFlow } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = Matrix.fromRows([[1, 0], [0, 1]]);
 * const { ntk } = infiniteKernels(x, { depth: 2 });
 * const flow = new KernelGradientFlow({ ntk, y: new Float64Array([1, -1]) });
 * assertAlmostEquals(flow.mean(ntk, Infinity)[0], 1, 1e-12);
 * assertAlmostEquals(flow.mean(ntk, 0)[0], 0);
 * ```
 */
export class KernelGradientFlow {
  /** Eigenvalues of K/N, ascending: the rates of learning. */
  readonly rates: Float64Array;
  readonly #vectors: Matrix;
  readonly #y: Float64Array;
  readonly #nngp: Matrix | undefined;

  /** Factors the kernel once; every time and every input is then cheap. */
  constructor(options: KernelGradientFlowOptions) {
    requireOptions("options", options, ["ntk", "nngp", "y", "ridge"]);
    const { ntk, nngp, y, ridge = 0 } = options;
    const n = requireMatrix("ntk", ntk).rows;
    if (ntk.columns !== n) throw new RangeError(`\`ntk\` must be square, got ${n} x ${ntk.columns}`);
    requireInteger("ntk.rows", n, { min: 1 });
    requireLength("y", requireRealArray("y", y, "float64"), n);
    if (nngp !== undefined) {
      requireSameShape("nngp", requireMatrix("nngp", nngp), ntk);
      requireFinite("Cannot train on `nngp`", nngp.data, n);
    }
    requireNumber("ridge", ridge, { min: 0 });
    requireFinite("Cannot train on `ntk`", ntk.data, n);
    requireFinite("Cannot learn `y`", y);
    const { values, vectors } = eigh(ntk.map((value, i, j) => (value + (i === j ? ridge : 0)) / n));
    if (!(values[0] > n * 1e-15 * values[n - 1])) {
      throw new SingularMatrixError(
        "Cannot train on `ntk`: the kernel matrix is singular, as with duplicate inputs; " +
          "a small `ridge` makes it regular",
      );
    }
    this.rates = values;
    this.#vectors = vectors;
    this.#y = y.slice();
    this.#nngp = nngp?.clone();
  }

  /** The largest stable step size of gradient descent is below this: 2 over the largest rate. */
  get stabilityLimit(): number {
    return 2 / this.rates[this.rates.length - 1];
  }

  /**
   * The share of the error along each component that training has removed: `1 - exp(-l t)`, or
   * `1 - (1 - stepSize l)^steps`.
   *
   * @throws {RangeError} if a time is negative or NaN, a step size not positive, or the steps not an integer.
   */
  removed(time: TrainingTime): Float64Array {
    if (typeof time === "number") {
      if (!(time >= 0)) throw new RangeError(`\`time\` must be a number >= 0, got ${time}`);
      return this.rates.map((rate) => -Math.expm1(-time * rate));
    }
    requireOptions("time", time, ["stepSize", "steps"]);
    const { stepSize, steps } = time;
    requireNumber("time.stepSize", stepSize, { above: 0 });
    requireInteger("time.steps", steps);
    if (stepSize >= this.stabilityLimit) {
      console.warn(
        `step size ${stepSize} above stability limit 2/lambda_max = ${this.stabilityLimit.toPrecision(4)}`,
      );
    }
    return this.rates.map((rate) => 1 - (1 - stepSize * rate) ** steps);
  }

  /**
   * The matrix A of `f_t(x) = f_0(x) + A (y - f_0(X))`.
   *
   * @param kx Tangent kernel between M test inputs and the training inputs, M x N.
   * @param time How long training lasted.
   * @returns M x N.
   * @throws {RangeError} if `kx` does not have N columns or is not finite.
   */
  weights(kx: Matrix, time: TrainingTime): Matrix {
    const n = this.#y.length;
    this.#requireColumns("kx", kx);
    const removed = this.removed(time);
    const scaled = matmul(kx, this.#vectors).map((value, _, j) => value * removed[j] / (n * this.rates[j]));
    return matmul(scaled, this.#vectors, { transposeB: true });
  }

  /** Mean output at M test inputs over random initializations; with t = Infinity, kernel regression. */
  mean(kx: Matrix, time: TrainingTime): Float64Array {
    return matvec(this.weights(kx, time), this.#y);
  }

  /**
   * Output at M test inputs of one network.
   *
   * @param kx Tangent kernel, test by training, M x N.
   * @param initial Its initial outputs at the test inputs, M.
   * @param initialAtTraining Its initial outputs at the training inputs, N.
   * @param time How long training lasted.
   * @returns M numbers.
   */
  trained(
    kx: Matrix,
    initial: Float64Array,
    initialAtTraining: Float64Array,
    time: TrainingTime,
  ): Float64Array {
    this.#requireColumns("kx", kx);
    requireLength("initial", requireRealArray("initial", initial, "float64"), kx.rows);
    requireLength(
      "initialAtTraining",
      requireRealArray("initialAtTraining", initialAtTraining, "float64"),
      this.#y.length,
    );
    requireFinite("Cannot train from `initial`", initial);
    requireFinite("Cannot train from `initialAtTraining`", initialAtTraining);
    const change = matvec(this.weights(kx, time), this.#y.map((value, i) => value - initialAtTraining[i]));
    return change.map((value, i) => value + initial[i]);
  }

  /**
   * Covariance of the outputs at M test inputs over random initializations: S - A S_X^T - S_X A^T + A S_XX
   * A^T.
   *
   * @param kx Tangent kernel, test by training, M x N.
   * @param sx Initial covariance, test by training, M x N.
   * @param sxx Initial covariance, test by test, M x M.
   * @param time How long training lasted.
   * @returns M x M.
   * @throws {TypeError} if `nngp` was not given.
   * @throws {RangeError} if a shape does not fit or an entry is not finite.
   */
  covariance(kx: Matrix, sx: Matrix, sxx: Matrix, time: TrainingTime): Matrix {
    if (this.#nngp === undefined) {
      throw new TypeError("`nngp` must be given to the constructor to compute a covariance");
    }
    const a = this.weights(kx, time);
    this.#requireColumns("sx", sx);
    requireSameShape("sx", sx, kx);
    requireSameShape("sxx", requireMatrix("sxx", sxx), { rows: kx.rows, columns: kx.rows });
    requireFinite("Cannot use `sxx`", sxx.data, kx.rows);
    const cross = matmul(a, sx, { transposeB: true });
    const spread = matmul(matmul(a, this.#nngp), a, { transposeB: true });
    return sxx.map((value, i, j) =>
      value - cross.get(i, j) - cross.get(j, i) + (spread.get(i, j) + spread.get(j, i)) / 2
    );
  }

  /**
   * Quantiles of the Gaussian output at M test inputs.
   *
   * @param kx Tangent kernel, test by training, M x N.
   * @param sx Initial covariance, test by training, M x N.
   * @param sxx Initial covariance, test by test, M x M.
   * @param time How long training lasted.
   * @param options The `levels` of the quantiles. Default 0.1, 0.5 and 0.9.
   * @returns One array of M numbers per level.
   */
  percentiles(
    kx: Matrix,
    sx: Matrix,
    sxx: Matrix,
    time: TrainingTime,
    options: { levels?: readonly number[] } = {},
  ): Float64Array[] {
    requireOptions("options", options, ["levels"]);
    const { levels = [0.1, 0.5, 0.9] } = options;
    requireNumbers("levels", levels);
    levels.forEach((level, i) => requireNumber(`levels[${i}]`, level, { above: 0, below: 1 }));
    const mean = this.mean(kx, time);
    const covariance = this.covariance(kx, sx, sxx, time);
    return levels.map((level) => {
      const z = level === 0.5 ? 0 : normalQuantile(level);
      return mean.map((value, i) => value + z * Math.sqrt(Math.max(0, covariance.get(i, i))));
    });
  }

  /** Throws unless `m` has a column for every training input, and is finite. */
  #requireColumns(name: string, m: Matrix): void {
    const n = this.#y.length;
    if (requireMatrix(name, m).columns !== n) {
      throw new RangeError(`\`${name}\` must have ${n} columns, one per training input, got ${m.columns}`);
    }
    requireFinite(`Cannot use \`${name}\``, m.data, n);
  }
}
