import { requireOptions } from "../arrays/mod.ts";
import { type Box, requireBox, requireShape } from "./triangle_mesh.ts";

/**
 * The nodes of a grid that fills a box, ends included: x, y, z in turn, z running fastest.
 *
 * @param shape Nodes along x, y and z, at least 2 each.
 * @param box Two opposite corners. Default: the cube [-1, 1]^3.
 * @throws {RangeError} if a size is out of range, or the box is empty or not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { gridNodes } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...gridNodes([2, 2, 2]).subarray(0, 6)], [-1, -1, -1, -1, -1, 1]);
 * ```
 */
export function gridNodes(shape: readonly number[], box: Box = {}): Float64Array {
  requireShape("shape", shape, { axes: [3], min: 2 });
  requireOptions("box", box, ["min", "max"]);
  const { min, max } = requireBox(box);
  return grid(shape, (n, a) => min[a] + (max[a] - min[a]) * n / (shape[a] - 1));
}

/**
 * The centres of the cells of a grid that fills a box: x, y, z in turn, z running fastest.
 *
 * @param shape Cells along x, y and z.
 * @param box Two opposite corners. Default: the cube [-1, 1]^3.
 * @throws {RangeError} if a size is out of range, or the box is empty or not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { gridCells } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...gridCells([1, 1, 2])], [0, 0, -0.5, 0, 0, 0.5]);
 * ```
 */
export function gridCells(shape: readonly number[], box: Box = {}): Float64Array {
  requireShape("shape", shape, { axes: [3] });
  requireOptions("box", box, ["min", "max"]);
  const { min, max } = requireBox(box);
  return grid(shape, (n, a) => min[a] + (max[a] - min[a]) * (n + 0.5) / shape[a]);
}

function grid([nx, ny, nz]: readonly number[], place: (n: number, axis: number) => number): Float64Array {
  const out = new Float64Array(3 * nx * ny * nz);
  let at = 0;
  for (let i = 0; i < nx; i++) {
    for (let j = 0; j < ny; j++) {
      for (let k = 0; k < nz; k++) {
        out[at++] = place(i, 0);
        out[at++] = place(j, 1);
        out[at++] = place(k, 2);
      }
    }
  }
  return out;
}
