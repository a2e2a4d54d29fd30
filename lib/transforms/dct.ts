import {
  allocateLike,
  describeValue,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { requireSamePrecision } from "../blas/check.ts";
import { narrow, requireValues, wide, withoutOverflow } from "./check.ts";
import { cosineTransform } from "./cosine_transform.ts";
import { dctOfRows } from "./dct_rows.ts";

/** Options of the cosine transforms. */
export interface DctOptions {
  /** 2: the DCT proper, the default. 3: its transpose, and if orthonormal its inverse. */
  type?: 2 | 3;
  /** Scale to an orthogonal matrix. Default true; false gives SciPy's unnormalized transforms. */
  orthonormal?: boolean;
}

/**
 * The discrete cosine transform of n real numbers, by one real Fourier transform of length n (Makhoul 1980).
 *
 * Type 2 is `X[k] = 2 sum_j x[j] cos(pi k (2j + 1) / 2n)`, type 3 `X[k] = x[0] + 2 sum_{j>0} x[j] cos(pi j
 * (2k + 1) / 2n)`. Orthonormal (the default) type 2 is divided by sqrt(2n), its entry 0 by sqrt(4n), and type
 * 3 is its inverse. The same as `scipy.fft.dct`, with `norm="ortho"` by default.
 *
 * @param x n real numbers, n >= 1.
 * @returns n real numbers.
 * @throws {RangeError} if `x` is empty or `type` is neither 2 nor 3.
 * @throws {TypeError} if `x` is not a Float64Array or a Float32Array, or an option is unknown or of the wrong
 * type.
 *
 * @example
 * ```ts
 * import { dct } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = new Float64Array([1, 2, 3, 4]), c = dct(x);
 * assertAlmostEquals(c[0], 5); // the sum over the root of n
 * dct(c, { type: 3 }).forEach((value, k) => assertAlmostEquals(value, x[k], 1e-14));
 * ```
 */
export function dct<Data extends RealArray>(x: Data, options: DctOptions = {}): Data {
  requireValues("x", x);
  requireOptions("options", options, ["type", "orthonormal"]);
  const { type, orthonormal } = complete(options);
  return narrow(withoutOverflow(wide(x), (values) => cosineTransform(values, type, orthonormal)), x);
}

/** Options of {@linkcode dctRows}. */
export interface DctRowsOptions<Data extends RealArray = Float64Array> extends DctOptions {
  /** Where to write the transforms; must not be `a`. Default: a new matrix. */
  out?: Matrix<Data>;
}

/**
 * The discrete cosine transform of every row of a matrix: `a dctMatrix(n)^T`, in O(m n log n) operations.
 * Rows do not depend on each other: one that is large, NaN or infinite leaves the others as they are.
 *
 * @param a m x n. A matrix without entries is its own transform.
 * @returns m x n.
 * @throws {RangeError} if `type` is neither 2 nor 3, or `out` has another shape or shares memory with `a`.
 * @throws {TypeError} if `a` or `out` is not a matrix, or an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { dctRows } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const c = dctRows(Matrix.fromRows([[1, 1, 1], [1, 0, -1]]));
 * assertAlmostEquals(c.get(0, 0), Math.sqrt(3)); // a constant row has entry 0 alone
 * assertAlmostEquals(c.get(1, 1), Math.SQRT2); // and this one is the first cosine
 * ```
 */
export function dctRows<Data extends RealArray>(
  a: Matrix<Data>,
  options: DctRowsOptions<Data> = {},
): Matrix<Data> {
  requireMatrix("a", a);
  requireOptions("options", options, ["type", "orthonormal", "out"]);
  const { type, orthonormal } = complete(options);
  const { out = new Matrix(a.rows, a.columns, allocateLike(a.data, a.data.length)) } = options;
  requireSameShape("out", out, a);
  requireSamePrecision("out", out.data, "a", a.data);
  if (out.data.buffer === a.data.buffer && a.data.length > 0) {
    throw new RangeError("`out` must not share memory with `a`");
  }
  if (out.data.length > 0) dctOfRows(a, out.data, type, orthonormal);
  return out;
}

/**
 * The n x n matrix of the cosine transform: `matvec(dctMatrix(n), x)` equals `dct(x)`. Orthonormal by
 * default, so that the rows of type 2 (the columns of type 3) are the cosine basis.
 *
 * @throws {RangeError} if `n` is not a non-negative integer or `type` is neither 2 nor 3.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { dctMatrix } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(dctMatrix(4).get(0, 0), 0.5);
 * assertAlmostEquals(dctMatrix(4).get(1, 0), Math.SQRT1_2 * Math.cos(Math.PI / 8));
 * ```
 */
export function dctMatrix(n: number, options: DctOptions = {}): Matrix {
  requireInteger("n", n);
  requireOptions("options", options, ["type", "orthonormal"]);
  const { type, orthonormal } = complete(options);
  // The angle is reduced modulo 2 pi in integers: exact for every n.
  const cosine = (k: number, j: number) => Math.cos(Math.PI * (k * (2 * j + 1) % (4 * n)) / (2 * n));
  const scale = (k: number) => orthonormal ? Math.sqrt((k === 0 ? 1 : 2) / n) : type === 3 && k === 0 ? 1 : 2;
  return type === 2
    ? Matrix.from(n, n, (k, j) => scale(k) * cosine(k, j))
    : Matrix.from(n, n, (k, j) => scale(j) * cosine(j, k));
}

function complete({ type = 2, orthonormal = true }: DctOptions): Required<DctOptions> {
  if (type !== 2 && type !== 3) {
    const ErrorClass = typeof type === "number" ? RangeError : TypeError;
    throw new ErrorClass(`\`type\` must be 2 or 3, got ${describeValue(type)}`);
  }
  requireBoolean("orthonormal", orthonormal);
  return { type, orthonormal };
}
