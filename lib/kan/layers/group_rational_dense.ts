import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import type { PadeForm, RationalPreset } from "../coefficients.ts";
import { type KernelInit, requireKernelInit } from "../variance.ts";
import {
  adder,
  addRationalDense,
  rationalDense,
  requireChannels,
  requireInput,
  requireRationalStart,
  withChannels,
} from "./common.ts";

/** Options of {@linkcode GroupRationalDense}. */
export interface GroupRationalDenseArgs extends LayerArgs {
  /** Number of outputs. */
  units: number;
  /** Groups of the rational; must divide the number of inputs. Default 8. */
  groups?: number;
  /** Function at the start. Default `"swish"`. */
  init?: RationalPreset;
  /** Form of the denominator. Default `"abs-of-sum"`. */
  form?: PadeForm;
  /** How the kernel starts. Default `"variance-preserving"`. */
  kernelInit?: KernelInit;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** Options of {@linkcode GroupRationalDense} with their defaults. */
type GroupRationalDenseOptions = Required<Omit<GroupRationalDenseArgs, keyof LayerArgs>>;

/**
 * The group-rational Kolmogorov-Arnold layer for tfjs: a group rational, then a dense layer of the last axis,
 * so that the edge from input i to output o carries the function `w_io F_g(i)` (Yang & Wang 2024).
 *
 * @example A function of two inputs
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { GroupRationalDense } from "refigure/kan/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({
 *   layers: [
 *     new GroupRationalDense({ units: 16, groups: 2, init: "identity", inputShape: [2] }),
 *     new GroupRationalDense({ units: 1, groups: 8 }),
 *   ],
 * });
 * assertEquals(model.predict(tf.zeros([5, 2])) instanceof tf.Tensor, true);
 * assertEquals(model.countParams(), (6 + 8 + 32 + 16) + (6 + 32 + 16 + 1));
 * ```
 */
export class GroupRationalDense extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "GroupRationalDense";
  readonly #args: GroupRationalDenseOptions;
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: GroupRationalDenseArgs) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "units",
      "groups",
      "init",
      "form",
      "kernelInit",
      "seed",
    ]);
    super(args);
    const { units, groups = 8, init = "swish", form = "abs-of-sum" } = args;
    const { kernelInit = "variance-preserving", seed = 0 } = args;
    requireInteger("units", units, { min: 1 });
    requireRationalStart({ groups, init, form });
    requireKernelInit("kernelInit", kernelInit);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { units, groups, init, form, kernelInit, seed };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    this.#channels = requireChannels(inputShape);
    const { units, groups, init, form, kernelInit, seed } = this.#args;
    this.#weights = addRationalDense(adder(this), "", { groups, init, form }, {
      inputs: this.#channels,
      outputs: units,
      kernelInit,
      rng: new Rng(seed),
    });
    super.build(inputShape);
  }

  /** The shape that came in, with `units` channels. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return withChannels(inputShape, this.#args.units);
  }

  /** Applies the functions and sums over the inputs. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() =>
      rationalDense(
        requireInput(inputs, this.#channels),
        this.#weights.map((weight) => weight.read()),
        this.#args.form,
      )
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

tf.serialization.registerClass(GroupRationalDense);
