import { Matrix, requireFinite, requireInteger, requireMatrix, requireNumber } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh, svd } from "../linalg/mod.ts";
import { saturatedRiccati } from "../linear_networks/saturated_riccati.ts";
import { requireOperator } from "./check.ts";
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
 * @returns The new factors.
 * @throws {RangeError} if `beta` is not positive, `g` has another number of columns, an entry is not finite,
 * or `f` has fewer rows than columns (no orthonormal columns then).
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
  requireColumns(f, g);
  requireNumber("beta", beta, { above: 0 });
  requireFinite("Cannot rebalance `f`", f.data, f.columns);
  requireFinite("Cannot rebalance `g`", g.data, g.columns);
  if (f.rows < f.columns) {
    throw new RangeError(`\`f\` must have at least as many rows as columns, got ${f.rows} x ${f.columns}`);
  }
  const { u, s, vt } = svd(f);
  // No division by singular values, so they may be zero.
  return {
    f: u.map((x) => beta * x),
    g: matmul(g, vt, { transposeB: true }).map((x, _, j) => x * s[j] / beta),
  };
}

/** Throws unless both are matrices with the same number of columns. @throws {TypeError | RangeError} */
function requireColumns(f: Matrix, g: Matrix): void {
  requireMatrix("f", f);
  requireMatrix("g", g);
  if (f.columns !== g.columns) {
    throw new RangeError(`\`g\` must have ${f.columns} columns as \`f\` has, got ${g.columns}`);
  }
}

/**
 * The imbalance `f^T f - g^T g` (k x k), which gradient flow conserves.
 *
 * @param f rows x k.
 * @param g columns x k; its number of rows may differ from that of `f`.
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
  requireColumns(f, g);
  return gram(f).plus(gram(g), -1);
}

/** Eigenvalues below this share of the largest belong to directions that change nothing. */
const NULL_SHARE = 1e-6;

/**
 * The rate at which gradient descent on `||A(f g^T) - y||^2 / 2` converges near a solution: the largest
 * `ln |1 - stepSize lambda|` over the nonzero eigenvalues lambda of the Gauss-Newton matrix of
 * `(f, g) -> A(f g^T)`. For small steps that is the one of the smallest eigenvalue. The error changes like
 * `exp(rate steps)`: it falls where the rate is negative, and grows where steps are too large.
 *
 * @param f rows x k.
 * @param g columns x k.
 * @param operator The measurements.
 * @param stepSize Positive.
 * @returns The rate per step.
 * @throws {RangeError} if a size does not fit, an entry is not finite, `stepSize` is not positive, or both
 * factors are zero (no nonzero eigenvalue then).
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
  requireColumns(f, g);
  requireOperator(operator);
  requireFinite("Cannot predict the rate at `f`", f.data, f.columns);
  requireFinite("Cannot predict the rate at `g`", g.data, g.columns);
  const { rows: n1, columns: k } = f;
  const n2 = g.rows;
  if (n1 !== operator.rows || n2 !== operator.columns) {
    throw new RangeError(
      `\`f\` and \`g\` must have ${operator.rows} and ${operator.columns} rows, got ${n1} and ${n2}`,
    );
  }
  requireInteger("f.columns", k, { min: 1 });
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
  if (nonzero.length === 0) throw new RangeError("Cannot predict a rate: `f` and `g` are zero");
  const rate = (lambda: number) => Math.log(Math.abs(1 - stepSize * lambda));
  return Math.max(rate(nonzero[0]), rate(nonzero[nonzero.length - 1]));
}

/**
 * The population gradient flow of the symmetric model, `X' = (M - X X^T) X`, in closed form: returns `X(t)
 * X(t)^T` (a matrix Riccati equation). Exact at any time: exponentials are combined so that none overflows.
 *
 * @param m Symmetric n x n target.
 * @param x0 Start, n x k.
 * @param t Time, at least 0.
 * @returns n x n.
 * @throws {RangeError} if `t` is negative, a size does not fit, an entry is not finite, or `m` is not
 * symmetric.
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
  requireSymmetric("m", m);
  requireMatrix("x0", x0);
  if (x0.rows !== m.rows) throw new RangeError(`\`x0\` must have ${m.rows} rows, got ${x0.rows}`);
  requireFinite("Cannot start at `x0`", x0.data, x0.columns);
  // q = 2 X X^T solves q' = M q + q M - q q.
  return saturatedRiccati(m, x0.times(Math.SQRT2), t).times(0.5);
}

/** Asymmetry beyond this share of the largest entry is not rounding. */
const ASYMMETRY = 1e-12;

/** Throws unless `m` is square, finite and symmetric up to rounding. @throws {TypeError | RangeError} */
function requireSymmetric(name: string, m: Matrix): void {
  requireMatrix(name, m);
  if (m.rows !== m.columns) throw new RangeError(`\`${name}\` must be square, got ${m.rows} x ${m.columns}`);
  requireFinite(`Cannot follow the flow to \`${name}\``, m.data, m.columns);
  let largest = 0;
  for (const x of m.data) largest = Math.max(largest, Math.abs(x));
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(m.get(i, j) - m.get(j, i)) > ASYMMETRY * largest) {
        throw new RangeError(
          `\`${name}\` must be symmetric, but entry (${i}, ${j}) is ${m.get(i, j)} and (${j}, ${i}) is ${
            m.get(j, i)
          }`,
        );
      }
    }
  }
}
