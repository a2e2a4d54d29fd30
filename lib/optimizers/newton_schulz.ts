import {
  allocateLike,
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireNumber,
} from "../arrays/mod.ts";
import { frobeniusNorm, gram, matmul } from "../linalg/mod.ts";
import { NEWTON_SCHULZ, type NewtonSchulzCoefficients } from "./coefficients.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";

/** Options of {@linkcode newtonSchulz}. */
export interface NewtonSchulzOptions {
  /** One quintic per step. Default `NEWTON_SCHULZ.muon5`. */
  coefficients?: NewtonSchulzCoefficients;
  /** Added to the Frobenius norm by which the matrix is divided first. Default 1e-7. */
  eps?: number;
  /**
   * `"standard"` multiplies the matrix at every step; `"gram"` iterates on the small side's Gram matrix and multiplies the
   * matrix once, at the end. `"auto"` (the default) takes the cheaper one.
   */
  method?: "auto" | "standard" | "gram";
}

/**
 * Approximates the polar factor of a matrix by odd polynomials of it: X <- a X + b (X X^T) X + c (X X^T)^2 X
 * (Jordan et al. 2024, `zeropower_via_newtonschulz5`). Only the singular values change, each by
 * {@linkcode newtonSchulzScalar}; a zero matrix stays zero.
 *
 * All products are with the Gram matrix of the shorter side, so tall matrices need no transpose, and the symmetric
 * products cost half. Precision is that of `g`; nothing is cast to bfloat16.
 *
 * @param g An m x n matrix; left unchanged.
 * @throws {RangeError} if an entry is not finite or there are no coefficients.
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
  const { coefficients = NEWTON_SCHULZ.muon5, eps = 1e-7, method = "auto" } = options;
  requireInteger("coefficients.length", coefficients.length, { min: 1 });
  requireNumber("eps", eps, { min: 0 });
  requireFinite("Cannot orthogonalize the matrix", g.data, g.columns);
  const norm = frobeniusNorm(g);
  if (norm === 0) return g.clone();
  const x = g.times(1 / (norm + eps));
  const short = Math.min(g.rows, g.columns), long = Math.max(g.rows, g.columns);
  // In units of short^3 a step costs 3 long/short + 1 on the matrix, 4 on its Gram matrix.
  const gramPays = long > 1.5 * short;
  return method === "gram" || (method === "auto" && gramPays)
    ? onGram(x, coefficients)
    : onMatrix(x, coefficients);
}

function onMatrix<Data extends RealArray>(
  x: Matrix<Data>,
  coefficients: NewtonSchulzCoefficients,
): Matrix<Data> {
  const wide = x.rows <= x.columns;
  for (const [a, b, c] of coefficients) {
    const p = polynomial(gram(x, { side: wide ? "right" : "left" }) as Matrix<Data>, a, b, c);
    x = (wide ? matmul(p, x) : matmul(x, p)) as Matrix<Data>;
  }
  return x;
}

/** The same composition as a product of polynomials in A = X X^T, which commute; float64, because A squares the condition number. */
function onGram<Data extends RealArray>(
  x: Matrix<Data>,
  coefficients: NewtonSchulzCoefficients,
): Matrix<Data> {
  const wide = x.rows <= x.columns;
  let a = (gram(x, { side: wide ? "right" : "left" }) as Matrix<RealArray>).astype("float64");
  let r: Matrix | undefined;
  coefficients.forEach(([ca, cb, cc], step) => {
    const p = polynomial(a, ca, cb, cc);
    r = r === undefined ? p : matmul(r, p) as Matrix;
    if (step < coefficients.length - 1) a = matmul(matmul(p, a), p) as Matrix;
  });
  const factor = r!.astype(x.dtype) as unknown as Matrix<Data>;
  return (wide ? matmul(factor, x) : matmul(x, factor)) as Matrix<Data>;
}

/** a I + b A + c A^2 for symmetric A. */
function polynomial<Data extends RealArray>(m: Matrix<Data>, a: number, b: number, c: number): Matrix<Data> {
  const n = m.rows;
  const out = c === 0
    ? new Matrix(n, n, allocateLike(m.data, n * n))
    : gram(m, { side: "right" }) as Matrix<Data>;
  for (let k = 0; k < n * n; k++) out.data[k] = c * out.data[k] + b * m.data[k];
  for (let i = 0; i < n; i++) out.data[i * n + i] += a;
  return out;
}

/**
 * The step that makes Muon: replaces the update by (nearly) its polar factor.
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
  return stateless((updates) => newtonSchulz(updates, options));
}
