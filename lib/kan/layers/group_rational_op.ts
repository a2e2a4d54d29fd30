import * as tf from "@tensorflow/tfjs";
import { requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { NativeBackend } from "../../tfjs/backend.ts";
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
 * `rationalForward` of `refigure/kan`. On the backend `native`, groups of a multiple of four channels run in
 * compiled loops.
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
  const shape = { rows, channels, groups, form };
  const op = tf.customGrad((...args) => {
    const [x, a, b, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, a, b]);
    return {
      value: compiledForward(x, a, b, shape) ?? forward(x, a, b, shape),
      gradFunc: (dy: tf.Tensor, [x, a, b]: tf.Tensor[]) =>
        compiledBackward(x, a, b, dy, shape) ?? backward(x, a, b, dy, shape),
    };
  });
  return op(x, numerator, denominator) as T;
}

interface Shape {
  rows: number;
  channels: number;
  groups: number;
  form: PadeForm;
}

function coefficients(a: tf.Tensor, b: tf.Tensor, { groups, form }: Shape): RationalCoefficients {
  return {
    numerator: Float64Array.from(a.dataSync()),
    denominator: Float64Array.from(b.dataSync()),
    groups,
    form,
  };
}

/** The loops in double precision. */
function forward(x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, shape: Shape): tf.Tensor {
  const values = x.dataSync() as Float32Array;
  return tf.tensor(rationalForward(values, shape.rows, shape.channels, coefficients(a, b, shape)), x.shape);
}

function backward(x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, dy: tf.Tensor, shape: Shape): tf.Tensor[] {
  const { dx, dNumerator, dDenominator } = rationalBackward(
    x.dataSync() as Float32Array,
    shape.rows,
    shape.channels,
    coefficients(a, b, shape),
    dy.dataSync() as Float32Array,
  );
  return [
    tf.tensor(dx, x.shape),
    tf.tensor(Float32Array.from(dNumerator), a.shape),
    tf.tensor(Float32Array.from(dDenominator), b.shape),
  ];
}

/**
 * The compiled loop of the backend `native`, four channels at a time in single precision; undefined if it
 * does not fit, or if powers overflow there.
 */
function compiledForward(x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, shape: Shape): tf.Tensor | undefined {
  if (!isCompiled(x, shape)) return undefined;
  const inputs = { x, numerator: a, denominator: b };
  const [y, lost] = tf.engine().runKernel("GroupRational", inputs, { form: shape.form }) as tf.Tensor[];
  return lost.dataSync()[0] === 0 ? y : undefined;
}

function compiledBackward(
  x: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  dy: tf.Tensor,
  shape: Shape,
): tf.Tensor[] | undefined {
  if (!isCompiled(x, shape)) return undefined;
  const inputs = { x, numerator: a, denominator: b, dy };
  const made = tf.engine().runKernel("GroupRationalGrad", inputs, { form: shape.form }) as tf.Tensor[];
  return made[3].dataSync()[0] === 0 ? made.slice(0, 3) : undefined;
}

function isCompiled(x: tf.Tensor, { channels, groups }: Shape): boolean {
  return tf.backend() instanceof NativeBackend && x.size > 0 && (channels / groups) % 4 === 0;
}
