/**
 * What is known of the projection errors before anything is sampled.
 *
 * @module
 */
import { Matrix } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import { type BasisName, orthonormalBasis } from "../../lib/optimizers/mod.ts";

/** Covariance of n neighbouring entries of the process, `rho^|i - j|`. */
export function ar1Covariance(n: number, rho: number): Matrix {
  return Matrix.from(n, n, (i, j) => rho ** Math.abs(i - j));
}

/**
 * What is lost on average when the r best vectors of a basis are kept: the energies are the diagonal of `Q^T
 * Sigma Q`.
 */
export function expectedError(covariance: Matrix, basis: BasisName, r: number): number {
  const q = orthonormalBasis(basis, covariance.rows) as Matrix;
  const rotated = matmul(matmul(q, covariance), q, { transposeB: true });
  return lostEnergy(Array.from({ length: q.rows }, (_, i) => rotated.get(i, i)), r);
}

/** The same for the best basis there is, the eigenvectors (Karhunen-Loeve). */
export function karhunenLoeveError(covariance: Matrix, r: number): number {
  return lostEnergy(Array.from(eigh(covariance).values), r);
}

function lostEnergy(energies: number[], r: number): number {
  const sorted = [...energies].sort((a, b) => b - a);
  const sum = (values: number[]) => values.reduce((s, x) => s + x, 0);
  return sum(sorted.slice(r)) / sum(sorted);
}

/**
 * What the leading singular vectors lose of white noise: the energy below a quantile of the Marchenko-Pastur
 * law, for a large matrix with `columns / rows = ratio < 1`.
 */
export function marchenkoPasturError(ratio: number, share: number): number {
  const low = (1 - Math.sqrt(ratio)) ** 2;
  const high = (1 + Math.sqrt(ratio)) ** 2;
  const points = 4000;
  // x = middle - half cos(theta) takes the square roots at both ends out of the integrand.
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  let mass = 0;
  let energy = 0;
  for (let i = 0; i < points; i++) {
    const theta = Math.PI * (i + 0.5) / points;
    const x = middle - half * Math.cos(theta);
    const density = (half * Math.sin(theta)) ** 2 / (2 * Math.PI * ratio * x) * Math.PI / points;
    if (mass + density > 1 - share) return energy + (1 - share - mass) * x;
    mass += density;
    energy += density * x;
  }
  return energy;
}

/**
 * How many learning rates Adam's first step along a fresh vector is long, if its moments start at zero at
 * step t.
 */
export function freshStep(t: number, beta1 = 0.9, beta2 = 0.999): number {
  return (1 - beta1) / (1 - beta1 ** t) * Math.sqrt((1 - beta2 ** t) / (1 - beta2));
}
