import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions, Rng } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { type PadeForm, RATIONAL_PRESETS, type RationalPreset } from "../coefficients.ts";
import { type KernelInit, requireKernelInit } from "../variance.ts";
import {
  adder,
  addRationalDense,
  rationalDense,
  requireChannels,
  requireInput,
  requireRationalStart,
} from "./common.ts";

/** Options of {@linkcode KatMlp}. */
export interface KatMlpArgs extends LayerArgs {
  /** Channels between the two dense layers. Default: four times the channels of the input. */
  hidden?: number;
  /** Groups of a rational; must divide both numbers of channels. Default 8. */
  groups?: number;
  /** First function at the start. Default `"identity"`. */
  first?: RationalPreset;
  /** Second function at the start. Default `"swish"`. */
  second?: RationalPreset;
  /** Form of the denominators. Default `"abs-of-sum"`. */
  form?: PadeForm;
  /** How the kernels start. Default `"variance-preserving"`. */
  kernelInit?: KernelInit;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** Options of {@linkcode KatMlp} with their defaults; `hidden` 0 is four times the channels. */
type KatMlpOptions = Required<Omit<KatMlpArgs, keyof LayerArgs>>;

/**
 * What replaces the MLP of a transformer block in the Kolmogorov-Arnold transformer: rational, dense,
 * rational, dense, on the last axis (Yang & Wang 2024). The first rational starts as the identity, the second
 * as SiLU; the kernels start so that the second moment of a normalized input is kept.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { KatMlp } from "refigure/kan/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new KatMlp();
 * assertEquals((layer.apply(tf.ones([2, 5, 16])) as tf.Tensor).shape, [2, 5, 16]);
 * // Two rationals more than a perceptron 16-64-16.
 * assertEquals(layer.countParams(), 16 * 64 + 64 + 64 * 16 + 16 + 2 * 38);
 * ```
 */
export class KatMlp extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "KatMlp";
  readonly #args: KatMlpOptions;
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: KatMlpArgs = {}) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "hidden",
      "groups",
      "first",
      "second",
      "form",
      "kernelInit",
      "seed",
    ]);
    super(args);
    const { hidden = 0, groups = 8, first = "identity", second = "swish", form = "abs-of-sum" } = args;
    const { kernelInit = "variance-preserving", seed = 0 } = args;
    requireInteger("hidden", hidden);
    requireOneOf("first", first, RATIONAL_PRESETS);
    requireOneOf("second", second, RATIONAL_PRESETS);
    requireRationalStart({ groups, init: second, form });
    requireKernelInit("kernelInit", kernelInit);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { hidden, groups, first, second, form, kernelInit, seed };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = requireChannels(inputShape);
    this.#channels = channels;
    const { groups, first, second, form, kernelInit, seed } = this.#args;
    const hidden = this.#args.hidden === 0 ? 4 * channels : this.#args.hidden;
    const rng = new Rng(seed);
    this.#weights = [
      ...addRationalDense(adder(this), "first_", { groups, init: first, form }, {
        inputs: channels,
        outputs: hidden,
        kernelInit,
        rng: rng.split("first"),
      }),
      ...addRationalDense(adder(this), "second_", { groups, init: second, form }, {
        inputs: hidden,
        outputs: channels,
        kernelInit,
        rng: rng.split("second"),
      }),
    ];
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  /** Runs both halves. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = requireInput(inputs, this.#channels);
      const weights = this.#weights.map((weight) => weight.read());
      const { form } = this.#args;
      return rationalDense(rationalDense(x, weights.slice(0, 4), form), weights.slice(4), form);
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
    return { ...super.getConfig(), ...this.#args };
  }
}

tf.serialization.registerClass(KatMlp);
