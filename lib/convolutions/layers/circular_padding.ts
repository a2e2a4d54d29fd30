import * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireOptions } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs, requireTensor } from "../../tfjs/layers.ts";

/** Options of {@linkcode CircularPadding2D}. */
export interface CircularPadding2DArgs extends LayerArgs {
  /** Pixels that are added on each side: (k - 1) / 2 before a convolution of k x k. */
  padding: number;
}

/**
 * Continues images periodically: `[batch, rows, columns, channels]` to `[batch, rows + 2p, columns + 2p,
 * channels]`. Before a convolution with `padding: "valid"` it makes a convolution with circular border.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { CircularPadding2D } from "refigure/convolutions/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const padded = new CircularPadding2D({ padding: 1 }).apply(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
 * assertEquals(Array.from((padded as tf.Tensor).dataSync().slice(0, 8)), [4, 3, 4, 3, 2, 1, 2, 1]);
 * ```
 */
export class CircularPadding2D extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "CircularPadding2D";
  readonly #padding: number;

  /**
   * A layer without weights.
   *
   * @param args The padding.
   * @throws {RangeError} if it is not a non-negative integer.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(args: CircularPadding2DArgs) {
    requireOptions("args", args, [...LAYER_ARGS, "padding"]);
    requireInteger("padding", args.padding);
    super(args);
    this.#padding = args.padding;
  }

  /**
   * The shape with the padding.
   *
   * @throws {RangeError} unless it has four axes, rows and columns of at least the padding.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, rows, columns, channels] = requireImages(inputShape, this.#padding);
    const padded = (size: number | null) => size === null ? null : size + 2 * this.#padding;
    return [batch, padded(rows), padded(columns), channels];
  }

  /** Pads images. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const images = requireTensor("inputs", Array.isArray(inputs) ? inputs[0] : inputs);
    requireImages(images.shape, this.#padding);
    return tf.tidy(() =>
      this.#padding === 0 ? tf.clone(images) : wrap(wrap(images, 1, this.#padding), 2, this.#padding)
    );
  }

  /** The options, for saving. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.#padding };
  }

  /** A layer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }
}
tf.serialization.registerClass(CircularPadding2D);

/** The last pixels before the first, the first ones after the last. */
function wrap(images: tf.Tensor, axis: 1 | 2, padding: number): tf.Tensor {
  const size = images.shape[axis] as number;
  const part = (start: number) => {
    const begin = [0, 0, 0, 0];
    const sizes = images.shape.slice();
    begin[axis] = start;
    sizes[axis] = padding;
    return tf.slice(images, begin, sizes);
  };
  return tf.concat([part(size - padding), images, part(0)], axis);
}

function requireImages(shape: tf.Shape | tf.Shape[], padding: number): tf.Shape {
  if (!Array.isArray(shape)) {
    throw new TypeError(`\`inputShape\` must be a shape, got ${describeValue(shape)}`);
  }
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  if (one.length !== 4) {
    throw new RangeError(`\`inputs\` must be [batch, rows, columns, channels], got [${one}]`);
  }
  if ([one[1], one[2]].some((size) => size !== null && size < padding)) {
    throw new RangeError(
      `\`inputs\` must have at least ${padding} rows and columns for the padding, got [${one}]`,
    );
  }
  return one;
}
