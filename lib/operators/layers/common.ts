import type * as tf from "@tensorflow/tfjs";
import { requireInteger } from "../../arrays/mod.ts";
import { oneShape, requireTensor } from "../../tfjs/layers.ts";

/** Number of channels of [batch, points, channels]. @throws {RangeError} */
export function requireChannels(shape: tf.Shape | tf.Shape[]): number {
  const one = oneShape(shape);
  const channels = Array.isArray(one) && one.length === 3 ? one[2] : null;
  if (channels === null || channels === undefined) {
    throw new RangeError(`\`inputs\` must be [batch, points, channels] with known channels, got [${one}]`);
  }
  return requireInteger("channels", channels, { min: 1 });
}

/** The one input of a layer, with the channels that it was built for. @throws {RangeError | TypeError} */
export function requireInput(inputs: tf.Tensor | tf.Tensor[], channels: number): tf.Tensor3D {
  const input = requireTensor("inputs", (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D);
  if (input.isDisposed) throw new RangeError("`inputs` must not have been disposed");
  if (requireChannels(input.shape) !== channels) {
    throw new RangeError(
      `\`inputs\` must have ${channels} channels, as the layer was built for, got ${input.shape[2]}`,
    );
  }
  requireInteger("points", input.shape[1], { min: 1 });
  return input;
}
