/** What the layers of all subjects need: the options that every layer takes, loading, known start values. Not public. */
import * as tf from "@tensorflow/tfjs";
import { describeValue, requireFunction } from "../arrays/mod.ts";

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

/** The one shape of a layer's input. */
export function oneShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
  return (Array.isArray(shape?.[0]) ? shape[0] : shape) as tf.Shape;
}

/** Number of features of [..., features]. @throws {RangeError} */
export function requireFeatures(shape: tf.Shape | tf.Shape[]): number {
  const one = oneShape(shape);
  const features = Array.isArray(one) && one.length >= 2 ? one[one.length - 1] : null;
  const isShape = features !== null && one.every((size) => size === null || Number.isInteger(size));
  if (!isShape) {
    throw new RangeError(`\`inputs\` must be [..., features] with known features, got [${one}]`);
  }
  return features;
}

/** An initializer with known values. */
export function constant(shape: number[], values: ArrayLike<number>): Known {
  return new Known(shape, Float32Array.from(values));
}

class Known extends tf.serialization.Serializable {
  static className = "RefigureKnownValues";
  readonly #shape: number[];
  readonly #values: Float32Array;
  constructor(shape: number[], values: Float32Array) {
    super();
    this.#shape = shape;
    this.#values = values;
  }
  apply(): tf.Tensor {
    return tf.tensor(this.#values, this.#shape);
  }
  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
  fromConfigUsesCustomObjects(): boolean {
    return false;
  }
}
