import { ComplexMatrix, type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { complexMatmul, complexMatvec } from "../../lib/blas/mod.ts";
import { complexSolve, frobeniusNorm, spectralNorm } from "../../lib/linalg/mod.ts";
import {
  type Diagonalization,
  hippoLegS,
  imaginaryAxis,
  perturbThenDiagonalize,
  transferFunction,
  transferFunctionDiagonal,
} from "../../lib/ssm/mod.ts";
import { logSpace, type Row } from "./rows.ts";

/** Largest |G_Pert - G_LegS| on the axis for C = ones / sqrt(n). */
function deviation(n: number, found: Diagonalization, reference: Float64Array, axis: Float64Array): number {
  const { B } = hippoLegS(n);
  const b = new Float64Array(2 * n);
  const c = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    b[2 * k] = B[k];
    c[2 * k] = 1 / Math.sqrt(n);
  }
  const right = found.solveV(b);
  const left = complexMatvec(found.V, c, { op: "transpose" });
  const residues = left.map((_, k) => {
    const i = k & ~1;
    const re = left[i];
    const im = left[i + 1];
    const x = right[i];
    const y = right[i + 1];
    return k % 2 === 0 ? re * x - im * y : re * y + im * x;
  });
  const g = transferFunctionDiagonal(found.lambda, residues, axis);
  let worst = 0;
  for (let k = 0; k < g.length; k += 2) {
    worst = Math.max(worst, Math.hypot(g[k] - reference[k], g[k + 1] - reference[k + 1]));
  }
  return worst;
}

/** LegS on the axis, by substitution. */
function reference(n: number): { axis: Float64Array; values: Float64Array } {
  const axis = imaginaryAxis(logSpace(1e-2, 1e5, 1200));
  const { A, B } = hippoLegS(n);
  return { axis, values: transferFunction({ A, B, C: new Float64Array(n).fill(1 / Math.sqrt(n)) }, axis) };
}

/**
 * Diagonalizing LegS as it is, and putting it together again the naive way, with the inverse of V formed. (An
 * LU solve is more graceful, which helps nobody: V is as ill-conditioned.)
 */
export function naiveRow(n: number): Row<"naive"> {
  const { A } = hippoLegS(n);
  const found = perturbThenDiagonalize(A, { eps: 0, allowUnstable: true, allowDefective: true });
  const { lambda, V, kappa } = found;
  const scaled = ComplexMatrix.from(n, n, (i, j) => {
    const { re, im } = V.get(i, j);
    const x = lambda[2 * j];
    const y = lambda[2 * j + 1];
    return { re: re * x - im * y, im: re * y + im * x };
  });
  const back = complexMatmul(scaled, complexSolve(V, ComplexMatrix.identity(n)));
  for (let k = 0; k < n * n; k++) back.data[2 * k] -= A.data[k];
  const capped = (x: number) => Math.min(x, 1e300); // JSON has no Infinity
  return {
    kind: "naive",
    n,
    kappa: capped(kappa),
    backwardError: capped(frobeniusNorm(back) / frobeniusNorm(A)),
    bySolve: capped(found.backwardError),
  };
}

/** One random direction at several sizes. */
export function sweepRows(n: number, sizes: readonly number[], seed: number): Row[] {
  const { A } = hippoLegS(n);
  const { axis, values } = reference(n);
  return sizes.map((eps) => {
    const found = perturbThenDiagonalize(A, { eps, rng: new Rng(seed).split("sweep"), allowUnstable: true });
    const { kappa, maxRe, backwardError } = found;
    return {
      kind: "sweep",
      n,
      seed,
      eps,
      kappa,
      maxRe,
      backwardError,
      deviation: deviation(n, found, values, axis),
    };
  });
}

/** Optimized perturbations for several weights, or random ones of several sizes. */
export function optimizedRows(n: number, seed: number, gammas: readonly number[], iterations: number): Row[] {
  const { A } = hippoLegS(n);
  const { axis, values } = reference(n);
  const rows: Row[] = [];
  const add = (method: "random" | "optimized", gamma: number, found: Diagonalization & { E: Matrix }) =>
    rows.push({
      kind: "optimized",
      method,
      seed,
      gamma,
      size: spectralNorm(found.E),
      kappa: found.kappa,
      deviation: deviation(n, found, values, axis),
    });
  const rng = () => new Rng(seed).split("optimized");
  for (const gamma of gammas) {
    const options = {
      eps: 0.1,
      rng: rng(),
      method: "optimized",
      gamma,
      iterations,
      allowUnstable: true,
    } as const;
    add("optimized", gamma, perturbThenDiagonalize(A, options));
  }
  for (const eps of [0.01, 0.03, 0.1, 0.3, 1]) {
    add("random", 0, perturbThenDiagonalize(A, { eps, rng: rng(), allowUnstable: true }));
  }
  return rows;
}
