import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { constant, fromOwnConfig } from "../../tfjs/layers.ts";
import { geometryOf } from "../poincare_conv2d.ts";
import {
  featuresOf,
  oneInput,
  oneShape,
  POINCARE_ARGS,
  type PoincareArgs,
  requirePoincareArgs,
  startOf,
} from "./common.ts";
import { poincareConv2dOp } from "./operations.ts";

/** Options of {@linkcode PoincareConv2d}. */
export interface PoincareConv2dArgs extends PoincareArgs {
  /** Channels of the outputs. */
  filters: number;
  /** Height and width of the kernel. Default 3. */
  kernelSize?: number;
  /** Step between outputs. Default 1. */
  strides?: number;
  /** `"same"` (default): zeros on all sides, (kernelSize - 1)/2 of them; `"valid"`: none. */
  padding?: "same" | "valid";
}

/**
 * The Poincaré convolution between images of tangent vectors at the origin, `[batch, height, width,
 * channels]`, as a tfjs layer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { PoincareConv2d } from "refigure/hyperbolic/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new PoincareConv2d({ filters: 4, strides: 2 });
 * assertEquals((layer.apply(tf.ones([2, 8, 8, 3])) as tf.Tensor).shape, [2, 4, 4, 4]);
 * ```
 */
export class PoincareConv2d extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "PoincareConv2d";
  readonly #args:
    & ReturnType<typeof requirePoincareArgs>
    & Required<
      Pick<PoincareConv2dArgs, "filters" | "kernelSize" | "strides" | "padding">
    >;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @throws {RangeError} if a size or a number is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: PoincareConv2dArgs) {
    requireOptions("args", args, [...POINCARE_ARGS, "filters", "kernelSize", "strides", "padding"]);
    super(args);
    const { filters, kernelSize = 3, strides = 1, padding = "same" } = args;
    requireInteger("filters", filters, { min: 1 });
    requireInteger("kernelSize", kernelSize, { min: 1 });
    requireInteger("strides", strides, { min: 1 });
    requireOneOf("padding", padding, ["same", "valid"]);
    this.#args = { ...requirePoincareArgs(args), filters, kernelSize, strides, padding };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = featuresOf(oneShape(inputShape, 4));
    const { filters, kernelSize } = this.#args;
    const taps = kernelSize * kernelSize;
    const n = taps * channels;
    this.#features = channels;
    this.#weights = [
      this.addWeight(
        "normals",
        [n, filters],
        "float32",
        constant([n, filters], startOf(this.#args, n, filters, taps)),
      ),
      this.addWeight("offsets", [filters], "float32", tf.initializers.zeros()),
    ];
    super.build(inputShape);
  }

  /** [batch, height', width', filters]. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, height, width, channels] = oneShape(inputShape, 4);
    const { filters, kernelSize: kernel, strides: stride, padding } = this.#args;
    const sizeOf = (pixels: number | null) =>
      pixels === null
        ? null
        : geometryOf([1, pixels, pixels, channels!], { kernel, stride, padding }).outHeight;
    return [batch, sizeOf(height), sizeOf(width), filters];
  }

  /** Runs a batch. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { c, maxTangentNorm, kernelSize: kernel, strides: stride, padding } = this.#args;
    const u = oneInput(inputs, this.#features);
    return tf.tidy(() =>
      poincareConv2dOp(u, this.#weights[0].read(), this.#weights[1].read(), {
        c,
        maxTangentNorm,
        kernel,
        stride,
        padding,
      })
    );
  }

  /** A layer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }

  /** The options that make the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#args, maxTangentNorm: this.#args.maxTangentNorm ?? null };
  }
}

tf.serialization.registerClass(PoincareConv2d);
