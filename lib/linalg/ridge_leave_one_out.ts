import { type Matrix, requireFinite, requireMatrix, requireNumbers, requireOptions } from "../arrays/mod.ts";
import { matvec } from "../blas/mod.ts";
import { svd } from "./svd.ts";

/** Options for {@linkcode ridgeLeaveOneOut}. */
export interface RidgeLeaveOneOutOptions {
  /** Penalties to choose from, positive. Default: 25 from 1e-3 n to 1e3 n, evenly spaced in their logarithm. */
  penalties?: ArrayLike<number>;
}

/** What {@linkcode ridgeLeaveOneOut} returns. */
export interface RidgeFit {
  /** d weights. */
  weights: Float64Array;
  /** The penalty that was chosen. */
  penalty: number;
  /** Mean squared leave-one-out error of each penalty. */
  errors: Float64Array;
}

/**
 * Ridge regression, `min_w ||x w - y||^2 + penalty ||w||^2`, with the penalty of least leave-one-out error. One SVD
 * serves all penalties: leaving target i out changes its residual e_i to `e_i / (1 - h_ii)`, where h is the matrix
 * that maps targets to predictions (Golub, Heath & Wahba 1979).
 *
 * @param x n x d, one input per row.
 * @param y n targets.
 * @param options Penalties.
 * @returns Weights, penalty and errors.
 * @throws {RangeError} if there is no target or no entry, a length differs, a number is not finite or a penalty not
 * positive.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { ridgeLeaveOneOut } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Targets that fit exactly want the smallest penalty.
 * const { weights, penalty } = ridgeLeaveOneOut(Matrix.fromRows([[1], [2]]), [3, 6], { penalties: [1e-9, 1] });
 * assertAlmostEquals(weights[0], 3, 1e-8);
 * assertAlmostEquals(penalty, 1e-9);
 * ```
 */
export function ridgeLeaveOneOut(
  x: Matrix,
  y: ArrayLike<number>,
  options: RidgeLeaveOneOutOptions = {},
): RidgeFit {
  requireMatrix("x", x);
  const n = x.rows;
  if (n === 0 || x.columns === 0) {
    throw new RangeError(`\`x\` must have at least one row and one column, got ${n} x ${x.columns}`);
  }
  requireNumbers("y", y, { length: n });
  requireFinite("Cannot regress on `y`", y);
  requireOptions("options", options, ["penalties"]);
  const { penalties = Float64Array.from({ length: 25 }, (_, k) => n * 10 ** (k / 4 - 3)) } = options;
  requireNumbers("penalties", penalties, { finite: true });
  if (penalties.length === 0 || Array.from(penalties).some((penalty) => penalty <= 0)) {
    throw new RangeError(`\`penalties\` must be positive numbers, got [${Array.from(penalties).join(", ")}]`);
  }
  const { u, s, vt } = svd(x);
  const coefficients = matvec(u, Float64Array.from(y), { transpose: true });
  const squares = u.map((value) => value * value);
  const shrunken = (penalty: number, values: Float64Array) =>
    values.map((value, j) => value * s[j] ** 2 / (s[j] ** 2 + penalty));
  const ones = new Float64Array(s.length).fill(1);
  const errors = Float64Array.from(penalties, (penalty) => {
    const fitted = matvec(u, shrunken(penalty, coefficients));
    const leverage = matvec(squares, shrunken(penalty, ones));
    return fitted.reduce((sum, value, i) => sum + ((y[i] - value) / (1 - leverage[i])) ** 2, 0) / n;
  });
  const best = errors.indexOf(errors.reduce((least, error) => Math.min(least, error)));
  const penalty = penalties[best];
  const scaled = coefficients.map((value, j) => value * s[j] / (s[j] ** 2 + penalty));
  return { weights: matvec(vt, scaled, { transpose: true }), penalty, errors };
}
