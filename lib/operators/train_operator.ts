import {
  allocateLike,
  type ArrayOf,
  type DType,
  Matrix,
  type RealArray,
  requireFunction,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { OperatorNetwork, type OperatorVjpOptions } from "./operator_network.ts";

/**
 * Functions on a coarser grid: every (columns / n)-th value.
 *
 * @param u Functions at the points j / columns, one per row.
 * @param n Points of the coarser grid, a divisor of the columns.
 * @throws {RangeError} if n does not divide the number of columns.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { subsample } from "refigure/operators";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subsample(Matrix.fromRows([[1, 2, 3, 4]]), 2).toRows(), [[1, 3]]);
 * ```
 */
export function subsample<Data extends RealArray>(u: Matrix<Data>, n: number): Matrix<Data> {
  const { rows, columns, data } = requireMatrix("u", u);
  requireInteger("n", n, { min: 1 });
  if (columns % n !== 0) {
    throw new RangeError(`\`n\` must divide the ${columns} columns of \`u\`, got ${n}`);
  }
  const out = allocateLike(data, rows * n);
  const every = columns / n;
  for (let i = 0; i < out.length; i++) out[i] = data[i * every];
  return new Matrix(rows, n, out);
}

/**
 * The mean over functions of the relative L2 error of an operator network, and its gradient, in one pass.
 *
 * @param net The network.
 * @param u Functions, one per row.
 * @param target As many functions on the same grid.
 * @param options Where the gradient is written; what convolutions do on another grid than that of training.
 * @returns Loss and gradient; NaN where a target is zero.
 * @throws {RangeError} if a size does not fit, or there are no functions.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OperatorNetwork, relativeL2Loss } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new OperatorNetwork({ kernel: { kind: "spectral", modes: 2 }, rng: new Rng(0) });
 * const u = Matrix.from(1, 8, (_, j) => Math.sin(2 * Math.PI * j / 8));
 * const { loss } = relativeL2Loss(net, u, net.forward(u).times(2));
 * assertAlmostEquals(loss, 0.5, 1e-6);
 * ```
 */
export function relativeL2Loss<Precision extends DType>(
  net: OperatorNetwork<Precision>,
  u: Matrix<RealArray>,
  target: Matrix<RealArray>,
  options: OperatorVjpOptions<ArrayOf<Precision>> = {},
): { loss: number; gradient: ArrayOf<Precision> } {
  requireInstance("net", net, OperatorNetwork as never);
  requireInteger("u.rows", requireMatrix("u", u).rows, { min: 1 });
  requireSameShape("target", requireMatrix("target", target), u);
  let loss = 0;
  const { parameters: gradient } = net.vjp(u, (outputs) => {
    const { rows, columns, data } = outputs;
    const cotangents = allocateLike(data, data.length);
    for (let i = 0; i < rows; i++) {
      let error = 0;
      let size = 0;
      for (let j = i * columns; j < (i + 1) * columns; j++) {
        error += (data[j] - target.data[j]) ** 2;
        size += target.data[j] ** 2;
      }
      const product = Math.sqrt(error) * Math.sqrt(size);
      loss += product / size / rows;
      // At a perfect fit the norm has no derivative; zero is one of its subgradients.
      const factor = error === 0 && size > 0 ? 0 : 1 / (product * rows);
      for (let j = i * columns; j < (i + 1) * columns; j++) {
        cotangents[j] = factor * (data[j] - target.data[j]);
      }
    }
    return new Matrix(rows, columns, cotangents);
  }, options);
  return { loss, gradient };
}

/** Options of {@linkcode trainOperator}. */
export interface TrainOperatorOptions {
  /** Sizes of the grids to train on, divisors of the columns of the data; one is drawn for every step. */
  sizes: readonly number[];
  /** Steps of the optimizer. Default 500. */
  steps?: number;
  /** Functions per step, drawn without replacement until all were used. Default 16. */
  batch?: number;
  /** First learning rate of Adam; it falls to zero along half a cosine. Default 2e-3. */
  learningRate?: number;
  /** Called before every step. */
  onStep?: (progress: { step: number; loss: number }) => void;
  /** Stream of the order of functions and of the sizes. */
  rng: Rng;
}

/**
 * Trains an operator network by Adam on the mean relative L2 error, on one or several grids.
 *
 * @param net The network; its parameters are changed.
 * @param u Functions on a fine grid, one per row.
 * @param target As many functions on the same grid.
 * @param options Grids, steps, rates.
 * @returns The loss before every step.
 * @throws {RangeError} if a size or a rate is out of range, or a gradient overflows.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example Learn to halve a function
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { OperatorNetwork, trainOperator } from "refigure/operators";
 * import { assertLess } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const u = rng.split("u").normalMatrix(64, 16);
 * const net = new OperatorNetwork({
 *   kernel: { kind: "local", taps: 3, trainN: 16 },
 *   width: 4,
 *   layers: 1,
 *   rng: rng.split("net"),
 * });
 * const { losses } = trainOperator(net, u, u.times(0.5), { sizes: [16], steps: 200, learningRate: 0.02, rng
 * }); assertLess(losses[199], 0.2 * losses[0]);
 * ```
 */
export function trainOperator<Precision extends DType>(
  net: OperatorNetwork<Precision>,
  u: Matrix<RealArray>,
  target: Matrix<RealArray>,
  options: TrainOperatorOptions,
): { losses: Float64Array } {
  requireInstance("net", net, OperatorNetwork as never);
  requireInteger("u.rows", requireMatrix("u", u).rows, { min: 1 });
  requireSameShape("target", requireMatrix("target", target), u);
  requireOptions("options", options, ["sizes", "steps", "batch", "learningRate", "onStep", "rng"]);
  const { sizes, steps = 500, batch = 16, learningRate = 2e-3, onStep, rng } = options;
  requireNumbers("sizes", sizes);
  requireInteger("sizes.length", sizes.length, { min: 1 });
  requireInteger("steps", steps, { max: 1e7 });
  requireInteger("batch", batch, { min: 1, max: u.rows });
  requireNumber("learningRate", learningRate, { min: 0 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  requireRng("rng", rng);
  const grids = Array.from(sizes, (n) => ({ u: subsample(u, n), target: subsample(target, n) }));
  const adam = flatAdam(
    "operator",
    net.parameters,
    (step) => learningRate * (1 + Math.cos(Math.PI * step / steps)) / 2,
  );
  const order = rng.split("order");
  const choice = rng.split("sizes");
  const out = allocateLike(net.parameters, net.parameters.length);
  const losses = new Float64Array(steps);
  let left = order.permutation(u.rows);
  for (let step = 0; step < steps; step++) {
    if (left.length < batch) left = order.permutation(u.rows);
    const taken = left.subarray(0, batch);
    left = left.subarray(batch);
    const grid = grids[sizes.length === 1 ? 0 : choice.integer(sizes.length)];
    const { loss, gradient } = relativeL2Loss(net, rowsOf(grid.u, taken), rowsOf(grid.target, taken), {
      out,
    });
    losses[step] = loss;
    onStep?.({ step, loss });
    adam(gradient);
  }
  return { losses };
}

function rowsOf(u: Matrix<RealArray>, taken: Int32Array): Matrix<RealArray> {
  const out = allocateLike(u.data, taken.length * u.columns);
  taken.forEach((row, i) => out.set(u.row(row), i * u.columns));
  return new Matrix(taken.length, u.columns, out);
}
