import { ComplexMatrix, Matrix, requireNumber, type Rng } from "../arrays/mod.ts";
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

/** A perturbed matrix, diagonalized, with what there is to know about it. */
export interface Diagonalization {
  /** Eigenvalues, n complex numbers, interleaved: all n, real ones and conjugate pairs in unknown number. */
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
 * @throws {RangeError} if `eps` is negative or not finite.
 * @throws {TypeError} if `E` is not n x n.
 * @throws {Error} if the result is unstable or numerically defective, unless that is allowed.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hippoLegS, perturbThenDiagonalize } from "refigure/ssm";
 * import { assert } from "@std/assert";
 *
 * const { kappa, maxRe, backwardError } = perturbThenDiagonalize(hippoLegS(32).A, { eps: 0.3, rng: new Rng(1) });
 * assert(kappa < 1e5 && maxRe < 0 && backwardError < 1e-10); // without E, kappa is 1.2e23
 * ```
 */
export function perturbThenDiagonalize(A: Matrix, options: PtdOptions = {}): Diagonalization {
  const { eps = 0.3, rng, method = "random", gamma = 10, iterations = 400 } = options;
  const n = A.rows;
  if (n < 1 || A.columns !== n) {
    throw new RangeError(`\`A\` must be square and not empty, got ${n} x ${A.columns}`);
  }
  if (!(Number.isFinite(eps) && eps >= 0)) {
    throw new RangeError(`\`eps\`: perturbation size must be finite and >= 0, got ${eps}`);
  }
  let E = options.E;
  if (E !== undefined && (E.rows !== n || E.columns !== n)) {
    throw new TypeError(`\`E\` must be ${n} x ${n} as \`A\`, got ${E.rows} x ${E.columns}`);
  }
  if (E === undefined && eps === 0) E = Matrix.zeros(n, n);
  if (E === undefined) {
    if (rng === undefined) throw new TypeError("`rng` must be given for a random perturbation");
    const g = rng.normalMatrix(n, n);
    E = g.times(eps / spectralNorm(g));
  }
  if (method === "optimized") E = optimizePerturbation(A, E, { gamma, iterations }).E;
  const found = diagonalize(A, E);
  if (options.clipRe !== undefined) {
    const limit = requireNumber("clipRe", options.clipRe, { below: 0 });
    // In place: the backward error then tells what the move has cost.
    for (let k = 0; k < found.lambda.length; k += 2) found.lambda[k] = Math.min(found.lambda[k], limit);
    found.maxRe = Math.min(found.maxRe, limit);
  }
  if (found.maxRe >= 0 && !options.allowUnstable) {
    throw new Error(`perturbed system is unstable (max Re = ${found.maxRe}); reduce eps below 0.5`);
  }
  if (!(found.kappa < 1 / 2 ** -52) && !options.allowDefective) {
    throw new Error(`numerically defective, kappa = ${found.kappa}`);
  }
  return found;
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
 * Eigenvalues closer than this count as tied: the gradient leaves out their mixing, which has no derivative.
 */
const TIE = 1e-12;

/**
 * The condition number of the matrix of unit eigenvectors of A, and its gradient with respect to A. With the
 * SVD `V = U Sigma W^*`, `G = kappa (u_1 w_1^* / sigma_1 - u_n w_n^* / sigma_n)`, `H = V^* G`,
 * `H'_ij = H_ij - Re(H_jj) (V^* V)_ij` and `X_ij = H'_ij / conj(lambda_j - lambda_i)`, the gradient is
 * `Re(V X^* V^{-1})^T`: first-order perturbation theory of unit eigenvectors, for the objective of Yu et al.
 * 2024, section 3.2.
 *
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
  const n = A.rows;
  const { values: lambda, right: V } = eig(A);
  const { u, s, vh } = complexSvd(V);
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
    const d = x * x + y * y;
    if (d < TIE * TIE) return { re: 0, im: 0 };
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
 * @param options Weight gamma (default 10), steps (default 400), learning rate (default 0.02 of the start's
 * entries' size, at least 2e-3).
 * @throws {RangeError} if an option is out of range.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hippoLegS, optimizePerturbation } from "refigure/ssm";
 * import { assertLess } from "@std/assert";
 *
 * const start = new Rng(0).normalMatrix(6, 6, 0.02), { A } = hippoLegS(6);
 * const before = optimizePerturbation(A, start, { iterations: 1 }), after = optimizePerturbation(A, start, { iterations: 60 });
 * assertLess(after.objective, before.objective);
 * ```
 */
export function optimizePerturbation(
  A: Matrix,
  start: Matrix,
  options: { gamma?: number; iterations?: number; learningRate?: number } = {},
): OptimizedPerturbation {
  const { gamma = 10, iterations = 400 } = options;
  requireNumber("gamma", gamma, { min: 0 });
  requireNumber("iterations", iterations, { min: 1 });
  const rate = requireNumber(
    "learningRate",
    options.learningRate ?? Math.max(2e-3, 0.02 * frobeniusNorm(start) / A.rows),
    { above: 0 },
  );
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
        E.data[k] -= rate * (m[k] / (1 - 0.9 ** step)) / (Math.sqrt(v[k] / (1 - 0.999 ** step)) + 1e-12);
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
  const b = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) b[2 * k] = B[k];
  return Object.assign(found, { B: found.solveV(b) });
}
