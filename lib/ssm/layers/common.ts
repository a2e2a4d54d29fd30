import * as tf from "@tensorflow/tfjs";
import { describeValue, requireFunction, requireOneOf } from "../../arrays/mod.ts";

/** What every layer of tfjs takes: name, inputShape, trainable and so on. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tf.layers.Layer>[0]>;

/** The names of {@linkcode LayerArgs}, for checks of a layer's options. */
export const LAYER_ARGS = [
  "inputShape",
  "batchInputShape",
  "batchSize",
  "dtype",
  "name",
  "trainable",
  "weights",
  "inputDType",
] as const;

/** Returns `tensor` if it is a tensor. @throws {TypeError} */
export function requireTensor<T extends tf.Tensor>(name: string, tensor: T): T {
  if (!(tensor instanceof tf.Tensor)) {
    throw new TypeError(`\`${name}\` must be a tensor, got ${describeValue(tensor)}`);
  }
  return tensor;
}

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

/** A layer of a class from a saved configuration, as tfjs calls it on loading. @throws {TypeError} */
export function fromOwnConfig<T>(
  Class: new (config: tf.serialization.ConfigDict) => T,
  config: tf.serialization.ConfigDict,
): T {
  requireFunction("Class", Class);
  if (typeof config !== "object" || config === null) {
    throw new TypeError(`\`config\` must be an object, got ${describeValue(config)}`);
  }
  return new Class(ownConfig(config));
}

/** A saved configuration without the registry of classes that tfjs puts into it on loading. */
function ownConfig(config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
  const { customObjects: _, ...own } = config;
  return own;
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
export function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}
