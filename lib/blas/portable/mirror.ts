import type { RealArray } from "../../arrays/mod.ts";

/**
 * Makes an n x n complex matrix exactly Hermitian from its lower triangle: the sums of the two triangles round in
 * different orders, and rounding must leave no imaginary part on the diagonal.
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
