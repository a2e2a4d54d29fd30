import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireNumber, requireOptions } from "../../arrays/mod.ts";
import { packedLorth } from "../packed.ts";
import { requireConvolutionShape } from "../shape.ts";
import { fromOwnConfig, requireTensor } from "../../tfjs/layers.ts";

/** Options of {@linkcode lorthOp}. */
export interface LorthOpOptions {
  /** Stride of the layer. Default 1. */
  stride?: number;
}

/**
 * The regularizer `lorth` of `refigure/convolutions` as a tfjs operation with its gradient, for kernels in
 * tfjs's layout. One pass in float32 over half of the shifts, forward and backward together; sums of squares
 * in float64.
 *
 * @param kernel `[k, k, inChannels, outChannels]`, as in `tf.layers.conv2d`; k odd.
 * @param options The layer's stride.
 * @returns A scalar.
 * @throws {RangeError} if the kernel has not four axes, k is even, or the stride out of range.
 * @throws {TypeError} if `kernel` is not a tensor, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { lorthOp } from "refigure/convolutions/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * // (t^2 - 1)^2 at t = 2 has the slope 4 t (t^2 - 1) = 24.
 * const slope = tf.grad((x) => lorthOp(x as tf.Tensor4D))(tf.fill([1, 1, 1, 1], 2));
 * assertAlmostEquals(slope.dataSync()[0], 24, 1e-5);
 * ```
 */
export function lorthOp(kernel: tf.Tensor4D, options: LorthOpOptions = {}): tf.Scalar {
  requireTensor("kernel", kernel);
  requireOptions("options", options, ["stride"]);
  const { stride = 1 } = options;
  const [height, width, inChannels, outChannels] = kernel.shape as number[];
  if (kernel.rank !== 4 || height !== width) {
    throw new RangeError(
      `\`kernel\` must be [k, k, inChannels, outChannels], got [${(kernel as tf.Tensor).shape}]`,
    );
  }
  const sizes = requireConvolutionShape({
    outChannels,
    inChannels,
    kernelSize: height,
    stride,
  });
  const op = tf.customGrad((x) => {
    // One filter per row, its channels together: the transpose of the kernel.
    const filters = (x as tf.Tensor4D).dataSync() as Float32Array;
    const packed = transposed(filters, outChannels);
    const gradient = new Float32Array(packed.length);
    const value = packedLorth(packed, sizes, gradient);
    const ofKernel = transposed(gradient, packed.length / outChannels);
    return {
      value: tf.scalar(value),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.tensor(ofKernel, kernel.shape)),
    };
  });
  return op(kernel) as tf.Scalar;
}

/** The transpose of a matrix with so many columns. */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const out = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j];
  }
  return out;
}

/** Options of {@linkcode LorthRegularizer}. */
export interface LorthRegularizerArgs {
  /** Stride of the layer that it regularizes. Default 1. */
  stride?: number;
  /** Weight of the regularizer in the loss. Default 1. */
  lambda?: number;
}

/**
 * `lambda * lorth(kernel)` as a `kernelRegularizer` for `tf.layers.conv2d`: it draws the layer towards an
 * orthogonal one (Wang et al. 2020; Achour, Malgouyres & Mamalet 2022). It is saved and loaded with the
 * model. Orthogonality is meant for the circular border: put {@linkcode CircularPadding2D} in front of the
 * convolution, with `padding: "valid"` there.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { CircularPadding2D, LorthRegularizer } from "refigure/convolutions/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({
 *   layers: [
 *     new CircularPadding2D({ padding: 1, inputShape: [8, 8, 1] }),
 *     tf.layers.conv2d({
 *       filters: 4,
 *       kernelSize: 3,
 *       kernelRegularizer: new LorthRegularizer({ lambda: 0.1 }),
 *     }),
 *   ],
 * });
 * assertEquals(model.outputs[0].shape, [null, 8, 8, 4]);
 * ```
 */
export class LorthRegularizer extends tf.serialization.Serializable {
  /** Name under which tfjs saves and finds the class. */
  static className = "LorthRegularizer";
  /** Stride of the layer. */
  readonly stride: number;
  /** Weight in the loss. */
  readonly lambda: number;

  /**
   * A regularizer.
   *
   * @param args Stride and weight.
   * @throws {RangeError} if the stride is not a positive integer, or the weight is negative.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(args: LorthRegularizerArgs = {}) {
    requireOptions("args", args, ["stride", "lambda"]);
    super();
    const { stride = 1, lambda = 1 } = args;
    this.stride = requireInteger("stride", stride, { min: 1 });
    this.lambda = requireNumber("lambda", lambda, { min: 0 });
  }

  /** `lambda * lorth(kernel)` for a kernel `[k, k, inChannels, outChannels]`. */
  apply(kernel: tf.Tensor): tf.Scalar {
    return tf.tidy(() =>
      tf.mul<tf.Scalar>(this.lambda, lorthOp(kernel as tf.Tensor4D, { stride: this.stride }))
    );
  }

  /** The options, for saving. */
  getConfig(): tf.serialization.ConfigDict {
    return { stride: this.stride, lambda: this.lambda };
  }

  /** A regularizer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }
}
// Layers know a regularizer by a base class that tfjs does not export: the one of its own regularizers.
const base = Object.getPrototypeOf(tf.regularizers.l2().constructor);
Object.setPrototypeOf(LorthRegularizer.prototype, base.prototype);
tf.serialization.registerClass(LorthRegularizer);
