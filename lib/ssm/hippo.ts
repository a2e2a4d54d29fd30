import { Matrix, requireFinite, requireInteger, requireNumber, requireNumbers } from "../arrays/mod.ts";

/** HiPPO-LegS and the vector that makes it normal. */
export interface HippoLegS {
  /** State matrix, n x n, lower triangular with eigenvalues -1, ..., -n. */
  A: Matrix;
  /** Input vector, `sqrt(2 k + 1)`; its norm is n. */
  B: Float64Array;
  /** Low-rank correction `sqrt(k + 1/2)`: `A + P P^T` is normal. */
  P: Float64Array;
}

/**
 * HiPPO-LegS, which remembers all of its input through scaled Legendre polynomials: `A[i, j] = -sqrt(2i+1)
 * sqrt(2j+1)` below the diagonal and `-(i + 1)` on it (Gu et al. 2022, "On the parameterization and
 * initialization of diagonal state space models", equation 7).
 *
 * @param n State size, at least 1.
 * @throws {RangeError} if `n` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { hippoLegS } from "refigure/ssm";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const { A, B } = hippoLegS(2);
 * assertEquals([A.get(0, 0), A.get(0, 1), A.get(1, 1)], [-1, 0, -2]);
 * assertAlmostEquals(A.get(1, 0), -Math.sqrt(3));
 * assertAlmostEquals(B[0] ** 2 + B[1] ** 2, 4);
 * ```
 */
export function hippoLegS(n: number): HippoLegS {
  requireInteger("n", n, { min: 1 });
  const A = Matrix.from(
    n,
    n,
    (i, j) => i > j ? -Math.sqrt(2 * i + 1) * Math.sqrt(2 * j + 1) : i === j ? -(i + 1) : 0,
  );
  return {
    A,
    B: Float64Array.from({ length: n }, (_, k) => Math.sqrt(2 * k + 1)),
    P: Float64Array.from({ length: n }, (_, k) => Math.sqrt(k + 0.5)),
  };
}

/**
 * The normal part of HiPPO-LegS, `A + P P^T = -1/2 I + S` with S real and skew (Gu et al. 2022, section 2.2).
 * All of its eigenvalues have real part -1/2.
 *
 * @param n State size, at least 1.
 * @throws {RangeError} if `n` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { legsNormalPart } from "refigure/ssm";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const a = legsNormalPart(3);
 * assertEquals(a.get(1, 1), -0.5);
 * assertAlmostEquals(a.get(0, 2), -a.get(2, 0));
 * ```
 */
export function legsNormalPart(n: number): Matrix {
  requireInteger("n", n, { min: 1 });
  return Matrix.from(
    n,
    n,
    (i, j) => i === j ? -0.5 : Math.sqrt((i + 0.5) * (j + 0.5)) * Math.sign(j - i),
  );
}

/** Throws unless all times are finite and not negative. @throws {TypeError | RangeError} */
function requireTimes(name: string, t: ArrayLike<number>): void {
  requireNumbers(name, t);
  requireFinite(`Cannot evaluate the kernel at \`${name}\``, t);
  for (let i = 0; i < t.length; i++) {
    if (t[i] < 0) {
      throw new RangeError(`\`${name}[${i}]\` must be at least 0, got ${t[i]}: the kernel is causal`);
    }
  }
}

/** Legendre polynomials 0 to `order` at x, by the three-term recurrence. */
function legendre(order: number, x: number): Float64Array {
  const p = new Float64Array(order + 1);
  p[0] = 1;
  if (order > 0) p[1] = x;
  for (let k = 1; k < order; k++) p[k + 1] = ((2 * k + 1) * x * p[k] - k * p[k - 1]) / (k + 1);
  return p;
}

/**
 * The kernels of HiPPO-LegS itself, `K_n(t) = sqrt(2n+1) P_n(2 exp(-t) - 1) exp(-t)` with P_n the Legendre
 * polynomial: the limit of the diagonal model for large n (Gu et al. 2022, section 3.2 and Theorem 3).
 *
 * @param order Which basis function, from 0.
 * @param t Times, finite and at least 0.
 * @returns One value per time.
 * @throws {RangeError} if `order` is not a non-negative integer, or a time is negative or not finite.
 *
 * @example
 * ```ts
 * import { legsKernel } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(legsKernel(3, new Float64Array([1]))[0], 0.3408909926926646);
 * ```
 */
export function legsKernel(order: number, t: ArrayLike<number>): Float64Array {
  requireInteger("order", order);
  requireTimes("t", t);
  const scale = Math.sqrt(2 * order + 1);
  return Float64Array.from(
    t,
    (time) => scale * legendre(order, 2 * Math.exp(-time) - 1)[order] * Math.exp(-time),
  );
}

/**
 * The averages of {@linkcode legsKernel} over [t, t + dt], exactly: what zero-order-hold samples of the true
 * system are, `1/dt` times the integral, from the antiderivative `(P_{n+1} - P_{n-1}) / (2n+1)`.
 *
 * @param order Which basis function, from 0.
 * @param t Left ends of the intervals, finite and at least 0.
 * @param dt Their length.
 * @returns One average per interval.
 * @throws {RangeError} if `order` is not a non-negative integer, a time is negative or not finite, or `dt` is
 * not above 0.
 *
 * @example
 * ```ts
 * import { legsKernelAverage } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(0.5 * legsKernelAverage(2, new Float64Array([0]), 0.5)[0], 0.11369811655, 1e-10);
 * ```
 */
export function legsKernelAverage(order: number, t: ArrayLike<number>, dt: number): Float64Array {
  requireInteger("order", order);
  requireTimes("t", t);
  requireNumber("dt", dt, { above: 0 });
  const integral = (x: number) => {
    if (order === 0) return x;
    const p = legendre(order + 1, x);
    return (p[order + 1] - p[order - 1]) / (2 * order + 1);
  };
  const scale = Math.sqrt(2 * order + 1) / (2 * dt);
  return Float64Array.from(
    t,
    (time) => scale * (integral(2 * Math.exp(-time) - 1) - integral(2 * Math.exp(-time - dt) - 1)),
  );
}
