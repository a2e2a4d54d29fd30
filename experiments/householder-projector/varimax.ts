import { Matrix } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { polarFactor } from "../../lib/linalg/mod.ts";

/**
 * The rotation R that makes the columns of `loadings R` sparse: each large for few rows (Kaiser 1958, "The
 * varimax criterion for analytic rotation in factor analysis"), by repeated polar factors of the gradient.
 *
 * @param loadings n x k.
 * @returns k x k, orthogonal.
 */
export function varimax(loadings: Matrix): Matrix {
  let rotation = Matrix.identity(loadings.columns);
  for (let iteration = 0; iteration < 200; iteration++) {
    const rotated = matmul(loadings, rotation);
    const means = new Float64Array(rotated.columns);
    rotated.data.forEach((x, k) => means[k % rotated.columns] += x * x / rotated.rows);
    const gradient = rotated.map((x, _, j) => x * (x * x - means[j]));
    rotation = polarFactor(matmul(loadings, gradient, { transposeA: true }));
  }
  return rotation;
}
