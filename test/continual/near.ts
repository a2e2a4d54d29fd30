import { assert, assertEquals } from "@std/assert";

/** Largest absolute difference; fails on another length. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i] - b[i]);
    if (!(off <= max)) max = off;
  }
  return max;
}

/** Fails unless all entries agree. */
export function assertNear(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what = ""): void {
  const off = distance(a, b);
  assert(off <= tolerance, `${what} differs by ${off}`);
}
