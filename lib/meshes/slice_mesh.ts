import { type PlanarSection, type Plane, requirePlanes } from "./planar_section.ts";
import { requireMesh, type TriangleMesh } from "./triangle_mesh.ts";

/**
 * The exact sections of a closed mesh by planes: in every triangle that a plane crosses, a straight segment
 * between two of its sides. A corner that lies in the plane counts as above it, so that no case is special.
 *
 * @param mesh A closed mesh with triangles counter-clockwise seen from outside.
 * @param planes One or more planes.
 * @returns One section per plane, with no contours if the plane misses the mesh.
 * @throws {RangeError} if a contour does not close because the mesh has a hole, or a number is not finite or out of
 * range.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { sectionArea, sliceMesh } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The corner of the unit cube, cut at half its height: a triangle with legs of length 1/2.
 * const corner = {
 *   positions: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * };
 * const [section] = sliceMesh(corner, [{ normal: [0, 0, 1], offset: -0.5 }]);
 * assertAlmostEquals(sectionArea(section), 1 / 8, 1e-15);
 * ```
 */
export function sliceMesh(mesh: TriangleMesh, planes: readonly Plane[]): PlanarSection[] {
  const { positions, triangles } = requireMesh("mesh", mesh);
  const corners = positions.length / 3;
  const distances = new Float64Array(corners);
  return requirePlanes(planes).map(({ normal, offset }, index) => {
    const [nx, ny, nz] = normal;
    for (let i = 0; i < corners; i++) {
      distances[i] = nx * positions[3 * i] + ny * positions[3 * i + 1] + nz * positions[3 * i + 2] + offset;
    }
    // A segment goes from the side on which the boundary of its triangle comes down through the plane to the side
    // on which it goes up: that has the solid to its left, seen from where the normal points.
    // A side of more than two triangles is come to and left several times.
    const next = new Map<number, number[]>();
    const open = (): never => {
      throw new RangeError(
        `\`mesh\` must be closed: its section by \`planes[${index}]\` has an open contour`,
      );
    };
    for (let k = 0; k < triangles.length; k += 3) {
      let down = -1;
      let up = -1;
      for (let s = 0; s < 3; s++) {
        const from = triangles[k + s];
        const to = triangles[k + (s + 1) % 3];
        const isAbove = distances[to] >= 0;
        if (distances[from] >= 0 === isAbove) continue;
        const side = Math.min(from, to) * corners + Math.max(from, to);
        if (isAbove) up = side;
        else down = side;
      }
      if (down < 0) continue;
      const others = next.get(down);
      if (others === undefined) next.set(down, [up]);
      else others.push(up);
    }
    const contours: Float64Array[] = [];
    while (next.size > 0) {
      const [first] = next.keys();
      const contour: number[] = [];
      let side = first;
      do {
        const following = next.get(side);
        if (following === undefined) return open();
        const to = following.pop()!;
        if (following.length === 0) next.delete(side);
        addCrossing(contour, positions, distances, Math.floor(side / corners), side % corners);
        side = to;
      } while (side !== first);
      // What is left of a plane that touches a corner has no area.
      const count = contour.length;
      if (count > 3 && [0, 1, 2].every((a) => contour[a] === contour[count - 3 + a])) contour.length -= 3;
      if (contour.length >= 9) contours.push(Float64Array.from(contour));
    }
    return { normal, offset, contours };
  });
}

/** Appends where the plane crosses a side, unless the contour is at that point already. */
function addCrossing(
  contour: number[],
  positions: Float64Array,
  distances: Float64Array,
  a: number,
  b: number,
): void {
  const t = distances[a] / (distances[a] - distances[b]);
  const point = [0, 1, 2].map((k) => positions[3 * a + k] * (1 - t) + positions[3 * b + k] * t);
  const end = contour.length - 3;
  if (end >= 0 && point.every((entry, k) => entry === contour[end + k])) return;
  contour.push(point[0], point[1], point[2]);
}
