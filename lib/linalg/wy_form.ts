import { allocateLike, Matrix, type RealArray, requireMatrix, requireOptions } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { reflectorBlocks } from "./reflector_blocks.ts";

/** A product of Householder reflections as `I - w yᵀ`. */
export interface WyForm<Data extends RealArray = Float64Array> {
  /** d x m; columns of norm 2 at most. */
  w: Matrix<Data>;
  /** The reflectors with norm 1, d x m; columns of zeros where they are zero. */
  y: Matrix<Data>;
}

/** Options for {@linkcode wyForm}. */
export interface WyFormOptions {
  /** Whether a reflector of zeros is refused instead of standing for no reflection. Default false. */
  strict?: boolean;
}

/**
 * The WY form of a product of Householder reflections, `H(v_1) H(v_2) ... H(v_m) = I - w y^T` (Bischof & Van
 * Loan 1987, "The WY representation for products of Householder matrices"): the reflections become products
 * of matrices, for whoever applies them often.
 *
 * @param v Reflectors as columns, d x m; their lengths do not matter, and zeros are no reflection.
 * @throws {RangeError} if `v` has an entry that is NaN or infinite, or a reflector is zero with `strict`.
 * @throws {TypeError} if `v` is not a matrix or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { matmul } from "refigure/blas";
 * import { frobeniusNorm, householderProduct, wyForm } from "refigure/linalg";
 * import { assertLess } from "@std/assert";
 *
 * const v = new Rng(0).normalMatrix(6, 4);
 * const { w, y } = wyForm(v);
 * const product = Matrix.identity(6).minus(matmul(w, y, { transposeB: true }));
 * assertLess(frobeniusNorm(product.minus(householderProduct(v, { columns: 6 }))), 1e-14);
 * ```
 */
export function wyForm<Data extends RealArray>(v: Matrix<Data>, options: WyFormOptions = {}): WyForm<Data> {
  requireMatrix("v", v);
  requireOptions("options", options, ["strict"]);
  const { strict } = options;
  const { blocks } = reflectorBlocks("merge the reflections", v, { strict, normalize: true });
  let w = new Matrix(v.rows, 0, allocateLike(v.data, 0));
  let y = w;
  for (const block of blocks) {
    // (I - w yᵀ)(I - u zᵀ) = I - w yᵀ - (u - w yᵀu) zᵀ
    const u = matmul(block.y, block.t);
    if (y.columns > 0) matmul(w, matmul(y, u, { transposeA: true }), { out: u, alpha: -1, beta: 1 });
    w = beside(w, u);
    y = beside(y, block.y);
  }
  return { w, y };
}

/** Two matrices of as many rows, side by side. */
function beside<Data extends RealArray>(left: Matrix<Data>, right: Matrix<Data>): Matrix<Data> {
  const columns = left.columns + right.columns;
  const out = new Matrix(left.rows, columns, allocateLike(left.data, left.rows * columns));
  for (let i = 0; i < left.rows; i++) {
    out.row(i).set(left.row(i));
    out.row(i).set(right.row(i), left.columns);
  }
  return out;
}
