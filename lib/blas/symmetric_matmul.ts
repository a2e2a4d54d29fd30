import {
  type Matrix,
  type RealArray,
  requireMatrix,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { outputLike, requireSamePrecision } from "./check.ts";
import { engine } from "./choice.ts";
import { mirror } from "./portable/mirror.ts";

/** Options for {@linkcode symmetricMatmul}. */
export interface SymmetricMatmulOptions<Data extends RealArray = Float64Array> {
  /** Where to write the product; must not be one of the factors. Default: a new matrix. */
  out?: Matrix<Data>;
}

/**
 * Row panels into which a product is cut: more save more of the upper triangle, but narrow ones multiply
 * slower.
 */
const PANELS = 6;
const NARROWEST = 64;

/** Up to this size a whole product takes no longer than its parts and their mirroring. */
const WHOLE = 192;

/**
 * The product `a b` of two n x n matrices, when it is known to be symmetric: symmetric matrices that commute,
 * such as two polynomials in one matrix. Only the lower triangle is computed, in 0.6 of the work, and
 * mirrored; small matrices are multiplied whole, which is faster. Whether the product is symmetric is not
 * checked.
 *
 * @param a n x n.
 * @param b n x n.
 * @param options Where to write the product.
 * @returns n x n.
 * @throws {RangeError} if the matrices are not square and of one size, or `out` has another shape or shares
 * their memory.
 * @throws {TypeError} if the precisions differ, an argument is not a matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { symmetricMatmul } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[2, 1], [1, 2]]), inverseOf3 = Matrix.fromRows([[2, -1], [-1, 2]]);
 * assertEquals(symmetricMatmul(a, inverseOf3).toRows(), [[3, 0], [0, 3]]);
 * ```
 */
export function symmetricMatmul<Data extends RealArray>(
  a: Matrix<Data>,
  b: Matrix<Data>,
  options: SymmetricMatmulOptions<Data> = {},
): Matrix<Data> {
  requireMatrix("a", a);
  requireMatrix("b", b);
  requireOptions("options", options, ["out"]);
  const { out } = options;
  const n = a.rows;
  requireSamePrecision("b", b.data, "a", a.data);
  requireSameShape("a", a, { rows: n, columns: n });
  requireSameShape("b", b, a);
  const c = outputLike(a, n, n, out, [a, b]);
  const { gemm } = engine();
  if (n <= WHOLE) {
    gemm(false, false, n, n, n, 1, a.data, n, b.data, n, 0, c.data, n);
    return c;
  }
  const height = Math.max(NARROWEST, Math.ceil(n / PANELS));
  for (let i = 0; i < n; i += height) {
    const rows = Math.min(height, n - i);
    gemm(
      false,
      false,
      rows,
      i + rows,
      n,
      1,
      a.data.subarray(i * n),
      n,
      b.data,
      n,
      0,
      c.data.subarray(i * n),
      n,
    );
  }
  mirror(n, c.data);
  return c;
}
