import {
  allocateLike,
  Matrix,
  type RealArray,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { gram, matmul, scaleInPlace, sumOfSquares, symmetricMatmul } from "../blas/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import { requireCoefficients } from "./checks.ts";
import { NEWTON_SCHULZ, type NewtonSchulzCoefficients } from "./coefficients.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";

/** Options of {@linkcode newtonSchulz}. */
export interface NewtonSchulzOptions {
  /** One quintic per step, 1 to 1000 of them. Default `NEWTON_SCHULZ.muon5`. */
  coefficients?: NewtonSchulzCoefficients;
  /** Added to the Frobenius norm by which the matrix is divided first. Default 1e-7. */
  eps?: number;
  /**
   * `"standard"` multiplies the matrix at every step. `"gram"` composes steps on the Gram matrix of the short
   * side and multiplies the matrix with the result: after every third step in float32, once at the end in
   * float64. `"auto"` (the default) takes the cheaper one.
   */
  method?: "auto" | "standard" | "gram";
}

/**
 * Steps that may be composed on one Gram matrix. Composing n steps multiplies its rounding error by about the
 * square of the slope at zero (12 for Muon's quintic) for each step but the first: three keep float32 near
 * its standard form.
 */
const COMPOSABLE = { float32: 3, float64: Infinity };

/**
 * Ratio of the sides from which the Gram form is cheaper: with L = long/short, 6 L + 14 against 15 L + 5 for
 * five steps.
 */
const GRAM_PAYS = 1.2;

/**
 * Approximates the polar factor of a matrix by odd polynomials of it: X <- a X + b (X X^T) X + c (X X^T)^2 X
 * (Jordan et al. 2024, `zeropower_via_newtonschulz5`). Only the singular values change, each by
 * {@linkcode newtonSchulzScalar}; a zero matrix stays zero.
 *
 * All products are with the Gram matrix of the shorter side, so tall matrices need no transpose, and
 * only half of every symmetric product is computed. Precision is that of `g`; nothing is cast to bfloat16. In
 * float32 the relative error against float64 is below 4e-6 on Gaussian matrices by either method (below 2e-5
 * at condition number 1e6, with `muon5`).
 *
 * @param g An m x n matrix; left unchanged.
 * @param options Coefficients, eps and the form of the iteration.
 * @returns A new m x n matrix.
 * @throws {RangeError} if an entry or a coefficient is not finite, there are no coefficients or `eps` is
 * negative.
 * @throws {TypeError} if `g` is not a matrix, an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { newtonSchulz } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Singular values 2 and 1, divided by the norm sqrt(5), then mapped one by one.
 * const o = newtonSchulz(Matrix.diagonal([2, 1]), { coefficients: [[1.5, -0.5, 0]], eps: 0 });
 * const x = 2 / Math.sqrt(5);
 * assertAlmostEquals(o.get(0, 0), 1.5 * x - 0.5 * x ** 3, 1e-14);
 * ```
 */
export function newtonSchulz<Data extends RealArray>(
  g: Matrix<Data>,
  options: NewtonSchulzOptions = {},
): Matrix<Data> {
  requireMatrix("g", g);
  const { coefficients, eps, method } = requireNewtonSchulz(options);
  const norm = roughNorm(g);
  if (norm === 0) return g.clone();
  const short = Math.min(g.rows, g.columns);
  const long = Math.max(g.rows, g.columns);
  const gramPays = method === "gram" || (method === "auto" && long > GRAM_PAYS * short);
  const composed = gramPays ? COMPOSABLE[g.dtype] : 1;
  let x = g.clone();
  let spare = likeMatrix(g, g.rows, g.columns);
  scaleInPlace(x.data, 1 / (norm + eps));
  const square = Array.from({ length: 4 }, () => likeMatrix(g, short, short));
  for (let step = 0; step < coefficients.length; step += composed) {
    compose(x, coefficients.slice(step, step + composed), square, spare);
    [x, spare] = [spare, x];
  }
  return x;
}

function requireNewtonSchulz(options: NewtonSchulzOptions): Required<NewtonSchulzOptions> {
  requireOptions("options", options, ["coefficients", "eps", "method"]);
  const { coefficients = NEWTON_SCHULZ.muon5, eps = 1e-7, method = "auto" } = options;
  requireCoefficients("coefficients", coefficients);
  requireNumber("eps", eps, { min: 0 });
  requireOneOf("method", method, ["auto", "standard", "gram"]);
  return { coefficients, eps, method };
}

/**
 * Some steps at once: `out` <- p_s(A_s) ... p_1(A_1) X, where A_1 is X's Gram matrix and A_{i+1} = p_i(A_i)^2
 * A_i is that of the matrix after step i. All these polynomials in A_1 commute, so their products are
 * symmetric.
 *
 * @param square Four matrices to work in.
 */
function compose<Data extends RealArray>(
  x: Matrix<Data>,
  coefficients: NewtonSchulzCoefficients,
  square: readonly Matrix<Data>[],
  out: Matrix<Data>,
): void {
  const wide = x.rows <= x.columns;
  let [a, p, product, spare] = square;
  gram(x, { side: wide ? "right" : "left", out: a });
  coefficients.forEach((step, i) => {
    // The first polynomial is the product so far.
    const target = i === 0 ? product : p;
    polynomial(a, step, target);
    if (i > 0) {
      symmetricMatmul(product, p, { out: spare });
      [product, spare] = [spare, product];
    }
    if (i < coefficients.length - 1) {
      // Of the four matrices only these two may be overwritten here: A itself and the free one.
      symmetricMatmul(a, i === 0 ? product : p, { out: spare });
      symmetricMatmul(spare, i === 0 ? product : p, { out: a });
    }
  });
  if (wide) matmul(product, x, { out });
  else matmul(x, product, { out });
}

/** Up to this size a whole product is faster than a symmetric one, which has to be mirrored. */
const WHOLE = 192;

/** `out` <- a I + b M + c M^2 for symmetric M. */
function polynomial<Data extends RealArray>(
  m: Matrix<Data>,
  [a, b, c]: NewtonSchulzCoefficients[number],
  out: Matrix<Data>,
): void {
  const n = m.rows;
  out.data.set(m.data);
  if (c === 0) scaleInPlace(out.data, b);
  else if (n <= WHOLE) matmul(m, m, { alpha: c, beta: b, out });
  else gram(m, { side: "right", alpha: c, beta: b, out });
  for (let i = 0; i < n; i++) out.data[i * n + i] += a;
}

/**
 * The Frobenius norm at the speed of memory: float32 is summed in single precision, which is enough, since
 * the divisor need only be near the norm.
 */
function roughNorm(g: Matrix<RealArray>): number {
  const squares = sumOfSquares(g.data);
  return squares > 1e-60 && squares < 1e60 ? Math.sqrt(squares) : frobeniusNorm(g);
}

function likeMatrix<Data extends RealArray>(g: Matrix<Data>, rows: number, columns: number): Matrix<Data> {
  return new Matrix(rows, columns, allocateLike(g.data, rows * columns));
}

/**
 * Replaces the update by nearly its polar factor, as Muon does.
 *
 * @throws {RangeError} if there are no coefficients, one is not finite or `eps` is negative; in a step, if an
 * entry is not finite.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { NEWTON_SCHULZ, orthogonalize } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const link = orthogonalize({ coefficients: NEWTON_SCHULZ.polarExpress8 });
 * const parameter = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * const o = link.update(Matrix.fromRows([[0, 5], [-1, 0]]), link.init(parameter), parameter);
 * assertAlmostEquals(o.get(0, 1), 1, 1e-6);
 * assertAlmostEquals(o.get(1, 0), -1, 1e-6);
 * ```
 */
export function orthogonalize(options: NewtonSchulzOptions = {}): GradientTransformation {
  const checked = requireNewtonSchulz(options);
  return stateless((updates) => newtonSchulz(updates, checked));
}
