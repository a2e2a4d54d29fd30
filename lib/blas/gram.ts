import { type Matrix, type RealArray, requireMatrix, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { outputLike, requireScales, scaleOld } from "./check.ts";
import { engine } from "./choice.ts";

/** Options for {@linkcode gram}. */
export interface GramOptions<Data extends RealArray = Float64Array> {
  /**
   * "left": `a^T a`, the products of the columns. "right": `a a^T`, the products of the rows. Default "left".
   */
  side?: "left" | "right";
  /** Where to write the product; must not share memory with `a`. Default: a new matrix. */
  out?: Matrix<Data>;
  /** Factor on the product. Default 1. */
  alpha?: number;
  /** `beta` times what the lower triangle of `out` holds is added; needs `out`. Default 0. */
  beta?: number;
}

/**
 * The Gram matrix `a^T a` (n x n for an m x n matrix) or, with `side: "right"`, `a a^T` (m x m). It is
 * computed as a symmetric product (syrk), at half the work of a general one, and is exactly symmetric.
 *
 * @throws {RangeError} if `out` has the wrong shape, shares memory with `a` or is missing for `beta`.
 * @throws {TypeError} if `a` is not a matrix, `side` is neither "left" nor "right", an option is unknown, or
 * `out` has another precision.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gram } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[1, 2], [3, 4], [5, 6]]);
 * assertEquals(gram(a).toRows(), [[35, 44], [44, 56]]);
 * assertEquals(gram(a, { side: "right" }).get(0, 2), 17);
 * ```
 */
export function gram<Data extends RealArray>(a: Matrix<Data>, options: GramOptions<Data> = {}): Matrix<Data> {
  requireMatrix("a", a);
  requireOptions("options", options, ["side", "out", "alpha", "beta"]);
  const { side = "left", out, alpha = 1, beta = 0 } = options;
  requireScales(alpha, beta, out);
  requireOneOf("side", side, ["left", "right"]);
  const n = side === "left" ? a.columns : a.rows;
  const k = side === "left" ? a.rows : a.columns;
  const c = outputLike(a, n, n, out, [a]);
  if (n > 0 && k > 0) engine().syrk(side === "left", n, k, alpha, a.data, a.columns, beta, c.data);
  else scaleOld(c, beta);
  return c;
}
