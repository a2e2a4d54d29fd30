import { Matrix, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { haarOrthogonal } from "../linalg/mod.ts";
import { type GradientTransformation, MatrixOptimizer } from "../optimizers/mod.ts";

/** Options of {@linkcode anisotropicQuadratic}. */
export interface AnisotropicQuadraticOptions {
  /** Transformation of the matrix, learning rate included. */
  optimizer: GradientTransformation;
  /** Neurons, m. Default 256. */
  outputs?: number;
  /** Inputs of each, n. Default 64. */
  inputs?: number;
  /** Steps, from W = 0 with exact gradients. Default 20. */
  steps?: number;
  /** Stream of the inputs' rotation and of the target. */
  rng: Rng;
}

/** Where {@linkcode anisotropicQuadratic} ended. */
export interface AnisotropicQuadraticResult {
  /** W after the last step, m x n: as it began at zero, row i is the displacement of neuron i. */
  weights: Matrix;
  /** The minimizer W*, m x n. */
  target: Matrix;
  /** Loss after the last step over that at the start. */
  lossRatio: number;
}

/**
 * Minimizes f(W) = tr(D (W - W*) S (W - W*)^T) / 2, in which neurons have unequal weight, D = diag(1/i), and
 * so have the directions of their inputs, S = Q diag(1/j) Q^T with a random rotation Q. W* is Gaussian. Shows
 * where an optimizer spends its steps.
 *
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example Plain gradient descent moves the heavy neurons, and hardly the light ones
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { rowNorms } from "refigure/linalg";
 * import { scaleByLearningRate } from "refigure/optimizers";
 * import { anisotropicQuadratic } from "refigure/training";
 * import { assertGreater, assertLess } from "@std/assert";
 *
 * const optimizer = scaleByLearningRate(0.5);
 * const { weights, lossRatio } = anisotropicQuadratic({ optimizer, rng: new Rng(0) });
 * const travelled = rowNorms(weights);
 * assertLess(lossRatio, 0.7);
 * assertGreater(travelled[0], 20 * travelled[255]);
 * ```
 */
export function anisotropicQuadratic(options: AnisotropicQuadraticOptions): AnisotropicQuadraticResult {
  requireOptions("options", options, ["optimizer", "outputs", "inputs", "steps", "rng"]);
  const { optimizer, rng } = options;
  requireRng("rng", rng);
  const { outputs: m = 256, inputs: n = 64, steps = 20 } = options;
  requireInteger("outputs", m, { min: 1 });
  requireInteger("inputs", n, { min: 1 });
  requireInteger("steps", steps, { min: 1 });
  const q = haarOrthogonal(n, { rng: rng.split("rotation") });
  const target = rng.split("target").normalMatrix(m, n);
  const s = matmul(q.map((x, _, j) => x / (j + 1)), q, { transposeB: true });
  const weights = Matrix.zeros(m, n);
  const driver = new MatrixOptimizer([{ name: "w", weights, outputs: "rows" }], optimizer);
  const gradient = () => matmul(weights.minus(target), s).map((x, i) => x / (i + 1));
  const loss = (g: Matrix) =>
    g.data.reduce((sum, x, k) => sum + x * (weights.data[k] - target.data[k]) / 2, 0);
  const start = loss(gradient());
  for (let step = 0; step < steps; step++) driver.step([gradient()]);
  return { weights, target, lossRatio: loss(gradient()) / start };
}
