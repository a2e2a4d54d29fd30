import * as tf from "@tensorflow/tfjs";
import { Matrix, requireInteger, requireOptions } from "../../arrays/mod.ts";
import { requireConvention, type S4DConvention, s4dKernel, s4dKernelGradient } from "../s4d_kernel.ts";
import { requireTensor } from "../../tfjs/layers.ts";

/** Tensors of {@linkcode s4dKernelOp}. */
export interface S4DTensors {
  /** [H]. */
  logDt: tf.Tensor;
  /** [H, N]. */
  logARe: tf.Tensor;
  /** [H, N]. */
  AIm: tf.Tensor;
  /** [H, N, 2], real and imaginary parts last. */
  C: tf.Tensor;
}

/**
 * {@linkcode s4dKernel} as a tfjs operation with gradients for all parameters: two small power tables and one
 * matrix product per feature, forward and backward, in float32 with tables in double precision.
 *
 * @param parameters Their tensors.
 * @param length Samples L.
 * @param convention As for {@linkcode s4dKernel}.
 * @returns [H, L].
 * @throws {RangeError} if the parameters do not fit together, or `length` is not a non-negative integer.
 * @throws {TypeError} if a parameter is not a tensor, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { s4dKernelOp } from "refigure/ssm/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const fixed = { logARe: tf.zeros([1, 1]), AIm: tf.zeros([1, 1]), C: tf.tensor3d([[[1, 0]]]) };
 * const first = (logDt: tf.Tensor) =>
 *   s4dKernelOp({ logDt, ...fixed }, 1, { pairs: false }).sum() as tf.Scalar;
 * // K[0] = 1 - exp(-dt)
 * assertAlmostEquals(tf.grad(first)(tf.zeros([1])).dataSync()[0], Math.exp(-1), 1e-6);
 * ```
 */
export function s4dKernelOp(
  parameters: S4DTensors,
  length: number,
  convention: S4DConvention = {},
): tf.Tensor2D {
  const names = ["logDt", "logARe", "AIm", "C"] as const;
  requireOptions("parameters", parameters, names);
  for (const name of names) requireTensor(`parameters.${name}`, parameters[name]);
  requireConvention("convention", convention);
  requireInteger("length", length);
  const shapes = names.map((name) => parameters[name].shape);
  const op = tf.customGrad((...args) => {
    const [logDt, logARe, AIm, C] = (args as tf.Tensor[]).slice(0, 4).map((t) =>
      t.dataSync() as Float32Array
    );
    const values = { logDt, logARe, AIm, C };
    const kernel = s4dKernel(values, length, { ...convention, dtype: "float32" });
    return {
      value: tf.tensor2d(kernel.data as Float32Array, [kernel.rows, length]),
      gradFunc: (dK: tf.Tensor) => {
        const g = new Matrix(kernel.rows, length, dK.dataSync() as Float32Array);
        const found = s4dKernelGradient(values, g, convention);
        return names.map((name, i) => tf.tensor(Float32Array.from(found[name]), shapes[i]));
      },
    };
  });
  return op(...names.map((name) => parameters[name])) as tf.Tensor2D;
}
