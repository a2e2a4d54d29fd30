import {
  type RealArray,
  requireFinite,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { requireLength, requireRealArray } from "../arrays/mod.ts";

/** A line of {@linkcode marchingSquares}. */
export interface LevelLine {
  /** Column and row in turn, as numbers of grid steps. */
  points: Float64Array;
  /** Whether the last point joins the first; else the line ends at the edge of the grid. */
  closed: boolean;
}

/** Options of {@linkcode marchingSquares}. */
export interface MarchingSquaresOptions {
  /** The value at which lines are drawn. Default 0. */
  level?: number;
}

/**
 * The lines on which a function on a grid has a given value, by linear interpolation along the sides of the cells.
 * Smaller values are on the left of a line, with columns to the right and rows upwards. In a cell with two
 * opposite corners on each side, the mean of the four decides which of them are connected.
 *
 * @param values Row by row.
 * @param rows At least 2.
 * @param columns At least 2.
 * @param options The level.
 * @returns One line per connected piece.
 * @throws {RangeError} if a size does not fit, or a value is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { marchingSquares } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const [line] = marchingSquares(Float64Array.of(1, 1, 1, 1, -1, 1, 1, 1, 1), 3, 3);
 * assertEquals([line.closed, line.points.length / 2], [true, 4]);
 * ```
 */
export function marchingSquares(
  values: RealArray,
  rows: number,
  columns: number,
  options: MarchingSquaresOptions = {},
): LevelLine[] {
  requireRealArray("values", values);
  requireInteger("rows", rows, { min: 2, max: 1e6 });
  requireInteger("columns", columns, { min: 2, max: 1e6 });
  requireLength("values", values, rows * columns);
  requireFinite("`values` must be finite", values, columns);
  requireOptions("options", options, ["level"]);
  const { level = 0 } = options;
  requireNumber("level", level);
  const isBelow = (node: number) => !(values[node] > level);
  // A side is 2 node + axis: from its node one column on (0), or one row on (1).
  const next = new Map<number, number>();
  const comesFrom = new Set<number>();
  for (let i = 0; i + 1 < rows; i++) {
    for (let j = 0; j + 1 < columns; j++) {
      const node = i * columns + j;
      const corners = [node, node + 1, node + columns + 1, node + columns];
      const below = corners.map(isBelow);
      const sides = [2 * node, 2 * (node + 1) + 1, 2 * (node + columns), 2 * node + 1];
      const crossed = [0, 1, 2, 3].filter((s) => below[s] !== below[(s + 1) % 4]);
      const isJoined = crossed.length === 4 &&
        !(corners.reduce((sum, corner) => sum + values[corner], 0) / 4 > level);
      for (const s of crossed) {
        // Around the cell, the part below is left through side s; the line goes on to where it is entered again.
        if (!below[s]) continue;
        const at = crossed.indexOf(s);
        const to = crossed[(at + (isJoined || crossed.length === 2 ? 1 : 3)) % crossed.length];
        next.set(sides[s], sides[to]);
        comesFrom.add(sides[to]);
      }
    }
  }
  const lines: LevelLine[] = [];
  const follow = (start: number) => {
    const points: number[] = [];
    let side: number | undefined = start;
    let closed = false;
    while (side !== undefined) {
      const node = side >> 1;
      const other = node + (side % 2 === 0 ? 1 : columns);
      const t = (level - values[node]) / (values[other] - values[node]);
      const row = Math.floor(node / columns);
      points.push(node - row * columns + (side % 2 === 0 ? t : 0), row + (side % 2 === 0 ? 0 : t));
      const following: number | undefined = next.get(side);
      next.delete(side);
      closed = following === start;
      side = closed ? undefined : following;
    }
    lines.push({ points: Float64Array.from(points), closed });
  };
  for (const side of [...next.keys()]) if (!comesFrom.has(side)) follow(side);
  while (next.size > 0) {
    const [side] = next.keys();
    follow(side);
  }
  return lines;
}
