import * as tf from "@tensorflow/tfjs";
import { requireNumber } from "../arrays/mod.ts";
import { NativeBackend } from "./backend.ts";

/**
 * The Gaussian error linear unit, `x Phi(x)` (Hendrycks & Gimpel 2016), exact up to erf's 1.5e-7. On `native`
 * one pass forwards and one backwards; elsewhere tensor operations.
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
  if (!isNative()) {
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

/**
 * Layer normalization over the last axis (Ba, Kiros & Hinton 2016): `(x - mean) / sqrt(variance + epsilon) *
 * gain + shift`. On `native` one pass forwards and one backwards; elsewhere tensor operations.
 *
 * @param x Shape `[..., n]`.
 * @param gain Shape `[n]`.
 * @param shift Shape `[n]`.
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
export function layerNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor, shift: tf.Tensor, epsilon = 1e-5): T {
  requireNumber("epsilon", epsilon, { above: 0 });
  const n = x.shape[x.rank - 1];
  for (const [name, tensor] of Object.entries({ gain, shift })) {
    if (tensor.rank !== 1 || tensor.shape[0] !== n) {
      throw new RangeError(`\`${name}\` must have shape [${n}], got [${tensor.shape}]`);
    }
  }
  if (!isNative()) {
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

function isNative(): boolean {
  return tf.backend() instanceof NativeBackend;
}

function run(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: { [name: string]: number } = {},
): tf.Tensor[] {
  const answer = tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(answer) ? answer : [answer];
}
