import * as tf from "@tensorflow/tfjs";
import { requireOneOf } from "../../arrays/mod.ts";

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

/** A saved configuration without the registry of classes that tfjs puts into it on loading. */
export function ownConfig(config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
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
