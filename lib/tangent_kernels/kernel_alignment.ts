import type { Matrix, RealArray } from "../arrays/mod.ts";
import { requireLength, requireSameShape } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";

/**
 * The cosine between two kernel matrices, `<K0, K1>_F / (||K0|| ||K1||)`: 1 when training only scaled the
 * kernel (lazy), small when it turned it (rich). For positive semi-definite kernels it lies in [0, 1].
 *
 * @throws {RangeError} "kernel alignment of a zero matrix", or if the shapes differ.
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
  requireSameShape("k1", k1, k0);
  return cosine(inner(k0.data, k1.data), inner(k0.data, k0.data), inner(k1.data, k1.data));
}

/**
 * {@linkcode kernelAlignment} of the Gram matrices `H H^T` of hidden activity on the same trials, not centred
 * (representation alignment, Liu et al. 2023). The B x B matrices are not formed: `<H0 H0^T, H1 H1^T> =
 * ||H0^T H1||_F^2`.
 *
 * @param h0 Activity before, one trial a row.
 * @param h1 Activity after; as many rows, in the same order.
 * @throws {RangeError} as {@linkcode kernelAlignment}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { representationAlignment } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const h = Matrix.fromRows([[1, 2], [0, 1]]);
 * // Neurons may change places, or all get louder: the geometry between trials is the same.
 * assertAlmostEquals(representationAlignment(h, Matrix.fromRows([[6, 3], [3, 0]])), 1);
 * ```
 */
export function representationAlignment<Data extends RealArray>(h0: Matrix<Data>, h1: Matrix<Data>): number {
  requireLength("h1", { length: h1.rows }, h0.rows);
  const across = matmul(h0, h1, { transposeA: true }).data;
  const g0 = gram(h0).data;
  const g1 = gram(h1).data;
  return cosine(inner(across, across), inner(g0, g0), inner(g1, g1));
}

function cosine(across: number, first: number, second: number): number {
  if (first === 0 || second === 0) throw new RangeError("kernel alignment of a zero matrix");
  return across / Math.sqrt(first) / Math.sqrt(second);
}

function inner(a: RealArray, b: RealArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
