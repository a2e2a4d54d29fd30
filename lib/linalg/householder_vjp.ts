import {
  allocateLike,
  Matrix,
  type RealArray,
  requireMatrix,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { applyBlock, applyHouseholders } from "./apply_householders.ts";
import { requireSameRows } from "./check.ts";
import { type ReflectorBlock, reflectorBlocks } from "./reflector_blocks.ts";

/** What {@linkcode householderVjp} returns. */
export interface HouseholderGradients<Data extends RealArray = Float64Array> {
  /** Of the reflectors, d x m; every column is orthogonal to its reflector. */
  dv: Matrix<Data>;
  /** Of the matrix that was multiplied, d x n. */
  dx: Matrix<Data>;
}

/** Options for {@linkcode householderVjp}. */
export interface HouseholderVjpOptions<Data extends RealArray = Float64Array> {
  /** The product `Q x`, if it is known already: it saves computing it again. */
  y?: Matrix<Data>;
}

/**
 * The gradients of a loss through `y = H(v_1) H(v_2) ... H(v_m) x`, given its gradient `dy` by the product
 * (vector-Jacobian product). No intermediate result is kept: reflections are their own inverses, so they are
 * undone one block after the other.
 *
 * For one reflection `y = H(v) x` it is `dx = H(v) dy` and
 * `dv = -2 / |v|^2 ((v^T x) dy + (v^T dy) x - 2 (v^T x)(v^T dy) / |v|^2 v)`, which is orthogonal to v: the
 * product does not depend on the length of v. So gradient descent makes reflectors longer, and its steps
 * smaller. A column of zeros, which is no reflection, has gradient zero.
 *
 * @param v Reflectors as columns, d x m.
 * @param x What was multiplied, d x n.
 * @param dy Gradient by the product, d x n.
 * @param options The product, if it is known.
 * @returns The gradients by the reflectors and by `x`.
 * @throws {RangeError} if `v` has an entry that is NaN or infinite, or shapes do not fit.
 * @throws {TypeError} if an argument is not a matrix, precisions differ or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { householderVjp } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The reflection of (1, 0) by v = (cos a, sin a) is (-cos 2a, -sin 2a); the loss is its second coordinate.
 * const v = Matrix.fromRows([[Math.cos(0.3)], [Math.sin(0.3)]]);
 * const x = Matrix.fromRows([[1], [0]]);
 * const { dv } = householderVjp(v, x, Matrix.fromRows([[0], [1]]));
 * const slope = -Math.sin(0.3) * dv.get(0, 0) + Math.cos(0.3) * dv.get(1, 0);
 * assertAlmostEquals(slope, -2 * Math.cos(0.6), 1e-14);
 * ```
 */
export function householderVjp<Data extends RealArray>(
  v: Matrix<Data>,
  x: Matrix<Data>,
  dy: Matrix<Data>,
  options: HouseholderVjpOptions<Data> = {},
): HouseholderGradients<Data> {
  requireMatrix("v", v);
  requireMatrix("x", x);
  requireMatrix("dy", dy);
  requireOptions("options", options, ["y"]);
  requireSameRows("x", x, "v", v);
  requireSameShape("dy", dy, x);
  const { y } = options;
  if (y !== undefined) requireSameShape("y", requireMatrix("y", y), x);
  const dv = new Matrix(v.rows, v.columns, allocateLike(v.data, v.data.length));
  const right = y?.clone() ?? applyHouseholders(v, x);
  const dx = dy.clone();
  const { blocks, norms } = reflectorBlocks("differentiate the product", v);
  for (const block of blocks) backThroughBlock(block, right, dx, dv);
  if (norms !== undefined) { for (let k = 0; k < dv.data.length; k++) dv.data[k] /= norms[k % v.columns]; }
  return { dv, dx };
}

/**
 * One block: undoes its reflections in `x`, takes the cotangent `g` through them, and writes their gradients.
 *
 * With p = yᵀx, c = yᵀg, a = t p and b = tᵀc the product x - y a has the gradient g - y b by x, and -g aᵀ - x
 * bᵀ + y (m + mᵀ) by y, where m, the upper triangle of b aᵀ with a halved diagonal, comes from t, the inverse
 * of that triangle of yᵀy.
 */
function backThroughBlock<Data extends RealArray>(
  block: ReflectorBlock<Data>,
  x: Matrix<Data>,
  g: Matrix<Data>,
  dv: Matrix<Data>,
): void {
  const { start, y, t } = block;
  applyBlock(block, x, true);
  const a = matmul(t, matmul(y, x, { transposeA: true }));
  const b = matmul(t, matmul(y, g, { transposeA: true }), { transposeA: true });
  const width = y.columns;
  const mixed = matmul(b, a, { transposeB: true });
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) mixed.data[i * width + j] = mixed.data[j * width + i];
  }
  const dy = width === dv.columns ? dv : new Matrix(y.rows, width, allocateLike(y.data, y.data.length));
  matmul(y, mixed, { out: dy });
  matmul(g, a, { transposeB: true, out: dy, alpha: -1, beta: 1 });
  matmul(x, b, { transposeB: true, out: dy, alpha: -1, beta: 1 });
  matmul(y, b, { out: g, alpha: -1, beta: 1 });
  if (dy === dv) return;
  for (let i = 0; i < y.rows; i++) dv.row(i).set(dy.row(i), start);
}
