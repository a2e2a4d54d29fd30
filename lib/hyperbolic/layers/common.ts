import type * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireNumber, requireOneOf, Rng } from "../../arrays/mod.ts";
import { LAYER_ARGS, type LayerArgs, requireTensor } from "../../tfjs/layers.ts";
import { requireCurvature } from "../check.ts";
import { POINCARE_STARTS, poincareInit, type PoincareStart } from "../poincare_init.ts";

/** What the layers with weights have in common. */
export interface PoincareArgs extends LayerArgs {
  /** The curvature is -c; c > 0. Default 0.1. */
  c?: number;
  /** Inputs and outputs that are longer are shortened to this norm; see `poincareLinear`. Default: 40/√c. */
  maxTangentNorm?: number;
  /** How the weights start. Default `"identity"`. */
  init?: PoincareStart;
  /** Seed of a random start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** The names of {@linkcode PoincareArgs}. */
export const POINCARE_ARGS = [...LAYER_ARGS, "c", "maxTangentNorm", "init", "seed"] as const;

/** Checks what the layers with weights have in common. @throws {TypeError | RangeError} */
export function requirePoincareArgs({ c = 0.1, maxTangentNorm, init = "identity", seed = 0 }: PoincareArgs) {
  requireCurvature("c", c);
  // A saved layer without a cap holds null.
  if (maxTangentNorm !== undefined && maxTangentNorm !== null) {
    requireNumber("maxTangentNorm", maxTangentNorm, { above: 0 });
  }
  requireOneOf("init", init, POINCARE_STARTS);
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  return { c, maxTangentNorm: maxTangentNorm ?? undefined, init, seed };
}

/** Weights at their start. */
export function startOf(
  { init, seed }: { init: PoincareStart; seed: number },
  n: number,
  m: number,
  taps = 1,
): Float64Array {
  return poincareInit(init, n, m, { taps, rng: new Rng(seed) }).data;
}

/**
 * The one input of a layer, whose last axis must have `features` entries. @throws {TypeError | RangeError}
 */
export function oneInput(inputs: tf.Tensor | tf.Tensor[], features: number): tf.Tensor {
  const input = requireTensor("inputs", Array.isArray(inputs) ? inputs[0] : inputs);
  if (input.shape[input.rank - 1] !== features) {
    throw new RangeError(
      `\`inputs\` must have ${features} features, as the layer was built for, got [${input.shape}]`,
    );
  }
  return input;
}

/** One shape with a known last axis. @throws {TypeError | RangeError} */
export function oneShape(inputShape: tf.Shape | tf.Shape[], rank?: number): tf.Shape {
  if (!Array.isArray(inputShape)) {
    throw new TypeError(`\`inputShape\` must be a shape, got ${describeValue(inputShape)}`);
  }
  const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as tf.Shape;
  if (shape.length < 2 || (rank !== undefined && shape.length !== rank)) {
    throw new RangeError(
      `\`inputs\` must have ${rank === undefined ? "at least 2" : rank} axes, got [${shape}]`,
    );
  }
  shape.forEach((size, i) => size === null || requireInteger(`inputShape[${i}]`, size));
  if (typeof shape[shape.length - 1] !== "number") {
    throw new RangeError(`\`inputs\` must have a known last axis, got [${shape}]`);
  }
  return shape;
}

/** The size of the last axis. */
export function featuresOf(shape: tf.Shape): number {
  return shape[shape.length - 1]!;
}
