import { type Matrix, type RealArray, requireBoolean, requireMatrix, requireOptions } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { requireSameRows } from "./check.ts";
import { type ReflectorBlock, reflectorBlocks } from "./reflector_blocks.ts";

/** Options for {@linkcode applyHouseholders}. */
export interface ApplyHouseholdersOptions {
  /** Multiply by the transpose, which is the inverse: the last reflection comes first. Default false. */
  transpose?: boolean;
  /** Whether a reflector of zeros is refused instead of standing for no reflection. Default false. */
  strict?: boolean;
}

/**
 * The product `Q x` of a matrix and Householder reflections, `Q = H(v_1) H(v_2) ... H(v_m)` with
 * `H(v) = I - 2 v v^T / (v^T v)` (Golub & Van Loan, sections 5.1.2 and 5.1.7). No d x d matrix is formed: 32
 * reflections at a time are two products of matrices, 4 d m n operations in all.
 *
 * The length of a reflector does not matter. A column of zeros is no reflection.
 *
 * @param v Reflectors as columns, d x m.
 * @param x d x n.
 * @param options Whether to transpose, and whether zero reflectors are allowed.
 * @returns d x n, a new matrix.
 * @throws {RangeError} if `v` has an entry that is NaN or infinite, the numbers of rows differ, or a
 * reflector is zero with `strict`.
 * @throws {TypeError} if an argument is not a matrix, the precisions differ or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { applyHouseholders } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The reflection that swaps the two coordinates, then the one that changes the sign of the first.
 * const v = Matrix.fromRows([[1, 1], [0, -1]]);
 * const x = applyHouseholders(v, Matrix.fromRows([[3], [4]]));
 * [-4, 3].forEach((entry, i) => assertAlmostEquals(x.get(i, 0), entry, 1e-14));
 * const back = applyHouseholders(v, x, { transpose: true });
 * [3, 4].forEach((entry, i) => assertAlmostEquals(back.get(i, 0), entry, 1e-14));
 * ```
 */
export function applyHouseholders<Data extends RealArray>(
  v: Matrix<Data>,
  x: Matrix<Data>,
  options: ApplyHouseholdersOptions = {},
): Matrix<Data> {
  requireMatrix("v", v);
  requireMatrix("x", x);
  requireOptions("options", options, ["transpose", "strict"]);
  const { transpose = false, strict = false } = options;
  requireBoolean("transpose", transpose);
  requireSameRows("x", x, "v", v);
  const { blocks } = reflectorBlocks("apply the reflections", v, { strict });
  const out = x.clone();
  for (const block of transpose ? blocks : blocks.reverse()) applyBlock(block, out, transpose);
  return out;
}

/** `x <- (I - y t yᵀ) x` or its transpose, in place. */
export function applyBlock<Data extends RealArray>(
  { y, t }: ReflectorBlock<Data>,
  x: Matrix<Data>,
  transpose: boolean,
): void {
  const products = matmul(y, x, { transposeA: true });
  matmul(y, matmul(t, products, { transposeA: transpose }), { out: x, alpha: -1, beta: 1 });
}
