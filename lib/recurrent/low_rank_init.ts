import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { frobeniusNorm, singularValues, svd } from "../linalg/mod.ts";

/** Options of {@linkcode rankTruncate}. */
export interface RankTruncateOptions {
  /**
   * `"frobenius"`: the result has the Frobenius norm of `w`. `"none"`: the best approximation, which is
   * smaller. Default `"frobenius"`.
   */
  preserve?: "frobenius" | "none";
}

/**
 * The leading `rank` singular triplets of `w`, scaled back to its Frobenius norm: a start of low rank and of
 * the same size (Liu et al. 2023; without the scaling, rank and gain would change together).
 *
 * @param w An m x n matrix.
 * @param rank How many triplets.
 * @param options Whether the norm is preserved.
 * @returns m x n.
 * @throws {RangeError} if `rank` is not in 1..min(m, n), an entry is not finite, or the leading triplets are
 * zero.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rankTruncate } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = Matrix.diagonal([3, 4]);
 * assertAlmostEquals(rankTruncate(w, 1).get(1, 1), 5);
 * assertAlmostEquals(rankTruncate(w, 1, { preserve: "none" }).get(1, 1), 4);
 * ```
 */
export function rankTruncate<Data extends RealArray>(
  w: Matrix<Data>,
  rank: number,
  options: RankTruncateOptions = {},
): Matrix<Data> {
  requireMatrix("w", w);
  requireOptions("options", options, ["preserve"]);
  const { preserve = "frobenius" } = options;
  requireOneOf("preserve", preserve, ["frobenius", "none"]);
  requireInteger("rank", rank, { min: 1, max: Math.min(w.rows, w.columns) });
  const { u, s, vt } = svd(w);
  const left = new Matrix(w.rows, rank, allocateLike(w.data, w.rows * rank));
  for (let i = 0; i < w.rows; i++) {
    for (let j = 0; j < rank; j++) left.data[i * rank + j] = u.get(i, j) * s[j];
  }
  const truncated = matmul(left, vt.slice(0, rank));
  if (preserve === "none") return truncated;
  const kept = frobeniusNorm(truncated);
  if (!(kept > 0)) {
    throw new RangeError("Cannot scale the leading triplets of `w` to its norm: they are zero");
  }
  return truncated.times(frobeniusNorm(w) / kept);
}

/** Options of {@linkcode lowRankInit}. */
export interface LowRankInitOptions {
  /** Number of neurons N. */
  n: number;
  /** Rank of the start, 1..N. */
  rank: number;
  /** Gain g of the Gaussian matrix before truncation, whose entries have the variance g^2/N. Default 1.25. */
  gain?: number;
  /** Where the Gaussian matrix comes from; streams of the same name give starts that differ in rank alone. */
  rng: Rng;
}

/**
 * Recurrent weights of a given rank: a Gaussian matrix of gain g, truncated and scaled back to its own
 * Frobenius norm, so that ranks are compared at exactly equal size (Liu et al. 2023, official code).
 *
 * @returns N x N, in double precision.
 * @throws {RangeError} if the rank is not from 1 to N, or another option is out of range.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { lowRankInit } from "refigure/recurrent";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [low, full] = [2, 30].map((rank) => lowRankInit({ n: 30, rank, rng: new Rng(1) }));
 * assertAlmostEquals(frobeniusNorm(low), frobeniusNorm(full), 1e-10);
 * ```
 */
export function lowRankInit(options: LowRankInitOptions): Matrix {
  requireOptions("options", options, ["n", "rank", "gain", "rng"]);
  const { rank, gain = 1.25, rng } = options;
  const n = requireInteger("n", options.n, { min: 1 });
  requireNumber("gain", gain, { above: 0 });
  requireInteger("rank", rank, { min: 1, max: n });
  requireRng("rng", rng);
  return rankTruncate(rng.normalMatrix(n, n, gain / Math.sqrt(n)), rank);
}

/**
 * How many directions a matrix uses, as a smooth number instead of a rank. With singular values s_i:
 *
 * - "participation": (sum s_i^2)^2 / sum s_i^4, which enters {@linkcode expectedAlignment};
 * - "entropy": exp of the entropy of s_i / sum s (Roy & Vetterli 2007);
 * - "stable": sum s_i^2 / max s_i^2.
 *
 * All three equal the rank when the non-zero singular values are equal.
 *
 * @param w A matrix.
 * @param kind Which of the three.
 * @throws {RangeError} if `w` is zero or not finite.
 * @throws {TypeError} if `kind` is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { effectiveRank } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(effectiveRank(Matrix.diagonal([2, 2, 2, 0]), "entropy"), 3);
 * assertAlmostEquals(effectiveRank(Matrix.diagonal([2, 1]), "stable"), 1.25);
 * ```
 */
export function effectiveRank(w: Matrix<RealArray>, kind: "participation" | "entropy" | "stable"): number {
  requireOneOf("kind", kind, ["participation", "entropy", "stable"]);
  requireMatrix("w", w);
  const s = comparable(singularValues(w));
  const sum = (f: (x: number) => number) => s.reduce((total, x) => total + f(x), 0);
  if (!(s[0] > 0)) throw new RangeError("Cannot compute the effective rank of `w`: it is zero");
  switch (kind) {
    case "participation":
      return sum((x) => x * x) ** 2 / sum((x) => x ** 4);
    case "entropy": {
      const total = sum((x) => x);
      return Math.exp(-sum((x) => x > 0 ? x / total * Math.log(x / total) : 0));
    }
    case "stable":
      return sum((x) => x * x) / s[0] ** 2;
  }
}

/** Singular values, scaled by a power of two where their powers would over- or underflow. */
function comparable(s: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(s);
  const largest = values[0] ?? 0;
  if (largest === 0 || (largest > 1e-70 && largest < 1e70)) return values;
  const scale = 2 ** -Math.floor(Math.log2(largest));
  return values.map((value) => value * scale);
}
