import { type Matrix, type RealArray, requireMatrix, requireSameShape } from "../arrays/mod.ts";
import { gram, largestMagnitude, matmul } from "../blas/mod.ts";

/**
 * The cosine between two kernel matrices, `<K0, K1>_F / (||K0|| ||K1||)`: 1 when training only scaled the
 * kernel (lazy), small when it turned it (rich). For positive semi-definite kernels it lies in [0, 1].
 * Kernels of any size: no square over- or underflows.
 *
 * @param k0 Kernel before.
 * @param k1 Kernel after, of the same shape.
 * @returns NaN if an entry is not finite.
 * @throws {RangeError} if one is zero, or the shapes differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { kernelAlignment } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(kernelAlignment(Matrix.identity(2), Matrix.diagonal([1, 0])), Math.SQRT1_2);
 * ```
 */
export function kernelAlignment(k0: Matrix<RealArray>, k1: Matrix<RealArray>): number {
  requireMatrix("k0", k0);
  requireSameShape("k1", requireMatrix("k1", k1), k0);
  const a = comparable("k0", k0).data;
  const b = comparable("k1", k1).data;
  return inner(a, b) / Math.sqrt(inner(a, a)) / Math.sqrt(inner(b, b));
}

/**
 * {@linkcode kernelAlignment} of the Gram matrices `H H^T` of hidden activity on the same trials, not centred
 * (representation alignment, Liu et al. 2023). The B x B matrices are not formed: `<H0 H0^T, H1 H1^T> =
 * ||H0^T H1||_F^2`.
 *
 * @param h0 Activity before, one trial per row.
 * @param h1 Activity after; as many rows, in the same order.
 * @returns NaN if an entry is not finite.
 * @throws {RangeError} if one is zero, or the numbers of rows differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { representationAlignment } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const h = Matrix.fromRows([[1, 2], [0, 1]]);
 * // Neurons may be permuted, or all be scaled: the geometry between trials is the same.
 * assertAlmostEquals(representationAlignment(h, Matrix.fromRows([[6, 3], [3, 0]])), 1);
 * ```
 */
export function representationAlignment<Data extends RealArray>(h0: Matrix<Data>, h1: Matrix<Data>): number {
  requireMatrix("h0", h0);
  if (requireMatrix("h1", h1).rows !== h0.rows) {
    throw new RangeError(`\`h1\` must have ${h0.rows} rows as \`h0\` has, got ${h1.rows}`);
  }
  const a = comparable("h0", h0);
  const b = comparable("h1", h1);
  const across = matmul(a, b, { transposeA: true }).data;
  const g0 = gram(a).data;
  const g1 = gram(b).data;
  return inner(across, across) / Math.sqrt(inner(g0, g0)) / Math.sqrt(inner(g1, g1));
}

/**
 * The matrix, multiplied by a power of two if fourth powers of its entries over- or underflow.
 *
 * @throws {RangeError} if it is zero.
 */
function comparable<Data extends RealArray>(name: string, m: Matrix<Data>): Matrix<Data> {
  let isZero = true;
  for (let i = 0; i < m.data.length && isZero; i++) isZero = m.data[i] === 0;
  if (isZero) throw new RangeError(`\`${name}\` must not be zero: a zero matrix has no alignment`);
  const largest = largestMagnitude(m.data);
  const isSingle = m.data instanceof Float32Array;
  const limit = isSingle ? 1e8 : 1e70;
  if (!(largest > 0) || (largest > 1 / limit && largest < limit)) return m;
  return m.times(2 ** -Math.floor(Math.log2(largest)));
}

function inner(a: RealArray, b: RealArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
