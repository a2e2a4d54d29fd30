import {
  allocateLike,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireLength,
  requireMatrix,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { requireDistinct, requireSamePrecision } from "./check.ts";
import { engine } from "./choice.ts";

/** Options for {@linkcode matvec}. */
export interface MatvecOptions<Data extends RealArray = Float64Array> {
  /** Multiply by the transpose of `a`. Default false. */
  transpose?: boolean;
  /** Where to write the product; must not be the vector or the matrix. Default: a new array. */
  out?: Data;
}

/**
 * The product `a x` of an m x n matrix and a vector of length n, or `a^T x` with `transpose` and length m.
 *
 * @param a m x n.
 * @param x n numbers, or m with `transpose`.
 * @param options Whether to transpose `a`, and where to write the product.
 * @returns m numbers, or n with `transpose`.
 * @throws {RangeError} if a length does not fit or `out` shares memory with an input.
 * @throws {TypeError} if the precisions differ, an argument has another class or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { matvec } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(matvec(a, new Float64Array([1, 0, -1])), new Float64Array([-2, -2]));
 * assertEquals(matvec(a, new Float64Array([1, 1]), { transpose: true }), new Float64Array([5, 7, 9]));
 * ```
 */
export function matvec<Data extends RealArray>(
  a: Matrix<Data>,
  x: Data,
  options: MatvecOptions<Data> = {},
): Data {
  requireMatrix("a", a);
  requireRealArray("x", x);
  requireOptions("options", options, ["transpose", "out"]);
  const { transpose = false, out } = options;
  requireBoolean("transpose", transpose);
  const { rows: m, columns: n } = a;
  requireSamePrecision("x", x, "a", a.data);
  requireLength("x", x, transpose ? m : n);
  const y = out ?? allocateLike(a.data, transpose ? n : m);
  if (out !== undefined) {
    requireRealArray("out", out);
    requireLength("out", out, transpose ? n : m);
    requireSamePrecision("out", out, "a", a.data);
    requireDistinct("out", out, [a.data, x]);
  }
  if (m > 0 && n > 0) engine().gemv(transpose, m, n, a.data, n, x, y);
  else y.fill(0);
  return y;
}
