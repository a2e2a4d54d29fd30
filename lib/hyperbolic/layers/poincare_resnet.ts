import * as tf from "@tensorflow/tfjs";
import { requireInstance, requireInteger, requireNumbers, requireOptions } from "../../arrays/mod.ts";
import type { PoincareMean } from "../poincare_batch_norm.ts";
import type { PoincareStart } from "../poincare_init.ts";
import { PoincareAdd } from "./poincare_add.ts";
import { PoincareBatchNorm } from "./poincare_batch_norm.ts";
import { PoincareConv2d } from "./poincare_conv2d.ts";
import { PoincareDense } from "./poincare_dense.ts";

/** What a residual block and a network have in common. */
export interface PoincareNetworkOptions {
  /** The curvature is -c; c > 0. Default 0.1. */
  c?: number;
  /** How weights start. Default `"identity"`. */
  init?: PoincareStart;
  /** Mean of the batch normalizations. Default `"midpoint"`. */
  mean?: PoincareMean;
  /**
   * Statistics of the batch normalizations at inference; see {@linkcode PoincareBatchNorm}. Default
   * `"running"`.
   */
  inference?: "running" | "batch";
  /** Order of the residual sum. Default `"fr"`. */
  order?: "fr" | "rf";
  /** Seed of random starts. Default 0. */
  seed?: number;
}

/** Options of {@linkcode poincareResidualBlock}. */
export interface PoincareResidualBlockOptions extends PoincareNetworkOptions {
  /** Channels of the outputs. */
  filters: number;
  /** Step of the first convolution. Default 1. */
  strides?: number;
}

/**
 * A residual block of Poincaré ResNet on a symbolic image of tangent vectors: convolution, batch
 * normalization, ReLU, convolution, batch normalization; the Möbius sum with the input (through a 1 x 1
 * convolution if the shape changes); ReLU (van Spengler, Berkhout & Mettes 2023).
 *
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { poincareResidualBlock } from "refigure/hyperbolic/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const input = tf.input({ shape: [8, 8, 4] });
 * const output = poincareResidualBlock(input, { filters: 8, strides: 2 });
 * assertEquals(output.shape, [null, 4, 4, 8]);
 * ```
 */
export function poincareResidualBlock(
  x: tf.SymbolicTensor,
  options: PoincareResidualBlockOptions,
): tf.SymbolicTensor {
  requireInstance("x", x, tf.SymbolicTensor);
  requireOptions("options", options, [
    "filters",
    "strides",
    "c",
    "init",
    "mean",
    "inference",
    "order",
    "seed",
  ]);
  const {
    filters,
    strides = 1,
    c = 0.1,
    init = "identity",
    mean = "midpoint",
    inference = "running",
    order = "fr",
    seed = 0,
  } = options;
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  const run = (layer: tf.layers.Layer, of: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
    layer.apply(of) as tf.SymbolicTensor;
  const convolution = (part: number, strides: number, kernelSize = 3) =>
    new PoincareConv2d({ filters, strides, kernelSize, c, init, seed: 10 * seed + part });
  let y = run(convolution(0, strides), x);
  y = run(tf.layers.reLU(), run(new PoincareBatchNorm({ c, mean, inference }), y));
  y = run(new PoincareBatchNorm({ c, mean, inference }), run(convolution(1, 1), y));
  const isSame = strides === 1 && x.shape[3] === filters;
  const skip = isSame ? x : run(convolution(2, strides, 1), x);
  return run(tf.layers.reLU(), run(new PoincareAdd({ c, order }), [y, skip]));
}

/** Options of {@linkcode poincareResnet}. */
export interface PoincareResnetOptions extends PoincareNetworkOptions {
  /** [height, width, channels] of the images. */
  inputShape: readonly [number, number, number];
  /** Number of classes. */
  classes: number;
  /** Channels of the groups; the first keeps the image's size, each other halves it. Default [8, 16, 32]. */
  channels?: readonly number[];
  /** Residual blocks per group; depth is 6 blocks + 2 for three groups. Default 3, ResNet-20. */
  blocks?: number;
}

/**
 * Poincaré ResNet as a tfjs model (van Spengler, Berkhout & Mettes 2023): a convolution with batch
 * normalization and ReLU, groups of residual blocks, the mean of the tangent vectors over the image, and a
 * fully connected layer whose outputs are the logits. Pixels are the channels of tangent vectors at the
 * origin.
 *
 * @returns A model from `[batch, height, width, channels]` to logits `[batch, classes]`.
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { poincareResnet } from "refigure/hyperbolic/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = poincareResnet({ inputShape: [8, 8, 1], classes: 10, channels: [2, 4], blocks: 1 });
 * assertEquals((model.predict(tf.ones([3, 8, 8, 1])) as tf.Tensor).shape, [3, 10]);
 * ```
 */
export function poincareResnet(options: PoincareResnetOptions): tf.LayersModel {
  requireOptions("options", options, [
    ...["inputShape", "classes", "channels", "blocks"] as const,
    ...["c", "init", "mean", "inference", "order", "seed"] as const,
  ]);
  const { inputShape, classes, channels = [8, 16, 32], blocks = 3, ...network } = options;
  const { c = 0.1, init = "identity", mean = "midpoint", inference = "running", seed = 0 } = network;
  requireNumbers("inputShape", inputShape, { length: 3 });
  for (let i = 0; i < 3; i++) requireInteger(`inputShape[${i}]`, inputShape[i], { min: 1 });
  requireInteger("classes", classes, { min: 1 });
  requireNumbers("channels", channels);
  requireInteger("channels.length", channels.length, { min: 1 });
  requireInteger("blocks", blocks, { min: 1 });
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  const input = tf.input({ shape: [...inputShape] });
  const first = new PoincareConv2d({ filters: channels[0], c, init, seed: 1000 * seed });
  let x = new PoincareBatchNorm({ c, mean, inference }).apply(first.apply(input)) as tf.SymbolicTensor;
  x = tf.layers.reLU().apply(x) as tf.SymbolicTensor;
  channels.forEach((filters, group) => {
    for (let block = 0; block < blocks; block++) {
      x = poincareResidualBlock(x, {
        ...network,
        filters,
        strides: group > 0 && block === 0 ? 2 : 1,
        seed: 100 * seed + 10 * group + block + 1,
      });
    }
  });
  const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const head = new PoincareDense({ units: classes, c, init, seed: 1000 * seed + 1 });
  return tf.model({ inputs: input, outputs: head.apply(pooled) as tf.SymbolicTensor });
}
