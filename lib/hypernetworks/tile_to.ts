import { Matrix, requireInteger, requireMatrix } from "../arrays/mod.ts";

/**
 * Repeats a tile of weights along outputs, then along inputs, and crops to a size: how GHN-3 fills layers
 * that are wider than its tile (Knyazev et al. 2023). Unit i and unit i + tile.rows start equal, and gradient
 * descent keeps them equal.
 *
 * @param tile Weights, rows by columns.
 * @param rows Number of rows of the result.
 * @param columns Number of columns of the result.
 * @returns rows x columns, in double precision; NaN where the tile has one.
 * @throws {RangeError} if a size is not a positive integer, or the tile is empty.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { tileTo } from "refigure/hypernetworks";
 * import { assertEquals } from "@std/assert";
 *
 * const tiled = tileTo(Matrix.fromRows([[1, 2], [3, 4]]), 3, 5);
 * assertEquals([...tiled.data], [1, 2, 1, 2, 1, 3, 4, 3, 4, 3, 1, 2, 1, 2, 1]);
 * ```
 */
export function tileTo(tile: Matrix, rows: number, columns: number): Matrix {
  requireMatrix("tile", tile);
  requireInteger("rows", rows, { min: 1 });
  requireInteger("columns", columns, { min: 1 });
  if (tile.data.length === 0) {
    throw new RangeError(`\`tile\` must not be empty, got ${tile.rows} x ${tile.columns}`);
  }
  return Matrix.from(rows, columns, (i, j) => tile.get(i % tile.rows, j % tile.columns));
}
