import { describeValue, requireLength } from "../arrays/mod.ts";

/**
 * How well two solids agree, from which cells of a grid are inside: cells in both over cells in either, 1 if
 * neither has any.
 *
 * @param a 1 inside, 0 outside.
 * @param b The same, of the same length.
 * @throws {RangeError} if the lengths differ.
 * @throws {TypeError} if one is not a Uint8Array.
 *
 * @example
 * ```ts
 * import { intersectionOverUnion } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(intersectionOverUnion(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 1, 1, 0)), 1 / 3);
 * ```
 */
export function intersectionOverUnion(a: Uint8Array, b: Uint8Array): number {
  requireMask("a", a);
  requireMask("b", b);
  requireLength("b", b, a.length);
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] && b[i]) both++;
    if (a[i] || b[i]) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** Returns `mask` if it is a Uint8Array. */
export function requireMask(name: string, mask: Uint8Array): Uint8Array {
  if (!(mask instanceof Uint8Array)) {
    throw new TypeError(`\`${name}\` must be a Uint8Array, got ${describeValue(mask)}`);
  }
  return mask;
}
