import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireOptions,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { applyBlock } from "./apply_householders.ts";
import { reflectorBlocks } from "./reflector_blocks.ts";

/** Options for {@linkcode householderProduct}. */
export interface HouseholderProductOptions {
  /** How many columns of the product, from the first on. Default: as many as reflectors, at most d. */
  columns?: number;
  /** Whether a reflector of zeros is refused instead of standing for no reflection. Default false. */
  strict?: boolean;
}

/**
 * The first columns of the product of Householder reflections `Q = H(v_1) H(v_2) ... H(v_m)`: a matrix with
 * orthonormal columns. 4 d m operations per column; the d x d matrix is formed only where all columns are
 * asked for.
 *
 * With as many columns as reflectors, and `v` zero above its diagonal, these are all the matrices with
 * orthonormal columns, each by one `v` up to lengths ({@linkcode reflectorsFromOrthonormal} finds it);
 * without the zeros it is the same set. The whole Q has determinant (-1)^m, m not counting columns of zeros,
 * so d reflectors reach only one half of the orthogonal d x d matrices.
 *
 * @param v Reflectors as columns, d x m; their lengths do not matter, and zeros are no reflection.
 * @param options How many columns, and whether zero reflectors are allowed.
 * @returns d x `columns`.
 * @throws {RangeError} if `v` has an entry that is NaN or infinite, there are not so many columns, or a
 * reflector is zero with `strict`.
 * @throws {TypeError} if `v` is not a matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { householderProduct } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const q = householderProduct(Matrix.fromRows([[1, 0], [1, 1], [0, 1]]), { columns: 3 });
 * [[0, 0, 1], [-1, 0, 0], [0, -1, 0]].forEach((row, i) =>
 *   row.forEach((entry, j) => assertAlmostEquals(q.get(i, j), entry, 1e-15))
 * );
 * ```
 */
export function householderProduct<Data extends RealArray>(
  v: Matrix<Data>,
  options: HouseholderProductOptions = {},
): Matrix<Data> {
  requireMatrix("v", v);
  requireOptions("options", options, ["columns", "strict"]);
  const { columns = Math.min(v.rows, v.columns), strict = false } = options;
  requireInteger("columns", columns, { max: v.rows });
  const { blocks } = reflectorBlocks("multiply the reflections", v, { strict });
  const last = blocks.pop();
  if (last === undefined) return firstUnitVectors(v, columns);
  // The last block meets the first columns of the identity: I - y t (first rows of y)ᵀ.
  const { y, t } = last;
  const first = new Matrix(columns, y.columns, y.data.subarray(0, columns * y.columns) as Data);
  const out = matmul(y, matmul(t, first, { transposeB: true }), { alpha: -1 });
  for (let i = 0; i < columns; i++) out.data[i * columns + i] += 1;
  for (const block of blocks.reverse()) applyBlock(block, out, false);
  return out;
}

/** The first columns of the identity, in the precision and with the rows of `like`. */
function firstUnitVectors<Data extends RealArray>(like: Matrix<Data>, columns: number): Matrix<Data> {
  const out = new Matrix(like.rows, columns, allocateLike(like.data, like.rows * columns));
  for (let i = 0; i < columns; i++) out.data[i * columns + i] = 1;
  return out;
}
