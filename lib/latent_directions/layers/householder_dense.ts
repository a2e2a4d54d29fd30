import * as tf from "@tensorflow/tfjs";
import {
  Matrix,
  requireBoolean,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  Rng,
} from "../../arrays/mod.ts";
import {
  constant,
  fromOwnConfig,
  LAYER_ARGS,
  type LayerArgs,
  oneShape,
  requireFeatures,
  requireTensor,
} from "../../tfjs/layers.ts";
import { HouseholderProjector } from "../householder_projector.ts";
import { householderProductOp } from "./householder_product_op.ts";

/** Options of {@linkcode HouseholderDense}. */
export interface HouseholderDenseArgs extends LayerArgs {
  /** Number of outputs. */
  units: number;
  /** Number of singular values that are not zero. Default 10. */
  rank?: number;
  /** What they are. Default 1. */
  gain?: number;
  /** Whether there is a bias. Default true. */
  useBias?: boolean;
  /** Start of the bias; ones for styles of a modulated layer. Default `"zeros"`. */
  biasInitializer?: "zeros" | "ones";
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * A dense layer whose kernel has `rank` singular values that are equal, and no others, by its
 * parametrization: `y = gain (x V) U^T + bias`, U and V the first columns of products of Householder
 * reflections ({@linkcode HouseholderProjector}; Song et al. 2023). Any optimizer trains it; no projection,
 * penalty or singular value decomposition is needed to keep the spectrum. Inputs are [..., features].
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { HouseholderDense } from "refigure/latent_directions/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new HouseholderDense({ units: 8, rank: 3, useBias: false });
 * layer.build([null, 5]);
 * // A unit step along a direction has a response of length 1.
 * const y = layer.apply(tf.transpose(layer.directions())) as tf.Tensor;
 * assertAlmostEquals(tf.sum(tf.square(y)).dataSync()[0], 3, 1e-5);
 * ```
 */
export class HouseholderDense extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "HouseholderDense";
  readonly #args: Required<Omit<HouseholderDenseArgs, keyof LayerArgs>>;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size or the gain is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: HouseholderDenseArgs) {
    const names = ["units", "rank", "gain", "useBias", "biasInitializer", "seed"] as const;
    requireOptions("args", args, [...LAYER_ARGS, ...names]);
    super(args);
    const { units, rank = 10, gain = 1, useBias = true, biasInitializer = "zeros", seed = 0 } = args;
    requireInteger("units", units, { min: 1 });
    requireInteger("rank", rank, { min: 1, max: units });
    requireNumber("gain", gain, { above: 0 });
    requireBoolean("useBias", useBias);
    requireOneOf("biasInitializer", biasInitializer, ["zeros", "ones"]);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { units, rank, gain, useBias, biasInitializer, seed };
  }

  /** Creates the reflectors and the bias. @throws {RangeError} if there are fewer features than the rank. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = requireFeatures(inputShape);
    const { units, rank, useBias, biasInitializer, seed } = this.#args;
    const { outputReflectors, inputReflectors } = new HouseholderProjector(units, features, {
      rank,
      rng: new Rng(seed),
    });
    this.#features = features;
    this.#weights = [
      this.addWeight("u", [units, rank], "float32", constant([units, rank], outputReflectors.data)),
      this.addWeight("v", [features, rank], "float32", constant([features, rank], inputReflectors.data)),
    ];
    if (useBias) {
      const start = new Float64Array(units).fill(biasInitializer === "ones" ? 1 : 0);
      this.#weights.push(this.addWeight("bias", [units], "float32", constant([units], start)));
    }
    super.build(inputShape);
  }

  /** The shape that came in, with `units` in the last place. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireFeatures(inputShape);
    return [...oneShape(inputShape).slice(0, -1), this.#args.units];
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
      const [u, v, bias] = this.#weights.map((weight) => weight.read());
      const rows = tf.reshape(x, [-1, this.#features]) as tf.Tensor2D;
      const along = tf.matMul(rows, householderProductOp(v as tf.Tensor2D));
      const styles = tf.matMul(
        tf.mul(along, this.#args.gain),
        householderProductOp(u as tf.Tensor2D),
        false,
        true,
      );
      const y = tf.reshape(styles, [...x.shape.slice(0, -1), this.#args.units]);
      return bias === undefined ? y : tf.add(y, bias);
    });
  }

  /** The directions in the space of inputs, unit columns, [features, rank]. @throws {Error} if not built. */
  directions(): tf.Tensor2D {
    return tf.tidy(() => householderProductOp(this.#built()[1].read() as tf.Tensor2D));
  }

  /**
   * Takes the reflectors of the kernel nearest to a trained one, to fine-tune from it; the bias stays.
   *
   * @param kernel [features, units], as a `tf.layers.dense` has it.
   * @throws {RangeError} if the shape is another one, or an entry is NaN or infinite.
   * @throws {TypeError} if `kernel` is not a tensor.
   * @throws {Error} if the layer has not been built.
   */
  startFrom(kernel: tf.Tensor2D): void {
    const { units, rank } = this.#args;
    const [u, v] = this.#built();
    requireTensor("kernel", kernel);
    if (kernel.shape.length !== 2 || kernel.shape[0] !== this.#features || kernel.shape[1] !== units) {
      throw new RangeError(`\`kernel\` must be [${this.#features}, ${units}], got [${kernel.shape}]`);
    }
    const a = new Matrix(this.#features, units, Float64Array.from(kernel.dataSync())).transpose();
    const { outputReflectors, inputReflectors } = HouseholderProjector.fromMatrix(a, { rank });
    for (const [weight, { data, rows }] of [[u, outputReflectors], [v, inputReflectors]] as const) {
      const value = tf.tensor2d(Float32Array.from(data), [rows, rank]);
      weight.write(value);
      value.dispose();
    }
  }

  #built(): tf.LayerVariable[] {
    if (this.#weights.length > 0) return this.#weights;
    throw new Error("The layer has no weights yet: apply or build it first");
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

tf.serialization.registerClass(HouseholderDense);
