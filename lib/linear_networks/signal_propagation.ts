import {
  describeValue,
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { matmul, matvec } from "../blas/mod.ts";
import { integrate } from "../numerics/quadrature.ts";

/** Expectation of f(z) over a standard normal z; beyond 12 standard deviations nothing is left. */
function expectation(f: (z: number) => number): number {
  return integrate((z) => f(z) * Math.exp(-z * z / 2), -12, 12, { width: 0.5 }) / Math.sqrt(2 * Math.PI);
}

/**
 * How the mean square of the pre-activations passes one layer of a wide tanh network with random weights of
 * gain g: q' = g^2 E tanh(sqrt(q) z)^2 (Saxe, McClelland & Ganguli 2014, section 4).
 *
 * @throws {RangeError} if `q` or `gain` is negative.
 *
 * @example
 * ```ts
 * import { meanFieldLength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(meanFieldLength(0.7933540426, 1.5), 0.7933540426, 1e-9);
 * ```
 */
export function meanFieldLength(q: number, gain: number): number {
  const root = Math.sqrt(requireNumber("q", q, { min: 0 }));
  requireNumber("gain", gain, { min: 0 });
  return gain * gain * expectation((z) => Math.tanh(root * z) ** 2);
}

/**
 * The factor by which a layer changes the mean squared singular value of the Jacobian: g^2 E (1 -
 * tanh(sqrt(q) z)^2)^2.
 *
 * @throws {RangeError} if `q` or `gain` is negative.
 *
 * @example
 * ```ts
 * import { meanFieldSlope } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(meanFieldSlope(0, 1.1), 1.21, 1e-14);
 * ```
 */
export function meanFieldSlope(q: number, gain: number): number {
  const root = Math.sqrt(requireNumber("q", q, { min: 0 }));
  requireNumber("gain", gain, { min: 0 });
  return gain * gain * expectation((z) => Math.cosh(root * z) ** -4);
}

/**
 * The mean square that a deep tanh network settles at: 0 up to the critical gain 1, positive above.
 *
 * @throws {RangeError} if `gain` is negative.
 *
 * @example
 * ```ts
 * import { meanFieldFixedPoint } from "refigure/linear_networks";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertEquals(meanFieldFixedPoint(0.9), 0);
 * assertAlmostEquals(meanFieldFixedPoint(2), 2.1214735682, 1e-9);
 * ```
 */
export function meanFieldFixedPoint(gain: number): number {
  if (requireNumber("gain", gain, { min: 0 }) <= 1) return 0;
  // The map is concave: it lies above the diagonal before the fixed point and below after it.
  let low = 1e-12;
  let high = gain * gain;
  for (let round = 0; round < 200 && high - low > 1e-15 * high; round++) {
    const middle = (low + high) / 2;
    if (meanFieldLength(middle, gain) > middle) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The mean squared singular value of the Jacobian through `factors` layers in mean field, from mean square
 * `q1`: the product of {@linkcode meanFieldSlope} along the lengths of {@linkcode meanFieldLength}.
 *
 * @throws {RangeError} if an argument is out of range.
 *
 * @example
 * ```ts
 * import { meanFieldJacobian } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(meanFieldJacobian({ q1: 1, gain: 1, factors: 99 }), 7.2e-3, 1e-4);
 * ```
 */
export function meanFieldJacobian(options: { q1: number; gain: number; factors: number }): number {
  requireOptions("options", options, ["q1", "gain", "factors"]);
  const { q1, gain, factors } = options;
  requireNumber("q1", q1, { min: 0 });
  requireNumber("gain", gain, { min: 0 });
  requireInteger("factors", factors);
  let q = q1;
  let product = 1;
  for (let l = 0; l < factors; l++) {
    product *= meanFieldSlope(q, gain);
    q = meanFieldLength(q, gain);
  }
  return product;
}

/**
 * The Jacobian of the pre-activations of a tanh network, last layer by first: x' = g W tanh(x),
 * J = product of g W diag(1 - tanh(x)^2).
 *
 * @param x First pre-activations, N.
 * @param weights Square weight matrices, in the order in which they act.
 * @param gain Factor g of every layer.
 * @returns N x N.
 * @throws {RangeError} if `gain` is negative, sizes differ or an entry is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { tanhJacobian } from "refigure/linear_networks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tanhJacobian(new Float64Array(2), [Matrix.identity(2)], 0.5).toRows(), [[0.5, 0], [0, 0.5]]);
 * ```
 */
export function tanhJacobian(x: Float64Array, weights: Iterable<Matrix>, gain: number): Matrix {
  requireNumber("gain", gain, { min: 0 });
  requireFinite("Cannot linearize at `x`", requireRealArray("x", x, "float64"));
  if (typeof weights !== "object" || weights === null || !(Symbol.iterator in weights)) {
    throw new TypeError(`\`weights\` must be an iterable of matrices, got ${describeValue(weights)}`);
  }
  let state = x;
  let jacobian = Matrix.identity(x.length);
  let layer = 0;
  for (const w of weights) {
    const name = `weights[${layer++}]`;
    if (requireMatrix(name, w).columns !== state.length) {
      throw new RangeError(`\`${name}\` must have ${state.length} columns, got ${w.columns}`);
    }
    requireFinite(`Cannot linearize \`${name}\``, w.data, w.columns);
    const post = state.map(Math.tanh);
    jacobian = matmul(w, jacobian.map((value, i) => gain * (1 - post[i] ** 2) * value));
    state = matvec(w, post).map((value) => gain * value);
  }
  return jacobian;
}
