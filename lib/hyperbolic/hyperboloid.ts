/**
 * Tangent vectors at the origin as points of the hyperboloid, and back. A tangent vector u of the Poincaré
 * ball is the point (cosh t, sinh(t) u/|u|), t = 2√c|u|: the midpoint is a mean there and a translation is
 * linear, without the cancellation of 1 - c|x|² at the boundary of the ball. Not public.
 */
import { type DType, type Matrix, type RealArray, requireNumber, requireOptions } from "../arrays/mod.ts";
import { requireCurvature } from "./check.ts";
import { asinh, asinhc, asinhcSlope, sinhcSlope } from "./functions.ts";

/** Distances t beyond these would overflow in squares: longer vectors are taken as this long. */
const LARGEST_DISTANCE = { float64: 170, float32: 80 };

/** What the layers on tangent vectors have in common. */
export interface TangentOptions {
  /** The curvature is -c; c > 0. */
  c: number;
  /**
   * Inputs and outputs that are longer are shortened to this norm. The projection of the original code in
   * single precision is 3.1063/√c. Default 85/√c, in single precision 40/√c, far beyond what the ball model
   * can represent.
   */
  maxTangentNorm?: number;
}

/** The names of {@linkcode TangentOptions}. */
export const TANGENT_OPTIONS = ["c", "maxTangentNorm"] as const;

/** √c, the largest t that a tangent vector may have, and the largest one that does not overflow. */
export interface Scales {
  root: number;
  largest: number;
  limit: number;
}

/** Checks the options. @throws {TypeError | RangeError} */
export function scalesOf(options: TangentOptions, dtype: DType): Scales {
  requireOptions("options", options, TANGENT_OPTIONS);
  const { c, maxTangentNorm } = options;
  const root = Math.sqrt(requireCurvature("c", c));
  if (maxTangentNorm !== undefined) requireNumber("maxTangentNorm", maxTangentNorm, { above: 0 });
  const limit = LARGEST_DISTANCE[dtype];
  return { root, limit, largest: Math.min(limit, 2 * root * (maxTangentNorm ?? Infinity)) };
}

/** Points of the hyperboloid: row i is (time[i], scale[i] u_i). */
export interface Lifted {
  /** sinh(t)/|u|. */
  scale: Float64Array;
  /** cosh t. */
  time: Float64Array;
  /** d scale / d|u| over |u|: zero derivative of t where it is cut off. */
  slope: Float64Array;
  /** d time / d|u| over |u|. */
  timeSlope: Float64Array;
}

/** Lifts the rows of `u`. */
export function lift(u: Matrix<RealArray>, { root, largest }: Scales): Lifted {
  const { rows, columns: n, data } = u;
  const out = {
    scale: new Float64Array(rows),
    time: new Float64Array(rows),
    slope: new Float64Array(rows),
    timeSlope: new Float64Array(rows),
  };
  for (let i = 0; i < rows; i++) {
    const at = i * n;
    let square = 0;
    for (let j = 0; j < n; j++) square += data[at + j] * data[at + j];
    liftOne(Math.sqrt(square), root, largest, out, i);
  }
  return out;
}

function liftOne(norm: number, root: number, largest: number, out: Lifted, i: number): void {
  const t = 2 * root * norm;
  if (t > largest) {
    const scale = Math.sinh(largest) / norm;
    out.scale[i] = scale;
    out.time[i] = Math.cosh(largest);
    out.slope[i] = -scale / (norm * norm);
    return;
  }
  // One exponential for both: sinh and cosh from exp(t) - 1.
  const m = Math.expm1(t);
  const sinh = (m + m / (m + 1)) / 2;
  const cosh = 1 + m * m / (2 * (m + 1));
  const square = t * t;
  const scale = 2 * root * (t < 1e-4 ? 1 + square / 6 : sinh / t);
  out.scale[i] = scale;
  out.time[i] = cosh;
  out.slope[i] = 8 * root ** 3 * (t < 1e-2 ? sinhcSlope(t) : (cosh - sinh / t) / square);
  out.timeSlope[i] = 2 * root * scale;
}

/**
 * The factor that takes the spatial part of a point of the hyperboloid, of norm `norm`, to its tangent
 * vector.
 */
export function landing(norm: number, { root, largest }: Scales): number {
  const t = asinh(norm);
  return t > largest ? largest / (2 * root * norm) : asinhc(norm) / (2 * root);
}

/** The derivative of {@linkcode landing}, over `norm`. */
export function landingSlope(norm: number, { root, largest }: Scales): number {
  const t = asinh(norm);
  return t > largest ? -largest / (2 * root * norm * norm * norm) : asinhcSlope(norm) / (2 * root);
}
