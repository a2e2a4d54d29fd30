/** What a mesh is, and checks that are common to the folder. Not public but for the type. */
import {
  describeValue,
  type RealArray,
  requireFinite,
  requireInteger,
  requireNumbers,
  requireRealArray,
} from "../arrays/mod.ts";

/** A triangle mesh. Of a closed surface, triangles are counter-clockwise seen from outside. */
export interface TriangleMesh {
  /** Corners, x, y, z in turn. */
  positions: Float64Array;
  /** Three indices of corners per triangle. */
  triangles: Uint32Array;
}

/** Returns `mesh` if its arrays fit each other. */
export function requireMesh(name: string, mesh: TriangleMesh): TriangleMesh {
  if (typeof mesh !== "object" || mesh === null) {
    throw new TypeError(`\`${name}\` must be a mesh { positions, triangles }, got ${describeValue(mesh)}`);
  }
  const { positions, triangles } = mesh;
  requireRealArray(`${name}.positions`, positions, "float64");
  requirePoints(`${name}.positions`, positions, 3);
  if (!(triangles instanceof Uint32Array)) {
    throw new TypeError(`\`${name}.triangles\` must be a Uint32Array, got ${describeValue(triangles)}`);
  }
  if (triangles.length % 3 !== 0) {
    throw new RangeError(
      `\`${name}.triangles\` must have three entries per triangle, got length ${triangles.length}`,
    );
  }
  for (let k = 0; k < triangles.length; k++) {
    if (3 * triangles[k] >= positions.length) {
      throw new RangeError(
        `\`${name}.triangles[${k}]\` must be below ${positions.length / 3}, got ${triangles[k]}`,
      );
    }
  }
  return mesh;
}

/** Returns `points` if it is a typed array of finite coordinates, `dimension` per point. */
export function requirePoints<Data extends RealArray>(name: string, points: Data, dimension: number): Data {
  requireRealArray(name, points);
  if (points.length % dimension !== 0) {
    throw new RangeError(
      `\`${name}\` must have ${dimension} entries per point, got length ${points.length}`,
    );
  }
  requireFinite(`\`${name}\` must be finite`, points);
  return points;
}

/** Returns `shape` if it has a positive size for each of so many axes. */
export function requireShape(
  name: string,
  shape: readonly number[],
  { axes, min = 1 }: { axes: readonly number[]; min?: number },
): readonly number[] {
  requireNumbers(name, shape);
  if (!axes.includes(shape.length)) {
    throw new RangeError(`\`${name}\` must have ${axes.join(" or ")} entries, got ${shape.length}`);
  }
  let count = 1;
  for (let a = 0; a < shape.length; a++) count *= requireInteger(`${name}[${a}]`, shape[a], { min });
  requireInteger(`product of \`${name}\``, count, { max: 2 ** 28 });
  return shape;
}

/** Two opposite corners of a box. */
export interface Box {
  /** The corner with the smallest coordinates. Default -1 each. */
  min?: ArrayLike<number>;
  /** The corner with the largest coordinates. Default 1 each. */
  max?: ArrayLike<number>;
}

/** The corners of a box that is not empty. */
export function requireBox({ min = [-1, -1, -1], max = [1, 1, 1] }: Box): { min: number[]; max: number[] } {
  requireNumbers("min", min, { length: 3, finite: true });
  requireNumbers("max", max, { length: 3, finite: true });
  for (let a = 0; a < 3; a++) {
    if (!(max[a] > min[a])) {
      throw new RangeError(`\`max[${a}]\` must be above \`min[${a}]\` = ${min[a]}, got ${max[a]}`);
    }
  }
  return { min: Array.from(min), max: Array.from(max) };
}
