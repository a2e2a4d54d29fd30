import {
  allocateLike,
  type ComplexMatrix,
  type RealArray,
  requireComplexMatrix,
  requireLength,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { requireDistinct, requireSamePrecision } from "./check.ts";
import { engine } from "./choice.ts";
import { type Op, OPS } from "./engine.ts";

/** Options for {@linkcode complexMatvec}. */
export interface ComplexMatvecOptions<Data extends RealArray = Float64Array> {
  /** What is done to `a` first: "none" (default), "transpose" or "conjugate-transpose". */
  op?: Op;
  /** Where to write the product; must not be the vector or the matrix. Default: a new array. */
  out?: Data;
}

/**
 * The product of a complex m x n matrix and a complex vector (interleaved, typed array of twice its length).
 *
 * @param a m x n.
 * @param x n complex numbers, or m if `a` is transposed.
 * @param options Whether to transpose `a`, and where to write the product.
 * @returns m complex numbers, or n if `a` is transposed.
 * @throws {RangeError} if a length does not fit or `out` shares memory with an input.
 * @throws {TypeError} if the precisions differ, an argument has another class or an option is unknown.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexMatvec } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = new ComplexMatrix(1, 2, new Float64Array([0, 1, 1, 0]));
 * assertEquals(complexMatvec(a, new Float64Array([2, 0, 3, 0])), new Float64Array([3, 2]));
 * ```
 */
export function complexMatvec<Data extends RealArray>(
  a: ComplexMatrix<Data>,
  x: Data,
  options: ComplexMatvecOptions<Data> = {},
): Data {
  requireComplexMatrix("a", a);
  requireRealArray("x", x);
  requireOptions("options", options, ["op", "out"]);
  const { op = "none", out } = options;
  requireOneOf("op", op, OPS);
  const { rows: m, columns: n } = a;
  const lengthIn = op === "none" ? n : m;
  const lengthOut = op === "none" ? m : n;
  requireSamePrecision("x", x, "a", a.data);
  requireLength("x", x, 2 * lengthIn);
  const y = out ?? allocateLike(a.data, 2 * lengthOut);
  if (out !== undefined) {
    requireRealArray("out", out);
    requireLength("out", out, 2 * lengthOut);
    requireSamePrecision("out", out, "a", a.data);
    requireDistinct("out", out, [a.data, x]);
  }
  if (m > 0 && n > 0) engine().complexGemv(op, m, n, a.data, n, x, y);
  else y.fill(0);
  return y;
}
