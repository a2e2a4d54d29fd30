import { requireOptions } from "../arrays/mod.ts";
import { sliceMesh } from "./slice_mesh.ts";
import { type Box, requireBox, requireMesh, requireShape, type TriangleMesh } from "./triangle_mesh.ts";

/**
 * Which cells of a grid have their centre inside of a closed mesh: the mesh is sliced through every layer of
 * cells, and every row of a layer is filled between its crossings with the contours.
 *
 * @param mesh A closed mesh.
 * @param shape Cells along x, y and z.
 * @param box Two opposite corners of the grid. Default: the cube [-1, 1]^3.
 * @returns 1 for a cell that is inside, else 0, z running fastest.
 * @throws {RangeError} if the mesh is not closed, a size does not fit, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { meshOccupancy } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const corner = {
 *   positions: Float64Array.of(-1, -1, -1, 2, -1, -1, -1, 2, -1, -1, -1, 2),
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * };
 * assertEquals([...meshOccupancy(corner, [2, 2, 2])], [1, 1, 1, 0, 1, 0, 0, 0]);
 * ```
 */
export function meshOccupancy(mesh: TriangleMesh, shape: readonly number[], box: Box = {}): Uint8Array {
  requireMesh("mesh", mesh);
  requireShape("shape", shape, { axes: [3] });
  requireOptions("box", box, ["min", "max"]);
  const { min, max } = requireBox(box);
  const [nx, ny, nz] = shape;
  const center = (n: number, a: number) => min[a] + (max[a] - min[a]) * (n + 0.5) / shape[a];
  const inside = new Uint8Array(nx * ny * nz);
  for (let i = 0; i < nx; i++) {
    const [{ contours }] = sliceMesh(mesh, [{ normal: [1, 0, 0], offset: -center(i, 0) }]);
    for (let j = 0; j < ny; j++) {
      const y = center(j, 1);
      const row = inside.subarray((i * ny + j) * nz, (i * ny + j + 1) * nz);
      for (const contour of contours) {
        let b = 0;
        for (let a = contour.length - 3; b < contour.length; a = b, b += 3) {
          const y0 = contour[a + 1];
          const y1 = contour[b + 1];
          if (y0 > y === y1 > y) continue;
          const z = contour[a + 2] + (contour[b + 2] - contour[a + 2]) * (y - y0) / (y1 - y0);
          // Cells whose centre is below the crossing change sides.
          const end = Math.ceil((z - min[2]) / (max[2] - min[2]) * nz - 0.5);
          for (let k = 0; k < Math.min(end, nz); k++) row[k] ^= 1;
        }
      }
    }
  }
  return inside;
}
