import {
  ComplexMatrix,
  describeValue,
  interleave,
  Matrix,
  requireBoolean,
  requireComplexMatrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { complexMultiply } from "../arrays/complex.ts";
import { complexMatmul } from "../blas/mod.ts";
import {
  complexSolve,
  complexSvd,
  eig,
  frobeniusNorm,
  SingularMatrixError,
  spectralNorm,
  svd,
} from "../linalg/mod.ts";
import { hippoLegS } from "./hippo.ts";

/** Options of {@linkcode perturbThenDiagonalize}. */
export interface PtdOptions {
  /**
   * Spectral norm of the random perturbation. Below 0.5, HiPPO-LegS stays stable for certain. Default 0.3.
   */
  eps?: number;
  /** A perturbation to use instead. */
  E?: Matrix;
  /** Stream of the random perturbation; needed unless `E` is given or `eps` is 0. */
  rng?: Rng;
  /** `"random"` (default), or `"optimized"`: from there, gradient descent on `kappa + gamma ||E||`. */
  method?: "random" | "optimized";
  /** Weight of `||E||` in the optimized objective. Default 10. */
  gamma?: number;
  /** Steps of the optimizer. Default 400. */
  iterations?: number;
  /** Accept poles with real part >= 0. Default false. */
  allowUnstable?: boolean;
  /**
   * Move eigenvalues left until their real part is at most this (below 0), such as -1e-3. Default: leave
   * them.
   */
  clipRe?: number;
  /** Accept a condition number above 1 / machine epsilon. Default false. */
  allowDefective?: boolean;
}

/** The names of {@linkcode PtdOptions}, for checks. */
const PTD_OPTIONS = [
  "eps",
  "E",
  "rng",
  "method",
  "gamma",
  "iterations",
  "allowUnstable",
  "clipRe",
  "allowDefective",
] as const;

/** The eigendecomposition of a perturbed matrix A + E, with its accuracy and stability. */
export interface Diagonalization {
  /** All n eigenvalues, complex interleaved; of conjugate pairs both. */
  lambda: Float64Array;
  /** Unit eigenvectors as columns, n x n. */
  V: ComplexMatrix;
  /** `V^{-1} b` by an LU solve, for a complex vector b. */
  solveV(b: Float64Array): Float64Array;
  /** The perturbation. */
  E: Matrix;
  /** Condition number of V in the spectral norm. */
  kappa: number;
  /** `||V Lambda V^{-1} - (A + E)||_F / ||A||_F`; Infinity if V is singular to working precision. */
  backwardError: number;
  /** Largest real part of an eigenvalue: below 0 if stable. */
  maxRe: number;
}

/**
 * Perturb, then diagonalize: the eigendecomposition of A + E for a small E, well-conditioned where that of A
 * is not (Yu et al. 2024, section 3). The random perturbation is `eps G / ||G||_2` with G normal, justified
 * by Gaussian regularization (Banks et al. 2019).
 *
 * @param A n x n.
 * @param options The perturbation, and what to accept.
 * @returns The eigendecomposition of A + E, its condition number and backward error.
 * @throws {RangeError} if a size or an option is out of range, or an entry is not finite.
 * @throws {TypeError} if the method is unknown, or `rng` is missing where it is needed.
 * @throws {Error} if the result is unstable, or numerically defective (a condition number of 1 / (n 2^-52) or more),
 * unless that is allowed.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hippoLegS, perturbThenDiagonalize } from "refigure/ssm";
 * import { assert } from "@std/assert";
 *
 * const { A } = hippoLegS(32);
 * const { kappa, maxRe, backwardError } = perturbThenDiagonalize(A, { eps: 0.3, rng: new Rng(1) });
 * assert(kappa < 1e5 && maxRe < 0 && backwardError < 1e-10); // without E, kappa is 1.2e23
 * ```
 */
export function perturbThenDiagonalize(A: Matrix, options: PtdOptions = {}): Diagonalization {
  requireOptions("options", options, PTD_OPTIONS);
  const { eps = 0.3, rng, method = "random", gamma = 10, iterations = 400 } = options;
  const { allowUnstable = false, allowDefective = false, clipRe } = options;
  requireMatrix("A", A);
  const n = A.rows;
  if (n < 1 || A.columns !== n) {
    throw new RangeError(`\`A\` must be square and not empty, got ${n} x ${A.columns}`);
  }
  requireFinite("Cannot diagonalize `A`", A.data, n);
  requireNumber("eps", eps, { min: 0 });
  requireOneOf("method", method, ["random", "optimized"]);
  requireBoolean("allowUnstable", allowUnstable);
  requireBoolean("allowDefective", allowDefective);
  if (clipRe !== undefined) requireNumber("clipRe", clipRe, { below: 0 });
  if (rng !== undefined) requireRng("rng", rng);
  requireObjective({ gamma, iterations });
  let E = options.E;
  if (E !== undefined) {
    requireSameShape("E", E, A);
    requireFinite("Cannot perturb by `E`", E.data, n);
  } else if (eps === 0) E = Matrix.zeros(n, n);
  else {
    if (rng === undefined) throw new TypeError("`rng` must be given for a random perturbation");
    const g = rng.normalMatrix(n, n);
    E = g.times(eps / spectralNorm(g));
  }
  if (method === "optimized") E = optimizePerturbation(A, E, { gamma, iterations }).E;
  const found = diagonalize(A, E);
  if (clipRe !== undefined) {
    // Only the eigenvalues change, so the backward error includes the change.
    for (let k = 0; k < found.lambda.length; k += 2) found.lambda[k] = Math.min(found.lambda[k], clipRe);
    found.maxRe = Math.min(found.maxRe, clipRe);
  }
  if (found.maxRe >= 0 && !allowUnstable) {
    const advice = options.E === undefined && eps > 0 ? "reduce `eps`" : "use another `E`";
    throw new Error(
      `perturbed system is unstable (max Re = ${found.maxRe}): ${advice}, ` +
        "or set `clipRe` or `allowUnstable`",
    );
  }
  // The eigenvectors are those of a matrix within n roundings of A + E, and such a matrix has eigenvectors with a
  // condition number of about one over its distance (Theorem 4): beyond that, kappa is one of the solver's rounding.
  if (!(found.kappa < 1 / (n * 2 ** -52)) && !allowDefective) {
    throw new Error(
      `numerically defective, kappa = ${found.kappa}: perturb more, or set \`allowDefective\``,
    );
  }
  return found;
}

/** Checks the options of the optimizer. @throws {TypeError | RangeError} */
function requireObjective({ gamma, iterations }: { gamma: number; iterations: number }): void {
  requireNumber("gamma", gamma, { min: 0 });
  requireInteger("iterations", iterations, { min: 1 });
}

function diagonalize(A: Matrix, E: Matrix): Diagonalization {
  const n = A.rows;
  const perturbed = A.plus(E);
  const { values: lambda, right: V } = eig(perturbed);
  const { s } = complexSvd(V);
  const kappa = s[n - 1] === 0 ? Infinity : s[0] / s[n - 1];
  let maxRe = -Infinity;
  for (let k = 0; k < n; k++) maxRe = Math.max(maxRe, lambda[2 * k]);
  return {
    lambda,
    V,
    solveV: (b) => complexSolve(V, b),
    E,
    kappa,
    maxRe,
    get backwardError() {
      return backwardError(A, perturbed, lambda, V);
    },
  };
}

/** V Lambda V^{-1} = (V^{-H} (V Lambda)^H)^H. */
function backwardError(A: Matrix, perturbed: Matrix, lambda: Float64Array, V: ComplexMatrix): number {
  const n = A.rows;
  const scaled = V.clone();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const { re, im } = V.get(i, j);
      const x = lambda[2 * j];
      const y = lambda[2 * j + 1];
      scaled.set(i, j, { re: re * x - im * y, im: re * y + im * x });
    }
  }
  try {
    const back = complexSolve(V.conjugateTranspose(), scaled.conjugateTranspose()).conjugateTranspose();
    for (let k = 0; k < n * n; k++) back.data[2 * k] -= perturbed.data[k];
    return frobeniusNorm(back) / frobeniusNorm(A);
  } catch (error) {
    if (error instanceof SingularMatrixError) return Infinity;
    throw error;
  }
}

/** What {@linkcode eigenvectorConditionGradient} computes. */
export interface ConditionGradient {
  /** Condition number of the matrix of unit eigenvectors. */
  kappa: number;
  /** Its gradient with respect to the entries of A, n x n. */
  gradient: Matrix;
  /** The eigenvalues, complex interleaved. */
  lambda: Float64Array;
}

/**
 * Eigenvalues closer than this share of the largest count as tied: the gradient leaves out their mixing,
 * which has no derivative.
 */
const TIE = 1e-14;

/**
 * The condition number of the matrix of unit eigenvectors of A, and its gradient with respect to A. With the
 * SVD `V = U Sigma W^*`, `G = kappa (u_1 w_1^* / sigma_1 - u_n w_n^* / sigma_n)`, `H = V^* G`,
 * `H'_ij = H_ij - Re(H_jj) (V^* V)_ij` and `X_ij = H'_ij / conj(lambda_j - lambda_i)`, the gradient is
 * `Re(V X^* V^{-1})^T`: first-order perturbation theory of unit eigenvectors, for the objective of Yu et al.
 * 2024, section 3.2.
 *
 * @param A n x n.
 * @throws {RangeError} if A is empty, not square or not finite.
 * @throws {SingularMatrixError} if A is exactly defective.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { eigenvectorConditionGradient } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { kappa } = eigenvectorConditionGradient(Matrix.fromRows([[-1, 0], [-Math.sqrt(3), -2]]));
 * assertAlmostEquals(kappa, 2 + Math.sqrt(3), 1e-12);
 * ```
 */
export function eigenvectorConditionGradient(A: Matrix): ConditionGradient {
  requireMatrix("A", A);
  const n = requireInteger("A.rows", A.rows, { min: 1 });
  const { values: lambda, right: V } = eig(A);
  const { u, s, vh } = complexSvd(V);
  let largest = 0;
  for (let k = 0; k < n; k++) largest = Math.max(largest, Math.hypot(lambda[2 * k], lambda[2 * k + 1]));
  const kappa = s[0] / s[n - 1];
  // G = kappa (u_1 w_1^* / s_1 - u_n w_n^* / s_n); rows of vh are w^*.
  const weight = (k: number) => k === 0 ? kappa / s[0] : -kappa / s[n - 1];
  const G = ComplexMatrix.zeros(n, n);
  for (const k of n === 1 ? [] : [0, n - 1]) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const a = u.get(i, k);
        const b = vh.get(k, j);
        const at = 2 * (i * n + j);
        const f = weight(k);
        G.data[at] += f * (a.re * b.re - a.im * b.im);
        G.data[at + 1] += f * (a.re * b.im + a.im * b.re);
      }
    }
  }
  const H = complexMatmul(V, G, { opA: "conjugate-transpose" });
  const gram = complexMatmul(V, V, { opA: "conjugate-transpose" });
  const X = ComplexMatrix.from(n, n, (i, j) => {
    if (i === j) return { re: 0, im: 0 };
    const x = lambda[2 * j] - lambda[2 * i];
    const y = lambda[2 * j + 1] - lambda[2 * i + 1];
    if (Math.hypot(x, y) <= TIE * largest) return { re: 0, im: 0 };
    const d = x * x + y * y;
    const h = H.get(i, j);
    const g = gram.get(i, j);
    const norm = H.get(j, j).re;
    const re = h.re - norm * g.re;
    const im = h.im - norm * g.im;
    // h' / conj(x + iy) = h' (x + iy) / d
    return { re: (re * x - im * y) / d, im: (re * y + im * x) / d };
  });
  // V X^* V^{-1} = (V^{-*} X V^*)^*: only its real part's transpose is wanted, that is Re(V^{-*} X V^*).
  const product = complexSolve(V.conjugateTranspose(), complexMatmul(X, V, { opB: "conjugate-transpose" }));
  return { kappa, gradient: Matrix.from(n, n, (i, j) => product.get(i, j).re), lambda };
}

/** What {@linkcode optimizePerturbation} found. */
export interface OptimizedPerturbation {
  /** The best perturbation met. */
  E: Matrix;
  /** Condition number there. */
  kappa: number;
  /** Its objective, `kappa + gamma ||E||_2`. */
  objective: number;
}

/**
 * Minimizes `kappa(V) + gamma ||E||_2` over E by Adam on its logarithm-scaled gradient
 * `(grad kappa + gamma u_1 v_1^T) / kappa`, and keeps the best point (Yu et al. 2024, section 3.2; optimizer
 * of our choice, the paper publishes none).
 *
 * @param A n x n.
 * @param start Where to begin; not zero, as A itself may be defective.
 * @param options Weight `gamma` (default 10), number of `iterations` (default 400), `learningRate` (default
 * 0.02 of the size of the start's entries, at least 2e-3).
 * @returns The best point met.
 * @throws {RangeError} if a size or an option is out of range, or an entry is not finite.
 * @throws {SingularMatrixError} if A + start is exactly defective.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hippoLegS, optimizePerturbation } from "refigure/ssm";
 * import { assertLess } from "@std/assert";
 *
 * const start = new Rng(0).normalMatrix(6, 6, 0.02);
 * const { A } = hippoLegS(6);
 * const before = optimizePerturbation(A, start, { iterations: 1 });
 * const after = optimizePerturbation(A, start, { iterations: 60 });
 * assertLess(after.objective, before.objective);
 * ```
 */
export function optimizePerturbation(
  A: Matrix,
  start: Matrix,
  options: { gamma?: number; iterations?: number; learningRate?: number } = {},
): OptimizedPerturbation {
  requireOptions("options", options, ["gamma", "iterations", "learningRate"]);
  const { gamma = 10, iterations = 400 } = options;
  requireMatrix("A", A);
  requireSameShape("start", start, A);
  requireFinite("Cannot begin at `start`", start.data, start.columns);
  requireObjective({ gamma, iterations });
  const { learningRate = Math.max(2e-3, 0.02 * frobeniusNorm(start) / A.rows) } = options;
  requireNumber("learningRate", learningRate, { above: 0 });
  const E = start.clone();
  const size = E.data.length;
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  let best: OptimizedPerturbation = { E: start, kappa: Infinity, objective: Infinity };
  for (let step = 1; step <= iterations; step++) {
    const { kappa, gradient } = eigenvectorConditionGradient(A.plus(E));
    const { u, s, vt } = svd(E);
    const objective = kappa + gamma * s[0];
    const n = A.rows;
    if (objective < best.objective) best = { E: E.clone(), kappa, objective };
    let k = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++, k++) {
        const g = (gradient.data[k] + gamma * u.get(i, 0) * vt.get(0, j)) / kappa;
        m[k] = 0.9 * m[k] + 0.1 * g;
        v[k] = 0.999 * v[k] + 0.001 * g * g;
        const mean = m[k] / (1 - 0.9 ** step);
        const spread = Math.sqrt(v[k] / (1 - 0.999 ** step));
        E.data[k] -= learningRate * mean / (spread + 1e-12);
      }
    }
  }
  return best;
}

/** A diagonal model that perturb-then-diagonalize made. */
export interface PtdSystem extends Diagonalization {
  /** Input weights in eigen-coordinates, `V^{-1} B`, complex interleaved. */
  B: Float64Array;
}

/**
 * HiPPO-LegS by perturb-then-diagonalize: the poles and input weights that initialize an S4-PTD or S5-PTD
 * layer.
 *
 * @param n State size, at least 1.
 * @param options As for {@linkcode perturbThenDiagonalize}.
 * @throws {RangeError} if `n` or `eps` is out of range.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { ptdSsm } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * const { lambda, B } = ptdSsm(8, { rng: new Rng(0) });
 * assertEquals([lambda.length, B.length], [16, 16]);
 * ```
 */
export function ptdSsm(n: number, options: PtdOptions = {}): PtdSystem {
  const { A, B } = hippoLegS(n);
  const found = perturbThenDiagonalize(A, options);
  return Object.assign(found, { B: found.solveV(interleave(B)) });
}

/** Real output weights in the coordinates of the eigenvectors: `C V`, complex interleaved. */
export function outputInEigenbasis(V: ComplexMatrix, C: ArrayLike<number>): Float64Array {
  const n = V.columns;
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    let re = 0;
    let im = 0;
    for (let i = 0; i < V.rows; i++) {
      re += C[i] * V.data[2 * (i * n + k)];
      im += C[i] * V.data[2 * (i * n + k) + 1];
    }
    out[2 * k] = re;
    out[2 * k + 1] = im;
  }
  return out;
}

/**
 * The residues `(C V) o (V^{-1} B)` of a diagonalized system with one input and one output, entry by entry:
 * with the eigenvalues they are all that its kernel, its recurrence and its transfer function depend on.
 *
 * @param system Eigenvectors and solver, as {@linkcode perturbThenDiagonalize} returns them.
 * @param B Real input weights, n numbers.
 * @param C Real output weights, n numbers.
 * @returns n complex numbers, interleaved, in the order of the eigenvalues.
 * @throws {RangeError} if `B` or `C` does not have n entries.
 *
 * @example
 * ```ts
 * import { diagonalResidues, transferFunctionDiagonal } from "refigure/ssm";
 * import { hippoLegS, perturbThenDiagonalize } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { A, B } = hippoLegS(3);
 * const system = perturbThenDiagonalize(A, { eps: 0 });
 * const residues = diagonalResidues(system, B, [1, 0, 0]);
 * // The first output of HiPPO-LegS is 1 / (1 + s).
 * const [real] = transferFunctionDiagonal(system.lambda, residues, new Float64Array([1, 0]));
 * assertAlmostEquals(real, 0.5, 1e-12);
 * ```
 */
export function diagonalResidues(
  system: Pick<Diagonalization, "V" | "solveV">,
  B: ArrayLike<number>,
  C: ArrayLike<number>,
): Float64Array {
  if (typeof system !== "object" || system === null) {
    throw new TypeError(`\`system\` must be a diagonalization, got ${describeValue(system)}`);
  }
  const { V } = system;
  requireComplexMatrix("system.V", V);
  requireFunction("system.solveV", system.solveV);
  requireNumbers("B", B, { length: V.rows });
  requireNumbers("C", C, { length: V.rows });
  return complexMultiply(outputInEigenbasis(V, C), system.solveV(interleave(B)));
}
