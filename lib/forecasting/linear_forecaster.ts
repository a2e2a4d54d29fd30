import {
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { addScaled, matmul } from "../blas/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { warmupCosine } from "../optimizers/schedule.ts";
import { takeWindows } from "./windows.ts";

/** How {@linkcode fitLinearForecaster} descends. */
export type LinearForecasterOptimizer = "adam" | "gradient-descent";

/** Options of {@linkcode fitLinearForecaster}. */
export interface LinearForecasterOptions {
  /** Adam on batches, with a rate that falls to zero along half a cosine, or descent on all rows. Default `"adam"`. */
  optimizer?: LinearForecasterOptimizer;
  /** Steps. Default 400. */
  steps?: number;
  /** Learning rate of Adam, or step size. */
  learningRate: number;
  /** Rows that belong together, such as the series of one window; Adam draws such groups. Default 1. */
  groupRows?: number;
  /** Groups in a batch of Adam, drawn with replacement. Default 64. */
  batch?: number;
  /** Called after every step with the weights, which must not be changed. */
  onStep?: (step: number, weights: Matrix) => void;
  /** The stream of the batches; needed by Adam. */
  rng?: Rng;
}

/**
 * One linear map shared by all series, `y = W x` without a bias, fitted from W = 0 to the mean squared error.
 * With inputs and targets in orthonormal bases (`orthoTransform`) it is RLinear with OrthoTrans. Gradient descent
 * takes the same path in every pair of bases; Adam, which scales each coordinate, does not.
 *
 * @param inputs One window per row, m x T.
 * @param targets What follows, m x tau.
 * @param options The optimizer.
 * @returns W, tau x T.
 * @throws {RangeError} if a size or a rate is out of range, the rows are not whole groups, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type, `rng` is missing, or a name or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitLinearForecaster } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = new Rng(0).normalMatrix(200, 2);
 * const W = fitLinearForecaster(x, x.times(3), { optimizer: "gradient-descent", learningRate: 0.5, steps: 100 });
 * assertAlmostEquals(W.get(0, 0), 3, 1e-6);
 * ```
 */
export function fitLinearForecaster(
  inputs: Matrix,
  targets: Matrix,
  options: LinearForecasterOptions,
): Matrix {
  const { rows, columns: width } = requireMatrix("inputs", inputs);
  requireInteger("inputs.rows", rows, { min: 1 });
  requireMatrix("targets", targets);
  if (targets.rows !== rows) {
    throw new RangeError(`\`targets\` must have as many rows as \`inputs\`, ${rows}, got ${targets.rows}`);
  }
  requireOptions("options", options, [
    "optimizer",
    "steps",
    "learningRate",
    "groupRows",
    "batch",
    "onStep",
    "rng",
  ]);
  const { optimizer = "adam", steps = 400, learningRate, groupRows = 1, batch = 64, onStep, rng } = options;
  requireOneOf("optimizer", optimizer, ["adam", "gradient-descent"]);
  requireInteger("steps", steps, { min: 1, max: 1e7 });
  requireNumber("learningRate", learningRate, { min: 0 });
  requireInteger("groupRows", groupRows, { min: 1 });
  requireInteger("batch", batch, { min: 1, max: 2 ** 20 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  if (optimizer === "adam" || rng !== undefined) requireRng("rng", rng!);
  if (rows % groupRows !== 0) {
    throw new RangeError(`\`groupRows\` must divide the number of rows, ${rows}, got ${groupRows}`);
  }
  requireFinite("`inputs` must be finite", inputs.data, width);
  requireFinite("`targets` must be finite", targets.data, targets.columns);
  const weights = Matrix.zeros(targets.columns, width);
  const gradient = Matrix.zeros(targets.columns, width);
  if (optimizer === "gradient-descent") {
    // The gradient, 2 (W X^T X - Y^T X) / entries, needs the data only through these two products.
    const square = matmul(inputs, inputs, { transposeA: true });
    const cross = matmul(targets, inputs, { transposeA: true });
    const scale = 2 / targets.data.length;
    for (let step = 0; step < steps; step++) {
      gradient.data.set(cross.data);
      matmul(weights, square, { out: gradient, alpha: scale, beta: -scale });
      addScaled(weights.data, -learningRate, gradient.data);
      onStep?.(step, weights);
    }
    return weights;
  }
  const adam = flatAdam("forecaster", weights.data, warmupCosine(learningRate, steps));
  for (let step = 0; step < steps; step++) {
    const groups = Array.from({ length: batch }, () => rng!.integer(rows / groupRows));
    const x = takeWindows(inputs, groups, { groupRows });
    // Targets, then predictions minus targets.
    const error = takeWindows(targets, groups, { groupRows });
    matmul(x, weights, { transposeB: true, out: error, beta: -1 });
    matmul(error, x, { transposeA: true, out: gradient, alpha: 2 / error.data.length });
    adam(gradient.data);
    onStep?.(step, weights);
  }
  return weights;
}
