import type { Complex } from "../arrays/mod.ts";
import { add, complex, divide, expm1, multiply, reciprocal, scale } from "../arrays/complex.ts";
import type { Discretization } from "./discretize.ts";

/** How one mode is discretized, with what its gradient needs. */
export interface DiscreteMode {
  /** The step. */
  dt: number;
  /** The pole A. */
  pole: Complex;
  /** The transition factor p. */
  factor: Complex;
  /** The input weight for B = 1, a function of dt and A. */
  gain: Complex;
  /** `d gain / d log dt`. */
  gainByLogDt: Complex;
  /** `d gain / d A`. */
  gainByA: Complex;
  /** `d log p / d z` with z = dt A. */
  slope: Complex;
}

/** Discretizes one mode with its pole and step. */
export function discreteMode(pole: Complex, dt: number, discretization: Discretization): DiscreteMode {
  return discretization === "zoh" ? zeroOrderHold(pole, dt) : bilinear(pole, dt);
}

/** Zero-order hold of one mode: `p = exp(z)`, `gain = (exp(z) - 1) / A`. */
function zeroOrderHold(pole: Complex, dt: number): DiscreteMode {
  const grown = expm1(scale(pole, dt));
  const factor = { re: grown.re + 1, im: grown.im };
  const gain = divide(grown, pole);
  const gainByLogDt = { re: dt * factor.re, im: dt * factor.im };
  const gainByA = divide({ re: gainByLogDt.re - gain.re, im: gainByLogDt.im - gain.im }, pole);
  return { dt, pole, factor, gain, gainByLogDt, gainByA, slope: complex(1) };
}

/** The bilinear transform of one mode: `p = (1 + z/2) r`, `gain = dt r` with `r = 1 / (1 - z/2)`. */
function bilinear(pole: Complex, dt: number): DiscreteMode {
  const z = scale(pole, dt);
  const above = { re: 1 + z.re / 2, im: z.im / 2 };
  const r = reciprocal({ re: 1 - z.re / 2, im: -z.im / 2 });
  const square = multiply(r, r);
  const product = multiply(square, z);
  return {
    dt,
    pole,
    factor: multiply(above, r),
    gain: scale(r, dt),
    gainByLogDt: scale(add(r, { re: product.re / 2, im: product.im / 2 }), dt),
    gainByA: { re: dt * dt * square.re / 2, im: dt * dt * square.im / 2 },
    slope: divide(r, above),
  };
}
