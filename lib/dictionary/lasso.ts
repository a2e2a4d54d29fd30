import {
  type IterationOutcome,
  type Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { gram, matvec } from "../blas/mod.ts";

/** Options of {@linkcode lassoCoordinateDescent}. */
export interface LassoOptions {
  /** Sweeps at most. Default 1000. */
  maxSweeps?: number;
  /**
   * Ends when no entry changes in a sweep by more than this times the largest that one atom would have alone.
   * Default 1e-8.
   */
  tolerance?: number;
}

/** A sparse code, and how its computation ended. */
export interface LassoCode extends IterationOutcome {
  /** The code, one number per atom. */
  code: Float64Array;
  /** Sweeps taken. */
  sweeps: number;
  /** `"converged"`, or `"step-limit"` after `maxSweeps`. */
  status: "converged" | "step-limit";
}

/**
 * A sparse code: minimizes `||y - D x||^2 / 2 + lambda ||x||_1` by coordinate descent (Friedman et al. 2007).
 * Zero atoms get weight 0.
 *
 * @param dictionary D, n x k, atoms as columns.
 * @param y Sample of length n.
 * @param lambda At least 0.
 * @param options When to stop.
 * @returns The code, with status and advice.
 * @throws {RangeError} if a size does not fit, an entry is not finite or an option is out of range.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { lassoCoordinateDescent } from "refigure/dictionary";
 * import { assertEquals } from "@std/assert";
 *
 * // With orthonormal atoms, every entry shrinks by lambda.
 * const { code, status } = lassoCoordinateDescent(Matrix.identity(3), new Float64Array([3, -0.5, -2]), 1);
 * assertEquals(code, new Float64Array([2, 0, -1]));
 * assertEquals(status, "converged");
 * ```
 */
export function lassoCoordinateDescent(
  dictionary: Matrix,
  y: Float64Array,
  lambda: number,
  options: LassoOptions = {},
): LassoCode {
  requireOptions("options", options, ["maxSweeps", "tolerance"]);
  const { maxSweeps = 1000, tolerance = 1e-8 } = options;
  requireMatrix("dictionary", dictionary);
  requireLength("y", requireRealArray("y", y, "float64"), dictionary.rows);
  requireFinite("Cannot code `y`", y);
  requireFinite("Cannot code with `dictionary`", dictionary.data, dictionary.columns);
  requireNumber("lambda", lambda, { min: 0 });
  requireInteger("maxSweeps", maxSweeps, { min: 1 });
  requireNumber("tolerance", tolerance, { min: 0 });
  const k = dictionary.columns;
  const products = gram(dictionary);
  const code = new Float64Array(k);
  // The part of D^T y that is not yet explained.
  const left = matvec(dictionary, y, { transpose: true });
  let size = 0;
  for (let j = 0; j < k; j++) {
    const square = products.get(j, j);
    if (square > 0) size = Math.max(size, Math.abs(left[j]) / square);
  }
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    let largest = 0;
    for (let j = 0; j < k; j++) {
      const square = products.get(j, j);
      if (square === 0) continue;
      const wanted = left[j] + square * code[j];
      const next = Math.sign(wanted) * Math.max(0, Math.abs(wanted) - lambda) / square;
      const change = next - code[j];
      if (change === 0) continue;
      for (let i = 0; i < k; i++) left[i] -= products.data[j * k + i] * change;
      code[j] = next;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest <= tolerance * size) return { code, sweeps: sweep, status: "converged", advice: null };
  }
  const advice = `${maxSweeps} sweeps were not enough: raise \`maxSweeps\` or \`tolerance\``;
  return { code, sweeps: maxSweeps, status: "step-limit", advice };
}
