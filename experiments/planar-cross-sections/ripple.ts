/** Part A: where linear interpolation puts the zero of a field that saturates. */
import { marchingSquares } from "../../lib/meshes/mod.ts";
import type { Row } from "./rows.ts";

/** Cells along each side of the circle's grid, and its radius. */
export const CIRCLE_CELLS = 16;
const RADIUS = 0.62;

/** Place of the crossing on an edge by linear interpolation of tanh(k s), when the true one is t. */
export function estimatedCrossing(k: number, t: number): number {
  const low = Math.tanh(k * t);
  return low / (low + Math.tanh(k * (1 - t)));
}

/** The estimate over t, and a circle from the same field. */
export function rippleRows(
  { k, points }: { k: number; points: number },
): (Row<"ripple"> | Row<"circle"> | Row<"circleError">)[] {
  const rows: (Row<"ripple"> | Row<"circle"> | Row<"circleError">)[] = [];
  for (let i = 0; i <= points; i++) {
    const t = i / points;
    rows.push({ kind: "ripple", k, t, estimate: estimatedCrossing(k, t) });
  }
  const side = CIRCLE_CELLS + 1;
  const step = 2 / CIRCLE_CELLS;
  const values = Float64Array.from({ length: side * side }, (_, node) => {
    const x = (node % side) * step - 1;
    const y = Math.floor(node / side) * step - 1;
    return Math.tanh(k * (Math.hypot(x, y) - RADIUS) / step);
  });
  let worst = 0;
  marchingSquares(values, side, side).forEach(({ points: line }, piece) => {
    const closed = [...line, line[0], line[1]];
    for (let c = 0; c < closed.length; c += 2) {
      const [x, y] = [closed[c] * step - 1, closed[c + 1] * step - 1];
      rows.push({ kind: "circle", k, piece, x, y });
      worst = Math.max(worst, Math.abs(Math.hypot(x, y) - RADIUS) / step);
    }
  });
  rows.push({ kind: "circleError", k, worst });
  return rows;
}
