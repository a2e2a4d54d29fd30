import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { fixedActivation } from "./activation.ts";

/** Options of {@linkcode bsplineBasis}. */
export interface BSplineOptions {
  /** Number G of intervals on [-1, 1]. Default 5. */
  intervals?: number;
  /** Order K of the polynomials. Default 3. */
  order?: number;
}

/** The options, checked. @throws {RangeError | TypeError} */
export function requireBSpline(options: BSplineOptions): Required<BSplineOptions> {
  const { intervals = 5, order = 3 } = options;
  requireInteger("intervals", intervals, { min: 1, max: 10_000 });
  requireInteger("order", order, { min: 1, max: 20 });
  return { intervals, order };
}

/**
 * The G + K B-splines of order K with uniform knots -1 + i h, i = -K ... G + K, h = 2 / G, at points: the
 * basis of the original Kolmogorov-Arnold layer (Liu et al. 2024). On [-1, 1] the splines add up to 1; beyond
 * the outer knots all are zero. Only the K + 1 splines that are not zero at a point are computed, by the
 * recursion of Cox and de Boor.
 *
 * @param x Points, any number; NaN gives a row of NaN.
 * @param options Intervals and order.
 * @returns One row per point, one column per spline.
 * @throws {RangeError} if an option is out of range.
 * @throws {TypeError} if `x` is not an array of numbers, or an option is unknown.
 *
 * @example
 * ```ts
 * import { bsplineBasis } from "refigure/kan";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const basis = bsplineBasis([0.3], { intervals: 5, order: 3 });
 * assertEquals([basis.rows, basis.columns], [1, 8]);
 * assertAlmostEquals(basis.row(0).reduce((a, b) => a + b), 1, 1e-15);
 * assertEquals(basis.row(0).filter((value) => value !== 0).length, 4);
 * ```
 */
export function bsplineBasis(x: ArrayLike<number>, options: BSplineOptions = {}): Matrix {
  requireNumbers("x", x);
  requireOptions("options", options, ["intervals", "order"]);
  const { intervals, order } = requireBSpline(options);
  const out = Matrix.zeros(x.length, intervals + order);
  const local = new Float64Array(order + 1);
  for (let r = 0; r < x.length; r++) {
    const place = (x[r] + 1) * intervals / 2;
    const cell = Math.floor(place);
    if (Number.isNaN(cell)) out.row(r).fill(NaN);
    if (!(cell >= -order && cell < intervals + order)) continue;
    splinesOfCell(place - cell, local);
    const row = out.row(r);
    for (let k = 0; k <= order; k++) {
      const index = cell + k;
      if (index >= 0 && index < row.length) row[index] = local[k];
    }
  }
  return out;
}

/**
 * The slopes of the splines of {@linkcode bsplineBasis}, by the difference of two splines of the order below.
 *
 * @param x Points; NaN gives a row of NaN.
 * @param options Intervals and order.
 * @returns One row per point, one column per spline.
 * @throws {RangeError} if an option is out of range.
 * @throws {TypeError} if `x` is not an array of numbers, or an option is unknown.
 *
 * @example The slopes add up to zero, as the splines add up to one
 * ```ts
 * import { bsplineSlopes } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(bsplineSlopes([0.3]).row(0).reduce((a, b) => a + b), 0, 1e-14);
 * ```
 */
export function bsplineSlopes(x: ArrayLike<number>, options: BSplineOptions = {}): Matrix {
  requireNumbers("x", x);
  requireOptions("options", options, ["intervals", "order"]);
  const { intervals, order } = requireBSpline(options);
  const out = Matrix.zeros(x.length, intervals + order);
  // One order lower on the same knots; its first and last splines have their support outside of ours.
  const lower = new Float64Array(order);
  for (let r = 0; r < x.length; r++) {
    const place = (x[r] + 1) * intervals / 2;
    const cell = Math.floor(place);
    if (Number.isNaN(cell)) out.row(r).fill(NaN);
    if (!(cell >= -order && cell < intervals + order)) continue;
    splinesOfCell(place - cell, lower);
    const row = out.row(r);
    for (let k = 0; k <= order; k++) {
      const index = cell + k;
      if (index < 0 || index >= row.length) continue;
      row[index] = ((k > 0 ? lower[k - 1] : 0) - (k < order ? lower[k] : 0)) * intervals / 2;
    }
  }
  return out;
}

/**
 * The splines that are not zero on a cell, at the fraction u of it, on uniform knots: `out[k]` is the spline
 * whose support begins `order - k` cells before.
 */
function splinesOfCell(u: number, out: Float64Array): void {
  out.fill(0);
  out[0] = 1;
  for (let order = 1; order < out.length; order++) {
    for (let k = order; k >= 0; k--) {
      const left = k > 0 ? out[k - 1] * (u + order - k) : 0;
      out[k] = (left + out[k] * (k + 1 - u)) / order;
    }
  }
}

/** Options of {@linkcode BSplineKan}. */
export interface BSplineKanOptions extends BSplineOptions {
  /** Inputs per row. */
  inputs: number;
  /** Outputs per row. */
  outputs: number;
  /** Stream of the start. */
  rng: Rng;
}

/**
 * The original Kolmogorov-Arnold layer, as a baseline: every edge has a function of its own,
 * `y_o = sum_i (w_io silu(x_i) + sum_k c_iok B_k(x_i))` (Liu et al. 2024). The sums over edges are two matrix
 * products, so its cost is that of the G + K + 1 times wider dense layer and of the splines.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { BSplineKan } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new BSplineKan({ inputs: 3, outputs: 2, rng: new Rng(0) });
 * assertEquals([layer.forward(Matrix.zeros(5, 3)).rows, layer.splines.rows], [5, 3 * 8]);
 * ```
 */
export class BSplineKan {
  /** Weights of the SiLU, inputs x outputs; normal with variance 1 / inputs at the start. */
  readonly base: Matrix;
  /** Coefficients c of input i and spline k in row i (G + K) + k; deviation 0.1 / sqrt(inputs). */
  readonly splines: Matrix;
  readonly #options: Required<BSplineOptions>;

  /**
   * A layer at its start.
   *
   * @param options Sizes, knots, and the stream of the start.
   * @throws {RangeError} if a size is not a positive integer.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(options: BSplineKanOptions) {
    requireOptions("options", options, ["inputs", "outputs", "intervals", "order", "rng"]);
    const { inputs, outputs, rng } = options;
    requireInteger("inputs", inputs, { min: 1 });
    requireInteger("outputs", outputs, { min: 1 });
    requireRng("rng", rng);
    this.#options = requireBSpline(options);
    const { intervals, order } = this.#options;
    const scale = Math.sqrt(1 / inputs);
    this.base = rng.split("base").normalMatrix(inputs, outputs, scale);
    this.splines = rng.split("splines").normalMatrix(inputs * (intervals + order), outputs, 0.1 * scale);
  }

  /**
   * The layer's outputs, one row per row of `x`.
   *
   * @throws {RangeError} if `x` does not have one column per input.
   * @throws {TypeError} if `x` is not a matrix.
   */
  forward(x: Matrix): Matrix {
    const inputs = this.base.rows;
    if (requireMatrix("x", x).columns !== inputs) {
      throw new RangeError(`\`x\` must have ${inputs} columns, one per input, got ${x.columns}`);
    }
    const basis = bsplineBasis(x.data, this.#options);
    const out = matmul(new Matrix(x.rows, inputs * basis.columns, basis.data), this.splines);
    return matmul(x.map(fixedActivation("silu")), this.base, { out, beta: 1 });
  }
}
