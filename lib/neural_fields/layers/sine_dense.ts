import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions, Rng } from "../../arrays/mod.ts";
import {
  constant,
  fromOwnConfig,
  LAYER_ARGS,
  type LayerArgs,
  oneShape,
  requireFeatures,
  requireTensor,
} from "../../tfjs/layers.ts";
import { WinnerInitializer, type WinnerInitializerArgs } from "./winner_initializer.ts";

/** Options of {@linkcode SineDense}. */
export interface SineDenseArgs extends LayerArgs, WinnerInitializerArgs {
  /** Number of outputs. */
  units: number;
  /** Start of the biases: uniform within 1/sqrt(inputs), PyTorch's default, or zero. Default `"pytorch"`. */
  biases?: "pytorch" | "zero";
}

/**
 * A dense layer with a sine, `y = sin(omega (x W + b))`, inputs [..., features]: the layer of SIREN (Sitzmann et
 * al. 2020), with the noise of WINNER on its start if `noise` is set. The first layer of a network has
 * `first: true`; a network ends with a `tf.layers.dense` whose kernel {@linkcode WinnerInitializer} draws.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { winnerScales } from "refigure/neural_fields";
 * import { SineDense, WinnerInitializer } from "refigure/neural_fields/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const { s0, s1 } = winnerScales(0.5, { kind: "image" });
 * const first = new SineDense({ units: 32, first: true, noise: s0, inputShape: [2] });
 * assertEquals((first.apply(tf.ones([5, 2])) as tf.Tensor).shape, [5, 32]);
 * const second = new SineDense({ units: 32, noise: s1, seed: 1 });
 * const output = tf.layers.dense({ units: 3, kernelInitializer: new WinnerInitializer({ seed: 2 }) });
 * const model = tf.sequential({ layers: [first, second, output] });
 * assertEquals((model.predict(tf.zeros([5, 2])) as tf.Tensor).shape, [5, 3]);
 * ```
 */
export class SineDense extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "SineDense";
  readonly #units: number;
  readonly #biases: "pytorch" | "zero";
  readonly #start: Required<WinnerInitializerArgs>;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a number is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: SineDenseArgs) {
    requireOptions("args", args, [...LAYER_ARGS, "units", "biases", "omega", "first", "noise", "seed"]);
    super(args);
    const { units, biases = "pytorch", omega, first, noise, seed } = args;
    this.#units = requireInteger("units", units, { min: 1 });
    this.#biases = requireOneOf("biases", biases, ["pytorch", "zero"]);
    this.#start = new WinnerInitializer({ omega, first, noise, seed })
      .getConfig() as unknown as Required<WinnerInitializerArgs>;
  }

  /** Creates kernel and bias. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = requireFeatures(inputShape);
    const units = this.#units;
    const draws = new Rng(this.#start.seed).split("biases");
    const bound = this.#biases === "zero" ? 0 : 1 / Math.sqrt(features);
    const biases = Float32Array.from({ length: units }, () => draws.uniform(-bound, bound));
    this.#features = features;
    this.#weights = [
      this.addWeight("kernel", [features, units], "float32", new WinnerInitializer(this.#start)),
      this.addWeight("bias", [units], "float32", constant([units], biases)),
    ];
    super.build(inputShape);
  }

  /** The shape that came in, with `units` in the last place. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireFeatures(inputShape);
    return [...oneShape(inputShape).slice(0, -1), this.#units];
  }

  /** Applies the layer. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = requireTensor("inputs", (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor);
      if (requireFeatures(x.shape) !== this.#features) {
        throw new RangeError(
          `\`inputs\` must have ${this.#features} features, as the layer was built for, got ${
            x.shape.at(-1)
          }`,
        );
      }
      const [kernel, bias] = this.#weights.map((weight) => weight.read());
      const rows = tf.reshape(x, [-1, this.#features]) as tf.Tensor2D;
      const z = tf.add(tf.matMul(rows, kernel as tf.Tensor2D), bias);
      return tf.reshape(tf.sin(tf.mul(z, this.#start.omega)), [...x.shape.slice(0, -1), this.#units]);
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
    return { ...super.getConfig(), units: this.#units, biases: this.#biases, ...this.#start };
  }
}

tf.serialization.registerClass(SineDense);
