import * as tf from "@tensorflow/tfjs";
import { nextPowerOfTwo, plan } from "../../transforms/plan.ts";
import { requireTensor } from "../../tfjs/layers.ts";

/**
 * The causal convolution of each feature with its own kernel, `y[b, t, h] = sum_s k[h, s] u[b, t - s, h]`, as
 * a tfjs operation with gradients for both. Two signals of about one size share each complex Fourier
 * transform, as the real and the imaginary part; transforms of the input are kept for the gradient.
 *
 * @param u Signals, [batch, length, features].
 * @param kernel Kernels, [features, length].
 * @returns [batch, length, features].
 * @throws {RangeError} if the shapes do not fit.
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
  requireTensor("u", u);
  requireTensor("kernel", kernel);
  const [batch, length, features] = u.shape;
  if (u.shape.length !== 3) {
    throw new RangeError(`\`u\` must be [batch, length, features], got [${u.shape}]`);
  }
  if (kernel.shape.length !== 2 || kernel.shape[0] !== features || kernel.shape[1] !== length) {
    throw new RangeError(
      `\`kernel\` must be [${features}, ${length}] for \`u\` [${u.shape}], got [${kernel.shape}]`,
    );
  }
  const shape = { batch, length, features, m: nextPowerOfTwo(2 * length) };
  const op = tf.customGrad((...args) => {
    const [signals, kernels] = args as [tf.Tensor3D, tf.Tensor2D];
    const values = signals.dataSync() as Float32Array;
    const kHat = transformKernels(kernels.dataSync() as Float32Array, shape);
    const size = { ...shape, together: togetherFor(values, shape) };
    const uHat = transformSignals(values, size);
    return {
      value: tf.tensor3d(back(uHat, kHat, size, 1), [batch, length, features]),
      gradFunc: (dy: tf.Tensor) => {
        const upstream = dy.dataSync() as Float32Array;
        // A correlation needs both in the same arrangement.
        const both = { ...size, together: Math.min(size.together, togetherFor(upstream, shape)) };
        const gHat = transformSignals(upstream, both);
        const hats = both.together === size.together ? uHat : transformSignals(values, both);
        return [
          tf.tensor3d(back(gHat, kHat, both, -1), [batch, length, features]),
          tf.tensor2d(correlations(hats, gHat, both), [features, length]),
        ];
      },
    };
  });
  return op(u, kernel) as tf.Tensor3D;
}

interface SignalSizes {
  batch: number;
  length: number;
  features: number;
  /** Length of the transforms. */
  m: number;
}

interface Size extends SignalSizes {
  /** How many signals share a transform: 2 or 1. */
  together: number;
}

/**
 * Signals may share a transform if the largest value of one is at most this many times that of the other:
 * what rounding adds to the smaller one is then far below single precision.
 */
const LARGEST_RATIO = 2 ** 16;

/**
 * Whether all signals that would share a transform may: not a large one beside a small one, which rounding
 * would drown, nor one that is not finite.
 */
function togetherFor(u: Float32Array, { batch, length, features }: SignalSizes): 1 | 2 {
  const sizes = new Float64Array(batch * features);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (let l = 0; l < length; l++) {
      for (let k = b * features; k < (b + 1) * features; k++, at++) {
        const size = Math.abs(u[at]);
        // Nothing is larger than a NaN, so it stays.
        if (size > sizes[k] || Number.isNaN(size)) sizes[k] = size;
      }
    }
  }
  for (let b = 0; b + 1 < batch; b += 2) {
    for (let h = 0; h < features; h++) {
      const first = sizes[b * features + h];
      const second = sizes[(b + 1) * features + h];
      const isClose = first <= LARGEST_RATIO * second && second <= LARGEST_RATIO * first;
      if (!isClose || !Number.isFinite(first + second)) return 1;
    }
  }
  return 2;
}

function transformKernels(k: Float32Array, { length, features, m }: SignalSizes): Float64Array[] {
  const input = new Float64Array(2 * m);
  const run = plan(m);
  return Array.from({ length: features }, (_, h) => {
    for (let l = 0; l < length; l++) input[2 * l] = k[h * length + l];
    const out = new Float64Array(2 * m);
    run(input, out);
    return out;
  });
}

/**
 * Transforms of the signals of each feature: of u[2c] + i u[2c + 1] where two share one, else of u[c].
 */
function transformSignals(u: Float32Array, size: Size): Float64Array[] {
  const { batch, length, features, m, together } = size;
  const input = new Float64Array(2 * m);
  const run = plan(m);
  const out: Float64Array[] = [];
  for (let h = 0; h < features; h++) {
    for (let b = 0; b < batch; b += together) {
      const isPair = together === 2 && b + 1 < batch;
      let at = b * length * features + h;
      let other = at + length * features;
      for (let l = 0; l < length; l++, at += features, other += features) {
        input[2 * l] = u[at];
        input[2 * l + 1] = isPair ? u[other] : 0;
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
  const { batch, length, features, m, together } = size;
  const run = plan(m);
  const product = new Float64Array(2 * m);
  const time = new Float64Array(2 * m);
  const out = new Float32Array(batch * length * features);
  let next = 0;
  for (let h = 0; h < features; h++) {
    const k = kHat[h];
    for (let b = 0; b < batch; b += together) {
      const x = hats[next++];
      // Conjugated, so that a forward transform inverts.
      for (let i = 0; i < 2 * m; i += 2) {
        const kRe = k[i];
        const kIm = sign * k[i + 1];
        product[i] = x[i] * kRe - x[i + 1] * kIm;
        product[i + 1] = -(x[i] * kIm + x[i + 1] * kRe);
      }
      run(product, time);
      const isPair = together === 2 && b + 1 < batch;
      let at = b * length * features + h;
      let other = at + length * features;
      for (let l = 0; l < length; l++, at += features, other += features) {
        out[at] = time[2 * l] / m;
        if (isPair) out[other] = -time[2 * l + 1] / m;
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
  const { batch, length, features, m, together } = size;
  const run = plan(m);
  const sum = new Float64Array(2 * m);
  const time = new Float64Array(2 * m);
  const out = new Float32Array(features * length);
  let next = 0;
  for (let h = 0; h < features; h++) {
    sum.fill(0);
    for (let b = 0; b < batch; b += together, next++) {
      const x = uHat[next];
      const g = gHat[next];
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
