import { Matrix, requireNumber } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh, solve, svd } from "../linalg/mod.ts";
import type { MeasurementOperator } from "./measurement_operator.ts";

/** The two factors of a model `f g^T`. */
export interface Factors {
  /** rows x k. */
  f: Matrix;
  /** columns x k. */
  g: Matrix;
}

/**
 * Rebalances a factorization: `f` becomes `beta` times its left singular vectors and `g` takes the rest, so
 * that `f g^T` stays as it is and `f^T f = beta^2 I` (Xiong, Ding & Du 2023, equation 5.1).
 *
 * @param f rows x k.
 * @param g columns x k.
 * @param beta Positive; the paper takes a multiple of `sqrt(sigma_r)`.
 * @throws {RangeError} if `beta` is not positive, or `f` has fewer rows than columns (no orthonormal columns
 * then).
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { gram } from "refigure/blas";
 * import { rebalanceFactors } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const { f } = rebalanceFactors(rng.normalMatrix(6, 2), rng.normalMatrix(5, 2), 0.5);
 * assertAlmostEquals(gram(f).get(0, 0), 0.25, 1e-12);
 * assertAlmostEquals(gram(f).get(0, 1), 0, 1e-12);
 * ```
 */
export function rebalanceFactors(f: Matrix, g: Matrix, beta: number): Factors {
  requireNumber("beta", beta, { above: 0 });
  if (f.rows < f.columns) {
    throw new RangeError(`\`f\` must have at least as many rows as columns, got ${f.rows} x ${f.columns}`);
  }
  const { u, s, vt } = svd(f);
  // Nothing is divided by a singular value, so a zero one is no trouble.
  return {
    f: u.map((x) => beta * x),
    g: matmul(g, vt, { transposeB: true }).map((x, _, j) => x * s[j] / beta),
  };
}

/**
 * The imbalance `f^T f - g^T g` (k x k), which gradient flow conserves.
 *
 * @throws {RangeError} if the factors differ in their number of columns.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { imbalance } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(imbalance(Matrix.fromRows([[3]]), Matrix.fromRows([[2]])).toRows(), [[5]]);
 * ```
 */
export function imbalance(f: Matrix, g: Matrix): Matrix {
  if (f.columns !== g.columns) {
    throw new RangeError(`\`g\` must have ${f.columns} columns as \`f\` has, got ${g.columns}`);
  }
  return gram(f).plus(gram(g), -1);
}

/** Eigenvalues below this share of the largest belong to directions that change nothing. */
const NULL_SHARE = 1e-6;

/**
 * The rate at which gradient descent on `||A(f g^T) - y||^2 / 2` converges near a solution: `ln(1 - stepSize
 * lambda)` with lambda the smallest nonzero eigenvalue of the Gauss-Newton matrix of `(f, g) -> A(f g^T)`.
 * The error falls like `exp(rate steps)`.
 *
 * @throws {RangeError} if `stepSize` is not positive.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { populationOperator, predictedRate } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One number a b: the Gauss-Newton matrix has the eigenvalue a^2 + b^2.
 * const rate = predictedRate(Matrix.fromRows([[2]]), Matrix.fromRows([[1]]), populationOperator(1), 0.1);
 * assertAlmostEquals(rate, Math.log(0.5), 1e-12);
 * ```
 */
export function predictedRate(f: Matrix, g: Matrix, operator: MeasurementOperator, stepSize: number): number {
  requireNumber("stepSize", stepSize, { above: 0 });
  const { rows: n1, columns: k } = f;
  const n2 = g.rows;
  // Column (i, a) of the Jacobian for f is A(e_i g_a^T), for g it is A(f_a e_j^T); only products of two of
  // them are needed.
  const directions: Matrix[] = [];
  for (let i = 0; i < n1; i++) {
    for (let a = 0; a < k; a++) directions.push(Matrix.from(n1, n2, (p, q) => p === i ? g.get(q, a) : 0));
  }
  for (let j = 0; j < n2; j++) {
    for (let a = 0; a < k; a++) directions.push(Matrix.from(n1, n2, (p, q) => q === j ? f.get(p, a) : 0));
  }
  const jacobian = Matrix.fromRows(
    directions.map((d) => Number.isFinite(operator.measurements) ? operator.apply(d) : d.data),
  );
  const { values } = eigh(gram(jacobian, { side: "right" }));
  const nonzero = values.filter((value) => value > NULL_SHARE * values[values.length - 1]);
  return Math.log(1 - stepSize * nonzero[0]);
}

/**
 * The population gradient flow of the symmetric model, `X' = (M - X X^T) X`, in closed form: returns `X(t)
 * X(t)^T` (a matrix Riccati equation).
 *
 * @param m Symmetric n x n target.
 * @param x0 Start, n x k.
 * @param t Time, at least 0.
 * @throws {RangeError} if `t` is negative, or so large (`lambda_max t > 15` with more columns than positive
 * eigenvalues) that the formula has lost all its digits.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { riccatiFlow } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A number p = x^2 with p' = 2 p (1 - p).
 * const p = riccatiFlow(Matrix.fromRows([[1]]), Matrix.fromRows([[0.5]]), 1).get(0, 0);
 * assertAlmostEquals(p, 1 / (1 + 3 * Math.exp(-2)), 1e-14);
 * ```
 */
export function riccatiFlow(m: Matrix, x0: Matrix, t: number): Matrix {
  requireNumber("t", t, { min: 0 });
  const { values, vectors } = eigh(m);
  const top = values[values.length - 1];
  const positive = values.filter((value) => value > 1e-12 * Math.max(top, 0)).length;
  if (x0.columns > positive && top * t > 15) {
    throw new RangeError(
      `\`t\` must be at most ${
        15 / top
      } here, got ${t}: with more columns than positive eigenvalues the formula loses its digits later`,
    );
  }
  const turned = matmul(vectors, x0, { transposeA: true });
  const grown = turned.map((x, i) => x * Math.exp(values[i] * t));
  const integral = (value: number) => value === 0 ? t : Math.expm1(2 * value * t) / (2 * value);
  const inner = matmul(turned, turned.map((x, i) => 2 * x * integral(values[i])), { transposeA: true })
    .plus(Matrix.identity(x0.columns));
  const flow = matmul(grown, solve(inner, grown.transpose()));
  return matmul(matmul(vectors, flow), vectors, { transposeB: true });
}
