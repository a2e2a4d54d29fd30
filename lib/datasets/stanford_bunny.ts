import { sha256 } from "./digest.ts";
import { missingPackage } from "./missing_package.ts";

/** A closed triangle mesh. */
export interface BunnyMesh {
  /** Corners, x, y, z in turn; y points up. */
  positions: Float64Array;
  /** Three indices of corners per triangle, counter-clockwise seen from outside. */
  triangles: Uint32Array;
}

/** What the package exports: three numbers per corner, three indices per triangle. */
interface Package {
  positions: number[][];
  cells: number[][];
}

/** SHA-256 of the coordinates and the indices, little-endian, that the package has. */
const DIGEST = "88d84a0fb4190a46ff62182d071119eba242dd5c4eaaea8a727569811f1866bd";

/**
 * The Stanford bunny: a closed mesh of 1839 corners and 3674 triangles, loaded when it is asked for.
 *
 * Source: the Stanford 3D Scanning Repository, simplified and closed in the npm package `bunny` 1.0.1, which
 * declares it public domain. The repository asks that Stanford's Computer Graphics Laboratory be named and that
 * its models are not used commercially without permission; the data are not part of this library, they come
 * from the package.
 *
 * @throws {Error} if the package is not installed, or its data are not those of version 1.0.1.
 *
 * @example
 * ```ts
 * import { stanfordBunny } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { positions, triangles } = await stanfordBunny();
 * assertEquals([positions.length / 3, triangles.length / 3], [1839, 3674]);
 * ```
 */
export async function stanfordBunny(): Promise<BunnyMesh> {
  const { positions: corners, cells } = await load();
  const positions = Float64Array.from(corners.flat());
  const triangles = Uint32Array.from(cells.flat());
  const bytes = new Uint8Array(positions.byteLength + triangles.byteLength);
  bytes.set(new Uint8Array(positions.buffer));
  bytes.set(new Uint8Array(triangles.buffer), positions.byteLength);
  const digest = await sha256(bytes);
  if (digest !== undefined && digest !== DIGEST) {
    throw new Error(`the npm package bunny must be version 1.0.1: SHA-256 of its data is ${digest}`);
  }
  return { positions, triangles };
}

async function load(): Promise<Package> {
  try {
    return (await import("bunny")).default as Package;
  } catch (error) {
    throw missingPackage("The Stanford bunny", "bunny", "1.0.1", error);
  }
}
