import { requireMesh, type TriangleMesh } from "./triangle_mesh.ts";

/**
 * The volume that a closed mesh encloses, by the divergence theorem: a sixth of the sum of
 * `a . (b x c)` over its triangles. Negative if triangles are clockwise seen from outside.
 *
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if `mesh` is not a mesh.
 *
 * @example
 * ```ts
 * import { meshVolume } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const corner = {
 *   positions: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * };
 * assertEquals(meshVolume(corner), 1 / 6);
 * ```
 */
export function meshVolume(mesh: TriangleMesh): number {
  const { positions: p, triangles } = requireMesh("mesh", mesh);
  let sum = 0;
  for (let k = 0; k < triangles.length; k += 3) {
    const a = 3 * triangles[k];
    const b = 3 * triangles[k + 1];
    const c = 3 * triangles[k + 2];
    sum += p[a] * (p[b + 1] * p[c + 2] - p[b + 2] * p[c + 1]) +
      p[a + 1] * (p[b + 2] * p[c] - p[b] * p[c + 2]) +
      p[a + 2] * (p[b] * p[c + 1] - p[b + 1] * p[c]);
  }
  return sum / 6;
}

/**
 * The area of a mesh: the sum over its triangles.
 *
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if `mesh` is not a mesh.
 *
 * @example
 * ```ts
 * import { meshArea } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const positions = Float64Array.of(0, 0, 0, 3, 0, 0, 0, 4, 0);
 * assertEquals(meshArea({ positions, triangles: Uint32Array.of(0, 1, 2) }), 6);
 * ```
 */
export function meshArea(mesh: TriangleMesh): number {
  const { positions: p, triangles } = requireMesh("mesh", mesh);
  let sum = 0;
  for (let k = 0; k < triangles.length; k += 3) {
    const a = 3 * triangles[k];
    const [ux, uy, uz] = [0, 1, 2].map((i) => p[3 * triangles[k + 1] + i] - p[a + i]);
    const [vx, vy, vz] = [0, 1, 2].map((i) => p[3 * triangles[k + 2] + i] - p[a + i]);
    sum += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
  }
  return sum / 2;
}

/** What {@linkcode meshTopology} returns. */
export interface MeshTopology {
  /** Corners that triangles use. */
  vertices: number;
  /** Sides of triangles, each counted once. */
  edges: number;
  /** Triangles. */
  triangles: number;
  /** Edges that do not belong to exactly two triangles, one in each direction; 0 for a closed surface. */
  openEdges: number;
  /** vertices - edges + triangles: 2 for a sphere, 0 for a torus. */
  eulerCharacteristic: number;
}

/**
 * Counts vertices, edges and triangles, and finds whether a mesh is closed.
 *
 * @throws {RangeError} if an index is out of range, or a coordinate is not finite.
 * @throws {TypeError} if `mesh` is not a mesh.
 *
 * @example
 * ```ts
 * import { meshTopology } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const positions = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
 * const { eulerCharacteristic, openEdges } = meshTopology({
 *   positions,
 *   triangles: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
 * });
 * assertEquals([eulerCharacteristic, openEdges], [2, 0]);
 * ```
 */
export function meshTopology(mesh: TriangleMesh): MeshTopology {
  const { positions, triangles } = requireMesh("mesh", mesh);
  const count = positions.length / 3;
  // Per undirected edge, how often it is passed upwards (index growing) and downwards.
  const uses = new Map<number, [up: number, down: number]>();
  for (let k = 0; k < triangles.length; k++) {
    const from = triangles[k];
    const to = triangles[k % 3 === 2 ? k - 2 : k + 1];
    const key = Math.min(from, to) * count + Math.max(from, to);
    let use = uses.get(key);
    if (use === undefined) uses.set(key, use = [0, 0]);
    use[from < to ? 0 : 1]++;
  }
  let openEdges = 0;
  for (const [up, down] of uses.values()) if (up !== 1 || down !== 1) openEdges++;
  const vertices = new Set(triangles).size;
  return {
    vertices,
    edges: uses.size,
    triangles: triangles.length / 3,
    openEdges,
    eulerCharacteristic: vertices - uses.size + triangles.length / 3,
  };
}
