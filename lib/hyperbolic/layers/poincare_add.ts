import * as tf from "@tensorflow/tfjs";
import { requireLength, requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs, requireTensor } from "../../tfjs/layers.ts";
import { requireCurvature } from "../check.ts";
import { oneShape } from "./common.ts";
import { tangentMobiusAddOp } from "./operations.ts";

/** Options of {@linkcode PoincareAdd}. */
export interface PoincareAddArgs extends LayerArgs {
  /** The curvature is -c; c > 0. Default 0.1. */
  c?: number;
  /** `"fr"` (default): the first input ⊕ the second, block ⊕ skip; `"rf"`: the other way round. */
  order?: "fr" | "rf";
}

/**
 * The residual connection of Poincaré ResNet as a tfjs layer of two inputs, tangent vectors at the origin of
 * one shape: log0(exp0(F) ⊕ exp0(skip)).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { PoincareAdd } from "refigure/hyperbolic/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const sum = new PoincareAdd({ c: 1 }).apply([tf.tensor2d([[0.4]]), tf.tensor2d([[0.3]])]) as tf.Tensor;
 * assertAlmostEquals(sum.dataSync()[0], 0.7, 1e-6);
 * ```
 */
export class PoincareAdd extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "PoincareAdd";
  readonly #args: { c: number; order: "fr" | "rf" };

  /**
   * A layer without weights.
   *
   * @throws {RangeError} if `c` is not positive and finite.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: PoincareAddArgs = {}) {
    requireOptions("args", args, [...LAYER_ARGS, "c", "order"]);
    super(args);
    const { c = 0.1, order = "fr" } = args;
    this.#args = { c: requireCurvature("c", c), order: requireOneOf("order", order, ["fr", "rf"]) };
  }

  /** The shape of both inputs. @throws {RangeError} if there are not two shapes. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireLength("inputShape", inputShape, 2);
    return (inputShape as tf.Shape[]).map((shape) => oneShape(shape))[0];
  }

  /** Adds two batches. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const list = inputs as tf.Tensor[];
    requireLength("inputs", list, 2);
    list.forEach((input, i) => requireTensor(`inputs[${i}]`, input));
    const { c, order } = this.#args;
    return tf.tidy(() =>
      order === "fr"
        ? tangentMobiusAddOp(list[0], list[1], { c })
        : tangentMobiusAddOp(list[1], list[0], { c })
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
    return { ...super.getConfig(), ...this.#args };
  }
}

tf.serialization.registerClass(PoincareAdd);
