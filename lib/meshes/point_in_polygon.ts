import { describeValue, type RealArray } from "../arrays/mod.ts";
import { requirePoints } from "./triangle_mesh.ts";

/**
 * Which points are inside of a region in the plane, by the even-odd rule: inside are those from which a ray
 * crosses the contours an odd number of times. Holes need no mark, and directions do not count.
 *
 * A side counts if exactly one of its ends is above the ray, so that a ray through a corner counts it once.
 *
 * @param contours Closed polygons, x and y of the corners in turn, the first corner not repeated.
 * @param points x and y in turn.
 * @returns 1 for a point that is inside, else 0.
 * @throws {RangeError} if a polygon has fewer than three corners, or a coordinate is not finite.
 * @throws {TypeError} if `contours` is not a list of typed arrays, or `points` is not one.
 *
 * @example A square with a square hole
 * ```ts
 * import { pointInPolygon } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const contours = [
 *   Float64Array.of(0, 0, 3, 0, 3, 3, 0, 3),
 *   Float64Array.of(1, 1, 2, 1, 2, 2, 1, 2),
 * ];
 * assertEquals([...pointInPolygon(contours, Float64Array.of(0.5, 1, 1.5, 1.5, 4, 1))], [1, 0, 0]);
 * ```
 */
export function pointInPolygon(contours: readonly RealArray[], points: RealArray): Uint8Array {
  requireContours("contours", contours, 2);
  requirePoints("points", points, 2);
  const inside = new Uint8Array(points.length / 2);
  for (const contour of contours) {
    const corners = contour.length / 2;
    let k = 0;
    for (let j = corners - 1; k < corners; j = k++) {
      const x0 = contour[2 * j];
      const y0 = contour[2 * j + 1];
      const y1 = contour[2 * k + 1];
      if (y0 === y1) continue;
      const slope = (contour[2 * k] - x0) / (y1 - y0);
      for (let i = 0; i < inside.length; i++) {
        const y = points[2 * i + 1];
        if ((y0 > y) !== (y1 > y) && points[2 * i] < x0 + slope * (y - y0)) inside[i] ^= 1;
      }
    }
  }
  return inside;
}

/** Returns `contours` if it is a list of polygons with at least three corners each. */
export function requireContours<Contours extends readonly RealArray[]>(
  name: string,
  contours: Contours,
  dimension: number,
): Contours {
  if (!Array.isArray(contours)) {
    throw new TypeError(`\`${name}\` must be a list of typed arrays, got ${describeValue(contours)}`);
  }
  contours.forEach((contour, c) => {
    requirePoints(`${name}[${c}]`, contour, dimension);
    if (contour.length < 3 * dimension) {
      throw new RangeError(
        `\`${name}[${c}]\` must have at least 3 corners, got ${contour.length / dimension}`,
      );
    }
  });
  return contours;
}
