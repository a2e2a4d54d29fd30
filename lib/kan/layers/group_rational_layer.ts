import * as tf from "@tensorflow/tfjs";
import { requireOptions } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import type { PadeForm, RationalPreset } from "../coefficients.ts";
import {
  adder,
  addRational,
  type RationalStart,
  requireChannels,
  requireInput,
  requireRationalStart,
} from "./common.ts";
import { groupRational } from "./group_rational_op.ts";

/** Options of {@linkcode GroupRational}. */
export interface GroupRationalArgs extends LayerArgs {
  /** Groups of neighbouring channels; each learns a denominator of its own. Default 8. */
  groups?: number;
  /** Function at the start. Default `"swish"`. */
  init?: RationalPreset;
  /** Form of the denominator. Default `"abs-of-sum"`. */
  form?: PadeForm;
}

/**
 * A learnable activation as a tfjs layer: a rational function of degrees 5 and 4 per group of channels of the
 * last axis, with one numerator for all groups; `6 + 4 groups` weights (Yang & Wang 2024). With the default
 * start it is SiLU to within 1.4e-4 on [-3, 3].
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { GroupRational } from "refigure/kan/layers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new GroupRational({ groups: 2 });
 * const y = layer.apply(tf.ones([3, 4])) as tf.Tensor;
 * assertAlmostEquals(y.dataSync()[0], 0.731065449, 1e-6);
 * assertEquals(layer.countParams(), 6 + 2 * 4);
 * ```
 */
export class GroupRational extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "GroupRational";
  readonly #start: RationalStart;
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Groups and the start.
   * @throws {RangeError} if `groups` is not a positive integer.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: GroupRationalArgs = {}) {
    requireOptions("args", args, [...LAYER_ARGS, "groups", "init", "form"]);
    super(args);
    const { groups = 8, init = "swish", form = "abs-of-sum" } = args;
    this.#start = { groups, init, form };
    requireRationalStart(this.#start);
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    this.#channels = requireChannels(inputShape);
    this.#weights = addRational(adder(this), "", this.#channels, this.#start);
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  /** Applies the functions. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [numerator, denominator] = this.#weights.map((weight) => weight.read());
    return groupRational(requireInput(inputs, this.#channels), numerator, denominator, {
      form: this.#start.form,
    });
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
    return { ...super.getConfig(), ...this.#start };
  }
}

tf.serialization.registerClass(GroupRational);
