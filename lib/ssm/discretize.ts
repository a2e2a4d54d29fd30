import { requireInteger, requireNumber, requireOneOf } from "../arrays/mod.ts";
import { requireSameSize, requireStable } from "./check.ts";

/** How a continuous system becomes a discrete one. */
export type Discretization = "zoh" | "bilinear";

/** A discrete diagonal system `x[k] = dA x[k-1] + dB u[k]`. */
export interface DiscreteSystem {
  /** Transition factors, complex interleaved. */
  dA: Float64Array;
  /** Input weights, complex interleaved. */
  dB: Float64Array;
}

/**
 * Discretizes a diagonal system with step dt (Gu et al. 2022, section 3.1), with z = dt A:
 * zero-order hold `exp(z)` and `B (exp(z) - 1) / A`, or bilinear `(1 + z/2) / (1 - z/2)` and `dt B / (1 -
 * z/2)`.
 *
 * `exp(z) - 1` is computed without cancellation: for small z the naive difference has no correct digits.
 *
 * @param A Poles, complex interleaved, real parts below 0.
 * @param B Input weights, of the same size.
 * @param dt Step, above 0.
 * @param method Default `"zoh"`.
 * @throws {RangeError} if a pole is unstable or `dt` is not a finite number above 0.
 * @throws {TypeError} if sizes differ or the method is unknown.
 *
 * @example
 * ```ts
 * import { discretize } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { dA, dB } = discretize(new Float64Array([-0.5, 0]), new Float64Array([1, 0]), 0.1);
 * assertAlmostEquals(dA[0], Math.exp(-0.05));
 * assertAlmostEquals(dB[0], (1 - Math.exp(-0.05)) / 0.5);
 * ```
 */
export function discretize(
  A: Float64Array,
  B: Float64Array,
  dt: number,
  method: Discretization = "zoh",
): DiscreteSystem {
  const n = requireSameSize("B", B, "A", A);
  requireStable("A", A);
  requireNumber("dt", dt, { above: 0 });
  requireOneOf("method", method, ["zoh", "bilinear"]);
  const dA = new Float64Array(2 * n);
  const dB = new Float64Array(2 * n);
  for (let k = 0; k < 2 * n; k += 2) {
    const zRe = dt * A[k];
    const zIm = dt * A[k + 1];
    let gainRe: number;
    let gainIm: number;
    if (method === "zoh") {
      const [re, im] = complexExpm1(zRe, zIm);
      dA[k] = re + 1;
      dA[k + 1] = im;
      const d = A[k] * A[k] + A[k + 1] * A[k + 1];
      gainRe = (re * A[k] + im * A[k + 1]) / d;
      gainIm = (im * A[k] - re * A[k + 1]) / d;
    } else {
      const re = 1 - zRe / 2;
      const im = -zIm / 2;
      const d = re * re + im * im;
      gainRe = dt * re / d;
      gainIm = -dt * im / d;
      const upRe = 1 + zRe / 2;
      const upIm = zIm / 2;
      dA[k] = (upRe * re + upIm * im) / d;
      dA[k + 1] = (upIm * re - upRe * im) / d;
    }
    dB[k] = gainRe * B[k] - gainIm * B[k + 1];
    dB[k + 1] = gainRe * B[k + 1] + gainIm * B[k];
  }
  return { dA, dB };
}

/**
 * `exp(x + iy) - 1` without cancellation: `expm1(x) cos y - 2 sin^2(y/2)` and `exp(x) sin y`.
 *
 * @example
 * ```ts
 * import { complexExpm1 } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // exp(1e-20 + 1e-12 i) - 1: Math.exp(1e-20) - 1 would be 0.
 * const [re, im] = complexExpm1(1e-20, 1e-12);
 * assertAlmostEquals(re, 1e-20, 1e-23);
 * assertAlmostEquals(im, 1e-12, 1e-27);
 * ```
 */
export function complexExpm1(x: number, y: number): [number, number] {
  const s = Math.sin(y / 2);
  return [Math.expm1(x) * Math.cos(y) - 2 * s * s, Math.exp(x) * Math.sin(y)];
}

/**
 * The weights of DSS, the softmax-normalized kernel: `(1 - exp(z)) / (1 - exp(z L))` with z = dt A, so that
 * every mode's kernel sums to 1 over the L samples (Gupta, Gu & Berant 2022, "Diagonal state spaces are as
 * effective as structured state spaces", equation 6).
 *
 * @param A Poles, complex interleaved, real parts below 0.
 * @param dt Step, above 0.
 * @param length Samples of the kernel, L.
 * @returns What takes the place of `dB`, complex interleaved.
 * @throws {RangeError} if a pole is unstable, or `dt` or `length` is out of range.
 *
 * @example
 * ```ts
 * import { dssWeights } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = dssWeights(new Float64Array([-1, 0]), 0.1, 50)[0];
 * let sum = 0;
 * for (let l = 0; l < 50; l++) sum += w * Math.exp(-0.1 * l);
 * assertAlmostEquals(sum, 1);
 * ```
 */
export function dssWeights(A: Float64Array, dt: number, length: number): Float64Array {
  requireStable("A", A);
  requireNumber("dt", dt, { above: 0 });
  requireInteger("length", length, { min: 1 });
  const out = new Float64Array(A.length);
  for (let k = 0; k < A.length; k += 2) {
    const [aRe, aIm] = complexExpm1(dt * A[k], dt * A[k + 1]);
    const [bRe, bIm] = complexExpm1(dt * A[k] * length, dt * A[k + 1] * length);
    const d = bRe * bRe + bIm * bIm;
    out[k] = (aRe * bRe + aIm * bIm) / d;
    out[k + 1] = (aIm * bRe - aRe * bIm) / d;
  }
  return out;
}
