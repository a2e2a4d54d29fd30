import { describeValue, type RealArray, requireNumber, requireNumbers } from "../arrays/mod.ts";
import { pointInPolygon, requireContours } from "./point_in_polygon.ts";
import { requirePoints } from "./triangle_mesh.ts";

/** The plane of all x with `normal . x + offset = 0`. */
export interface Plane {
  /** Of length 1. */
  normal: ArrayLike<number>;
  /** Minus the distance of the plane from the origin along the normal. */
  offset: number;
}

/** What a plane cuts out of a solid. */
export interface PlanarSection extends Plane {
  /**
   * Closed polygons in the plane, x, y, z of the corners in turn, the first one not repeated; counter-clockwise
   * seen from where the normal points, holes clockwise. None: the plane misses the solid.
   */
  contours: Float64Array[];
}

/** How far from its plane a corner of a contour may be. */
const OFF_PLANE = 1e-6;

/** Returns `plane` with its normal as an array of three, if it is a plane. */
export function requirePlane(name: string, plane: Plane): { normal: number[]; offset: number } {
  if (typeof plane !== "object" || plane === null) {
    throw new TypeError(`\`${name}\` must be a plane { normal, offset }, got ${describeValue(plane)}`);
  }
  requireNumbers(`${name}.normal`, plane.normal, { length: 3, finite: true });
  const normal = Array.from(plane.normal);
  const length = Math.hypot(normal[0], normal[1], normal[2]);
  if (Math.abs(length - 1) > 1e-9) {
    throw new RangeError(`\`${name}.normal\` must have length 1, got ${length}`);
  }
  return { normal, offset: requireNumber(`${name}.offset`, plane.offset) };
}

/** Returns `planes` as checked copies, at least one. */
export function requirePlanes(planes: readonly Plane[]): { normal: number[]; offset: number }[] {
  if (!Array.isArray(planes)) {
    throw new TypeError(`\`planes\` must be a list of planes, got ${describeValue(planes)}`);
  }
  if (planes.length === 0) throw new RangeError("`planes` must have at least 1 entry, got 0");
  return planes.map((plane, k) => requirePlane(`planes[${k}]`, plane));
}

/** Returns `section` if its contours are polygons in its plane. */
export function requireSection(name: string, section: PlanarSection): PlanarSection {
  const { normal: [nx, ny, nz], offset } = requirePlane(name, section);
  requireContours(`${name}.contours`, section.contours, 3);
  for (const contour of section.contours) {
    for (let k = 0; k < contour.length; k += 3) {
      const distance = Math.abs(nx * contour[k] + ny * contour[k + 1] + nz * contour[k + 2] + offset);
      if (distance > OFF_PLANE) {
        throw new RangeError(
          `\`${name}\` has a corner at a distance of ${distance} from its plane; at most ${OFF_PLANE} is allowed`,
        );
      }
    }
  }
  return section;
}

/** Two unit vectors u and v that span a plane, with u x v along the normal. */
export function planeBasis([nx, ny, nz]: readonly number[]): { u: number[]; v: number[] } {
  // From the axis that is farthest from the normal.
  const sizes = [Math.abs(nx), Math.abs(ny), Math.abs(nz)];
  const axis = sizes.indexOf(Math.min(sizes[0], sizes[1], sizes[2]));
  const e = [0, 0, 0];
  e[axis] = 1;
  const raw = [e[1] * nz - e[2] * ny, e[2] * nx - e[0] * nz, e[0] * ny - e[1] * nx];
  const length = Math.hypot(raw[0], raw[1], raw[2]);
  const u = raw.map((entry) => entry / length);
  return {
    u,
    v: [ny * u[2] - nz * u[1], nz * u[0] - nx * u[2], nx * u[1] - ny * u[0]],
  };
}

/** Coordinates along u and v of points in space: their orthogonal projections on the plane. */
export function inPlane(points: RealArray, normal: readonly number[]): Float64Array {
  const { u, v } = planeBasis(normal);
  const out = new Float64Array(points.length / 3 * 2);
  let k = 0;
  for (let i = 0; k < points.length; k += 3) {
    out[i++] = u[0] * points[k] + u[1] * points[k + 1] + u[2] * points[k + 2];
    out[i++] = v[0] * points[k] + v[1] * points[k + 1] + v[2] * points[k + 2];
  }
  return out;
}

/** Points in space from their coordinates along u and v. */
export function fromPlane(
  coordinates: ArrayLike<number>,
  { normal, offset }: { normal: readonly number[]; offset: number },
): Float64Array {
  const { u, v } = planeBasis(normal);
  const out = new Float64Array(coordinates.length / 2 * 3);
  let k = 0;
  for (let i = 0; k < out.length; i += 2) {
    for (let a = 0; a < 3; a++) {
      out[k++] = coordinates[i] * u[a] + coordinates[i + 1] * v[a] - offset * normal[a];
    }
  }
  return out;
}

/**
 * Which points project, at a right angle, into the filled part of a section (even-odd rule). For points in the
 * plane: which of them are inside of the solid.
 *
 * @param section A plane with its contours.
 * @param points x, y, z in turn.
 * @returns 1 for a point that is inside, else 0.
 * @throws {RangeError} if a contour has fewer than three corners, a corner is farther than 1e-6 from the plane, or
 * a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { sectionContains } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const contours = [Float64Array.of(0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 2, 1)];
 * const section = { normal: [0, 0, 1], offset: -1, contours };
 * assertEquals([...sectionContains(section, Float64Array.of(1, 1, 1, 1, 1, 7, 3, 1, 1))], [1, 1, 0]);
 * ```
 */
export function sectionContains(section: PlanarSection, points: RealArray): Uint8Array {
  requireSection("section", section);
  requirePoints("points", points, 3);
  const normal = Array.from(section.normal);
  return pointInPolygon(
    section.contours.map((contour) => inPlane(contour, normal)),
    inPlane(points, normal),
  );
}

/**
 * The area of the filled part of a section. Contours must have the directions that {@linkcode PlanarSection}
 * asks for, as those of `sliceMesh` and `sliceField` have: then holes count negative.
 *
 * @throws {RangeError} if a contour has fewer than three corners, a corner is farther than 1e-6 from the plane, or
 * a number is not finite.
 * @throws {TypeError} if `section` is not a section.
 *
 * @example
 * ```ts
 * import { sectionArea } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const contours = [Float64Array.of(0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 2, 1)];
 * assertEquals(sectionArea({ normal: [0, 0, 1], offset: -1, contours }), 4);
 * ```
 */
export function sectionArea(section: PlanarSection): number {
  requireSection("section", section);
  let twice = 0;
  for (const contour of section.contours) {
    const xy = inPlane(contour, Array.from(section.normal));
    // Relative to the first corner, so that a polygon far from the origin loses no digits.
    const [x0, y0] = xy;
    for (let k = 2; k + 3 < xy.length; k += 2) {
      twice += (xy[k] - x0) * (xy[k + 3] - y0) - (xy[k + 2] - x0) * (xy[k + 1] - y0);
    }
  }
  return twice / 2;
}
