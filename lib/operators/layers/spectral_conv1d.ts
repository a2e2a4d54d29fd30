import * as tf from "@tensorflow/tfjs";
import { type Matrix, requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs, oneShape } from "../../tfjs/layers.ts";
import { truncatedDft } from "../truncated_dft.ts";
import { requireChannels, requireInput } from "./common.ts";

/** Options of {@linkcode SpectralConv1D}. */
export interface SpectralConv1DArgs extends LayerArgs {
  /** Number of outputs. */
  units: number;
  /** Fourier modes that are kept, with mode 0. */
  modes: number;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * The spectral convolution of a Fourier neural operator as a layer (Li et al. 2021): [batch, points,
 * channels] on a uniform periodic grid, whose first modes are multiplied by complex matrices. The weights do
 * not depend on the number of points, so that a model trained on one grid runs on any. A grid of fewer modes
 * uses those that it has.
 *
 * Transforms are products with constant matrices; see `spectralConv` of `refigure/operators`. Weights `re`
 * and `im` are [modes, channels, units] and start normal with deviation 1 / channels.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { SpectralConv1D } from "refigure/operators/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new SpectralConv1D({ units: 4, modes: 5 });
 * assertEquals((layer.apply(tf.ones([3, 64, 2])) as tf.Tensor).shape, [3, 64, 4]);
 * assertEquals((layer.apply(tf.ones([3, 100, 2])) as tf.Tensor).shape, [3, 100, 4]);
 * ```
 */
export class SpectralConv1D extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "SpectralConv1D";
  readonly #args: { units: number; modes: number; seed: number };
  #weights: tf.LayerVariable[] = [];
  #channels = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option is unknown.
   */
  constructor(args: SpectralConv1DArgs) {
    requireOptions("args", args, [...LAYER_ARGS, "units", "modes", "seed"]);
    super(args);
    const { units, modes, seed = 0 } = args;
    requireInteger("units", units, { min: 1, max: 2 ** 24 });
    requireInteger("modes", modes, { min: 1, max: 2 ** 16 });
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { units, modes, seed };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = requireChannels(inputShape);
    const { units, modes, seed } = this.#args;
    this.#channels = channels;
    this.#weights = ["re", "im"].map((name) => {
      const values = new Rng(seed).split(name).normals(modes * channels * units, 1 / channels);
      return this.addWeight(
        name,
        [modes, channels, units],
        "float32",
        constant([modes, channels, units], values),
      );
    });
    super.build(inputShape);
  }

  /** The shape that came in, with `units` in the last place. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    requireChannels(inputShape);
    return [...oneShape(inputShape).slice(0, -1), this.#args.units];
  }

  /** Applies the layer. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const u = requireInput(inputs, this.#channels);
      const [batch, points, channels] = u.shape;
      const { units, modes } = this.#args;
      const dft = truncatedDft(points, modes);
      const kept = dft.modes;
      const [re, im] = this.#weights.map((weight) => tf.slice(weight.read() as tf.Tensor3D, 0, kept));
      // [points, batch * channels] -> [modes, re and im, batch, channels]
      const byPoint = tf.reshape(tf.transpose(u, [1, 0, 2]), [points, batch * channels]) as tf.Tensor2D;
      const spectra = tf.reshape(tf.matMul(asTensor(dft.analysis), byPoint), [kept, 2, batch, channels]);
      const [a, b] = tf.unstack(spectra, 1) as tf.Tensor3D[];
      const real = tf.sub(tf.matMul(a, re), tf.matMul(b, im));
      const imaginary = tf.add(tf.matMul(a, im), tf.matMul(b, re));
      const after = tf.reshape(tf.stack([real, imaginary], 1), [2 * kept, batch * units]) as tf.Tensor2D;
      const y = tf.matMul(asTensor(dft.synthesis), after);
      return tf.transpose(tf.reshape(y, [points, batch, units]), [1, 0, 2]);
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

function asTensor({ rows, columns, data }: Matrix): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(data), [rows, columns]);
}

tf.serialization.registerClass(SpectralConv1D);
