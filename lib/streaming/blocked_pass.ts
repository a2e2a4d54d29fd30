import type { Matrix } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";

/** Bytes of measurement vectors that are read twice while they are in the cache. */
const BLOCK_BYTES = 768 * 1024;

/**
 * `A^T score(A v - y)` for an m x N matrix with the 2- and the 1-norm of `A v - y`, reading A from memory
 * once: a block of its rows is multiplied by v and, while it is still in the cache, its transpose by the
 * block's scored residual. Without `y` it counts as 0, without `score` the residual stays as it is.
 */
export function blockedResidualAdjoint(
  a: Matrix,
  v: Float64Array,
  y?: Float64Array,
  score?: (residual: number) => number,
): { gradient: Float64Array; norm: number; absolute: number } {
  const { rows: m, columns: width, data } = a;
  const blas = engine();
  const step = Math.max(4, Math.floor(BLOCK_BYTES / (8 * width)));
  const gradient = new Float64Array(width);
  const part = new Float64Array(width);
  const residual = new Float64Array(step);
  let square = 0;
  let absolute = 0;
  for (let from = 0; from < m; from += step) {
    const height = Math.min(step, m - from);
    const block = data.subarray(from * width, (from + height) * width);
    const r = residual.subarray(0, height);
    blas.gemv(false, height, width, block, width, v, r);
    for (let i = 0; i < height; i++) {
      if (y !== undefined) r[i] -= y[from + i];
      square += r[i] * r[i];
      absolute += Math.abs(r[i]);
      if (score !== undefined) r[i] = score(r[i]);
    }
    blas.gemv(true, height, width, block, width, r, part);
    for (let j = 0; j < width; j++) gradient[j] += part[j];
  }
  return { gradient, norm: Math.sqrt(square), absolute };
}
