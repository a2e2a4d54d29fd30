import { allocateLike, ComplexMatrix, type RealArray, requireOneOf } from "../arrays/mod.ts";
import { engine } from "./choice.ts";
import type { GramOptions } from "./gram.ts";

/**
 * The Gram matrix `a^H a` or, with `side: "right"`, `a a^H`, computed as a Hermitian product (herk); exactly
 * Hermitian.
 *
 * @throws {TypeError} if `side` is neither "left" nor "right".
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from "refigure/arrays";
 * import { complexGram } from "refigure/blas";
 * import { assertEquals } from "@std/assert";
 *
 * const a = new ComplexMatrix(2, 1, new Float64Array([1, 1, 0, 2]));
 * assertEquals(complexGram(a).get(0, 0), { re: 6, im: 0 });
 * assertEquals(complexGram(a, { side: "right" }).get(0, 1), { re: 2, im: -2 });
 * ```
 */
export function complexGram<Data extends RealArray>(
  a: ComplexMatrix<Data>,
  options: GramOptions = {},
): ComplexMatrix<Data> {
  const { side = "left" } = options;
  requireOneOf("side", side, ["left", "right"]);
  const n = side === "left" ? a.columns : a.rows;
  const k = side === "left" ? a.rows : a.columns;
  const c = new ComplexMatrix(n, n, allocateLike(a.data, 2 * n * n));
  if (n > 0 && k > 0) engine().herk(side === "left", n, k, a.data, a.columns, c.data);
  return c;
}
