/** What is known of the projection errors and of fresh columns before anything is sampled. */
import { Matrix } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import { orthonormalBasis } from "../../lib/optimizers/mod.ts";
import { type Basis, COLUMNS } from "./rows.ts";

/**
 * What the `rank` best vectors of a basis of R^64 lose on average of a row of the smooth process, whose
 * covariance Σ is `correlation^|i - j|`: energies are the diagonal of `Q^T Σ Q`, for `"svd"` the eigenvalues
 * of Σ (Karhunen-Loève).
 */
export function expectedError(correlation: number, basis: Basis, rank: number): number {
  const covariance = Matrix.from(COLUMNS, COLUMNS, (i, j) => correlation ** Math.abs(i - j));
  const energies = basis === "svd" ? eigh(covariance).values : energiesAlong(basis, covariance);
  const sorted = Float64Array.from(energies).sort();
  const sum = (values: Float64Array) => values.reduce((total, x) => total + x, 0);
  return sum(sorted.subarray(0, COLUMNS - rank)) / sum(sorted);
}

function energiesAlong(basis: Exclude<Basis, "svd">, covariance: Matrix): Float64Array {
  const vectors = orthonormalBasis(basis, COLUMNS) as Matrix;
  const rotated = matmul(matmul(vectors, covariance), vectors, { transposeB: true });
  return Float64Array.from({ length: COLUMNS }, (_, i) => rotated.get(i, i));
}

/**
 * What the leading singular vectors lose of white noise: the energy below a quantile of the Marchenko-Pastur
 * law.
 *
 * @param ratio Columns over rows of a large matrix, below 1.
 * @param share Rank over columns.
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

/** How many learning rates Adam's first step along a vector is long whose moments start at zero at step t. */
export function freshStep(t: number, beta1 = 0.9, beta2 = 0.999): number {
  return (1 - beta1) / (1 - beta1 ** t) * Math.sqrt((1 - beta2 ** t) / (1 - beta2));
}
