import {
  allocateLike,
  type DType,
  type Matrix,
  type RealArray,
  requireFunction,
  requireInstance,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { DenseNetwork, meanSquaredError } from "../networks/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { psnrOfError } from "./signals.ts";

/** A learning rate that is multiplied by `factor` after every `every` steps. */
export interface StepDecay {
  /** Steps between two changes. Default 20. */
  every?: number;
  /** Factor, from 0 to 1. Default 0.99. */
  factor?: number;
}

/** What {@linkcode FitSignalOptions.onStep} is told. */
export interface FitStep {
  /** Number of the step, from 0. */
  step: number;
  /** Decibels before the step. */
  psnr: number;
}

/** Options of {@linkcode fitSignal}. */
export interface FitSignalOptions {
  /** Steps of the optimizer. Default 1000. */
  steps?: number;
  /** First learning rate of Adam. Default 1e-4. */
  learningRate?: number;
  /** How the rate decays. Default: times 0.99 every 20 steps. */
  decay?: StepDecay;
  /** Called before every step. */
  onStep?: (progress: FitStep) => void;
}

/** What {@linkcode fitSignal} returns. */
export interface FittedSignal {
  /** Decibels before each step, then after the last one: steps + 1 numbers. */
  psnr: Float64Array;
}

/**
 * Fits a network to a signal with Adam on the mean squared error, on all samples at every step, as the paper
 * trains its fields (Chandravamsi et al. 2025; default rates are those for audio).
 *
 * @param net The network; its parameters are changed.
 * @param x N points, one per row.
 * @param y N x outputs samples.
 * @param options Length and rates.
 * @returns The peak signal-to-noise ratio of every step, for a peak of 1.
 * @throws {RangeError} if a size or a rate is out of range, or a gradient overflows.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { bandSignal, fitSignal, gridCoordinates, siren } from "refigure/neural_fields";
 * import { assert } from "@std/assert";
 *
 * const net = siren({ width: 16, rng: new Rng(0) });
 * const y = new Matrix(128, 1, bandSignal(128, { center: 0.1, rng: new Rng(1) }));
 * const { psnr } = fitSignal(net, gridCoordinates([128]), y, { steps: 50, learningRate: 1e-3 });
 * assert(psnr[50] > psnr[0] + 3);
 * ```
 */
export function fitSignal<Precision extends DType>(
  net: DenseNetwork<Precision>,
  x: Matrix<RealArray>,
  y: Matrix<RealArray>,
  options: FitSignalOptions = {},
): FittedSignal {
  requireInstance("net", net, DenseNetwork as never);
  requireOptions("options", options, ["steps", "learningRate", "decay", "onStep"]);
  const { steps = 1000, learningRate = 1e-4, decay = {}, onStep } = options;
  requireInteger("steps", steps, { max: 1e7 });
  requireNumber("learningRate", learningRate, { min: 0 });
  requireOptions("decay", decay, ["every", "factor"]);
  const { every = 20, factor = 0.99 } = decay;
  requireInteger("every", every, { min: 1 });
  requireNumber("factor", factor, { min: 0, max: 1 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const { parameters } = net;
  const adam = flatAdam(
    "field",
    parameters,
    (step) => learningRate * factor ** Math.floor(step / every),
  );
  const out = allocateLike(parameters, parameters.length);
  const psnr = new Float64Array(steps + 1);
  for (let step = 0; step < steps; step++) {
    const { loss, gradient } = meanSquaredError(net, x, y, { out });
    psnr[step] = psnrOfError(loss);
    onStep?.({ step, psnr: psnr[step] });
    adam(gradient);
  }
  psnr[steps] = psnrOfError(meanSquaredError(net, x, y, { out }).loss);
  return { psnr };
}
