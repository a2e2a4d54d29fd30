import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** Options of {@linkcode laplacian}. */
export interface LaplacianOptions {
  /** Added to the diagonal. Default 0. */
  shift?: number;
}

/**
 * Minus the discrete Laplacian on the interior points of a grid with zero boundary values, without the factor
 * `1 / h^2`: 2 on the diagonal for one axis and 4 for two (the five-point stencil), -1 for each neighbour.
 *
 * @param size Interior points along the axis, or along each of two axes as `[rows, columns]`; points are
 * counted row by row.
 * @param options A multiple of the identity to add.
 * @returns A symmetric matrix of the order of the number of points.
 * @throws {RangeError} if a size is not a positive integer, or the shift is not finite.
 * @throws {TypeError} if an option is unknown, or an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { laplacian } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(laplacian(3).toDense().toRows(), [[2, -1, 0], [-1, 2, -1], [0, -1, 2]]);
 * assertEquals([...laplacian([2, 2], { shift: 1 }).diagonal()], [5, 5, 5, 5]);
 * ```
 */
export function laplacian(
  size: number | readonly [rows: number, columns: number],
  options: LaplacianOptions = {},
): CsrMatrix {
  requireOptions("options", options, ["shift"]);
  const { shift = 0 } = options;
  requireNumber("shift", shift);
  const [rows, columns] = Array.isArray(size) ? size as [number, number] : [1, size as number];
  requireInteger("size", rows, { min: 1, max: 2 ** 15 });
  requireInteger("size", columns, { min: 1, max: 2 ** 15 });
  const centre = (Array.isArray(size) ? 4 : 2) + shift;
  return new FivePointStencil(rows, columns, { centre }).toCsr();
}
