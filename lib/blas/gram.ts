import { allocateLike, Matrix, type RealArray } from "../arrays/mod.ts";
import { engine } from "./choice.ts";

/** Options for {@linkcode gram}. */
export interface GramOptions {
  /** "left": `a^T a`, the products of the columns. "right": `a a^T`, the products of the rows. Default "left". */
  side?: "left" | "right";
}

/**
 * The Gram matrix `a^T a` (n x n for an m x n matrix) or, with `side: "right"`, `a a^T` (m x m). It is computed as a
 * symmetric product (syrk), at half the work of a general one, and is exactly symmetric.
 *
 * @throws {RangeError} if `side` is neither "left" nor "right".
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
export function gram<Data extends RealArray>(a: Matrix<Data>, options: GramOptions = {}): Matrix<Data> {
  const { side = "left" } = options;
  if (side !== "left" && side !== "right") {
    throw new RangeError(`\`side\` must be "left" or "right", got ${JSON.stringify(side)}`);
  }
  const n = side === "left" ? a.columns : a.rows, k = side === "left" ? a.rows : a.columns;
  const c = new Matrix(n, n, allocateLike(a.data, n * n));
  if (n > 0 && k > 0) engine().syrk(side === "left", n, k, a.data, a.columns, c.data);
  return c;
}
