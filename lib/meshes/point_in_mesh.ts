import type { RealArray } from "../arrays/mod.ts";
import { requireMesh, requirePoints, type TriangleMesh } from "./triangle_mesh.ts";

/**
 * The winding number of a mesh around points: the solid angle of all triangles, seen from the point, over 4 pi (van
 * Oosterom & Strackee 1983 for one triangle). It is 1 inside and 0 outside of a closed mesh, and in between near
 * a hole of an open one (Jacobson, Kavan & Sorkine-Hornung 2013). Every point visits every triangle; for the
 * cells of a grid, `meshOccupancy` is much faster.
 *
 * @param mesh Triangles counter-clockwise seen from outside.
 * @param points x, y, z in turn.
 * @returns One number per point.
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { windingNumbers } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const corner = {
 *   positions: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * };
 * const [inside, outside] = windingNumbers(corner, Float64Array.of(0.1, 0.2, 0.3, 1, 1, 1));
 * assertAlmostEquals(inside, 1, 1e-14);
 * assertAlmostEquals(outside, 0, 1e-14);
 * ```
 */
export function windingNumbers(mesh: TriangleMesh, points: RealArray): Float64Array {
  const { positions: p, triangles } = requireMesh("mesh", mesh);
  requirePoints("points", points, 3);
  const out = new Float64Array(points.length / 3);
  for (let i = 0; i < out.length; i++) {
    const x = points[3 * i];
    const y = points[3 * i + 1];
    const z = points[3 * i + 2];
    let sum = 0;
    for (let k = 0; k < triangles.length; k += 3) {
      const a = 3 * triangles[k];
      const b = 3 * triangles[k + 1];
      const c = 3 * triangles[k + 2];
      const ax = p[a] - x;
      const ay = p[a + 1] - y;
      const az = p[a + 2] - z;
      const bx = p[b] - x;
      const by = p[b + 1] - y;
      const bz = p[b + 2] - z;
      const cx = p[c] - x;
      const cy = p[c + 1] - y;
      const cz = p[c + 2] - z;
      const la = Math.sqrt(ax * ax + ay * ay + az * az);
      const lb = Math.sqrt(bx * bx + by * by + bz * bz);
      const lc = Math.sqrt(cx * cx + cy * cy + cz * cz);
      const volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
      const rest = la * lb * lc + (ax * bx + ay * by + az * bz) * lc + (bx * cx + by * cy + bz * cz) * la +
        (cx * ax + cy * ay + cz * az) * lb;
      sum += Math.atan2(volume, rest);
    }
    out[i] = sum / (2 * Math.PI);
  }
  return out;
}

/**
 * Which points are inside of a closed mesh: those with a winding number of more than one half.
 *
 * @param mesh Triangles counter-clockwise seen from outside.
 * @param points x, y, z in turn.
 * @returns 1 for a point that is inside, else 0.
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { pointInMesh } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const corner = {
 *   positions: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * };
 * assertEquals([...pointInMesh(corner, Float64Array.of(0.1, 0.2, 0.3, 1, 1, 1))], [1, 0]);
 * ```
 */
export function pointInMesh(mesh: TriangleMesh, points: RealArray): Uint8Array {
  return Uint8Array.from(windingNumbers(mesh, points), (winding) => winding > 0.5 ? 1 : 0);
}
