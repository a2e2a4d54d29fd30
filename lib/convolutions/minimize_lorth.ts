import {
  type IterationOutcome,
  Matrix,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { adamwUpdates } from "../optimizers/adam.ts";
import type { Schedule } from "../optimizers/schedule.ts";
import { requireFiniteKernel } from "./lorth.ts";
import { pack, packedLorth, unpack } from "./packed.ts";
import { type ConvolutionShape, requireConvolutionShape } from "./shape.ts";

/** Options for {@linkcode minimizeLorth}. */
export interface MinimizeLorthOptions {
  /** Steps at most. Default 1500. */
  steps?: number;
  /** Learning rate: a constant or a function of the step. Default 0.01, and 0.001 for the last third. */
  learningRate?: Schedule;
  /** Stop as soon as the regularizer is at most this. Default: take all steps. */
  until?: number;
}

/** What {@linkcode minimizeLorth} returns. */
export interface MinimizedLorth extends IterationOutcome {
  /** The last kernel, M x C x k x k. */
  kernel: Float64Array;
  /** The regularizer there. */
  value: number;
  /** The regularizer before each step. */
  values: Float64Array;
}

/**
 * Minimizes the regularizer {@linkcode lorth} by Adam: the experiment of Achour, Malgouyres & Mamalet (2022)
 * on single layers. For M = C S^2 it often ends in a local minimum, at which the layer is far from
 * orthogonal; start from {@linkcode orthogonalKernel} there.
 *
 * @param kernel Where to begin, M x C x k x k; it is not changed.
 * @param shape Its sizes.
 * @param options Steps, learning rate, and when to stop.
 * @returns The last kernel, the values on the way, and how it ended.
 * @throws {RangeError} if a size or an option is out of range, or an entry of `kernel` is not finite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { glorotKernel, minimizeLorth, orthogonalityErrors } from "refigure/convolutions";
 * import { assertLess } from "@std/assert";
 *
 * const shape = { outChannels: 4, inChannels: 2, kernelSize: 3 };
 * const { kernel } = minimizeLorth(glorotKernel(shape, { rng: new Rng(1) }), shape, { steps: 600 });
 * assertLess(orthogonalityErrors(kernel, shape, 8).spectral, 0.05);
 * ```
 */
export function minimizeLorth(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  options: MinimizeLorthOptions = {},
): MinimizedLorth {
  const sizes = requireFiniteKernel("minimize from `kernel`", kernel, shape);
  requireOptions("options", options, ["steps", "learningRate", "until"]);
  const { steps = 1500, learningRate = dropInLastThird(steps), until } = options;
  requireInteger("steps", steps);
  if (until !== undefined) requireNumber("until", until);
  const adam = adamwUpdates({ learningRate });
  const weights = new Matrix(sizes.M, kernel.length / sizes.M, new Float64Array(kernel.length));
  pack(kernel, sizes, weights.data);
  const parameter = { name: "kernel", weights, outputs: "rows" as const };
  const state = adam.init(parameter);
  const gradient = Matrix.zeros(weights.rows, weights.columns);
  const values = new Float64Array(steps);
  let value = NaN;
  let step = 0;
  for (; step < steps; step++) {
    gradient.data.fill(0);
    value = values[step] = packedLorth(weights.data, sizes, gradient.data);
    if (until !== undefined && value <= until) break;
    const update = adam.update(gradient, state, parameter);
    for (let i = 0; i < weights.data.length; i++) weights.data[i] += update.data[i];
  }
  if (step === steps) value = packedLorth(weights.data, sizes);
  const met = until !== undefined && value <= until;
  return {
    kernel: unpack(weights.data, sizes, new Float64Array(kernel.length)),
    value,
    values: values.subarray(0, step),
    status: until === undefined ? "finished" : met ? "converged" : "step-limit",
    advice: until === undefined || met
      ? null
      : "Take more steps; for M = C S^2 start from `orthogonalKernel`, or from another draw.",
  };
}

function dropInLastThird(steps: number): Schedule {
  return (step) => step < 2 * steps / 3 ? 0.01 : 0.001;
}

/**
 * A kernel of Glorot's uniform initialization: entries uniform in +-sqrt(6 / (k^2 (C + M))) (Glorot & Bengio
 * 2010, equation 16).
 *
 * @param shape Sizes.
 * @param options `rng`: the stream that the kernel is drawn from.
 * @returns M x C x k x k.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { glorotKernel } from "refigure/convolutions";
 * import { assert } from "@std/assert";
 *
 * const kernel = glorotKernel({ outChannels: 4, inChannels: 2, kernelSize: 3 }, { rng: new Rng(1) });
 * assert(kernel.every((x) => Math.abs(x) <= 1 / 3));
 * ```
 */
export function glorotKernel(shape: ConvolutionShape, options: { rng: Rng }): Float64Array {
  const { M, C, k } = requireConvolutionShape(shape);
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  const limit = Math.sqrt(6 / (k * k * (C + M)));
  return Float64Array.from({ length: M * C * k * k }, () => rng.uniform(-limit, limit));
}
