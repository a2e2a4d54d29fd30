import {
  type Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
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
  requireMatrix("w1", w1);
  requireLength("w2", requireNumbers("w2", w2), w1.rows);
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
 * @returns Mean and spread over teachers, and the effective rank.
 * @throws {RangeError} if there are more than d values, an entry is not finite, or all are zero.
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
  requireNumbers("singularValues", singularValues);
  requireInteger("d", d, { min: Math.max(1, singularValues.length) });
  requireFinite("Cannot average the alignment over tasks: `singularValues`", singularValues);
  const effectiveRank = participationRatio(singularValues);
  if (Number.isNaN(effectiveRank)) throw new RangeError("`singularValues` must not all be zero");
  return {
    effectiveRank,
    mean: (1 + 1 / d) / Math.sqrt(d + 3) * Math.sqrt(effectiveRank),
    sd: Math.sqrt(Math.max(0, 2 * (d - effectiveRank)) / (d * d * (d + 2) * (d + 3))),
  };
}

/** `(sum s_i^2)^2 / sum s_i^4`; NaN if all are zero. */
function participationRatio(values: ArrayLike<number>): number {
  const sums = (scale: number) => {
    let second = 0;
    let fourth = 0;
    for (let i = 0; i < values.length; i++) {
      second += (values[i] * scale) ** 2;
      fourth += (values[i] * scale) ** 4;
    }
    return { second, fourth };
  };
  let { second, fourth } = sums(1);
  if (!(fourth > 1e-280 && fourth < 1e280)) {
    let largest = 0;
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
    if (largest === 0) return NaN;
    ({ second, fourth } = sums(2 ** -Math.floor(Math.log2(largest))));
  }
  return second * second / fourth;
}

/**
 * The same for one task: `(tr K0 + b^T K0 b) / (|K0| sqrt(d + 3))`, with b the teacher's direction.
 *
 * @param k0 Tangent kernel of the start, d x d.
 * @param beta The teacher, d numbers.
 * @throws {RangeError} if the sizes differ, an entry is not finite, or `k0` or `beta` is zero.
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
  requireMatrix("k0", k0);
  const d = k0.rows;
  if (k0.columns !== d) throw new RangeError(`\`k0\` must be square, got ${d} x ${k0.columns}`);
  requireLength("beta", requireNumbers("beta", beta), d);
  requireFinite("Cannot use `k0`", k0.data, d);
  requireFinite("Cannot use `beta`", beta);
  const kernelScale = scaleTo1(k0.data);
  const teacherScale = scaleTo1(beta);
  let trace = 0;
  let along = 0;
  let square = 0;
  let norm = 0;
  for (let i = 0; i < d; i++) {
    const b = beta[i] * teacherScale;
    trace += k0.get(i, i) * kernelScale;
    norm += b ** 2;
    for (let j = 0; j < d; j++) {
      const entry = k0.get(i, j) * kernelScale;
      along += b * entry * (beta[j] * teacherScale);
      square += entry ** 2;
    }
  }
  if (!(norm > 0 && square > 0)) throw new RangeError("`beta` and `k0` must not be zero");
  return (trace + along / norm) / Math.sqrt(square * (d + 3));
}

/** A power of two that brings values whose squares would over- or underflow near 1; else 1. */
function scaleTo1(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest === 0 || (largest > 1e-70 && largest < 1e70) ? 1 : 2 ** -Math.floor(Math.log2(largest));
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
  requireOptions("start", start, ["d", "sigma", "teacher"]);
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
  requireOptions("start", start, ["d", "sigma", "teacher", "overlap"]);
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

/** Only `sigma^2 / teacher` matters; beyond these sizes of `sigma` the alignment is at its limit. */
const LARGEST_SIGMA = 1e30;

function requireStart({ d, sigma, teacher = 1 }: SolvedStart): Required<SolvedStart> {
  requireInteger("d", d, { min: 1 });
  requireNumber("sigma", sigma, { above: 0 });
  requireNumber("teacher", teacher, { above: 0 });
  const isExtreme = (x: number) => x > LARGEST_SIGMA || x < 1 / LARGEST_SIGMA;
  if (!isExtreme(sigma) && !isExtreme(teacher)) return { d, sigma, teacher };
  const relative = sigma / Math.sqrt(teacher);
  return { d, sigma: Math.min(LARGEST_SIGMA, Math.max(1 / LARGEST_SIGMA, relative)), teacher: 1 };
}
