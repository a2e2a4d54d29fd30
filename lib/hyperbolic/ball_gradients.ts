import { euclideanNorm, requireOptions } from "../arrays/mod.ts";
import { requireCurvature, requireVectors } from "./check.ts";
import { atanhc, atanhcSlope, tanhc, tanhcSlope } from "./functions.ts";

/** The curvature, as the one option of a gradient. */
export interface Curvature {
  /** The curvature is -c; c > 0. */
  c: number;
}

/**
 * The gradient of ⟨upstream, exp0(v)⟩ with respect to v: the backward pass of the exponential map at the
 * origin (van Spengler, Berkhout & Mettes 2023), with the limit -2c/3 of its second coefficient
 * at 0.
 *
 * @param v A tangent vector at the origin.
 * @param upstream The gradient with respect to exp0(v).
 * @param options The curvature.
 * @returns The gradient with respect to v.
 * @throws {RangeError} if the lengths differ, an entry is not finite, or `c` is not positive.
 *
 * @example
 * ```ts
 * import { exp0Gradient } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // d tanh(v) / dv = 1 / cosh(v)^2
 * assertAlmostEquals(exp0Gradient([0.7], [1], { c: 1 })[0], 1 / Math.cosh(0.7) ** 2, 1e-15);
 * ```
 */
export function exp0Gradient(
  v: ArrayLike<number>,
  upstream: ArrayLike<number>,
  options: Curvature,
): Float64Array {
  return radialGradient("v", v, upstream, options, tanhc, tanhcSlope);
}

/**
 * The gradient of ⟨upstream, log0(y)⟩ with respect to y: the backward pass of the logarithmic map at the
 * origin, with the limit 2c/3 of its second coefficient at 0.
 *
 * @param y A point of the ball.
 * @param upstream The gradient with respect to log0(y).
 * @param options The curvature.
 * @returns The gradient with respect to y.
 * @throws {RangeError} if the lengths differ, an entry is not finite, `c` is not positive, or `y` is outside
 * the ball.
 *
 * @example
 * ```ts
 * import { log0Gradient } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // d artanh(y) / dy = 1 / (1 - y^2)
 * assertAlmostEquals(log0Gradient([0.5], [1], { c: 1 })[0], 4 / 3, 1e-14);
 * ```
 */
export function log0Gradient(
  y: ArrayLike<number>,
  upstream: ArrayLike<number>,
  options: Curvature,
): Float64Array {
  requireOptions("options", options, ["c"]);
  requireVectors({ y, upstream });
  requireInside("y", y, requireCurvature("c", options.c));
  return radialGradient("y", y, upstream, options, atanhc, atanhcSlope);
}

/** The gradient of f(√c‖v‖) v. */
function radialGradient(
  name: string,
  v: ArrayLike<number>,
  upstream: ArrayLike<number>,
  options: Curvature,
  f: (tau: number) => number,
  slope: (tau: number) => number,
): Float64Array {
  requireOptions("options", options, ["c"]);
  const c = requireCurvature("c", options.c);
  requireVectors({ [name]: v, upstream });
  const tau = Math.sqrt(c) * euclideanNorm(v);
  let along = 0;
  for (let i = 0; i < v.length; i++) along += upstream[i] * v[i];
  const factor = f(tau);
  const second = c * slope(tau) * along;
  return Float64Array.from(v, (value, i) => factor * upstream[i] + second * value);
}

/** Gradients of a Möbius sum. */
export interface MobiusAddGradients {
  /** With respect to the first point. */
  x: Float64Array;
  /** With respect to the second point. */
  y: Float64Array;
  /** With respect to c. */
  c: number;
}

/**
 * The gradients of ⟨upstream, x ⊕ y⟩ with respect to x, y and c: the backward pass of Möbius addition.
 *
 * @param x A point of the ball.
 * @param y A point of the ball.
 * @param upstream The gradient with respect to x ⊕ y.
 * @param options The curvature.
 * @returns The three gradients.
 * @throws {RangeError} if the lengths differ, an entry is not finite, `c` is not positive, or a point is
 * outside the ball.
 *
 * @example
 * ```ts
 * import { mobiusAddGradient } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // In one dimension x ⊕ y = (x + y) / (1 + c x y).
 * const { x, c } = mobiusAddGradient([0.5], [0.2], [1], { c: 1 });
 * assertAlmostEquals(x[0], (1 - 0.2 ** 2) / 1.1 ** 2, 1e-14);
 * assertAlmostEquals(c, -0.1 * 0.7 / 1.1 ** 2, 1e-14);
 * ```
 */
export function mobiusAddGradient(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  upstream: ArrayLike<number>,
  options: Curvature,
): MobiusAddGradients {
  requireOptions("options", options, ["c"]);
  const c = requireCurvature("c", options.c);
  requireVectors({ x, y, upstream });
  requireInside("x", x, c);
  requireInside("y", y, c);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  let ux = 0;
  let uy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += x[i] * x[i];
    yy += y[i] * y[i];
    xy += x[i] * y[i];
    ux += upstream[i] * x[i];
    uy += upstream[i] * y[i];
  }
  const a = 1 + 2 * c * xy + c * yy;
  const b = 1 - c * xx;
  const D = 1 + 2 * c * xy + c * c * xx * yy;
  const theta = (a * ux + b * uy) / D;
  const k = 2 * c / D;
  return {
    x: Float64Array.from(
      x,
      (value, i) => a / D * upstream[i] - k * (theta * c * yy + uy) * value - k * (theta - ux) * y[i],
    ),
    y: Float64Array.from(
      y,
      (value, i) => b / D * upstream[i] + k * (ux - theta) * x[i] + k * (ux - c * xx * theta) * value,
    ),
    c: ((2 * xy + yy) * ux - xx * uy - (2 * xy + 2 * c * xx * yy) * theta) / D,
  };
}

function requireInside(name: string, x: ArrayLike<number>, c: number): void {
  const norm = euclideanNorm(x);
  if (!(c * norm * norm < 1)) {
    throw new RangeError(
      `\`${name}\` must be a point of the ball, it is outside the ball of radius 1/√c = ${
        1 / Math.sqrt(c)
      }: its norm ` +
        `is ${norm}`,
    );
  }
}
