import {
  allocateLike,
  ComplexMatrix,
  type RealArray,
  requireComplexMatrix,
  requireOneOf,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { requireDistinct, requireInner, requireSamePrecision } from "./check.ts";
import { engine } from "./choice.ts";
import { type Op, OPS } from "./engine.ts";

/** Options for {@linkcode complexMatmul}. */
export interface ComplexMatmulOptions<Data extends RealArray = Float64Array> {
  /** What is done to `a` first: "none" (default), "transpose" or "conjugate-transpose". */
  opA?: Op;
  /** What is done to `b` first: "none" (default), "transpose" or "conjugate-transpose". */
  opB?: Op;
  /** Where to write the product; must not be one of the factors. Default: a new matrix. */
  out?: ComplexMatrix<Data>;
}

/**
 * The product of two complex matrices, m x k and k x n, of one precision.
 *
 * @param a m x k, or k x m if it is transposed.
 * @param b k x n, or n x k if it is transposed.
 * @param options Transposes, and where to write the product.
 * @returns m x n.
 * @throws {RangeError} if the inner sizes differ or `out` has the wrong shape or shares memory with a factor.
 * @throws {TypeError} if the precisions differ, an argument is not a complex matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexMatmul } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const z = new ComplexMatrix(1, 1, new Float64Array([3, 4]));
 * assertEquals(complexMatmul(z, z).get(0, 0), { re: -7, im: 24 });
 * assertEquals(complexMatmul(z, z, { opA: "conjugate-transpose" }).get(0, 0), { re: 25, im: 0 });
 * ```
 */
export function complexMatmul<Data extends RealArray>(
  a: ComplexMatrix<Data>,
  b: ComplexMatrix<Data>,
  options: ComplexMatmulOptions<Data> = {},
): ComplexMatrix<Data> {
  requireComplexMatrix("a", a);
  requireComplexMatrix("b", b);
  requireOptions("options", options, ["opA", "opB", "out"]);
  const { opA = "none", opB = "none", out } = options;
  requireOneOf("opA", opA, OPS);
  requireOneOf("opB", opB, OPS);
  requireSamePrecision("b", b.data, "a", a.data);
  const m = opA === "none" ? a.rows : a.columns;
  const k = opA === "none" ? a.columns : a.rows;
  const n = opB === "none" ? b.columns : b.rows;
  requireInner(a, opA !== "none", b, opB !== "none");
  const c = out ?? new ComplexMatrix(m, n, allocateLike(a.data, 2 * m * n));
  if (out !== undefined) {
    requireComplexMatrix("out", out);
    requireSameShape("out", out, { rows: m, columns: n });
    requireSamePrecision("out", out.data, "a", a.data);
    requireDistinct("out", out.data, [a.data, b.data]);
  }
  if (m > 0 && n > 0 && k > 0) {
    engine().complexGemm(opA, opB, m, n, k, a.data, a.columns, b.data, b.columns, c.data, n);
  } else if (out !== undefined) {
    c.data.fill(0);
  }
  return c;
}
