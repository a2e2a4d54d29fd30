import { allocateLike, Matrix, type RealArray, requireMatrix, requireSameShape } from "../arrays/mod.ts";
import { requirePrecision } from "./check.ts";
import { landing, landingSlope, lift, type Scales, scalesOf, type TangentOptions } from "./hyperboloid.ts";

/** A Möbius sum of tangent vectors and its backward pass. */
export interface TangentMobiusAddVjp<Data extends RealArray = Float64Array> {
  /** Tangent vectors, N x d. */
  value: Matrix<Data>;
  /** The gradients of ⟨upstream, value⟩. */
  gradients(upstream: Matrix<Data>): { u: Matrix<Data>; v: Matrix<Data> };
}

/**
 * The residual connection of Poincaré ResNet, log0(exp0(u) ⊕ exp0(v)), row by row: in the hyperboloid model
 * a linear map (a boost by exp0(u)) of exp0(v).
 *
 * @param u Tangent vectors at the origin, N x d; the left summand, which translates the right one.
 * @param v Tangent vectors at the origin, N x d.
 * @param options The curvature.
 * @returns Tangent vectors at the origin, N x d.
 * @throws {RangeError} if the shapes differ, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { PoincareBall, tangentMobiusAdd } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const ball = new PoincareBall({ c: 1 });
 * const u = [0.3, 0.1];
 * const v = [-0.2, 0.5];
 * const sum = tangentMobiusAdd(Matrix.fromRows([u]), Matrix.fromRows([v]), { c: 1 });
 * const expected = ball.log0(ball.mobiusAdd(ball.exp0(u), ball.exp0(v)));
 * expected.forEach((value, j) => assertAlmostEquals(sum.get(0, j), value, 1e-14));
 * ```
 */
export function tangentMobiusAdd<Data extends RealArray>(
  u: Matrix<Data>,
  v: Matrix<Data>,
  options: TangentOptions,
): Matrix<Data> {
  return addForward(u, v, requireAdd(u, v, options));
}

/**
 * {@linkcode tangentMobiusAdd} with its backward pass, which keeps nothing but the arguments.
 *
 * @param u Tangent vectors, N x d.
 * @param v Tangent vectors, N x d.
 * @param options The curvature.
 * @returns The value, and a function from its gradient to those of both summands.
 * @throws {RangeError} if the shapes differ, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { tangentMobiusAddVjp } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // On a line the sum is that of the tangent vectors.
 * const { value, gradients } = tangentMobiusAddVjp(Matrix.fromRows([[0.4]]), Matrix.fromRows([[0.3]]), { c:
 * 1 }); assertAlmostEquals(value.get(0, 0), 0.7, 1e-15);
 * assertAlmostEquals(gradients(Matrix.fromRows([[1]])).u.get(0, 0), 1, 1e-14);
 * ```
 */
export function tangentMobiusAddVjp<Data extends RealArray>(
  u: Matrix<Data>,
  v: Matrix<Data>,
  options: TangentOptions,
): TangentMobiusAddVjp<Data> {
  const scales = requireAdd(u, v, options);
  const value = addForward(u, v, scales);
  return {
    value,
    gradients(upstream) {
      requireSameShape("upstream", upstream, value);
      requirePrecision("upstream", upstream, value);
      return addBackward(u, v, upstream, scales);
    },
  };
}

function requireAdd(u: Matrix<RealArray>, v: Matrix<RealArray>, options: TangentOptions): Scales {
  requireMatrix("u", u);
  requireMatrix("v", v);
  requireSameShape("v", v, u);
  requirePrecision("v", v, u);
  return scalesOf(options, u.dtype);
}

/**
 * The sums: y + (⟨x, y⟩/(1 + x₀) + y₀) x for the lifted points (x₀, x) and (y₀, y), taken back to the tangent
 * space.
 */
export function addForward<Data extends RealArray>(
  u: Matrix<Data>,
  v: Matrix<Data>,
  scales: Scales,
): Matrix<Data> {
  const x = lift(u, scales);
  const y = lift(v, scales);
  const { rows, columns: d } = u;
  const out = new Matrix(rows, d, allocateLike(u.data, u.data.length));
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    let product = 0;
    for (let j = at; j < at + d; j++) product += u.data[j] * v.data[j];
    product *= x.scale[i] * y.scale[i];
    const ofX = (product / (1 + x.time[i]) + y.time[i]) * x.scale[i];
    const ofY = y.scale[i];
    let square = 0;
    for (let j = at; j < at + d; j++) square += (ofX * u.data[j] + ofY * v.data[j]) ** 2;
    const factor = landing(Math.sqrt(square), scales);
    for (let j = at; j < at + d; j++) out.data[j] = factor * (ofX * u.data[j] + ofY * v.data[j]);
  }
  return out;
}

/** The gradients of {@linkcode addForward}. */
export function addBackward<Data extends RealArray>(
  u: Matrix<Data>,
  v: Matrix<Data>,
  upstream: Matrix<Data>,
  scales: Scales,
): { u: Matrix<Data>; v: Matrix<Data> } {
  const x = lift(u, scales);
  const y = lift(v, scales);
  const { rows, columns: d } = u;
  const G = upstream.data;
  const dU = new Matrix(rows, d, allocateLike(u.data, u.data.length));
  const dV = new Matrix(rows, d, allocateLike(u.data, u.data.length));
  for (let i = 0; i < rows; i++) {
    const at = i * d;
    const sx = x.scale[i];
    const sy = y.scale[i];
    const x0 = x.time[i];
    let product = 0;
    for (let j = at; j < at + d; j++) product += u.data[j] * v.data[j];
    product *= sx * sy;
    const kappa = product / (1 + x0) + y.time[i];
    let square = 0;
    let along = 0;
    for (let j = at; j < at + d; j++) {
      const o = kappa * sx * u.data[j] + sy * v.data[j];
      square += o * o;
      along += G[j] * o;
    }
    const size = Math.sqrt(square);
    const factor = landing(size, scales);
    const second = landingSlope(size, scales) * along;
    // Gradients of the lifted points: first that of kappa, then those of x and y, which need it.
    let dKappa = 0;
    for (let j = at; j < at + d; j++) {
      const dO = factor * G[j] + second * (kappa * sx * u.data[j] + sy * v.data[j]);
      dKappa += dO * sx * u.data[j];
    }
    const dTimeX = -dKappa * product / (1 + x0) ** 2;
    let alongU = 0;
    let alongV = 0;
    for (let j = at; j < at + d; j++) {
      const dO = factor * G[j] + second * (kappa * sx * u.data[j] + sy * v.data[j]);
      const dX = kappa * dO + dKappa * sy * v.data[j] / (1 + x0);
      const dY = dO + dKappa * sx * u.data[j] / (1 + x0);
      alongU += dX * u.data[j];
      alongV += dY * v.data[j];
      dU.data[j] = sx * dX;
      dV.data[j] = sy * dY;
    }
    const radialU = alongU * x.slope[i] + dTimeX * x.timeSlope[i];
    const radialV = alongV * y.slope[i] + dKappa * y.timeSlope[i];
    for (let j = at; j < at + d; j++) {
      dU.data[j] += radialU * u.data[j];
      dV.data[j] += radialV * v.data[j];
    }
  }
  return { u: dU, v: dV };
}
