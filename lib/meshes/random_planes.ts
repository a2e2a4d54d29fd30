import { requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import type { Plane } from "./planar_section.ts";

/** Options of {@linkcode randomPlanes}. */
export interface RandomPlanesOptions {
  /** Stream of random numbers. */
  rng: Rng;
}

/**
 * Planes in all directions: normals uniform on the sphere, offsets uniform in [-1, 1] (the random slicer of
 * Sawdayee, Vaxman & Bermano 2023).
 *
 * @throws {RangeError} if `count` is not a non-negative integer.
 * @throws {TypeError} if `rng` is missing, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { randomPlanes } from "refigure/meshes";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const planes = randomPlanes(5, { rng: new Rng(0) });
 * assertEquals(planes.length, 5);
 * assert(planes.every(({ offset }) => Math.abs(offset) <= 1));
 * ```
 */
export function randomPlanes(count: number, options: RandomPlanesOptions): Plane[] {
  requireInteger("count", count, { max: 1e7 });
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  return Array.from({ length: count }, () => ({
    normal: Array.from(rng.sphere(3)),
    offset: rng.uniform(-1, 1),
  }));
}
