import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import {
  constant,
  fromOwnConfig,
  LAYER_ARGS,
  type LayerArgs,
  oneShape,
  requireTensor,
} from "../../tfjs/layers.ts";

/** Options of {@linkcode NormLin}. */
export interface NormLinArgs extends LayerArgs {
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * The mixing of NormLin as a layer (Yue et al. 2025): [batch, variates, features] to the same shape, `y = A x` with
 * `A = rownorm(softplus(W))` and W variates x variates, which starts as the identity plus normal numbers. The maps of
 * the features before and after it are `tf.layers.dense`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { NormLin } from "refigure/forecasting/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * // Rows of the mixing sum to one: what is the same for all variates stays.
 * const y = new NormLin().apply(tf.ones([2, 5, 3])) as tf.Tensor;
 * assertAlmostEquals(y.dataSync()[7], 1, 1e-6);
 * ```
 */
export class NormLin extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "NormLin";
  readonly #seed: number;
  #weight: tf.LayerVariable | undefined;

  /**
   * A layer without weights yet.
   *
   * @param args The start.
   * @throws {RangeError} if the seed is not an integer.
   * @throws {TypeError} if an option is unknown.
   */
  constructor(args: NormLinArgs = {}) {
    requireOptions("args", args, [...LAYER_ARGS, "seed"]);
    super(args);
    this.#seed = requireInteger("seed", args.seed ?? 0, { min: Number.MIN_SAFE_INTEGER });
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const n = requireVariates(inputShape);
    const values = new Rng(this.#seed).normals(n * n);
    for (let v = 0; v < n; v++) values[v * (n + 1)] += 1;
    this.#weight = this.addWeight("mixing", [n, n], "float32", constant([n, n], values));
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireVariates(inputShape);
    return oneShape(inputShape);
  }

  /** Applies the layer. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = requireTensor("inputs", (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D);
      if (x.isDisposed) throw new RangeError("`inputs` must not have been disposed");
      const weight = this.#weight!.read();
      if (requireVariates(x.shape) !== weight.shape[0]) {
        throw new RangeError(
          `\`inputs\` must have ${weight.shape[0]} variates, as the layer was built for, got ${x.shape[1]}`,
        );
      }
      const positive = tf.softplus(weight) as tf.Tensor2D;
      const mixing = tf.div(positive, tf.sum(positive, 1, true)) as tf.Tensor2D;
      const [batch, variates, features] = x.shape;
      // All samples side by side, so that mixing is one product.
      const side = tf.reshape(tf.transpose(x, [1, 0, 2]), [variates, batch * features]) as tf.Tensor2D;
      return tf.transpose(tf.reshape(tf.matMul(mixing, side), [variates, batch, features]), [1, 0, 2]);
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
    return { ...super.getConfig(), seed: this.#seed };
  }
}

/** Number of variates of [batch, variates, features]. @throws {RangeError} */
function requireVariates(shape: tf.Shape | tf.Shape[]): number {
  const one = oneShape(shape);
  const variates = Array.isArray(one) && one.length === 3 ? one[1] : null;
  if (variates === null || variates === undefined || !Number.isInteger(variates) || variates < 1) {
    throw new RangeError(`\`inputs\` must be [batch, variates, features] with known variates, got [${one}]`);
  }
  return variates;
}

tf.serialization.registerClass(NormLin);
