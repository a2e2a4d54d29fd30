import * as tf from "@tensorflow/tfjs";
import { Matrix } from "../../arrays/mod.ts";
import { householderProduct, householderVjp } from "../../linalg/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";

/**
 * {@linkcode householderProduct} as a tfjs operation with a gradient of its own: the first m columns of the
 * product of m reflections of d dimensions, in single precision. The gradient keeps no intermediate result.
 *
 * @param v Reflectors as columns, [d, m] with m <= d; their lengths do not matter.
 * @returns [d, m], orthonormal columns.
 * @throws {RangeError} if `v` is not of two dimensions, or wide, or has an entry that is NaN or infinite.
 * @throws {TypeError} if `v` is not a tensor.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { householderProductOp } from "refigure/latent_directions/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * // The first column of the reflection by (cos a, sin a) is (-cos 2a, -sin 2a).
 * const second = (a: tf.Tensor) =>
 *   householderProductOp(tf.stack([tf.cos(a), tf.sin(a)]).reshape([2, 1])).slice([1, 0], [1, 1]).asScalar();
 * assertAlmostEquals(tf.grad(second)(tf.scalar(0.3)).dataSync()[0], -2 * Math.cos(0.6), 1e-6);
 * ```
 */
export function householderProductOp(v: tf.Tensor2D): tf.Tensor2D {
  requireTensor("v", v);
  const [d, m] = v.shape;
  if (v.shape.length !== 2 || m > d) {
    throw new RangeError(`\`v\` must be [d, m] with m <= d, got [${v.shape}]`);
  }
  const op = tf.customGrad((...args) => {
    const reflectors = matrixOf((args as tf.Tensor[])[0], d, m);
    const q = householderProduct(reflectors);
    return {
      value: tf.tensor2d(q.data, [d, m]),
      gradFunc: (dq: tf.Tensor) => {
        const identity = Matrix.identity(d).slice(0, d, 0, m).astype("float32");
        const { dv } = householderVjp(reflectors, identity, matrixOf(dq, d, m), { y: q });
        return tf.tensor2d(dv.data, [d, m]);
      },
    };
  });
  return op(v) as tf.Tensor2D;
}

function matrixOf(tensor: tf.Tensor, rows: number, columns: number): Matrix<Float32Array> {
  return new Matrix(rows, columns, Float32Array.from(tensor.dataSync()));
}
