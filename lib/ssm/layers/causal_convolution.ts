import * as tf from "@tensorflow/tfjs";
import { nextPowerOfTwo, plan } from "../../transforms/plan.ts";

/**
 * The causal convolution of each feature with its own kernel, `y[b, t, h] = sum_s k[h, s] u[b, t - s, h]`, as
 * a tfjs operation with gradients for both. Two signals share each complex Fourier transform, as the real and
 * the imaginary part; transforms of the input are kept for the gradient.
 *
 * @param u Signals, [batch, length, features].
 * @param kernel Kernels, [features, length].
 * @returns [batch, length, features].
 * @throws {TypeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { causalConvolution } from "refigure/ssm/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const y = causalConvolution(tf.tensor3d([[[1], [0], [1]]]), tf.tensor2d([[1, 2, 4]]));
 * [1, 2, 5].forEach((value, t) => assertAlmostEquals(y.dataSync()[t], value, 1e-6));
 * ```
 */
export function causalConvolution(u: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  const [batch, length, features] = u.shape;
  if (kernel.shape[0] !== features || kernel.shape[1] !== length) {
    throw new TypeError(
      `\`kernel\` must be [${features}, ${length}] for \`u\` [${u.shape}], got [${kernel.shape}]`,
    );
  }
  const size = { batch, length, features, m: nextPowerOfTwo(2 * length), pairs: Math.ceil(batch / 2) };
  const op = tf.customGrad((...args) => {
    const [signals, kernels] = args as [tf.Tensor3D, tf.Tensor2D];
    const kHat = transformKernels(kernels.dataSync() as Float32Array, size);
    const uHat = transformSignals(signals.dataSync() as Float32Array, size);
    const y = back(uHat, kHat, size, 1);
    return {
      value: tf.tensor3d(y, [batch, length, features]),
      gradFunc: (dy: tf.Tensor) => {
        const gHat = transformSignals(dy.dataSync() as Float32Array, size);
        return [
          tf.tensor3d(back(gHat, kHat, size, -1), [batch, length, features]),
          tf.tensor2d(correlations(uHat, gHat, size), [features, length]),
        ];
      },
    };
  });
  return op(u, kernel) as tf.Tensor3D;
}

interface Size {
  batch: number;
  length: number;
  features: number;
  /** Length of the transforms. */
  m: number;
  /** Pairs of signals. */
  pairs: number;
}

function transformKernels(k: Float32Array, { length, features, m }: Size): Float64Array[] {
  const input = new Float64Array(2 * m);
  const run = plan(m);
  return Array.from({ length: features }, (_, h) => {
    for (let l = 0; l < length; l++) input[2 * l] = k[h * length + l];
    const out = new Float64Array(2 * m);
    run(input, out);
    return out;
  });
}

/** Transforms of u[2c] + i u[2c + 1] for each feature. */
function transformSignals(u: Float32Array, { batch, length, features, m, pairs }: Size): Float64Array[] {
  const input = new Float64Array(2 * m);
  const run = plan(m);
  const out: Float64Array[] = [];
  for (let h = 0; h < features; h++) {
    for (let c = 0; c < pairs; c++) {
      const first = 2 * c * length * features + h;
      const second = first + length * features;
      const both = 2 * c + 1 < batch;
      let at = first;
      let other = second;
      for (let l = 0; l < length; l++, at += features, other += features) {
        input[2 * l] = u[at];
        input[2 * l + 1] = both ? u[other] : 0;
      }
      const hat = new Float64Array(2 * m);
      run(input, hat);
      out.push(hat);
    }
  }
  return out;
}

/** Products with the kernels' transforms (conjugated for `sign` -1), transformed back. */
function back(hats: Float64Array[], kHat: Float64Array[], size: Size, sign: 1 | -1): Float32Array {
  const { batch, length, features, m, pairs } = size;
  const run = plan(m);
  const product = new Float64Array(2 * m);
  const time = new Float64Array(2 * m);
  const out = new Float32Array(batch * length * features);
  for (let h = 0; h < features; h++) {
    const k = kHat[h];
    for (let c = 0; c < pairs; c++) {
      const x = hats[h * pairs + c];
      // Conjugated, so that a forward transform inverts.
      for (let i = 0; i < 2 * m; i += 2) {
        const kRe = k[i];
        const kIm = sign * k[i + 1];
        product[i] = x[i] * kRe - x[i + 1] * kIm;
        product[i + 1] = -(x[i] * kIm + x[i + 1] * kRe);
      }
      run(product, time);
      const first = 2 * c * length * features + h;
      const second = first + length * features;
      const both = 2 * c + 1 < batch;
      let at = first;
      let other = second;
      for (let l = 0; l < length; l++, at += features, other += features) {
        out[at] = time[2 * l] / m;
        if (both) out[other] = -time[2 * l + 1] / m;
      }
    }
  }
  return out;
}

/**
 * Gradients of the kernels: correlations of inputs and output gradients, summed over the batch before the
 * transform back.
 */
function correlations(uHat: Float64Array[], gHat: Float64Array[], size: Size): Float32Array {
  const { length, features, m, pairs } = size;
  const run = plan(m);
  const sum = new Float64Array(2 * m);
  const time = new Float64Array(2 * m);
  const out = new Float32Array(features * length);
  for (let h = 0; h < features; h++) {
    sum.fill(0);
    for (let c = 0; c < pairs; c++) {
      const x = uHat[h * pairs + c];
      const g = gHat[h * pairs + c];
      for (let i = 0; i < 2 * m; i += 2) {
        sum[i] += x[i] * g[i] + x[i + 1] * g[i + 1];
        sum[i + 1] -= x[i] * g[i + 1] - x[i + 1] * g[i];
      }
    }
    run(sum, time);
    for (let l = 0; l < length; l++) out[h * length + l] = time[2 * l] / m;
  }
  return out;
}
