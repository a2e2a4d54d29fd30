import {
  allocateLike,
  ComplexMatrix,
  type RealArray,
  requireComplexMatrix,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { engine } from "./choice.ts";

/** Options for {@linkcode complexGram}. */
export interface ComplexGramOptions {
  /**
   * "left": `a^H a`, the products of the columns. "right": `a a^H`, the products of the rows. Default "left".
   */
  side?: "left" | "right";
}

/**
 * The Gram matrix `a^H a` or, with `side: "right"`, `a a^H`, computed as a Hermitian product (herk); exactly
 * Hermitian.
 *
 * @throws {TypeError} if `a` is not a complex matrix, `side` is neither "left" nor "right" or an option is
 * unknown.
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
  options: ComplexGramOptions = {},
): ComplexMatrix<Data> {
  requireComplexMatrix("a", a);
  requireOptions("options", options, ["side"]);
  const { side = "left" } = options;
  requireOneOf("side", side, ["left", "right"]);
  const n = side === "left" ? a.columns : a.rows;
  const k = side === "left" ? a.rows : a.columns;
  const c = new ComplexMatrix(n, n, allocateLike(a.data, 2 * n * n));
  if (n > 0 && k > 0) engine().herk(side === "left", n, k, a.data, a.columns, c.data);
  return c;
}
