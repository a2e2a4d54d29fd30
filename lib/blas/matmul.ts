import { type Matrix, type RealArray, requireBoolean, requireMatrix, requireOptions } from "../arrays/mod.ts";
import { engine } from "./choice.ts";
import { outputLike, requireInner, requireSamePrecision, requireScales, scaleOld } from "./check.ts";

/** Options for {@linkcode matmul}. */
export interface MatmulOptions<Data extends RealArray = Float64Array> {
  /** Multiply by the transpose of `a`. Default false. */
  transposeA?: boolean;
  /** Multiply by the transpose of `b`. Default false. */
  transposeB?: boolean;
  /** Where to write the product; must not be one of the factors. Default: a new matrix. */
  out?: Matrix<Data>;
  /** Factor on the product. Default 1. */
  alpha?: number;
  /** `beta` times what `out` holds is added; needs `out`. Default 0. */
  beta?: number;
}

/**
 * The matrix product `a b`, of an m x k and a k x n matrix of one precision.
 *
 * @param a m x k, or k x m with `transposeA`.
 * @param b k x n, or n x k with `transposeB`.
 * @param options Transposes, scales, and where to write the product.
 * @returns m x n.
 * @throws {RangeError} if the inner sizes differ or `out` has the wrong shape, shares memory with a factor or
 * is missing for `beta`.
 * @throws {TypeError} if the precisions differ, an argument is not a matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { matmul } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[1, 2], [3, 4], [5, 6]]);
 * assertEquals(matmul(a, Matrix.fromRows([[1], [-1]])).toRows(), [[-1], [-1], [-1]]);
 * assertEquals(matmul(a, a, { transposeA: true }).toRows(), [[35, 44], [44, 56]]);
 * ```
 */
export function matmul<Data extends RealArray>(
  a: Matrix<Data>,
  b: Matrix<Data>,
  options: MatmulOptions<Data> = {},
): Matrix<Data> {
  requireMatrix("a", a);
  requireMatrix("b", b);
  requireOptions("options", options, ["transposeA", "transposeB", "out", "alpha", "beta"]);
  const { transposeA = false, transposeB = false, out, alpha = 1, beta = 0 } = options;
  requireBoolean("transposeA", transposeA);
  requireBoolean("transposeB", transposeB);
  requireScales(alpha, beta, out);
  requireSamePrecision("b", b.data, "a", a.data);
  const m = transposeA ? a.columns : a.rows;
  const k = transposeA ? a.rows : a.columns;
  const n = transposeB ? b.rows : b.columns;
  requireInner(a, transposeA, b, transposeB);
  const c = outputLike(a, m, n, out, [a, b]);
  if (m > 0 && n > 0 && k > 0) {
    engine().gemm(
      transposeA,
      transposeB,
      m,
      n,
      k,
      alpha,
      a.data,
      a.columns,
      b.data,
      b.columns,
      beta,
      c.data,
      n,
    );
  } else if (out !== undefined) {
    scaleOld(c, beta);
  }
  return c;
}
