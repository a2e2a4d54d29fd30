import * as tf from "@tensorflow/tfjs";
import { describeValue, requireOneOf } from "../../arrays/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";

/**
 * The one input of a layer, which tfjs gives as a tensor or as a list of one.
 *
 * @throws {TypeError | RangeError}
 */
export function requireInput(inputs: tf.Tensor | tf.Tensor[], features: number): tf.Tensor3D {
  const input = requireTensor("inputs", (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D);
  if (requireSequence(input.shape) !== features) {
    throw new RangeError(
      `\`inputs\` must have ${features} features, as the layer was built for, got ${input.shape[2]}`,
    );
  }
  return input;
}

/** How a layer runs sequences at inference. */
export type LayerMode = "convolution" | "recurrence";

/** Throws unless it is a mode. @throws {TypeError} */
export function requireMode(mode: LayerMode): LayerMode {
  return requireOneOf("mode", mode, ["convolution", "recurrence"]);
}

/** Number of features of [batch, length, features]. @throws {RangeError} */
export function requireSequence(shape: tf.Shape | tf.Shape[]): number {
  if (!Array.isArray(shape)) {
    throw new TypeError(`\`inputShape\` must be a shape, got ${describeValue(shape)}`);
  }
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  const features = one[2];
  if (one.length !== 3 || features === null || features === undefined) {
    throw new RangeError(`\`inputs\` must be [batch, length, features] with known features, got [${one}]`);
  }
  return features;
}

/** GELU in its tanh form; within 4e-4 of the exact one (Hendrycks & Gimpel 2016). */
export function geluTanh(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}
