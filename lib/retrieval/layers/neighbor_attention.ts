import * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs, requireTensor } from "../../tfjs/layers.ts";

/** Options of {@linkcode NeighborAttention}. */
export interface NeighborAttentionArgs extends LayerArgs {
  /** Length of keys and queries. Default 32. */
  keyDim?: number;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/** Names and sizes of the four maps, with H features and tokens of t numbers. */
const MAPS = ["query", "key", "value", "context"] as const;

/**
 * Attention of hidden features to the tokens of retrieved neighbours, added to the features (Blattmann et
 * al. 2022):
 *
 *     h + W_o sum_j softmax_j(W_q h . W_k y_j / sqrt(keyDim)) W_v y_j
 *
 * It has two inputs, `[h, tokens]`: [batch, H] and [batch, k, t]. One head; all maps have biases and start
 * uniform within 1/sqrt(inputs). The order of the tokens does not matter, and their number may change from
 * call to call, as may the database that they come from.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { NeighborAttention } from "refigure/retrieval/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const x = tf.input({ shape: [16] });
 * const tokens = tf.input({ shape: [null, 8] });
 * const hidden = tf.layers.dense({ units: 32, activation: "relu" }).apply(x) as tf.SymbolicTensor;
 * const attended = new NeighborAttention({ keyDim: 8 }).apply([hidden, tokens]) as tf.SymbolicTensor;
 * const model = tf.model({ inputs: [x, tokens], outputs: attended });
 * const output = model.predict([tf.ones([5, 16]), tf.ones([5, 4, 8])]) as tf.Tensor;
 * assertEquals(output.shape, [5, 32]);
 * ```
 */
export class NeighborAttention extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "NeighborAttention";
  readonly #keyDim: number;
  readonly #seed: number;
  #weights: tf.LayerVariable[] = [];
  #features = 0;
  #tokenDim = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if `keyDim` is not a positive integer, or `seed` not an integer.
   * @throws {TypeError} if an option is unknown.
   */
  constructor(args: NeighborAttentionArgs = {}) {
    requireOptions("args", args, [...LAYER_ARGS, "keyDim", "seed"]);
    super(args);
    const { keyDim = 32, seed = 0 } = args;
    this.#keyDim = requireInteger("keyDim", keyDim, { min: 1, max: 2 ** 14 });
    this.#seed = requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  }

  /**
   * Creates the weights of the four maps. @throws {RangeError} unless the shapes are [batch, H], [batch, k,
   * t].
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [features, tokenDim] = sizesOf(inputShape);
    this.#features = features;
    this.#tokenDim = tokenDim;
    const shapes: [number, number][] = [
      [features, this.#keyDim],
      [tokenDim, this.#keyDim],
      [tokenDim, features],
      [features, features],
    ];
    this.#weights = MAPS.flatMap((name, i) => {
      const [inputs, outputs] = shapes[i];
      const draws = new Rng(this.#seed).split(name);
      const bound = 1 / Math.sqrt(inputs);
      const draw = (length: number) => Float32Array.from({ length }, () => draws.uniform(-bound, bound));
      return [
        this.addWeight(`${name}_kernel`, shapes[i], "float32", constant(shapes[i], draw(inputs * outputs))),
        this.addWeight(`${name}_bias`, [outputs], "float32", constant([outputs], draw(outputs))),
      ];
    });
    super.build(inputShape);
  }

  /** The shape of the features. @throws {RangeError} unless the shapes are [batch, H], [batch, k, t]. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    sizesOf(inputShape);
    return (inputShape as tf.Shape[])[0];
  }

  /** Applies the layer. @throws {RangeError} if sizes are not those that the layer was built for. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      if (!Array.isArray(inputs) || inputs.length !== 2) {
        throw new TypeError(`\`inputs\` must be two tensors, [h, tokens], got ${describeValue(inputs)}`);
      }
      const [h, tokens] = inputs.map((tensor, i) => requireTensor(`inputs[${i}]`, tensor)) as [
        tf.Tensor2D,
        tf.Tensor3D,
      ];
      const [features, tokenDim] = sizesOf([h.shape, tokens.shape]);
      if (features !== this.#features || tokenDim !== this.#tokenDim) {
        throw new RangeError(
          `\`inputs\` must have ${this.#features} features and tokens of ${this.#tokenDim} numbers, as the layer ` +
            `was built for, got ${features} and ${tokenDim}`,
        );
      }
      const [batch, k] = tokens.shape;
      const rows = tf.reshape(tokens, [batch * k, tokenDim]) as tf.Tensor2D;
      const mapped = (x: tf.Tensor2D, map: typeof MAPS[number]) => {
        const [kernel, bias] = this.#weights.slice(2 * MAPS.indexOf(map)).map((weight) => weight.read());
        return tf.add(tf.matMul(x, kernel as tf.Tensor2D), bias) as tf.Tensor2D;
      };
      const query = tf.reshape(mapped(h, "query"), [batch, 1, this.#keyDim]) as tf.Tensor3D;
      const keys = tf.reshape(mapped(rows, "key"), [batch, k, this.#keyDim]) as tf.Tensor3D;
      const values = tf.reshape(mapped(rows, "value"), [batch, k, features]) as tf.Tensor3D;
      const scores = tf.mul(tf.matMul(query, keys, false, true), 1 / Math.sqrt(this.#keyDim));
      const context = tf.matMul(tf.softmax(scores), values);
      return tf.add(h, mapped(tf.reshape(context, [batch, features]), "context"));
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
    return { ...super.getConfig(), keyDim: this.#keyDim, seed: this.#seed };
  }
}

tf.serialization.registerClass(NeighborAttention);

/** H and t of [batch, H] and [batch, k, t]. @throws {RangeError} */
function sizesOf(inputShape: tf.Shape | tf.Shape[]): [features: number, tokenDim: number] {
  const shapes = (Array.isArray(inputShape) ? inputShape : []) as unknown[];
  const [h, tokens] = shapes;
  const isKnown = (shape: unknown, rank: number): shape is number[] =>
    Array.isArray(shape) && shape.length === rank && Number.isInteger(shape[rank - 1]) && shape[rank - 1] > 0;
  if (shapes.length !== 2 || !isKnown(h, 2) || !isKnown(tokens, 3)) {
    const words = shapes.map((shape) => `[${shape}]`).join(" and ");
    throw new RangeError(
      `\`inputs\` must be [batch, H] and [batch, k, t], got ${words || describeValue(inputShape)}`,
    );
  }
  return [h[1], tokens[2]];
}
