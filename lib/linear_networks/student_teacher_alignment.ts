import { type Matrix, requireFinite, requireInteger, requireLength, requireNumber } from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";

/**
 * The tangent kernel of the two-layer linear network `f = w2^T W1 x` as the matrix K of `x^T K x'`: `W1^T W1
 * + |w2|^2 I`.
 *
 * @param w1 First layer, h x d.
 * @param w2 Second layer, h numbers.
 * @returns d x d.
 * @throws {RangeError} if the lengths differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { linearTangentKernel } from "refigure/linear_networks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linearTangentKernel(Matrix.fromRows([[1, 2]]), [3]).toRows(), [[10, 2], [2, 13]]);
 * ```
 */
export function linearTangentKernel(w1: Matrix, w2: ArrayLike<number>): Matrix {
  requireLength("w2", w2, w1.rows);
  const kernel = gram(w1);
  const norm = Array.from(w2).reduce((sum, w) => sum + w * w, 0);
  for (let i = 0; i < kernel.rows; i++) kernel.data[i * kernel.columns + i] += norm;
  return kernel;
}

/** An average over tasks. */
export interface AlignmentLaw {
  /** Mean over teachers uniform on the sphere. */
  mean: number;
  /** Standard deviation over them. */
  sd: number;
  /** Participation ratio of the squared singular values, all that the mean depends on. */
  effectiveRank: number;
}

/**
 * How much of its tangent kernel a small start keeps, on average over tasks: with `W1(0) -> 0` of given shape
 * and `w2(0) = 0`, the trained kernel is `|beta| (I + b b^T)` whatever the shape, so the alignment with the
 * kernel of the start has the mean `(1 + 1/d) / sqrt(d + 3) sqrt(r)` over directions b, with the effective
 * rank `r = (sum s_i^2)^2 / sum s_i^4`. Largest, and nearly 1, for the isotropic start: full rank is lazy,
 * low rank is rich. Derived in the setting of Liu et al. 2023, section 4.
 *
 * @param singularValues Of `W1(0)`; zeros may be left out.
 * @param d Number of inputs.
 * @throws {RangeError} if there are more than d values, or none but zeros.
 *
 * @example
 * ```ts
 * import { expectedAlignment } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(expectedAlignment([1], 20).mean, 0.21894013476, 1e-11);
 * assertAlmostEquals(expectedAlignment(new Float64Array(20).fill(0.3), 20).mean, 0.979130048652, 1e-11);
 * ```
 */
export function expectedAlignment(singularValues: ArrayLike<number>, d: number): AlignmentLaw {
  requireInteger("d", d, { min: Math.max(1, singularValues.length) });
  requireFinite("Cannot average the alignment over tasks: `singularValues`", singularValues);
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < singularValues.length; i++) {
    second += singularValues[i] ** 2;
    fourth += singularValues[i] ** 4;
  }
  if (!(fourth > 0)) throw new RangeError("`singularValues` must not all be zero");
  const effectiveRank = second * second / fourth;
  return {
    effectiveRank,
    mean: (1 + 1 / d) / Math.sqrt(d + 3) * Math.sqrt(effectiveRank),
    sd: Math.sqrt(Math.max(0, 2 * (d - effectiveRank)) / (d * d * (d + 2) * (d + 3))),
  };
}

/**
 * The same for one task: `(tr K0 + b^T K0 b) / (|K0| sqrt(d + 3))`, with b the teacher's direction.
 *
 * @param k0 Tangent kernel of the start, d x d.
 * @throws {RangeError} if the sizes differ or `k0` or `beta` is zero.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { smallStartAlignment } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A rank-one start along the teacher, in one dimension: nothing to turn.
 * assertAlmostEquals(smallStartAlignment(Matrix.identity(1), [2]), 1);
 * ```
 */
export function smallStartAlignment(k0: Matrix, beta: ArrayLike<number>): number {
  const d = k0.rows;
  requireLength("beta", beta, d);
  let trace = 0;
  let along = 0;
  let square = 0;
  let norm = 0;
  for (let i = 0; i < d; i++) {
    trace += k0.get(i, i);
    norm += beta[i] ** 2;
    for (let j = 0; j < d; j++) {
      along += beta[i] * k0.get(i, j) * beta[j];
      square += k0.get(i, j) ** 2;
    }
  }
  if (!(norm > 0 && square > 0)) throw new RangeError("`beta` and `k0` must not be zero");
  return (trace + along / norm) / Math.sqrt(square * (d + 3));
}

/** A start that is solved in closed form. */
export interface SolvedStart {
  /** Number of inputs d. */
  d: number;
  /** Frobenius norm of `W1(0)`. */
  sigma: number;
  /** Norm of the teacher. Default 1. */
  teacher?: number;
}

/**
 * Kernel alignment after training from an isotropic start of full rank, `W1^T W1 = sigma^2/d I` and `w2 = 0`,
 * at any scale. From the conserved `W1 W1^T - w2 w2^T` follows `|w2|^2 = b^2 = (sqrt(k0^2 + 4 |beta|^2) -
 * k0)/2` with `k0 = sigma^2/d`.
 *
 * @throws {RangeError} if a parameter is out of range.
 *
 * @example
 * ```ts
 * import { isotropicAlignment } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(isotropicAlignment({ d: 20, sigma: 1 }), 0.980974077867, 1e-11);
 * ```
 */
export function isotropicAlignment(start: SolvedStart): number {
  const { d, sigma, teacher } = requireStart(start);
  const k0 = sigma ** 2 / d;
  const b2 = secondLayer(k0, teacher);
  const k = k0 + b2;
  return (d * k + b2) / Math.sqrt(d) / Math.hypot(Math.sqrt(d - 1) * k, k + b2);
}

/**
 * Kernel alignment after training from a start of rank one, `W1 = sigma u v^T` and `w2 = 0`, at any scale.
 * Aligned with the task (`overlap` 1) it goes to 1 as the start grows: low rank and yet lazy, the exception
 * of the paper's Proposition 1.
 *
 * @param start Its `overlap` is the cosine between v and the teacher, 1 by default; not 0, from where nothing
 * is learned.
 * @throws {RangeError} if a parameter is out of range.
 *
 * @example
 * ```ts
 * import { rankOneAlignment } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(rankOneAlignment({ d: 20, sigma: 3 }), 0.9986559563, 1e-10);
 * ```
 */
export function rankOneAlignment(start: SolvedStart & { overlap?: number }): number {
  const { d, sigma, teacher } = requireStart(start);
  const { overlap = 1 } = start;
  requireNumber("overlap", overlap, { min: -1, max: 1 });
  if (overlap === 0) throw new RangeError("`overlap` must not be 0: nothing is learned from there");
  const b2 = secondLayer(sigma ** 2, teacher);
  const a2 = teacher ** 2 / b2;
  return (overlap ** 2 * a2 + b2) / Math.hypot(a2 + b2, Math.sqrt(d - 1) * b2);
}

/** `|w2|^2` at the end, from `|w2|^2 (k0 + |w2|^2) = |beta|^2`, without cancellation for large k0. */
function secondLayer(k0: number, teacher: number): number {
  return 2 * teacher ** 2 / (Math.hypot(k0, 2 * teacher) + k0);
}

function requireStart({ d, sigma, teacher = 1 }: SolvedStart): Required<SolvedStart> {
  return {
    d: requireInteger("d", d, { min: 1 }),
    sigma: requireNumber("sigma", sigma, { above: 0 }),
    teacher: requireNumber("teacher", teacher, { above: 0 }),
  };
}
