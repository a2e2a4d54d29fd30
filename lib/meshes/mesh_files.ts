import { requireMesh, type TriangleMesh } from "./triangle_mesh.ts";

/**
 * A mesh as the text of a Wavefront OBJ file: a `v` line per corner, an `f` line per triangle, counted from 1.
 *
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if `mesh` is not a mesh.
 *
 * @example
 * ```ts
 * import { meshToObj } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const positions = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 0.5, 0);
 * assertEquals(
 *   meshToObj({ positions, triangles: Uint32Array.of(0, 1, 2) }),
 *   "v 0 0 0\nv 1 0 0\nv 0 0.5 0\nf 1 2 3\n",
 * );
 * ```
 */
export function meshToObj(mesh: TriangleMesh): string {
  const { positions, triangles } = requireMesh("mesh", mesh);
  return [
    ...triples(positions).map((corner) => `v ${corner.join(" ")}\n`),
    ...triples(triangles).map((corners) => `f ${corners.map((corner) => corner + 1).join(" ")}\n`),
  ].join("");
}

/**
 * A mesh as the text of a PLY file (ASCII, version 1.0) with `double` coordinates.
 *
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if `mesh` is not a mesh.
 *
 * @example
 * ```ts
 * import { meshToPly } from "refigure/meshes";
 * import { assert } from "@std/assert";
 *
 * const positions = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 0.5, 0);
 * const text = meshToPly({ positions, triangles: Uint32Array.of(0, 1, 2) });
 * assert(text.startsWith("ply\nformat ascii 1.0\nelement vertex 3\n") && text.endsWith("3 0 1 2\n"));
 * ```
 */
export function meshToPly(mesh: TriangleMesh): string {
  const { positions, triangles } = requireMesh("mesh", mesh);
  return [
    "ply\nformat ascii 1.0\n",
    `element vertex ${positions.length / 3}\nproperty double x\nproperty double y\nproperty double z\n`,
    `element face ${triangles.length / 3}\nproperty list uchar uint vertex_indices\nend_header\n`,
    ...triples(positions).map((corner) => `${corner.join(" ")}\n`),
    ...triples(triangles).map((corners) => `3 ${corners.join(" ")}\n`),
  ].join("");
}

function triples(values: ArrayLike<number>): number[][] {
  return Array.from(
    { length: values.length / 3 },
    (_, i) => [values[3 * i], values[3 * i + 1], values[3 * i + 2]],
  );
}
