import { Matrix } from "../arrays/mod.ts";
import { svd } from "../linalg/mod.ts";

/**
 * A target as `left right^T`, rows x r and columns x r, with r its rank: what the population gradient is
 * computed from.
 */
export interface LowRank {
  /** Left singular vectors times their values. */
  left: Matrix;
  /** Right singular vectors. */
  right: Matrix;
}

/** The thin factors of a matrix, without what is zero to rounding. */
export function lowRank(target: Matrix): LowRank {
  const { u, s, vt } = svd(target);
  const rank = s.filter((value) => value > 1e-14 * s[0]).length;
  return {
    left: Matrix.from(target.rows, rank, (i, j) => u.get(i, j) * s[j]),
    right: Matrix.from(target.columns, rank, (i, j) => vt.get(j, i)),
  };
}

/**
 * `out = x - stepSize (x (y^T y) - left (right^T y))`: one factor's step of the population gradient, `x -
 * stepSize (x y^T - target) y`, without the matrix `x y^T`: `O(n k (k + r))` work instead of `O(n^2 k)`.
 * Arrays are row-major, x and out `rows` x k, y `n` x k.
 */
export function lowRankStep(
  rows: number,
  n: number,
  k: number,
  r: number,
  x: Float64Array,
  y: Float64Array,
  left: Float64Array,
  right: Float64Array,
  stepSize: number,
  out: Float64Array,
  scratch: Float64Array,
): void {
  // scratch = stepSize [y^T y; right^T y], (k + r) x k.
  scratch.fill(0, 0, (k + r) * k);
  for (let i = 0; i < n; i++) {
    const row = i * k;
    for (let a = 0; a < k; a++) {
      const factor = stepSize * y[row + a];
      for (let b = a; b < k; b++) scratch[a * k + b] += factor * y[row + b];
    }
    for (let a = 0; a < r; a++) {
      const factor = stepSize * right[i * r + a];
      if (factor === 0) continue;
      for (let b = 0; b < k; b++) scratch[(k + a) * k + b] += factor * y[row + b];
    }
  }
  for (let a = 0; a < k; a++) for (let b = 0; b < a; b++) scratch[a * k + b] = scratch[b * k + a];
  for (let i = 0; i < rows; i++) {
    const row = i * k;
    for (let b = 0; b < k; b++) out[row + b] = x[row + b];
    for (let a = 0; a < k; a++) {
      const factor = x[row + a];
      for (let b = 0; b < k; b++) out[row + b] -= factor * scratch[a * k + b];
    }
    for (let a = 0; a < r; a++) {
      const factor = left[i * r + a];
      // A target with few nonzero rows, such as a diagonal one, costs only those.
      if (factor === 0) continue;
      for (let b = 0; b < k; b++) out[row + b] += factor * scratch[(k + a) * k + b];
    }
  }
}
