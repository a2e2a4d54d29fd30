import { allocateLike, Matrix, type RealArray, requireMatrix, requireSameShape } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { requireColumns, requirePrecision } from "./check.ts";
import { asinh, sinh } from "./functions.ts";
import { landing, landingSlope, lift, type Scales, scalesOf, type TangentOptions } from "./hyperboloid.ts";

/** Gradients of a Poincaré fully connected layer. */
export interface PoincareLinearGradients<Data extends RealArray = Float64Array> {
  /** With respect to the tangent vectors, N x n. */
  u: Matrix<Data>;
  /** With respect to the weights, n x m. */
  Z: Matrix<Data>;
  /** With respect to the offsets, 1 x m. */
  r: Matrix<Data>;
}

/** A value and its backward pass. */
export interface PoincareLinearVjp<Data extends RealArray = Float64Array> {
  /** Tangent vectors, N x m. */
  value: Matrix<Data>;
  /** The gradients of ⟨upstream, value⟩. */
  gradients(upstream: Matrix<Data>): PoincareLinearGradients<Data>;
}

/**
 * The Poincaré fully connected layer of HNN++ (Shimizu et al. 2021) between tangent
 * vectors at the origin: exp0, the layer, log0, in one pass. In the coordinates of the hyperboloid no point
 * touches the boundary of the ball, so that nothing cancels and vectors of norm 85/√c pass, where the ball
 * form in single precision ends at norm 8: with t = 2√c‖u‖,
 *
 *     a_k = sinh(t) ⟨u/‖u‖, z_k/‖z_k‖⟩ cosh(2√c r_k) - cosh(t) sinh(2√c r_k),
 *     w_k = sinh(2‖z_k‖ asinh a_k)/√c,  out = asinh(√c‖w‖)/(2√c) w/‖w‖.
 *
 * @param u Tangent vectors at the origin, one per row, N x n.
 * @param Z Normals of the hyperplanes as columns, n x m. A column of zeros gives the output 0.
 * @param r Offsets of the hyperplanes, 1 x m.
 * @param options The curvature.
 * @returns Tangent vectors at the origin, N x m, of the precision of `u`.
 * @throws {RangeError} if the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { poincareInit, poincareLinear } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // With ½ I and no offsets the layer is the identity map, at any norm.
 * const u = Matrix.fromRows([[0.3, -0.2], [30, 40]]);
 * const out = poincareLinear(u, poincareInit("identity", 2, 2), Matrix.zeros(1, 2), { c: 1 });
 * out.data.forEach((value, k) => assertAlmostEquals(value, u.data[k], 1e-12));
 * ```
 */
export function poincareLinear<Data extends RealArray>(
  u: Matrix<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  options: TangentOptions,
): Matrix<Data> {
  const scales = requireLinear(u, Z, r, options);
  return linearForward(u, Z, r, scales).value;
}

/**
 * {@linkcode poincareLinear} with its backward pass, which keeps the arguments and two numbers per output.
 *
 * @param u Tangent vectors, N x n.
 * @param Z Normals as columns, n x m.
 * @param r Offsets, 1 x m.
 * @param options The curvature.
 * @returns The value, and a function from its gradient to those of the arguments.
 * @throws {RangeError} if the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { poincareLinearVjp } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // In one dimension without offset the layer multiplies by 2 z.
 * const one = (value: number) => Matrix.fromRows([[value]]);
 * const { value, gradients } = poincareLinearVjp(one(0.3), one(0.8), one(0), { c: 1 });
 * assertAlmostEquals(value.get(0, 0), 1.6 * 0.3, 1e-15);
 * assertAlmostEquals(gradients(one(1)).Z.get(0, 0), 2 * 0.3, 1e-14);
 * ```
 */
export function poincareLinearVjp<Data extends RealArray>(
  u: Matrix<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  options: TangentOptions,
): PoincareLinearVjp<Data> {
  const scales = requireLinear(u, Z, r, options);
  const { value, record } = linearForward(u, Z, r, scales);
  return {
    value,
    gradients(upstream) {
      requireSameShape("upstream", upstream, value);
      requirePrecision("upstream", upstream, value);
      return linearBackward(u, Z, r, record, upstream, scales);
    },
  };
}

function requireLinear(
  u: Matrix<RealArray>,
  Z: Matrix<RealArray>,
  r: Matrix<RealArray>,
  options: TangentOptions,
): Scales {
  requireMatrix("Z", Z);
  requireColumns("u", u, Z.rows, Z);
  requireMatrix("r", r);
  requireSameShape("r", r, { rows: 1, columns: Z.columns });
  requirePrecision("r", r, Z);
  return scalesOf(options, Z.dtype);
}

/** What depends on a column of the weights only. */
interface Columns {
  /** ‖z_k‖, at least 1e-15. */
  norm: Float64Array;
  /** cosh(2√c r_k). */
  cosh: Float64Array;
  /** sinh(2√c r_k). */
  sinh: Float64Array;
}

function columnsOf(Z: Matrix<RealArray>, r: Matrix<RealArray>, root: number): Columns {
  const { rows: n, columns: m, data } = Z;
  const norm = new Float64Array(m);
  let at = 0;
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++, at++) norm[k] += data[at] * data[at];
  for (let k = 0; k < m; k++) norm[k] = Math.max(Math.sqrt(norm[k]), 1e-15);
  const offset = Float64Array.from(r.data, (value) => 2 * root * value);
  return { norm, cosh: offset.map(Math.cosh), sinh: offset.map(Math.sinh) };
}

/** What the backward pass needs of the forward pass. */
export interface LinearRecord<Data extends RealArray> {
  /** a_k. */
  inner: Matrix<Data>;
  /** asinh a_k. */
  angle: Matrix<Data>;
}

/** The outputs, and what the backward pass needs. */
export function linearForward<Data extends RealArray>(
  u: Matrix<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  scales: Scales,
): { value: Matrix<Data>; record: LinearRecord<Data> } {
  const { norm, cosh, sinh } = columnsOf(Z, r, scales.root);
  const { scale, time } = lift(u, scales);
  const inner = matmul(u, Z);
  const { rows, columns: m, data: a } = inner;
  const angle = new Matrix(rows, m, allocateLike(a, a.length));
  const out = allocateLike(a, a.length);
  const w = new Float64Array(m);
  for (let i = 0; i < rows; i++) {
    const at = i * m;
    const s = scale[i];
    const h = time[i];
    let square = 0;
    for (let k = 0; k < m; k++) {
      const value = s * a[at + k] * (cosh[k] / norm[k]) - h * sinh[k];
      const asinhOf = asinh(value);
      a[at + k] = value;
      angle.data[at + k] = asinhOf;
      w[k] = cutSinh(2 * norm[k] * asinhOf, scales.limit);
      square += w[k] * w[k];
    }
    const factor = landing(Math.sqrt(square), scales);
    for (let k = 0; k < m; k++) out[at + k] = factor * w[k];
  }
  return { value: new Matrix(rows, m, out), record: { inner, angle } };
}

/** sinh, cut off where it would overflow. */
function cutSinh(e: number, limit: number): number {
  return sinh(e > limit ? limit : e < -limit ? -limit : e);
}

/** The gradients, from the numbers that {@linkcode linearForward} kept. */
export function linearBackward<Data extends RealArray>(
  u: Matrix<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  { inner, angle }: LinearRecord<Data>,
  upstream: Matrix<Data>,
  scales: Scales,
): PoincareLinearGradients<Data> {
  const { root, limit } = scales;
  const { norm, cosh, sinh } = columnsOf(Z, r, root);
  const { scale, time, slope, timeSlope } = lift(u, scales);
  const { rows, columns: m, data: a } = inner;
  const G = upstream.data;
  const dProduct = new Matrix(rows, m, allocateLike(a, a.length));
  const dOffset = new Float64Array(m);
  const dNorm = new Float64Array(m);
  /** What u_i itself is multiplied by: the part of its gradient that comes through its norm. */
  const radial = new Float64Array(rows);
  const w = new Float64Array(m);
  for (let i = 0; i < rows; i++) {
    const at = i * m;
    const s = scale[i];
    const h = time[i];
    let square = 0;
    let along = 0;
    for (let k = 0; k < m; k++) {
      w[k] = cutSinh(2 * norm[k] * angle.data[at + k], limit);
      square += w[k] * w[k];
      along += G[at + k] * w[k];
    }
    const size = Math.sqrt(square);
    const factor = landing(size, scales);
    const second = landingSlope(size, scales) * along;
    let dScale = 0;
    let dTime = 0;
    for (let k = 0; k < m; k++) {
      const value = a[at + k];
      const power = 2 * norm[k];
      const isCut = Math.abs(power * angle.data[at + k]) > limit;
      // d sinh(e) = cosh(e) de, with e = p asinh(a).
      const dE = isCut ? 0 : (factor * G[at + k] + second * w[k]) * Math.sqrt(1 + w[k] * w[k]);
      const dA = dE * power / Math.sqrt(1 + value * value);
      const product = isCut ? 0 : value + h * sinh[k];
      dNorm[k] += 2 * dE * angle.data[at + k] - dA * product / norm[k];
      dOffset[k] += 2 * root * dA * (product * (sinh[k] / cosh[k]) - h * cosh[k]);
      dScale += dA * product;
      dTime -= dA * sinh[k];
      dProduct.data[at + k] = dA * s * (cosh[k] / norm[k]);
    }
    radial[i] = dScale / s * slope[i] + dTime * timeSlope[i];
  }
  const dU = matmul(dProduct, Z, { transposeB: true });
  addRows(dU, u, radial);
  const dZ = matmul(u, dProduct, { transposeA: true });
  let at = 0;
  for (let i = 0; i < Z.rows; i++) {
    for (let k = 0; k < m; k++, at++) dZ.data[at] += Z.data[at] / norm[k] * dNorm[k];
  }
  const dR = allocateLike(a, m);
  dR.set(dOffset);
  return { u: dU, Z: dZ, r: new Matrix(1, m, dR) };
}

/** Adds factor_i times row i of `of` to row i of `to`. */
export function addRows(to: Matrix<RealArray>, of: Matrix<RealArray>, factors: Float64Array): void {
  const { rows, columns } = to;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const factor = factors[i];
    for (let j = 0; j < columns; j++, at++) to.data[at] += factor * of.data[at];
  }
}
