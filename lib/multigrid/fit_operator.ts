import {
  allocateLike,
  type DType,
  Matrix,
  type RealArray,
  requireFunction,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireOneOf,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import type { Schedule } from "../optimizers/schedule.ts";
import { GridNetwork } from "./grid_network.ts";
import { frobeniusError, relativeError } from "./relative_error.ts";

/**
 * Losses of {@linkcode fitOperator}: {@linkcode relativeError} in two norms, and {@linkcode frobeniusError}.
 */
export type OperatorLoss = "l2" | "h1" | "frobenius";

/** What {@linkcode FitOperatorOptions.onStep} is told. */
export interface OperatorStep {
  /** Number of the step, from 0. */
  step: number;
  /** Loss of the batch before the step. */
  loss: number;
}

/** Options of {@linkcode fitOperator}. */
export interface FitOperatorOptions {
  /** What is made small. Default `"h1"`. */
  loss?: OperatorLoss;
  /** Steps of Adam. Default 1000. */
  steps?: number;
  /** Learning rate, a number or a function of the step. Default 1e-3. */
  learningRate?: Schedule;
  /** Functions per step, in a new random order after each pass. Default: all of them at every step. */
  batch?: number;
  /** Stream of the order; needed with `batch`. */
  rng?: Rng;
  /** Called after every step. */
  onStep?: (progress: OperatorStep) => void;
}

/** What {@linkcode fitOperator} returns. */
export interface FittedOperator {
  /** Loss of the batch before each step. */
  losses: Float64Array;
}

/**
 * Trains a network between functions with Adam (0.9, 0.999, 1e-8).
 *
 * @param net The network; its parameters are changed.
 * @param x N input functions, one per row.
 * @param y N output functions.
 * @param options Loss, length, rate and batches.
 * @returns The loss of each step.
 * @throws {RangeError} if a size or a rate is out of range, or a gradient overflows.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example A matrix, from its columns
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { fitOperator, mgConv } from "refigure/multigrid";
 * import { assertLess } from "@std/assert";
 *
 * const net = mgConv({ dimension: 1, n: 7, levels: 3, rng: new Rng(0) });
 * const minOfIndices = Matrix.from(7, 7, (i, j) => Math.min(i, j) + 1);
 * const options = { loss: "frobenius" as const, steps: 300, learningRate: 1e-2 };
 * const { losses } = fitOperator(net, Matrix.identity(7), minOfIndices, options);
 * assertLess(losses[299], 0.3);
 * ```
 */
export function fitOperator<Precision extends DType>(
  net: GridNetwork<Precision>,
  x: Matrix<RealArray>,
  y: Matrix<RealArray>,
  options: FitOperatorOptions = {},
): FittedOperator {
  requireInstance("net", net, GridNetwork as never);
  requireMatrix("x", x);
  requireOptions("options", options, ["loss", "steps", "learningRate", "batch", "rng", "onStep"]);
  const { loss = "h1", steps = 1000, learningRate = 1e-3, batch, rng, onStep } = options;
  requireOneOf("loss", loss, ["l2", "h1", "frobenius"]);
  requireInteger("steps", steps, { max: 1e7 });
  requireInteger("x.rows", x.rows, { min: 1 });
  requireSameShape("y", requireMatrix("y", y), {
    rows: x.rows,
    columns: net.channelsOut * net.n ** net.dimension,
  });
  if (batch !== undefined) requireInteger("batch", batch, { min: 1, max: x.rows });
  if (batch !== undefined || rng !== undefined) requireRng("rng", rng!);
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const { dimension, parameters } = net;
  const measure = loss === "frobenius"
    ? frobeniusError
    : (outputs: Matrix<RealArray>, truth: Matrix<RealArray>) =>
      relativeError(outputs, truth, { norm: loss, dimension });
  const adam = flatAdam("operator", parameters, learningRate);
  const out = allocateLike(parameters, parameters.length);
  const losses = new Float64Array(steps);
  const next = batch === undefined ? () => [x, y] as const : batches(x, y, batch, rng!);
  for (let step = 0; step < steps; step++) {
    const [inputs, targets] = next();
    net.vjp(inputs, (outputs) => {
      const { error, cotangents } = measure(outputs, targets);
      losses[step] = error;
      return cotangents;
    }, { out });
    adam(out);
    onStep?.({ step, loss: losses[step] });
  }
  return { losses };
}

/** Batches in a random order; a pass that does not fill the last batch goes on with the next pass. */
function batches(x: Matrix<RealArray>, y: Matrix<RealArray>, size: number, rng: Rng) {
  const take = (from: Matrix<RealArray>, rows: number[]) => {
    const out = new Matrix(size, from.columns, allocateLike(from.data, size * from.columns));
    rows.forEach((row, i) => out.data.set(from.row(row), i * from.columns));
    return out;
  };
  let order: Int32Array = new Int32Array(0);
  let at = 0;
  return () => {
    const rows = Array.from({ length: size }, () => {
      if (at === order.length) {
        order = rng.permutation(x.rows);
        at = 0;
      }
      return order[at++];
    });
    return [take(x, rows), take(y, rows)] as const;
  };
}
