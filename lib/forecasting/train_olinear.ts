import {
  allocate,
  type DType,
  type Matrix,
  type RealArray,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { requireSeries } from "./check.ts";
import { OLinear } from "./olinear.ts";
import { forecastWindows, takeWindows, weightedL1Loss } from "./windows.ts";

/** Options of {@linkcode trainOLinear}. */
export interface TrainOLinearOptions {
  /** Steps of Adam. Default 400. */
  steps?: number;
  /** Windows per step, drawn with replacement. Default 32. */
  batch?: number;
  /** Learning rate. Default 1e-3. */
  learningRate?: number;
  /** Called before every step. */
  onStep?: (progress: { step: number; loss: number }) => void;
  /** Stream of the batches. */
  rng: Rng;
}

/**
 * Trains an {@linkcode OLinear} on windows of some series by Adam on `weightedL1Loss`.
 *
 * @param net The network; its parameters are changed.
 * @param series Time x variates, the training part.
 * @param options Steps, batches, rate.
 * @returns The loss before every step.
 * @throws {RangeError} if a size or a rate is out of range, the series is too short, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OLinear, trainOLinear } from "refigure/forecasting";
 * import { assertLess } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const waves = Matrix.from(200, 2, (t, v) => Math.sin((v + 1) * t / 5));
 * const net = new OLinear({ variates: 2, inputLength: 16, horizon: 4, embedding: 2, width: 16, layers: 1, rng });
 * const { losses } = trainOLinear(net, waves, { steps: 100, learningRate: 5e-3, rng });
 * assertLess(losses[99], 0.5 * losses[0]);
 * ```
 */
export function trainOLinear<Precision extends DType>(
  net: OLinear<Precision>,
  series: Matrix<RealArray>,
  options: TrainOLinearOptions,
): { losses: Float64Array } {
  if (!(net instanceof OLinear)) throw new TypeError("`net` must be an OLinear");
  requireSeries(series);
  requireSameShape("series", series, { rows: series.rows, columns: net.variates });
  requireOptions("options", options, ["steps", "batch", "learningRate", "onStep", "rng"]);
  const { steps = 400, batch = 32, learningRate = 1e-3, onStep, rng } = options;
  requireInteger("steps", steps, { max: 1e7 });
  requireInteger("batch", batch, { min: 1, max: 2 ** 20 });
  requireNumber("learningRate", learningRate, { min: 0 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const stream = requireRng("rng", rng).split("batches");
  const { inputLength, horizon, dtype, variates: groupRows } = net;
  const windows = Math.max(0, series.rows - inputLength - horizon + 1);
  const all = forecastWindows(series, Array.from({ length: windows }, (_, s) => s), {
    inputLength,
    horizon,
    dtype,
  });
  const adam = flatAdam("OLinear", net.parameters, learningRate);
  const out = allocate(dtype, net.parameters.length);
  const losses = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    const drawn = Array.from({ length: batch }, () => stream.integer(windows));
    const targets = takeWindows(all.targets, drawn, { groupRows });
    net.vjp(takeWindows(all.inputs, drawn, { groupRows }), (outputs) => {
      const { loss, gradient } = weightedL1Loss(outputs, targets);
      losses[step] = loss;
      return gradient;
    }, { out });
    onStep?.({ step, loss: losses[step] });
    adam(out);
  }
  return { losses };
}
