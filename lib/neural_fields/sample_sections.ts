import {
  describeValue,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { alongLine, requireLineSection } from "../meshes/line_section.ts";
import { convexHull, lineSectionContains, pointInPolygon, sampleSurface } from "../meshes/mod.ts";
import type { LineSection, PlanarSection } from "../meshes/mod.ts";
import { fromPlane, inPlane, requireSection } from "../meshes/planar_section.ts";
import type { LabelledPoints } from "./fit_field.ts";

/** Options of {@linkcode sampleSections}. */
export interface SampleSectionsOptions {
  /** How far from the contours points are. */
  radius: number;
  /** Points around each corner of a contour, and along each of its sides. Default 2. */
  perEdge?: number;
  /** Points per plane that are uniform in the square [-1, 1]^2 around its foot. Default 2048. */
  uniform?: number;
  /** Points on the convex hull of all corners, scaled by 1.05 from their mean, outside. Default 16384. */
  hull?: number;
  /** Stream of random numbers. */
  rng: Rng;
}

/** How much larger than the hull the surface is whose points are outside. */
const BEYOND = 1.05;

/**
 * Points of one level of the training on planar sections (Sawdayee, Vaxman & Bermano 2023, in their code): per
 * plane, on circles around all corners of its contours, on both sides of all sides, on the sides themselves with the
 * label 0.5, and uniform ones; and points around all.
 *
 * @param sections Planes with their contours, in [-1, 1]^3.
 * @param options How near, how many, and the stream.
 * @returns Points and labels: 0 inside, 1 outside, 0.5 on a contour.
 * @throws {RangeError} if no section has a contour ("no slice intersects the object"), a section is not valid, or a
 * number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { sliceField, sphereDistance } from "refigure/meshes";
 * import { sampleSections } from "refigure/neural_fields";
 * import { assert } from "@std/assert";
 *
 * const planes = [-0.3, 0.3].map((offset) => ({ normal: [0, 0, 1], offset }));
 * const sections = sliceField(sphereDistance(0.8), planes, { resolution: 16 });
 * const { points, labels } = sampleSections(sections, { radius: 1 / 16, rng: new Rng(0) });
 * assert(points.length === 3 * labels.length && labels.includes(0.5));
 * ```
 */
export function sampleSections(
  sections: readonly PlanarSection[],
  options: SampleSectionsOptions,
): LabelledPoints {
  requireSections(sections);
  requireOptions("options", options, ["radius", "perEdge", "uniform", "hull", "rng"]);
  const { radius, perEdge = 2, uniform = 2048, hull = 2 ** 14 } = options;
  requireNumber("radius", radius, { above: 0 });
  requireInteger("perEdge", perEdge, { max: 1e4 });
  requireInteger("uniform", uniform, { max: 1e7 });
  requireInteger("hull", hull, { max: 1e7 });
  const rng = requireRng("rng", options.rng);
  const points: Float64Array[] = [];
  const labels: Float64Array[] = [];
  for (const section of sections) {
    const plane = { normal: Array.from(section.normal), offset: section.offset };
    const contours = section.contours.map((contour) => inPlane(contour, plane.normal));
    const free: number[] = [];
    const on: number[] = [];
    for (const contour of contours) {
      const corners = contour.length / 2;
      for (let c = 0; c < corners; c++) {
        const [x0, y0] = [contour[2 * c], contour[2 * c + 1]];
        const d = (c + 1) % corners;
        const [dx, dy] = [contour[2 * d] - x0, contour[2 * d + 1] - y0];
        const length = Math.hypot(dx, dy) || 1;
        for (let k = 0; k < perEdge; k++) {
          const angle = 2 * Math.PI * k / perEdge;
          free.push(x0 + radius * Math.cos(angle), y0 + radius * Math.sin(angle));
          const t = (k + 0.5) / perEdge;
          const [x, y] = [x0 + t * dx, y0 + t * dy];
          on.push(x, y);
          for (const side of [-radius, radius]) free.push(x + side * dy / length, y - side * dx / length);
        }
      }
    }
    for (let k = 0; k < 2 * uniform; k++) free.push(rng.uniform(-1, 1));
    const flat = Float64Array.from(free);
    points.push(fromPlane(flat, plane), fromPlane(on, plane));
    labels.push(Float64Array.from(pointInPolygon(contours, flat), (inside) => 1 - inside));
    labels.push(new Float64Array(on.length / 2).fill(0.5));
  }
  if (hull > 0) {
    const corners = Float64Array.from(sections.flatMap(({ contours }) => contours.flatMap((c) => [...c])));
    const center = meanOf(corners);
    const surface = convexHull(corners);
    const larger = surface.positions.map((x, k) => center[k % 3] + BEYOND * (x - center[k % 3]));
    points.push(sampleSurface({ ...surface, positions: larger }, hull, { rng }));
    labels.push(new Float64Array(hull).fill(1));
  }
  return { points: joined(points), labels: joined(labels) };
}

/** Options of {@linkcode sampleLineSections}. */
export interface SampleLineSectionsOptions {
  /** How far from the crossings points are. */
  radius: number;
  /** Points per line that are uniform within 1.4 of its foot; those in the square [-1, 1]^2 are kept. Default 96. */
  uniform?: number;
  /** Points outside, on the square of half side 1.05. Default 60. */
  outside?: number;
  /** Stream of random numbers. */
  rng: Rng;
}

/**
 * Points of one level of the training on sections by lines: for each crossing two points on either side of it, and
 * the crossing itself with the label 0.5; uniform ones; and points around all.
 *
 * @param sections Lines with their crossings, in [-1, 1]^2.
 * @param options How near, how many, and the stream.
 * @returns Points and labels: 0 inside, 1 outside, 0.5 on a crossing.
 * @throws {RangeError} if no section has a crossing ("no slice intersects the object"), a section is not valid, or a
 * number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { sampleLineSections } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * const sections = [{ normal: [0, 1], offset: 0, crossings: Float64Array.of(-0.5, 0.5) }];
 * const { labels } = sampleLineSections(sections, { radius: 0.1, uniform: 0, outside: 0, rng: new Rng(0) });
 * assertEquals([...labels], [1, 0, 1, 0, 0.5, 0, 1, 0, 1, 0.5]);
 * ```
 */
export function sampleLineSections(
  sections: readonly LineSection[],
  options: SampleLineSectionsOptions,
): LabelledPoints {
  requireLineSections(sections);
  requireOptions("options", options, ["radius", "uniform", "outside", "rng"]);
  const { radius, uniform = 96, outside = 60 } = options;
  requireNumber("radius", radius, { above: 0 });
  requireInteger("uniform", uniform, { max: 1e7 });
  requireInteger("outside", outside, { max: 1e7 });
  const rng = requireRng("rng", options.rng);
  const points: Float64Array[] = [];
  const labels: Float64Array[] = [];
  for (const section of sections) {
    const near: number[] = [];
    const isOn: boolean[] = [];
    for (const crossing of section.crossings) {
      near.push(crossing - radius, crossing + radius, crossing - radius, crossing + radius, crossing);
      isOn.push(false, false, false, false, true);
    }
    const spread = Array.from({ length: uniform }, () => rng.uniform(-1.4, 1.4)).filter((position) =>
      alongLine([position], section).every((x) => Math.abs(x) <= 1)
    );
    const positions = Float64Array.from([...near, ...spread]);
    points.push(alongLine(positions, section));
    const inside = lineSectionContains(section, positions);
    labels.push(Float64Array.from(positions, (_, k) => isOn[k] ? 0.5 : 1 - inside[k]));
  }
  const around = new Float64Array(2 * outside);
  for (let k = 0; k < outside; k++) {
    const side = rng.integer(4);
    around[2 * k + side % 2] = side < 2 ? BEYOND : -BEYOND;
    around[2 * k + 1 - side % 2] = rng.uniform(-BEYOND, BEYOND);
  }
  points.push(around);
  labels.push(new Float64Array(outside).fill(1));
  return { points: joined(points), labels: joined(labels) };
}

/** Returns `sections` if all are valid and one has a contour. */
export function requireSections(sections: readonly PlanarSection[]): readonly PlanarSection[] {
  requireList(sections);
  sections.forEach((section, k) => requireSection(`sections[${k}]`, section));
  if (sections.every(({ contours }) => contours.length === 0)) throw nothing();
  return sections;
}

/** Returns `sections` if all are valid and one has a crossing. */
export function requireLineSections(sections: readonly LineSection[]): readonly LineSection[] {
  requireList(sections);
  sections.forEach((section, k) => requireLineSection(`sections[${k}]`, section));
  if (sections.every(({ crossings }) => crossings.length === 0)) throw nothing();
  return sections;
}

function requireList(sections: readonly unknown[]): void {
  if (!Array.isArray(sections)) {
    throw new TypeError(`\`sections\` must be a list of sections, got ${describeValue(sections)}`);
  }
}

function nothing(): RangeError {
  return new RangeError("no slice intersects the object: `sections` must have at least one with a contour");
}

/** The mean of points in space. */
export function meanOf(points: Float64Array): number[] {
  return [0, 1, 2].map((a) => {
    let sum = 0;
    for (let k = a; k < points.length; k += 3) sum += points[k];
    return sum / (points.length / 3);
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
