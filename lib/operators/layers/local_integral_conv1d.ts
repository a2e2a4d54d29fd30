import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions, Rng } from "../../arrays/mod.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs, oneShape } from "../../tfjs/layers.ts";
import {
  kernelResampling,
  requireOddTaps,
  RESAMPLING_METHODS,
  type ResamplingMethod,
} from "../resampling.ts";
import { requireChannels, requireInput } from "./common.ts";

/** Options of {@linkcode LocalIntegralConv1D}. */
export interface LocalIntegralConv1DArgs extends LayerArgs {
  /** Number of outputs. */
  units: number;
  /** Number of taps, odd. */
  taps: number;
  /** Points of the grid on which the taps are given, that of training. */
  trainN: number;
  /** What is done on another grid. Default `"hat"`. */
  method?: ResamplingMethod;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * A convolution that stays the same operator on every grid (Berner et al. 2025): [batch, points, channels] on
 * a uniform periodic grid. With `trainN` points it is a plain circular convolution; with a multiple or a
 * divisor of them its taps are resampled, by default as the integral with a piecewise linear kernel function.
 * See `kernelResampling` of `refigure/operators`.
 *
 * The weight `kernel` is [taps, channels, units], as that of `tf.layers.conv1d`, and starts normal with
 * variance 1 / (taps channels).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { LocalIntegralConv1D } from "refigure/operators/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new LocalIntegralConv1D({ units: 1, taps: 5, trainN: 32 });
 * const wave = (n: number) => tf.reshape(tf.sin(tf.mul(tf.range(0, n), 2 * Math.PI / n)), [1, n, 1]);
 * const at = (n: number) => (layer.apply(wave(n)) as tf.Tensor).dataSync()[n / 4];
 * assertAlmostEquals(at(256), at(128), 1e-2);
 * ```
 */
export class LocalIntegralConv1D extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "LocalIntegralConv1D";
  readonly #args: { units: number; taps: number; trainN: number; method: ResamplingMethod; seed: number };
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes, the grid of training and the start.
   * @throws {RangeError} if a size is out of range, or the number of taps is even.
   * @throws {TypeError} if an option or the method is unknown.
   */
  constructor(args: LocalIntegralConv1DArgs) {
    requireOptions("args", args, [...LAYER_ARGS, "units", "taps", "trainN", "method", "seed"]);
    super(args);
    const { units, taps, trainN, method = "hat", seed = 0 } = args;
    requireInteger("units", units, { min: 1, max: 2 ** 24 });
    requireInteger("taps", taps, { min: 1, max: 2 ** 16 });
    requireOddTaps("taps", taps);
    requireInteger("trainN", trainN, { min: 1, max: 2 ** 20 });
    requireOneOf("method", method, RESAMPLING_METHODS);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { units, taps, trainN, method, seed };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = requireChannels(inputShape);
    const { units, taps, seed } = this.#args;
    const shape = [taps, channels, units];
    const values = new Rng(seed).normals(taps * channels * units, 1 / Math.sqrt(taps * channels));
    this.#channels = channels;
    this.#weights = [this.addWeight("kernel", shape, "float32", constant(shape, values))];
    super.build(inputShape);
  }

  /** The shape that came in, with `units` in the last place. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireChannels(inputShape);
    return [...oneShape(inputShape).slice(0, -1), this.#args.units];
  }

  /**
   * Applies the layer. @throws {RangeError} if the points are neither a multiple nor a divisor of `trainN`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const u = requireInput(inputs, this.#channels);
      const [batch, points, channels] = u.shape;
      const { units, taps, trainN, method } = this.#args;
      const { matrix, first } = kernelResampling(taps, points, { trainN, method });
      const kernel = tf.reshape(this.#weights[0].read(), [taps, channels * units]) as tf.Tensor2D;
      const resampled = tf.matMul(
        tf.tensor2d(Float32Array.from(matrix.data), [matrix.rows, taps]),
        kernel,
      );
      // The neighbours that each tap sees, on the circle.
      const places = Int32Array.from({ length: points * matrix.rows }, (_, i) => {
        const place = Math.floor(i / matrix.rows) + first + i % matrix.rows;
        return (place % points + points) % points;
      });
      const neighbours = tf.gather(u, tf.tensor1d(places, "int32"), 1);
      const rows = tf.reshape(neighbours, [batch * points, matrix.rows * channels]) as tf.Tensor2D;
      const weights = tf.reshape(resampled, [matrix.rows * channels, units]) as tf.Tensor2D;
      return tf.reshape(tf.matMul(rows, weights), [batch, points, units]);
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

tf.serialization.registerClass(LocalIntegralConv1D);
