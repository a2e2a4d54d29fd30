import { type RealArray, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { requireMesh, requirePoints, type TriangleMesh } from "./triangle_mesh.ts";

/** Distances below this part of the points' extent count as zero. */
const TOLERANCE = 1e-10;

/** A face of a hull that grows. */
interface Face {
  corners: [number, number, number];
  normal: number[];
  offset: number;
}

/**
 * The convex hull of points in space: the incremental algorithm, one point after the other. A point replaces the
 * faces that it sees by a fan from their horizon.
 *
 * @param points x, y, z in turn, at least four that are not in one plane.
 * @returns A closed mesh; its corners are the points on the hull.
 * @throws {RangeError} if all points lie in a plane, or a coordinate is not finite.
 * @throws {TypeError} if `points` is not a typed array.
 *
 * @example
 * ```ts
 * import { convexHull, meshVolume } from "refigure/meshes";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const bits = Array.from({ length: 8 }, (_, k) => [k & 1, k >> 1 & 1, k >> 2]);
 * const hull = convexHull(Float64Array.from([...bits, [0.5, 0.5, 0.5]].flat()));
 * assertEquals(hull.positions.length / 3, 8);
 * assertAlmostEquals(meshVolume(hull), 1, 1e-12);
 * ```
 */
export function convexHull(points: RealArray): TriangleMesh {
  requirePoints("points", points, 3);
  const count = points.length / 3;
  const at = (i: number) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
  const [start, extent] = firstCorners(points);
  const faceOf = (a: number, b: number, c: number): Face => {
    const p = at(a);
    const normal = cross(minus(at(b), p), minus(at(c), p));
    const length = norm(normal) || 1;
    const unit = normal.map((entry) => entry / length);
    return { corners: [a, b, c], normal: unit, offset: dot(unit, p) };
  };
  const [a, b, c, d] = start;
  let faces = [faceOf(a, b, c), faceOf(a, c, d), faceOf(a, d, b), faceOf(b, d, c)];
  const inside = [0, 1, 2].map((k) => start.reduce((sum, i) => sum + points[3 * i + k], 0) / 4);
  if (dot(faces[0].normal, inside) > faces[0].offset) {
    faces = faces.map(({ corners: [p, q, r] }) => faceOf(p, r, q));
  }
  for (let i = 0; i < count; i++) {
    if (start.includes(i)) continue;
    const p = at(i);
    const isSeen = (face: Face) => dot(face.normal, p) > face.offset + TOLERANCE * extent;
    const seen = faces.filter(isSeen);
    if (seen.length === 0) continue;
    const sides = new Set<number>();
    for (const { corners } of seen) {
      for (let s = 0; s < 3; s++) sides.add(corners[s] * count + corners[(s + 1) % 3]);
    }
    faces = faces.filter((face) => !isSeen(face));
    for (const side of sides) {
      const from = Math.floor(side / count);
      const to = side % count;
      if (!sides.has(to * count + from)) faces.push(faceOf(from, to, i));
    }
  }
  const index = new Map<number, number>();
  const triangles = Uint32Array.from(
    faces.flatMap(({ corners }) => corners),
    (corner) => {
      if (!index.has(corner)) index.set(corner, index.size);
      return index.get(corner)!;
    },
  );
  return { positions: Float64Array.from([...index.keys()].flatMap(at)), triangles };
}

/** Four points that are not in a plane, and the extent of all. */
function firstCorners(points: RealArray): [corners: number[], extent: number] {
  const count = points.length / 3;
  const at = (i: number) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
  const farthest = (distance: (p: number[]) => number) => {
    let best = 0;
    let most = -1;
    for (let i = 0; i < count; i++) {
      const d = distance(at(i));
      if (d > most) [best, most] = [i, d];
    }
    return [best, most];
  };
  if (count >= 4) {
    const first = at(0);
    const [b, extent] = farthest((p) => norm(minus(p, first)));
    const along = minus(at(b), first).map((entry) => entry / extent);
    const [c, width] = farthest((p) => norm(cross(along, minus(p, first))));
    const normal = cross(along, minus(at(c), first)).map((entry) => entry / width);
    const [d, height] = farthest((p) => Math.abs(dot(normal, minus(p, first))));
    if (extent > 0 && width > TOLERANCE * extent && height > TOLERANCE * extent) {
      return [[0, b, c, d], extent];
    }
  }
  throw new RangeError(`\`points\` must have four that are not in one plane, got ${count} in a plane`);
}

/** Options of {@linkcode sampleSurface}. */
export interface SampleSurfaceOptions {
  /** Stream of random numbers. */
  rng: Rng;
}

/**
 * Points that are uniform on the surface of a mesh: a triangle in proportion to its area, then a point in it.
 *
 * @param mesh With some area.
 * @param count How many points.
 * @param options The stream.
 * @returns x, y, z in turn.
 * @throws {RangeError} if the mesh has no area, or a number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { sampleSurface } from "refigure/meshes";
 * import { assert } from "@std/assert";
 *
 * const triangle = { positions: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), triangles: Uint32Array.of(0, 1, 2) };
 * const [x, y, z] = sampleSurface(triangle, 1, { rng: new Rng(0) });
 * assert(x >= 0 && y >= 0 && x + y <= 1 && z === 0);
 * ```
 */
export function sampleSurface(
  mesh: TriangleMesh,
  count: number,
  options: SampleSurfaceOptions,
): Float64Array {
  const { positions: p, triangles } = requireMesh("mesh", mesh);
  requireInteger("count", count, { max: 1e8 });
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  const at = (corner: number) => [p[3 * corner], p[3 * corner + 1], p[3 * corner + 2]];
  const sums = new Float64Array(triangles.length / 3);
  let area = 0;
  for (let t = 0; t < sums.length; t++) {
    const [a, b, c] = [0, 1, 2].map((s) => at(triangles[3 * t + s]));
    const normal = cross(minus(b, a), minus(c, a));
    sums[t] = area += norm(normal);
  }
  if (!(area > 0)) throw new RangeError(`\`mesh\` must have an area above 0, got ${area / 2}`);
  const out = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const wanted = rng.uniform(0, area);
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    let u = rng.uniform();
    let v = rng.uniform();
    if (u + v > 1) [u, v] = [1 - u, 1 - v];
    const [a, b, c] = [0, 1, 2].map((s) => at(triangles[3 * low + s]));
    for (let k = 0; k < 3; k++) out[3 * i + k] = a[k] + u * (b[k] - a[k]) + v * (c[k] - a[k]);
  }
  return out;
}

function minus(a: readonly number[], b: readonly number[]): number[] {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function norm([x, y, z]: readonly number[]): number {
  return Math.hypot(x, y, z);
}
