import * as tf from "@tensorflow/tfjs";
import { requireInstance, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { NativeBackend } from "./backend.ts";
import { AT_ONCE } from "./kernels/matmul.ts";

/**
 * The Gaussian error linear unit, `x Phi(x)` (Hendrycks & Gimpel 2016), exact up to erf's 1.5e-7. On `native`
 * one pass forwards and one backwards; elsewhere tensor operations.
 *
 * @param x Any shape.
 * @returns A tensor of the same shape.
 * @throws {TypeError} if `x` is not a tensor of type float32.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { gelu, useBestBackend } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * assertAlmostEquals(gelu(tf.scalar(1)).dataSync()[0], 0.8413447, 1e-6);
 * ```
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  requireFloats("x", x);
  if (!isNative() || x.size === 0) {
    const half = tf.mul(x, 0.5);
    return tf.mul(half, tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  }
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: run("Gelu", { x: x as tf.Tensor })[0],
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => run("GeluGrad", { a: dy, b: x }),
    };
  });
  return op(x) as T;
}

/** Options for {@linkcode layerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
}

/**
 * Layer normalization over the last axis (Ba, Kiros & Hinton 2016): `(x - mean) / sqrt(variance + epsilon) *
 * gain + shift`. On `native` one pass forwards and one backwards; elsewhere tensor operations.
 *
 * @param x Shape `[..., n]`.
 * @param gain Shape `[n]`.
 * @param shift Shape `[n]`.
 * @param options What is added to the variance.
 * @returns A tensor of the shape of `x`.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option is unknown.
 * @throws {RangeError} if `gain` or `shift` is not of shape `[n]`, or `epsilon` is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { layerNorm, useBestBackend } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * const y = layerNorm(tf.tensor2d([[1, 3]]), tf.ones([2]), tf.zeros([2])).dataSync();
 * assertAlmostEquals(y[0], -1, 1e-5);
 * assertAlmostEquals(y[1], 1, 1e-5);
 * ```
 */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  gain: tf.Tensor,
  shift: tf.Tensor,
  options: LayerNormOptions = {},
): T {
  requireFloats("x", x);
  requireOptions("options", options, ["epsilon"]);
  const { epsilon = 1e-5 } = options;
  requireNumber("epsilon", epsilon, { above: 0 });
  if (x.rank === 0) throw new RangeError("`x` must have at least one axis, got a scalar");
  const n = x.shape[x.rank - 1];
  for (const [name, tensor] of Object.entries({ gain, shift })) {
    requireFloats(name, tensor);
    if (tensor.rank !== 1 || tensor.shape[0] !== n) {
      throw new RangeError(`\`${name}\` must have shape [${n}], got [${tensor.shape}]`);
    }
  }
  if (!isNative() || x.size === 0) {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), gain), shift);
  }
  const op = tf.customGrad((...args) => {
    const [x, gain, shift, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, gain]);
    return {
      value: run("LayerNorm", { x, gain, shift }, { epsilon })[0],
      gradFunc: (dy: tf.Tensor, [x, gain]: tf.Tensor[]) => run("LayerNormGrad", { x, gain, dy }, { epsilon }),
    };
  });
  return op(x, gain, shift) as T;
}

/** Options for {@linkcode selfAttention}. */
export interface SelfAttentionOptions {
  /** Attention heads; divides the width. */
  heads: number;
  /**
   * Shape `[length, length]`, added to the scores: -1e9 where a row must not look. It is a constant: it gets no
   * gradient. Default: none.
   */
  mask?: tf.Tensor;
}

/**
 * Self-attention of several heads (Vaswani et al. 2017): for every head `softmax(q k^T / sqrt(size) + mask) v`, with the
 * heads' results side by side. On `native` the heads are read and written where they are, without transposed copies;
 * elsewhere, and for sequences or heads of more than 512, tensor operations, which give the same numbers.
 *
 * @param qkv Queries, keys and values side by side, each with all heads: shape `[batch, length, 3 width]`.
 * @param options The number of heads, and a mask.
 * @returns Shape `[batch, length, width]`.
 * @throws {TypeError} if a tensor is not one of type float32, or an option is unknown.
 * @throws {RangeError} if `qkv` is not of such a shape, `heads` does not divide the width, or `mask` is not of shape
 * `[length, length]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { selfAttention, useBestBackend } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * // Equal keys: every row is the mean of all values, 1 and 3.
 * const qkv = tf.tensor3d([[[5, 0, 1], [7, 0, 3]]]);
 * const y = selfAttention(qkv, { heads: 1 }).dataSync();
 * assertAlmostEquals(y[0], 2, 1e-6);
 * assertAlmostEquals(y[1], 2, 1e-6);
 * ```
 */
export function selfAttention(qkv: tf.Tensor3D, options: SelfAttentionOptions): tf.Tensor3D {
  requireFloats("qkv", qkv);
  requireOptions("options", options, ["heads", "mask"]);
  const heads = requireInteger("heads", options.heads, { min: 1 });
  const [batch, length, triple] = qkv.shape;
  if (qkv.rank !== 3 || triple % (3 * heads) !== 0) {
    throw new RangeError(
      `\`qkv\` must have shape [batch, length, a multiple of 3 * ${heads} heads], got [${qkv.shape}]`,
    );
  }
  const width = triple / 3;
  const size = width / heads;
  const { mask } = options;
  if (mask !== undefined) {
    requireFloats("mask", mask);
    if (mask.rank !== 2 || mask.shape.some((n) => n !== length)) {
      throw new RangeError(`\`mask\` must have shape [${length}, ${length}], got [${mask.shape}]`);
    }
  }
  if (!isNative() || qkv.size === 0 || Math.max(length, size) > AT_ONCE) {
    const split = (x: tf.Tensor) => x.reshape([batch, length, heads, size]).transpose([0, 2, 1, 3]);
    const [q, k, v] = tf.split(qkv, 3, 2).map(split);
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size));
    const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
    return tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, length, width]);
  }
  const op = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const [mixed, weights] = run("SelfAttention", mask === undefined ? { qkv: x } : { qkv: x, mask }, {
      heads,
    });
    save([x, weights]);
    return {
      value: mixed,
      gradFunc: (dy: tf.Tensor, [qkv, weights]: tf.Tensor[]) =>
        run("SelfAttentionGrad", { qkv, weights, dy }, { heads })[0],
    };
  });
  return op(qkv) as tf.Tensor3D;
}

function requireFloats(name: string, tensor: tf.Tensor): void {
  requireInstance(name, tensor, tf.Tensor);
  if (tensor.dtype !== "float32") {
    throw new TypeError(`\`${name}\` must be of type float32, got ${tensor.dtype}`);
  }
}

function isNative(): boolean {
  return tf.backend() instanceof NativeBackend;
}

function run(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: { [name: string]: number } = {},
): tf.Tensor[] {
  const result = tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(result) ? result : [result];
}
