import { type Matrix, requireFinite, requireInteger, requireLength, requireNumber } from "../arrays/mod.ts";
import { gram, matvec } from "../blas/mod.ts";

/** Options of {@linkcode lassoCoordinateDescent}. */
export interface LassoOptions {
  /** Sweeps at most. Default 1000. */
  maxSweeps?: number;
  /** Ends when no entry changes by more than this in a sweep. Default 1e-8. */
  tol?: number;
}

/**
 * A sparse code: minimizes `||y - D x||^2 / 2 + lambda ||x||_1` by coordinate descent (Friedman et al. 2007).
 * Zero atoms get weight 0.
 *
 * @param dictionary D, n x k, atoms as columns.
 * @param y Sample of length n.
 * @param lambda At least 0.
 * @throws {RangeError} if a size does not fit, an entry is not finite or an option is out of range.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { lassoCoordinateDescent } from "refigure/dictionary";
 * import { assertEquals } from "@std/assert";
 *
 * // With orthonormal atoms, every entry shrinks by lambda.
 * const x = lassoCoordinateDescent(Matrix.identity(3), new Float64Array([3, -0.5, -2]), 1);
 * assertEquals(x, new Float64Array([2, 0, -1]));
 * ```
 */
export function lassoCoordinateDescent(
  dictionary: Matrix,
  y: Float64Array,
  lambda: number,
  options: LassoOptions = {},
): Float64Array {
  const { maxSweeps = 1000, tol = 1e-8 } = options;
  requireLength("y", y, dictionary.rows);
  requireFinite("Cannot code `y`", y);
  requireFinite("Cannot code with `dictionary`", dictionary.data, dictionary.columns);
  requireNumber("lambda", lambda, { min: 0 });
  requireInteger("maxSweeps", maxSweeps, { min: 1 });
  requireNumber("tol", tol, { min: 0 });
  const k = dictionary.columns;
  const products = gram(dictionary);
  const x = new Float64Array(k);
  // What of D^T y is not yet explained.
  const left = matvec(dictionary, y, { transpose: true });
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let largest = 0;
    for (let j = 0; j < k; j++) {
      const square = products.get(j, j);
      if (square === 0) continue;
      const wanted = left[j] + square * x[j];
      const next = Math.sign(wanted) * Math.max(0, Math.abs(wanted) - lambda) / square;
      const change = next - x[j];
      if (change === 0) continue;
      for (let i = 0; i < k; i++) left[i] -= products.data[j * k + i] * change;
      x[j] = next;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest <= tol) break;
  }
  return x;
}
