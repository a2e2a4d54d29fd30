import { type Complex, requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { complex, complexAt, divide, expm1, multiply, scale, setComplexAt } from "../arrays/complex.ts";
import { requireComplexVector, requireSameSize, requireStable } from "./check.ts";

/** How a continuous system becomes a discrete one. */
export type Discretization = "zoh" | "bilinear";

/** The names of the discretizations, for checks. */
export const DISCRETIZATIONS: readonly Discretization[] = ["zoh", "bilinear"];

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
 * @param options `method`: zero-order hold (`"zoh"`, the default) or `"bilinear"`.
 * @returns The discrete system.
 * @throws {RangeError} if a pole is unstable, `dt` is not a finite number above 0, or sizes differ.
 * @throws {TypeError} if the method is unknown.
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
  options: { method?: Discretization } = {},
): DiscreteSystem {
  requireOptions("options", options, ["method"]);
  const { method = "zoh" } = options;
  const n = requireSameSize("B", B, "A", A);
  requireStable("A", A);
  requireNumber("dt", dt, { above: 0 });
  requireOneOf("method", method, DISCRETIZATIONS);
  const dA = new Float64Array(2 * n);
  const dB = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const a = complexAt(A, k);
    const z = scale(a, dt);
    let gain: Complex;
    if (method === "zoh") {
      const grown = expm1(z);
      setComplexAt(dA, k, { re: grown.re + 1, im: grown.im });
      gain = divide(grown, a);
    } else {
      const below = { re: 1 - z.re / 2, im: -z.im / 2 };
      setComplexAt(dA, k, divide({ re: 1 + z.re / 2, im: z.im / 2 }, below));
      gain = divide(complex(dt), below);
    }
    setComplexAt(dB, k, multiply(gain, complexAt(B, k)));
  }
  return { dA, dB };
}

/**
 * `exp(x + iy) - 1` without cancellation: `expm1(x) cos y - 2 sin^2(y/2)` and `exp(x) sin y`.
 *
 * @param x Real part.
 * @param y Imaginary part.
 * @throws {TypeError} if one is not a number.
 *
 * @example
 * ```ts
 * import { complexExpm1 } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // exp(1e-20 + 1e-12 i) - 1: Math.exp(1e-20) - 1 would be 0.
 * const { re, im } = complexExpm1(1e-20, 1e-12);
 * assertAlmostEquals(re, 1e-20, 1e-23);
 * assertAlmostEquals(im, 1e-12, 1e-27);
 * ```
 */
export function complexExpm1(x: number, y: number): Complex {
  requireNumber("x", x, { finite: false });
  requireNumber("y", y, { finite: false });
  return expm1({ re: x, im: y });
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
  const n = requireComplexVector("A", A);
  requireStable("A", A);
  requireNumber("dt", dt, { above: 0 });
  requireInteger("length", length, { min: 1 });
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const z = scale(complexAt(A, k), dt);
    setComplexAt(out, k, divide(expm1(z), expm1(scale(z, length))));
  }
  return out;
}
