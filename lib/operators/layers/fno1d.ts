import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOptions, Rng } from "../../arrays/mod.ts";
import { SpectralConv1D } from "./spectral_conv1d.ts";

/** Options of {@linkcode fno1d}. */
export interface Fno1dOptions {
  /** Channels that go in. Default 1. */
  inChannels?: number;
  /** Channels that come out. Default 1. */
  outChannels?: number;
  /** Channels of the layers. Default 16. */
  width?: number;
  /** Layers with a spectral convolution. Default 3. */
  layers?: number;
  /** Fourier modes that are kept. Default 12. */
  modes?: number;
  /** Channels between the two linear maps at the end. Default 48. */
  hidden?: number;
  /** Seed of the start. Default 0. */
  seed?: number;
}

/**
 * A Fourier neural operator in one dimension as a model of tfjs, [batch, points, channels] in and out (Li et
 * al. 2021): a linear map to `width` channels, layers `v <- gelu(K v + W v + b)` with a spectral convolution
 * K, the last one without gelu, and two linear maps with a gelu between. It is trained with `model.fit` or
 * any optimizer, and runs on every uniform periodic grid; give it the place as channels (sin 2 pi x, cos 2 pi
 * x) if it is to know it.
 *
 * `refigure/operators` has the same network without tfjs, `OperatorNetwork`, which is faster to train on a
 * processor.
 *
 * @param options Sizes and the start.
 * @returns A model that has not been compiled.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { fno1d } from "refigure/operators/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = fno1d({ inChannels: 3, width: 4, modes: 4 });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * await model.fit(tf.ones([2, 16, 3]), tf.zeros([2, 16, 1]), { epochs: 1, verbose: 0 });
 * // Trained on 16 points, used on 64.
 * assertEquals((model.predict(tf.ones([1, 64, 3])) as tf.Tensor).shape, [1, 64, 1]);
 * ```
 */
export function fno1d(options: Fno1dOptions = {}): tf.LayersModel {
  requireOptions("options", options, [
    "inChannels",
    "outChannels",
    "width",
    "layers",
    "modes",
    "hidden",
    "seed",
  ]);
  const { inChannels = 1, outChannels = 1, width = 16, layers = 3, modes = 12, hidden = 48, seed = 0 } =
    options;
  requireInteger("inChannels", inChannels, { min: 1, max: 4096 });
  requireInteger("outChannels", outChannels, { min: 1, max: 4096 });
  requireInteger("width", width, { min: 1, max: 4096 });
  requireInteger("layers", layers, { min: 1, max: 100 });
  requireInteger("modes", modes, { min: 1, max: 2 ** 16 });
  requireInteger("hidden", hidden, { min: 1, max: 2 ** 16 });
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  const rng = new Rng(seed);
  const seedOf = (label: string) => rng.split(label).integer(2 ** 31);
  const linear = (label: string, inputs: number, units: number) => {
    const stddev = 1 / Math.sqrt(inputs);
    return tf.layers.dense({
      units,
      kernelInitializer: tf.initializers.randomNormal({ mean: 0, stddev, seed: seedOf(label) }),
    });
  };
  const apply = (layer: tf.layers.Layer, v: tf.SymbolicTensor) => layer.apply(v) as tf.SymbolicTensor;
  const gelu = (v: tf.SymbolicTensor) => apply(tf.layers.activation({ activation: "gelu" }), v);
  const input = tf.input({ shape: [null, inChannels] });
  let v = apply(linear("lift", inChannels, width), input);
  for (let l = 0; l < layers; l++) {
    const spectral = new SpectralConv1D({ units: width, modes, seed: seedOf(`kernel ${l}`) });
    v = tf.layers.add().apply([
      apply(spectral, v),
      apply(linear(`pointwise ${l}`, width, width), v),
    ]) as tf.SymbolicTensor;
    if (l < layers - 1) v = gelu(v);
  }
  v = gelu(apply(linear("head", width, hidden), v));
  return tf.model({ inputs: input, outputs: apply(linear("last", hidden, outChannels), v) });
}
