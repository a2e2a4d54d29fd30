import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions, Rng } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { gelu, layerNorm, selfAttention } from "../../tfjs/operations.ts";
import { fixedActivation } from "../activation.ts";
import type { PadeForm } from "../coefficients.ts";
import { type KernelInit, requireKernelInit } from "../variance.ts";
import {
  addDense,
  adder,
  addRationalDense,
  dense,
  rationalDense,
  requireChannels,
  requireInput,
  requireRationalStart,
} from "./common.ts";

/** Nonlinearities of a block. */
const BLOCK_ACTIVATIONS = ["rational", "gelu", "silu"] as const;

/** Options of {@linkcode KatBlock}. */
export interface KatBlockArgs extends LayerArgs {
  /** Heads of the attention; must divide the number of channels. */
  heads: number;
  /** Channels between the dense layers of the second half. Default: four times the channels of the input. */
  hidden?: number;
  /**
   * `"rational"`, the default: learnable functions before both dense layers, started as identity and SiLU.
   * `"gelu"` or `"silu"`: that function between the dense layers, which makes it a block of a vision
   * transformer.
   */
  activation?: "rational" | "gelu" | "silu";
  /** Groups of the rationals; must divide both numbers of channels. Default 8. */
  groups?: number;
  /** Form of the denominators. Default `"abs-of-sum"`. */
  form?: PadeForm;
  /** How the kernels of the second half start. Default `"variance-preserving"`. */
  kernelInit?: KernelInit;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** Options of {@linkcode KatBlock} with their defaults; `hidden` 0 is four times the channels. */
type KatBlockOptions = Required<Omit<KatBlockArgs, keyof LayerArgs>>;

/** Added to the variance by both normalizations. */
const EPSILON = 1e-6;

/** Weights before those of the second half: two normalizations, queries-keys-values, projection. */
const ATTENTION_WEIGHTS = 8;

/**
 * A block of the Kolmogorov-Arnold transformer for tfjs, `[batch, tokens, channels]` in and out:
 * `x + attention(norm(x))`, then `x + dense(F2(dense(F1(norm(x)))))` with group rationals F1 and F2 (Yang &
 * Wang 2024; official `katransformer.py`). Queries, keys, values and the projection start uniform within
 * sqrt(3 / channels).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { KatBlock } from "refigure/kan/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const kat = new KatBlock({ heads: 2 });
 * const vit = new KatBlock({ heads: 2, activation: "gelu" });
 * const x = tf.ones([1, 3, 16]);
 * assertEquals((kat.apply(x) as tf.Tensor).shape, [1, 3, 16]);
 * vit.apply(x);
 * assertEquals(kat.countParams() - vit.countParams(), 2 * 38);
 * ```
 */
export class KatBlock extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "KatBlock";
  readonly #args: KatBlockOptions;
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A block without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: KatBlockArgs) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "heads",
      "hidden",
      "activation",
      "groups",
      "form",
      "kernelInit",
      "seed",
    ]);
    super(args);
    const { heads, hidden = 0, activation = "rational", groups = 8, form = "abs-of-sum" } = args;
    const { kernelInit = "variance-preserving", seed = 0 } = args;
    requireInteger("heads", heads, { min: 1 });
    requireInteger("hidden", hidden);
    requireOneOf("activation", activation, BLOCK_ACTIVATIONS);
    requireRationalStart({ groups, init: "swish", form });
    requireKernelInit("kernelInit", kernelInit);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { heads, hidden, activation, groups, form, kernelInit, seed };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = requireTokens(inputShape);
    this.#channels = channels;
    const { heads, activation, groups, form, kernelInit, seed } = this.#args;
    if (channels % heads !== 0) {
      throw new RangeError(
        `\`channels\` must be a multiple of the number of heads ${heads}, got ${channels}`,
      );
    }
    const hidden = this.#args.hidden === 0 ? 4 * channels : this.#args.hidden;
    const rng = new Rng(seed);
    const add = adder(this);
    const norm = (name: string) => [
      add(`${name}_gain`, [channels], new Float64Array(channels).fill(1)),
      add(`${name}_shift`, [channels], new Float64Array(channels)),
    ];
    const uniform = (name: string, outputs: number) => {
      const draws = rng.split(name);
      const bound = Math.sqrt(3 / channels);
      return [
        add(
          `${name}_kernel`,
          [channels, outputs],
          Float64Array.from({ length: channels * outputs }, () => draws.uniform(-bound, bound)),
        ),
        add(`${name}_bias`, [outputs], new Float64Array(outputs)),
      ];
    };
    const first = { inputs: channels, outputs: hidden, kernelInit, rng: rng.split("first") };
    const second = { inputs: hidden, outputs: channels, kernelInit, rng: rng.split("second") };
    this.#weights = [
      ...norm("norm_1"),
      ...uniform("qkv", 3 * channels),
      ...uniform("projection", channels),
      ...norm("norm_2"),
      ...(activation === "rational"
        ? [
          ...addRationalDense(add, "first_", { groups, init: "identity", form }, first),
          ...addRationalDense(add, "second_", { groups, init: "swish", form }, second),
        ]
        : [
          ...addDense(add, "first_", { ...first, activation: fixedActivation("identity") }),
          ...addDense(add, "second_", { ...second, activation: fixedActivation(activation) }),
        ]),
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
      requireTokens(x.shape);
      const weights = this.#weights.map((weight) => weight.read());
      const [gain1, shift1, qkv, qkvBias, projection, projectionBias, gain2, shift2] = weights;
      const tokens = layerNorm(x, gain1, shift1, { epsilon: EPSILON });
      const mixed = selfAttention(dense(tokens, qkv, qkvBias) as tf.Tensor3D, { heads: this.#args.heads });
      const y = tf.add(x, dense(mixed, projection, projectionBias));
      const h = layerNorm(y, gain2, shift2, { epsilon: EPSILON });
      return tf.add(y, this.#second(h, weights.slice(ATTENTION_WEIGHTS)));
    });
  }

  #second(x: tf.Tensor, weights: tf.Tensor[]): tf.Tensor {
    const { activation, form } = this.#args;
    if (activation === "rational") {
      return rationalDense(rationalDense(x, weights.slice(0, 4), form), weights.slice(4), form);
    }
    const hidden = dense(x, weights[0], weights[1]);
    const activated = activation === "gelu" ? gelu(hidden) : tf.mul(hidden, tf.sigmoid(hidden));
    return dense(activated, weights[2], weights[3]);
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

/** Channels of [batch, tokens, channels]. @throws {RangeError} */
function requireTokens(shape: tf.Shape | tf.Shape[]): number {
  const channels = requireChannels(shape);
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  if (one.length !== 3) throw new RangeError(`\`inputs\` must be [batch, tokens, channels], got [${one}]`);
  return channels;
}

tf.serialization.registerClass(KatBlock);
