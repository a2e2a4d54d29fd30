import {
  describeValue,
  type RealArray,
  requireFinite,
  requireFunction,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";

/** The line of all (x, y) with `normal . (x, y) + offset = 0`: a plane, one dimension lower. */
export interface Line {
  /** Of length 1. */
  normal: ArrayLike<number>;
  /** Minus the distance of the line from the origin along the normal. */
  offset: number;
}

/** What a line cuts out of a region of the plane. */
export interface LineSection extends Line {
  /**
   * Where the line enters the region and leaves it, in turn: distances along the direction (-ny, nx) from the
   * line's foot, growing. None: the line misses the region.
   */
  crossings: Float64Array;
}

/** Returns the line's normal and offset if it is one. */
export function requireLine(name: string, line: Line): { normal: number[]; offset: number } {
  if (typeof line !== "object" || line === null) {
    throw new TypeError(`\`${name}\` must be a line { normal, offset }, got ${describeValue(line)}`);
  }
  requireNumbers(`${name}.normal`, line.normal, { length: 2, finite: true });
  const normal = Array.from(line.normal);
  const length = Math.hypot(normal[0], normal[1]);
  if (Math.abs(length - 1) > 1e-9) {
    throw new RangeError(`\`${name}.normal\` must have length 1, got ${length}`);
  }
  return { normal, offset: requireNumber(`${name}.offset`, line.offset) };
}

/** Returns `section` if its crossings come in pairs and grow. */
export function requireLineSection(name: string, section: LineSection): LineSection {
  requireLine(name, section);
  const { crossings } = section;
  requireFinite(
    `\`${name}.crossings\` must be finite`,
    requireRealArray(`${name}.crossings`, crossings, "float64"),
  );
  if (crossings.length % 2 !== 0) {
    throw new RangeError(`\`${name}.crossings\` must come in pairs, got length ${crossings.length}`);
  }
  for (let k = 1; k < crossings.length; k++) {
    if (!(crossings[k] > crossings[k - 1])) {
      throw new RangeError(`\`${name}.crossings\` must grow, got ${crossings[k]} after ${crossings[k - 1]}`);
    }
  }
  return section;
}

/** Points of the plane from distances along a line. */
export function alongLine(
  positions: ArrayLike<number>,
  { normal, offset }: { normal: ArrayLike<number>; offset: number },
): Float64Array {
  const out = new Float64Array(2 * positions.length);
  for (let k = 0; k < positions.length; k++) {
    out[2 * k] = -normal[1] * positions[k] - offset * normal[0];
    out[2 * k + 1] = normal[0] * positions[k] - offset * normal[1];
  }
  return out;
}

/** Options of {@linkcode sliceByLines}. */
export interface SliceByLinesOptions {
  /** Places at which the field is evaluated on each line. Default 2000. */
  samples?: number;
  /** How far from the line's foot it is searched, to both sides. Default 1.4. */
  halfLength?: number;
}

/**
 * The sections of a region of the plane, given by a field, by lines: where the field changes its sign between two
 * places on a line, found by bisection.
 *
 * @param field From points, x and y in turn, to one number each, positive outside.
 * @param lines One or more lines.
 * @param options How finely and how far lines are searched.
 * @returns One section per line.
 * @throws {RangeError} if a line is in the region at an end of the search, or a number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { sliceByLines } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const disc = (points: Float64Array) =>
 *   Float64Array.from({ length: points.length / 2 }, (_, i) => Math.hypot(points[2 * i], points[2 * i + 1]) - 1);
 * const [{ crossings }] = sliceByLines(disc, [{ normal: [0, 1], offset: -0.6 }]);
 * assertAlmostEquals(crossings[1], 0.8, 1e-12);
 * ```
 */
export function sliceByLines(
  field: (points: Float64Array) => ArrayLike<number>,
  lines: readonly Line[],
  options: SliceByLinesOptions = {},
): LineSection[] {
  requireFunction("field", field);
  if (!Array.isArray(lines)) {
    throw new TypeError(`\`lines\` must be a list of lines, got ${describeValue(lines)}`);
  }
  if (lines.length === 0) throw new RangeError("`lines` must have at least 1 entry, got 0");
  requireOptions("options", options, ["samples", "halfLength"]);
  const { samples = 2000, halfLength = 1.4 } = options;
  requireInteger("samples", samples, { min: 2, max: 1e7 });
  requireNumber("halfLength", halfLength, { above: 0 });
  const places = Float64Array.from({ length: samples }, (_, k) => halfLength * (2 * k / (samples - 1) - 1));
  return lines.map((given, index) => {
    const line = requireLine(`lines[${index}]`, given);
    const isInside = (positions: ArrayLike<number>) => {
      const values = field(alongLine(positions, line));
      if (values?.length !== positions.length) {
        throw new RangeError(
          `\`field\` must return one number per point, ${positions.length}, got ${values?.length}`,
        );
      }
      requireFinite("`field` must return finite numbers", values);
      return Array.from(values, (value) => !(value > 0));
    };
    const inside = isInside(places);
    if (inside[0] || inside[samples - 1]) {
      throw new RangeError(`\`halfLength\` must be larger: \`lines[${index}]\` is inside at ${halfLength}`);
    }
    const changes = inside.flatMap((now, k) => k > 0 && now !== inside[k - 1] ? [k] : []);
    const within = changes.map((k) => inside[k] ? places[k] : places[k - 1]);
    const without = changes.map((k) => inside[k] ? places[k - 1] : places[k]);
    const middle = () => within.map((x, k) => (x + without[k]) / 2);
    for (let round = 0; round < 40 && changes.length > 0; round++) {
      const tried = middle();
      isInside(tried).forEach((isIn, k) => (isIn ? within : without)[k] = tried[k]);
    }
    return { ...line, crossings: Float64Array.from(middle()) };
  });
}

/**
 * Which places on a line are inside of its section.
 *
 * @param section A line with its crossings.
 * @param positions Distances from the line's foot.
 * @returns 1 for a place that is inside, else 0.
 * @throws {RangeError} if the crossings do not grow in pairs, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { lineSectionContains } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const section = { normal: [0, 1], offset: 0, crossings: Float64Array.of(-1, 0, 2, 3) };
 * assertEquals([...lineSectionContains(section, Float64Array.of(-0.5, 1, 2.5))], [1, 0, 1]);
 * ```
 */
export function lineSectionContains(section: LineSection, positions: RealArray): Uint8Array {
  const { crossings } = requireLineSection("section", section);
  requireFinite("`positions` must be finite", requireRealArray("positions", positions));
  return Uint8Array.from(positions, (x) => {
    let before = 0;
    while (before < crossings.length && crossings[before] <= x) before++;
    return before % 2;
  });
}
