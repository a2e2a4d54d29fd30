import * as tf from "@tensorflow/tfjs";
import { requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";

/** What is normalized: weights, gains of a normalization, or biases and shifts. */
export type PredictionKind = "weight" | "gain" | "bias";

/** Options of {@linkcode normalizePrediction}. */
export interface NormalizePredictionOptions {
  /** What the values are. Default `"weight"`. */
  kind?: PredictionKind;
}

/**
 * What a graph hypernetwork predicts, brought to a size at which training starts well (Zhou et al. 2024,
 * after Knyazev et al. 2021): weights times `sqrt(beta / fan-in)`, gains as `2 sigmoid(p / 2)`, biases as
 * `tanh(p / 5)`. Fan-in is the size of the slice of one output; beta is 2, but 1 for tensors of more than two
 * dimensions with one input channel or a kernel lower than wide.
 *
 * @param prediction Weights `[outputs, inputs, ...]`, gains or biases of any shape.
 * @param options What the values are.
 * @returns A tensor of the same shape.
 * @throws {RangeError} if weights have fewer than two dimensions.
 * @throws {TypeError} if `prediction` is not a tensor or a name is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { normalizePrediction } from "refigure/hypernetworks/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const weight = normalizePrediction(tf.ones([10, 50]));
 * assertAlmostEquals(weight.dataSync()[0], 0.2, 1e-7);
 * assertAlmostEquals(normalizePrediction(tf.zeros([3]), { kind: "gain" }).dataSync()[0], 1, 1e-7);
 * ```
 */
export function normalizePrediction(
  prediction: tf.Tensor,
  options: NormalizePredictionOptions = {},
): tf.Tensor {
  requireTensor("prediction", prediction);
  requireOptions("options", options, ["kind"]);
  const { kind = "weight" } = options;
  requireOneOf("kind", kind, ["weight", "gain", "bias"]);
  if (kind === "gain") return tf.tidy(() => tf.mul(tf.sigmoid(tf.mul(prediction, 0.5)), 2));
  if (kind === "bias") return tf.tidy(() => tf.tanh(tf.mul(prediction, 0.2)));
  const { shape } = prediction;
  if (shape.length < 2) {
    throw new RangeError(`\`prediction\` must have at least two dimensions for weights, got [${shape}]`);
  }
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const [, inputs, height = 1, width = 1] = shape;
  const beta = shape.length > 2 && (inputs === 1 || height < width) ? 1 : 2;
  return tf.tidy(() => tf.mul(prediction, Math.sqrt(beta / fanIn)));
}
