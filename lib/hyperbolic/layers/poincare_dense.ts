import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions } from "../../arrays/mod.ts";
import { constant, fromOwnConfig } from "../../tfjs/layers.ts";
import {
  featuresOf,
  oneInput,
  oneShape,
  POINCARE_ARGS,
  type PoincareArgs,
  requirePoincareArgs,
  startOf,
} from "./common.ts";
import { poincareLinearOp } from "./operations.ts";

/** Options of {@linkcode PoincareDense}. */
export interface PoincareDenseArgs extends PoincareArgs {
  /** Size of the outputs. */
  units: number;
}

/**
 * The Poincaré fully connected layer between tangent vectors at the origin, `[..., n]` in and `[..., units]`
 * out, as a tfjs layer. With the identity start (the default) a square layer begins as the identity map.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { PoincareDense } from "refigure/hyperbolic/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [new PoincareDense({ units: 4, inputShape: [8] })] });
 * assertEquals((model.predict(tf.ones([5, 8])) as tf.Tensor).shape, [5, 4]);
 * ```
 */
export class PoincareDense extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "PoincareDense";
  readonly #args: ReturnType<typeof requirePoincareArgs> & { units: number };
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @throws {RangeError} if a size or a number is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: PoincareDenseArgs) {
    requireOptions("args", args, [...POINCARE_ARGS, "units"]);
    super(args);
    this.#args = { ...requirePoincareArgs(args), units: requireInteger("units", args.units, { min: 1 }) };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const n = featuresOf(oneShape(inputShape));
    const { units } = this.#args;
    this.#features = n;
    this.#weights = [
      this.addWeight("normals", [n, units], "float32", constant([n, units], startOf(this.#args, n, units))),
      this.addWeight("offsets", [units], "float32", tf.initializers.zeros()),
    ];
    super.build(inputShape);
  }

  /** The input's shape with `units` as its last axis. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return [...oneShape(inputShape).slice(0, -1), this.#args.units];
  }

  /** Runs a batch. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { c, maxTangentNorm } = this.#args;
    const u = oneInput(inputs, this.#features);
    return tf.tidy(() =>
      poincareLinearOp(u, this.#weights[0].read(), this.#weights[1].read(), { c, maxTangentNorm })
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

tf.serialization.registerClass(PoincareDense);
