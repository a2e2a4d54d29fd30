import * as tf from "@tensorflow/tfjs";
import { requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";
import { linearScan, SCAN_METHODS, type ScanMethod } from "../recurrence.ts";

/**
 * All states of `x[k] = p x[k-1] + v[k]`, as a tfjs operation with gradients for v and p: the reverse scan
 * with the conjugate of p, and its product with the states.
 *
 * @param v Inputs, [batch, length, 2 N], real and imaginary parts interleaved.
 * @param p Factors, [2 N].
 * @param options `method`: as for {@linkcode linearScan}. Default `"loop"`.
 * @returns States, [batch, length, 2 N].
 * @throws {RangeError} if the shapes do not fit.
 * @throws {TypeError} if the method is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { scanOp } from "refigure/ssm/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const v = tf.tensor3d([[[1, 0], [0, 0], [0, 0]]]);
 * const p = tf.tensor1d([0.5, 0]);
 * assertEquals(Array.from(scanOp(v, p).dataSync()), [1, 0, 0.5, 0, 0.25, 0]);
 * // d/dp (1 + p + p^2) = 1 + 2 p
 * assertEquals(tf.grad((q) => tf.sum(scanOp(v, q as tf.Tensor1D)))(p).dataSync()[0], 2);
 * ```
 */
export function scanOp(
  v: tf.Tensor3D,
  p: tf.Tensor1D,
  options: { method?: ScanMethod } = {},
): tf.Tensor3D {
  requireOptions("options", options, ["method"]);
  const { method = "loop" } = options;
  requireOneOf("method", method, SCAN_METHODS);
  requireTensor("v", v);
  requireTensor("p", p);
  const [batch, length, width] = v.shape;
  if (v.shape.length !== 3 || width % 2 !== 0 || p.shape.length !== 1 || p.shape[0] !== width) {
    throw new RangeError(
      `\`v\` must be [batch, length, 2 N] and \`p\` [2 N], got [${v.shape}] and [${p.shape}]`,
    );
  }
  const size = length * width;
  const op = tf.customGrad((...args) => {
    const [inputs, factors] = (args as tf.Tensor[]).slice(0, 2).map((t) => t.dataSync() as Float32Array);
    const x = inputs.slice();
    for (let b = 0; b < batch; b++) linearScan(x.subarray(b * size, (b + 1) * size), factors, { method });
    return {
      value: tf.tensor3d(x, [batch, length, width]),
      gradFunc: (dx: tf.Tensor) => {
        const lambda = (dx.dataSync() as Float32Array).slice();
        const conjugate = factors.map((value, i) => i % 2 === 0 ? value : -value);
        const dp = new Float32Array(width);
        for (let b = 0; b < batch; b++) {
          linearScan(lambda.subarray(b * size, (b + 1) * size), conjugate, { method, reverse: true });
          for (let k = b * size + width; k < (b + 1) * size; k += width) {
            for (let i = 0; i < width; i += 2) {
              const re = lambda[k + i];
              const im = lambda[k + i + 1];
              const xRe = x[k - width + i];
              const xIm = x[k - width + i + 1];
              dp[i] += re * xRe + im * xIm;
              dp[i + 1] += im * xRe - re * xIm;
            }
          }
        }
        return [tf.tensor3d(lambda, [batch, length, width]), tf.tensor1d(dp)];
      },
    };
  });
  return op(v, p) as tf.Tensor3D;
}
