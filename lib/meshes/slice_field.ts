import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { evaluate, type ScalarField } from "./distance_fields.ts";
import { marchingSquares } from "./marching_squares.ts";
import { fromPlane, type PlanarSection, type Plane, requirePlanes } from "./planar_section.ts";

/** Options of {@linkcode sliceField}. */
export interface SliceFieldOptions {
  /** Cells of the grid in the plane, along each side. Default 128. */
  resolution?: number;
  /** Half the side of the square that is searched, around the foot of the plane. Default 1.5. */
  halfWidth?: number;
}

/** Halvings of a side of a cell. */
const BISECTIONS = 40;

/**
 * The sections of a solid that is given by a field: marching squares on a grid in the plane, then each corner is
 * moved along its side of the grid onto the zero of the field by bisection. Parts smaller than a cell may be
 * missed, and what leaves the square is an error.
 *
 * @param field Positive outside.
 * @param planes One or more planes.
 * @param options The grid.
 * @returns One section per plane, with no contours if the plane misses the solid.
 * @throws {RangeError} if a contour leaves the square, or a number is out of range or not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { sectionArea, sliceField, sphereDistance } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [section] = sliceField(sphereDistance(1), [{ normal: [0, 0, 1], offset: -0.6 }]);
 * assertAlmostEquals(sectionArea(section), Math.PI * 0.64, 1e-3);
 * ```
 */
export function sliceField(
  field: ScalarField,
  planes: readonly Plane[],
  options: SliceFieldOptions = {},
): PlanarSection[] {
  requireOptions("options", options, ["resolution", "halfWidth"]);
  const { resolution = 128, halfWidth = 1.5 } = options;
  requireInteger("resolution", resolution, { min: 2, max: 4096 });
  requireNumber("halfWidth", halfWidth, { above: 0 });
  const side = resolution + 1;
  const step = 2 * halfWidth / resolution;
  return requirePlanes(planes).map((plane, index) => {
    const grid = new Float64Array(2 * side * side);
    for (let k = 0; k < side * side; k++) {
      grid[2 * k] = (k % side) * step - halfWidth;
      grid[2 * k + 1] = Math.floor(k / side) * step - halfWidth;
    }
    const values = Float64Array.from(evaluate("field", field, fromPlane(grid, plane)));
    const lines = marchingSquares(values, side, side);
    const contours = lines.map(({ points, closed }) => {
      if (!closed) {
        throw new RangeError(
          `\`halfWidth\` must be larger: the section by \`planes[${index}]\` leaves the square of ${halfWidth}`,
        );
      }
      return fromPlane(ontoZero(field, plane, points, side, step, halfWidth, values), plane);
    });
    return { ...plane, contours: contours.filter((contour) => contour.length >= 9) };
  });
}

/** Corners in grid steps, each on a side of the grid, to coordinates in the plane at which the field is zero. */
function ontoZero(
  field: ScalarField,
  plane: { normal: number[]; offset: number },
  points: Float64Array,
  side: number,
  step: number,
  halfWidth: number,
  values: Float64Array,
): Float64Array {
  const inside = points.map(Math.floor);
  const outside = points.map(Math.ceil);
  for (let k = 0; k < points.length; k += 2) {
    if (!(values[inside[k + 1] * side + inside[k]] > 0)) continue;
    for (let a = k; a < k + 2; a++) [inside[a], outside[a]] = [outside[a], inside[a]];
  }
  const place = (steps: Float64Array) => steps.map((n) => n * step - halfWidth);
  const low = place(inside);
  const high = place(outside);
  const middle = new Float64Array(points.length);
  for (let round = 0; round < BISECTIONS; round++) {
    for (let k = 0; k < middle.length; k++) middle[k] = (low[k] + high[k]) / 2;
    const found = evaluate("field", field, fromPlane(middle, plane));
    for (let k = 0; k < middle.length; k += 2) {
      const end = found[k / 2] > 0 ? high : low;
      end[k] = middle[k];
      end[k + 1] = middle[k + 1];
    }
  }
  return middle;
}
