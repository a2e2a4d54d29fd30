import * as tf from "@tensorflow/tfjs";
import { requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { requireTensor } from "../../tfjs/layers.ts";
import {
  channelsPerGroup,
  DENOMINATOR_SIZE,
  NUMERATOR_SIZE,
  PADE_FORMS,
  type PadeForm,
  type RationalCoefficients,
} from "../coefficients.ts";
import { rationalBackward, rationalForward } from "../rational.ts";

/** Options of {@linkcode groupRational}. */
export interface GroupRationalOptions {
  /** Form of the denominator. Default `"abs-of-sum"`. */
  form?: PadeForm;
}

/**
 * A group-rational activation of the last axis as a tfjs operation with gradients for the input and both
 * lists of coefficients: one loop forwards and one backwards, with sums in double precision, where a
 * composition of tensor operations would run twenty and keep a temporary for each. See
 * `rationalForward` of `refigure/kan`.
 *
 * @param x Any shape [..., channels].
 * @param numerator a0 to a5: [6].
 * @param denominator b1 to b4 of each group: [groups, 4]; the number of channels is a multiple of `groups`.
 * @param options Form of the denominator.
 * @returns A tensor of the shape of `x`.
 * @throws {RangeError} if the shapes do not fit, or a coefficient is not finite.
 * @throws {TypeError} if an argument is not a tensor of type float32, or an option or the form is unknown.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { groupRational } from "refigure/kan/layers";
 * import { assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const numerator = tf.tensor1d([0, 0, 1, 0, 0, 0]);
 * const square = (x: tf.Tensor) => groupRational(x, numerator, tf.zeros([1, 4]));
 * assertEquals([...square(tf.tensor1d([3, -2])).dataSync()], [9, 4]);
 * assertEquals([...tf.grad(square)(tf.tensor1d([3, -2])).dataSync()], [6, -4]);
 * ```
 */
export function groupRational<T extends tf.Tensor>(
  x: T,
  numerator: tf.Tensor,
  denominator: tf.Tensor,
  options: GroupRationalOptions = {},
): T {
  for (const [name, tensor] of Object.entries({ x, numerator, denominator })) {
    if (requireTensor(name, tensor).dtype !== "float32") {
      throw new TypeError(`\`${name}\` must be of type float32, got ${tensor.dtype}`);
    }
  }
  requireOptions("options", options, ["form"]);
  const { form = "abs-of-sum" } = options;
  requireOneOf("form", form, PADE_FORMS);
  if (x.rank === 0) throw new RangeError("`x` must have at least one axis, got a scalar");
  if (numerator.rank !== 1 || numerator.size !== NUMERATOR_SIZE) {
    throw new RangeError(`\`numerator\` must be [${NUMERATOR_SIZE}], got [${numerator.shape}]`);
  }
  const [groups, size] = denominator.shape;
  if (denominator.rank !== 2 || size !== DENOMINATOR_SIZE || groups < 1) {
    throw new RangeError(`\`denominator\` must be [groups, ${DENOMINATOR_SIZE}], got [${denominator.shape}]`);
  }
  const channels = x.shape[x.rank - 1];
  channelsPerGroup(channels, groups);
  const rows = channels === 0 ? 0 : x.size / channels;
  const read = (a: tf.Tensor, b: tf.Tensor): RationalCoefficients => ({
    numerator: Float64Array.from(a.dataSync()),
    denominator: Float64Array.from(b.dataSync()),
    groups,
    form,
  });
  const op = tf.customGrad((...args) => {
    const [x, a, b, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, a, b]);
    const values = rationalForward(x.dataSync() as Float32Array, rows, channels, read(a, b));
    return {
      value: tf.tensor(values, x.shape),
      gradFunc: (dy: tf.Tensor, [x, a, b]: tf.Tensor[]) => {
        const { dx, dNumerator, dDenominator } = rationalBackward(
          x.dataSync() as Float32Array,
          rows,
          channels,
          read(a, b),
          dy.dataSync() as Float32Array,
        );
        return [
          tf.tensor(dx, x.shape),
          tf.tensor(Float32Array.from(dNumerator), a.shape),
          tf.tensor(Float32Array.from(dDenominator), b.shape),
        ];
      },
    };
  });
  return op(x, numerator, denominator) as T;
}
