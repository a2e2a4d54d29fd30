import {
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireRealArray,
} from "../arrays/mod.ts";
import { eigh } from "../linalg/mod.ts";
import { rfft } from "../transforms/mod.ts";

/** The leading principal components of a kernel. */
export interface KernelPrincipalComponents {
  /** Eigenvalues of the kernel matrix over N, descending. */
  values: Float64Array;
  /** Eigenfunctions at the N points, one per column, with mean square 1. */
  functions: Matrix;
}

/**
 * The `m` leading eigenvalues and eigenfunctions of a kernel under the empirical measure of N points: the
 * directions that gradient descent learns first (Jacot, Gabriel & Hongler 2018, section 5.1).
 *
 * @param gram Kernel matrix, N x N, symmetric.
 * @param m How many.
 * @throws {RangeError} if `gram` is not square and finite, or `m` is not from 1 to N.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { kernelPrincipalComponents } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { values, functions } = kernelPrincipalComponents(Matrix.fromRows([[2, 1], [1, 2]]), 1);
 * assertAlmostEquals(values[0], 1.5);
 * assertAlmostEquals(Math.abs(functions.get(0, 0)), 1);
 * ```
 */
export function kernelPrincipalComponents(gram: Matrix, m: number): KernelPrincipalComponents {
  const n = requireMatrix("gram", gram).rows;
  if (gram.columns !== n) throw new RangeError(`\`gram\` must be square, got ${n} x ${gram.columns}`);
  requireInteger("m", m, { min: 1, max: n });
  requireFinite("Cannot decompose `gram`", gram.data, n);
  const { values, vectors } = eigh(gram);
  return {
    values: Float64Array.from({ length: m }, (_, k) => values[n - 1 - k] / n),
    functions: Matrix.from(n, m, (i, k) => Math.sqrt(n) * vectors.get(i, n - 1 - k)),
  };
}

/**
 * Eigenvalues over N of the kernel matrix of N equally spaced points on a circle, for a kernel that depends
 * on the angle alone: the matrix is circulant, so they are the Fourier coefficients of its first row. Entry k
 * belongs to cos(k angle) and sin(k angle).
 *
 * @param row Kernel between point 0 and every point, N; `row[j] = row[N - j]`.
 * @returns floor(N / 2) + 1 eigenvalues.
 * @throws {RangeError} if `row` is empty, not finite or not symmetric.
 *
 * @example
 * ```ts
 * import { circleEigenvalues } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const row = Float64Array.from({ length: 8 }, (_, j) => 3 + Math.cos(2 * Math.PI * j / 8));
 * const [constant, first, second] = circleEigenvalues(row);
 * assertAlmostEquals(constant, 3);
 * assertAlmostEquals(first, 0.5);
 * assertAlmostEquals(second, 0);
 * ```
 */
export function circleEigenvalues(row: Float64Array): Float64Array {
  const n = requireRealArray("row", row, "float64").length;
  requireInteger("row.length", n, { min: 1 });
  requireFinite("Cannot decompose `row`", row);
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  for (let j = 1; j < n; j++) {
    // Kernels at angles that are rounded agree to rounding.
    if (Math.abs(row[j] - row[n - j]) > 1e-8 * largest) {
      throw new RangeError(
        `\`row\` must be symmetric, but entry ${j} is ${row[j]} and entry ${n - j} is ${row[n - j]}`,
      );
    }
  }
  const spectrum = rfft(row);
  return Float64Array.from({ length: spectrum.length / 2 }, (_, k) => spectrum[2 * k] / row.length);
}

/**
 * Points on the unit circle at given angles, one per row.
 *
 * @throws {RangeError} if an angle is not finite.
 *
 * @example
 * ```ts
 * import { circlePoints } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(circlePoints([0]).toRows(), [[1, 0]]);
 * ```
 */
export function circlePoints(angles: ArrayLike<number>): Matrix {
  requireFinite("Cannot place `angles` on the circle", requireNumbers("angles", angles));
  return Matrix.from(angles.length, 2, (i, j) => j === 0 ? Math.cos(angles[i]) : Math.sin(angles[i]));
}
