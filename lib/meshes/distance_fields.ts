import { type RealArray, requireFunction, requireNumber } from "../arrays/mod.ts";
import { requirePoints } from "./triangle_mesh.ts";

/** A field in space: from points, x, y, z in turn, to one number each, positive outside of the solid. */
export type ScalarField = (points: Float64Array) => ArrayLike<number>;

/**
 * The signed distance from a sphere around the origin.
 *
 * @param radius Positive.
 * @throws {RangeError} if `radius` is not positive and finite.
 *
 * @example
 * ```ts
 * import { sphereDistance } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...sphereDistance(2)(Float64Array.of(3, 4, 0, 0, 0, 0))], [3, -2]);
 * ```
 */
export function sphereDistance(radius: number): (points: RealArray) => Float64Array {
  requireNumber("radius", radius, { above: 0 });
  return (points) => pointwise(points, (x, y, z) => Math.hypot(x, y, z) - radius);
}

/**
 * The signed distance from a torus around the z axis.
 *
 * @param majorRadius Of the circle in the middle of the tube.
 * @param minorRadius Of the tube.
 * @throws {RangeError} if a radius is not positive and finite.
 *
 * @example
 * ```ts
 * import { torusDistance } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...torusDistance(3, 1)(Float64Array.of(0, 5, 0, 0, 0, 4))], [1, 4]);
 * ```
 */
export function torusDistance(
  majorRadius: number,
  minorRadius: number,
): (points: RealArray) => Float64Array {
  requireNumber("majorRadius", majorRadius, { above: 0 });
  requireNumber("minorRadius", minorRadius, { above: 0 });
  return (points) =>
    pointwise(points, (x, y, z) => Math.hypot(Math.hypot(x, y) - majorRadius, z) - minorRadius);
}

function pointwise(points: RealArray, f: (x: number, y: number, z: number) => number): Float64Array {
  requirePoints("points", points, 3);
  const out = new Float64Array(points.length / 3);
  for (let i = 0; i < out.length; i++) out[i] = f(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
  return out;
}

/** The values of a caller's field, one per point and finite. */
export function evaluate(name: string, field: ScalarField, points: Float64Array): ArrayLike<number> {
  requireFunction(name, field);
  const values = field(points);
  const count = points.length / 3;
  if (values?.length !== count) {
    throw new RangeError(`\`${name}\` must return one number per point, ${count}, got ${values?.length}`);
  }
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(`\`${name}\` must return finite numbers, got ${values[i]} at point ${i}`);
    }
  }
  return values;
}
