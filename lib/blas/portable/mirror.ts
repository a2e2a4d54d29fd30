import type { RealArray } from "../../arrays/mod.ts";

/**
 * Makes an n x n complex matrix exactly Hermitian from its lower triangle: the sums of the two triangles
 * round in different orders, and rounding must leave no imaginary part on the diagonal.
 */
export function mirrorHermitian(n: number, c: RealArray): void {
  for (let i = 0; i < n; i++) {
    c[2 * (i * n + i) + 1] = 0;
    for (let j = 0; j < i; j++) {
      c[2 * (j * n + i)] = c[2 * (i * n + j)];
      // A difference, as the negative of 0 would be -0.
      c[2 * (j * n + i) + 1] = 0 - c[2 * (i * n + j) + 1];
    }
  }
}

/** Side of the tiles of {@linkcode mirror}: two of them fit the first-level cache. */
const TILE = 32;

/**
 * Copies the lower triangle of an n x n matrix to its upper one, tile by tile. The writes go along rows: down a column
 * of a size such as 512 all of them would need the same few places of the cache.
 */
export function mirror(n: number, c: RealArray): void {
  for (let top = 0; top < n; top += TILE) {
    const bottom = Math.min(n, top + TILE);
    for (let left = 0; left <= top; left += TILE) {
      const right = Math.min(bottom, left + TILE);
      for (let j = left; j < right; j++) {
        for (let i = Math.max(top, j + 1); i < bottom; i++) c[j * n + i] = c[i * n + j];
      }
    }
  }
}
