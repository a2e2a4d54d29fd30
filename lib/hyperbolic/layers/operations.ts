import * as tf from "@tensorflow/tfjs";
import { Matrix, requireOptions } from "../../arrays/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";
import type { TangentOptions } from "../hyperboloid.ts";
import { scalesOf } from "../hyperboloid.ts";
import {
  normBackward,
  normForward,
  type PoincareBatchNormOptions,
  type PoincareStatistics,
  requireNorm,
  statisticsOf,
} from "../poincare_batch_norm.ts";
import {
  CONV_OPTIONS,
  fromPatches,
  geometryOf,
  patches,
  type PoincareConv2dOptions,
} from "../poincare_conv2d.ts";
import { linearBackward, linearForward } from "../poincare_linear.ts";
import { addBackward, addForward } from "../tangent_mobius_add.ts";

/** A tensor's values as a matrix of `columns` columns. */
function matrixOf(tensor: tf.Tensor, columns: number): Matrix<Float32Array> {
  return new Matrix(tensor.size / columns, columns, tensor.dataSync() as Float32Array);
}

function requireFloats(tensors: Record<string, tf.Tensor>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (requireTensor(name, tensor).dtype !== "float32") {
      throw new TypeError(`\`${name}\` must be of type float32, got ${tensor.dtype}`);
    }
  }
}

function requireShape(name: string, tensor: tf.Tensor, shape: readonly number[]): void {
  if (tensor.shape.length !== shape.length || shape.some((size, i) => tensor.shape[i] !== size)) {
    throw new RangeError(`\`${name}\` must have shape [${shape}], got [${tensor.shape}]`);
  }
}

/** Outputs of the weights, if they have `n` inputs. @throws {RangeError} */
function outputsOf(Z: tf.Tensor, n: number, u: tf.Tensor): number {
  const [rows, columns] = Z.shape;
  if (Z.rank !== 2 || rows !== n || columns === undefined) {
    throw new RangeError(`\`Z\` must be [${n}, m] for \`u\` [${u.shape}], got [${Z.shape}]`);
  }
  return columns;
}

function lastOf(name: string, tensor: tf.Tensor): number {
  if (tensor.rank === 0) throw new RangeError(`\`${name}\` must have at least one axis, got a scalar`);
  return tensor.shape[tensor.rank - 1];
}

/**
 * `poincareLinear` of the last axis as one tfjs operation with a gradient of its own: for it the arguments
 * are kept and two tensors of the size of the output, not the results of every step of the formula.
 *
 * @param u Tangent vectors at the origin, [..., n].
 * @param Z Normals of the hyperplanes as columns, [n, m].
 * @param r Offsets, [m].
 * @param options The curvature.
 * @returns Tangent vectors at the origin, [..., m].
 * @throws {RangeError} if the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { poincareLinearOp } from "refigure/hyperbolic/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const out = poincareLinearOp(tf.tensor2d([[3, 4]]), tf.tensor2d([[0.5, 0], [0, 0.5]]), tf.zeros([2]), { c:
 * 1 }); assertAlmostEquals(out.dataSync()[1], 4, 1e-5);
 * ```
 */
export function poincareLinearOp(
  u: tf.Tensor,
  Z: tf.Tensor,
  r: tf.Tensor,
  options: TangentOptions,
): tf.Tensor {
  requireFloats({ u, Z, r });
  const scales = scalesOf(options, "float32");
  const n = lastOf("u", u);
  const m = outputsOf(Z, n, u);
  requireShape("r", r, [m]);
  const shape = [...u.shape.slice(0, -1), m];
  const op = tf.customGrad((...args) => {
    const [u, Z, r, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const { value, record } = linearForward(matrixOf(u, n), matrixOf(Z, m), matrixOf(r, m), scales);
    save([u, Z, r, tf.tensor(record.inner.data), tf.tensor(record.angle.data)]);
    return {
      value: tf.tensor(value.data, shape),
      gradFunc: (dy: tf.Tensor, [u, Z, r, inner, angle]: tf.Tensor[]) => {
        const found = linearBackward(
          matrixOf(u, n),
          matrixOf(Z, m),
          matrixOf(r, m),
          { inner: matrixOf(inner, m), angle: matrixOf(angle, m) },
          matrixOf(dy, m),
          scales,
        );
        return [tf.tensor(found.u.data, u.shape), tf.tensor(found.Z.data, [n, m]), tf.tensor1d(found.r.data)];
      },
    };
  });
  return op(u, Z, r) as tf.Tensor;
}

/**
 * `poincareConv2d` as one tfjs operation with a gradient of its own; the patches are made again for the
 * gradient instead of being kept.
 *
 * @param u Images of tangent vectors, [batch, height, width, C].
 * @param Z Weights, [kernel * kernel * C, m], tap by tap.
 * @param r Offsets, [m].
 * @param options The curvature, and the geometry of the kernel.
 * @returns Images [batch, height', width', m].
 * @throws {RangeError} if the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { poincareConv2dOp } from "refigure/hyperbolic/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const images = tf.ones([2, 8, 8, 3]);
 * assertEquals(poincareConv2dOp(images, tf.zeros([27, 4]), tf.zeros([4]), { c: 1, stride: 2 }).shape, [2, 4,
 * 4, 4]);
 * ```
 */
export function poincareConv2dOp(
  u: tf.Tensor,
  Z: tf.Tensor,
  r: tf.Tensor,
  options: PoincareConv2dOptions,
): tf.Tensor {
  requireFloats({ u, Z, r });
  if (u.rank !== 4) throw new RangeError(`\`u\` must be [batch, height, width, channels], got [${u.shape}]`);
  requireOptions("options", options, CONV_OPTIONS);
  const { c, maxTangentNorm, ...rest } = options;
  const scales = scalesOf({ c, maxTangentNorm }, "float32");
  const geometry = geometryOf(u.shape, rest);
  const n = geometry.kernel ** 2 * geometry.channels;
  const m = outputsOf(Z, n, u);
  requireShape("r", r, [m]);
  const op = tf.customGrad((...args) => {
    const [u, Z, r, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const rows = (images: tf.Tensor) => patches(images.dataSync() as Float32Array, geometry);
    const { value, record } = linearForward(rows(u), matrixOf(Z, m), matrixOf(r, m), scales);
    save([u, Z, r, tf.tensor(record.inner.data), tf.tensor(record.angle.data)]);
    return {
      value: tf.tensor(value.data, [geometry.batch, geometry.outHeight, geometry.outWidth, m]),
      gradFunc: (dy: tf.Tensor, [u, Z, r, inner, angle]: tf.Tensor[]) => {
        const found = linearBackward(
          rows(u),
          matrixOf(Z, m),
          matrixOf(r, m),
          { inner: matrixOf(inner, m), angle: matrixOf(angle, m) },
          matrixOf(dy, m),
          scales,
        );
        return [
          tf.tensor(fromPatches(found.u.data, geometry), u.shape),
          tf.tensor(found.Z.data, [n, m]),
          tf.tensor1d(found.r.data),
        ];
      },
    };
  });
  return op(u, Z, r) as tf.Tensor;
}

/**
 * `tangentMobiusAdd` as one tfjs operation with a gradient of its own, which keeps only the summands.
 *
 * @param u Tangent vectors at the origin, [..., d].
 * @param v Tangent vectors at the origin, of the same shape.
 * @param options The curvature.
 * @returns Tangent vectors at the origin, of the same shape.
 * @throws {RangeError} if the shapes differ, or an option is out of range.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { tangentMobiusAddOp } from "refigure/hyperbolic/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const sum = tangentMobiusAddOp(tf.tensor2d([[0.4]]), tf.tensor2d([[0.3]]), { c: 1 });
 * assertAlmostEquals(sum.dataSync()[0], 0.7, 1e-6);
 * ```
 */
export function tangentMobiusAddOp(u: tf.Tensor, v: tf.Tensor, options: TangentOptions): tf.Tensor {
  requireFloats({ u, v });
  const scales = scalesOf(options, "float32");
  const d = lastOf("u", u);
  requireShape("v", v, u.shape);
  const op = tf.customGrad((...args) => {
    const [u, v, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([u, v]);
    return {
      value: tf.tensor(addForward(matrixOf(u, d), matrixOf(v, d), scales).data, u.shape),
      gradFunc: (dy: tf.Tensor, [u, v]: tf.Tensor[]) => {
        const found = addBackward(matrixOf(u, d), matrixOf(v, d), matrixOf(dy, d), scales);
        return [tf.tensor(found.u.data, u.shape), tf.tensor(found.v.data, u.shape)];
      },
    };
  });
  return op(u, v) as tf.Tensor;
}

/** A variance that training has pushed below this is taken for this. */
const LEAST_VARIANCE = 1e-6;

/**
 * `poincareBatchNorm` over all axes but the last as one tfjs operation with a gradient of its own, which
 * keeps only the arguments and the batch's mean and variance.
 *
 * @param u Tangent vectors at the origin, [..., C].
 * @param theta Mean of the outputs as a tangent vector, [C].
 * @param gamma Variance of the outputs, [1]; what is below 1e-6 is taken for 1e-6.
 * @param options The curvature, and which mean.
 * @returns Tangent vectors at the origin, [..., C].
 * @throws {RangeError} if the batch is empty, the shapes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { poincareBatchNormOp } from "refigure/hyperbolic/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const u = tf.tensor2d([[0.1, 0], [0.3, 0]]);
 * const out = poincareBatchNormOp(u, tf.zeros([2]), tf.ones([1]), { c: 1 });
 * // Two points are moved to the distance 1 from their midpoint: tangent vectors of length 1/2.
 * assertAlmostEquals(out.dataSync()[0], -0.5, 1e-4);
 * ```
 */
export function poincareBatchNormOp(
  u: tf.Tensor,
  theta: tf.Tensor,
  gamma: tf.Tensor,
  options: PoincareBatchNormOptions,
): tf.Tensor {
  return batchNormOp(u, theta, gamma, options);
}

/** {@linkcode poincareBatchNormOp} that tells the mean and the variance of the batch. Not public. */
export function batchNormOp(
  u: tf.Tensor,
  theta: tf.Tensor,
  gamma: tf.Tensor,
  options: PoincareBatchNormOptions,
  onStatistics?: (statistics: PoincareStatistics) => void,
): tf.Tensor {
  requireFloats({ u, theta, gamma });
  const d = lastOf("u", u);
  requireShape("theta", theta, [d]);
  requireShape("gamma", gamma, [1]);
  const varianceOf = (gamma: tf.Tensor) => Math.max(LEAST_VARIANCE, gamma.dataSync()[0]);
  const op = tf.customGrad((...args) => {
    const [u, theta, gamma, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const rows = matrixOf(u, d);
    const mean = matrixOf(theta, d);
    const settings = requireNorm(rows, mean, varianceOf(gamma), options);
    const { value, batch } = normForward(rows, mean, varianceOf(gamma), settings);
    onStatistics?.(statisticsOf(batch, settings));
    save([u, theta, gamma]);
    return {
      value: tf.tensor(value.data, u.shape),
      gradFunc: (dy: tf.Tensor, [u, theta, gamma]: tf.Tensor[]) => {
        const found = normBackward(
          matrixOf(u, d),
          matrixOf(theta, d),
          varianceOf(gamma),
          batch,
          matrixOf(dy, d),
          settings,
        );
        return [
          tf.tensor(found.u.data, u.shape),
          tf.tensor1d(found.theta.data),
          tf.tensor1d([found.gamma]),
        ];
      },
    };
  });
  return op(u, theta, gamma) as tf.Tensor;
}
