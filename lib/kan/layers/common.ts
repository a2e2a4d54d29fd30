import * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireOneOf, type Rng } from "../../arrays/mod.ts";
import { constant, requireTensor } from "../../tfjs/layers.ts";
import {
  channelsPerGroup,
  DENOMINATOR_SIZE,
  NUMERATOR_SIZE,
  PADE_FORMS,
  type PadeForm,
  RATIONAL_PRESETS,
  type RationalPreset,
  rationalPreset,
} from "../coefficients.ts";
import { rationalValue } from "../rational.ts";
import { kernelDeviation, type KernelInit } from "../variance.ts";
import { groupRational } from "./group_rational_op.ts";

/** What the layers with rationals have in common. */
export interface RationalStart {
  /** Groups of channels. */
  groups: number;
  /** Function at the start. */
  init: RationalPreset;
  /** Form of the denominator. */
  form: PadeForm;
}

/** Checks the options of a rational. @throws {RangeError | TypeError} */
export function requireRationalStart({ groups, init, form }: RationalStart): void {
  requireInteger("groups", groups, { min: 1, max: 2 ** 24 });
  requireOneOf("init", init, RATIONAL_PRESETS);
  requireOneOf("form", form, PADE_FORMS);
}

/** Number of channels: the last axis of one input. @throws {RangeError | TypeError} */
export function requireChannels(shape: tf.Shape | tf.Shape[]): number {
  if (!Array.isArray(shape)) {
    throw new TypeError(`\`inputShape\` must be a shape, got ${describeValue(shape)}`);
  }
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  const channels = one[one.length - 1];
  if (one.length < 2 || typeof channels !== "number") {
    throw new RangeError(`\`inputs\` must be [batch, ..., channels] with known channels, got [${one}]`);
  }
  return requireInteger("channels", channels, { min: 1 });
}

/** The one input of a layer; it must have the channels that the layer was built for. @throws {RangeError} */
export function requireInput(inputs: tf.Tensor | tf.Tensor[], channels: number): tf.Tensor {
  const input = requireTensor("inputs", Array.isArray(inputs) ? inputs[0] : inputs);
  if (requireChannels(input.shape) !== channels) {
    throw new RangeError(
      `\`inputs\` must have ${channels} channels, as the layer was built for, got ${input.shape.at(-1)}`,
    );
  }
  return input;
}

/** The shape of one input with another last axis. */
export function withChannels(shape: tf.Shape | tf.Shape[], channels: number): tf.Shape {
  requireChannels(shape);
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  return [...one.slice(0, -1), channels];
}

/** Makes a trainable weight with known values. */
export type AddWeight = (name: string, shape: number[], values: ArrayLike<number>) => tf.LayerVariable;

/** Numerator and denominator as weights. @throws {RangeError} if the groups do not fit. */
export function addRational(
  add: AddWeight,
  prefix: string,
  channels: number,
  { groups, init, form }: RationalStart,
): tf.LayerVariable[] {
  channelsPerGroup(channels, groups);
  const { numerator, denominator } = rationalPreset(init, { groups, form });
  return [
    add(`${prefix}numerator`, [NUMERATOR_SIZE], numerator),
    add(`${prefix}denominator`, [groups, DENOMINATOR_SIZE], denominator),
  ];
}

/** Sizes and start of a dense layer. */
export interface DenseStart {
  inputs: number;
  outputs: number;
  kernelInit: KernelInit;
  /** What stands before it. */
  activation: (x: number) => number;
  rng: Rng;
}

/** Kernel and bias as weights. */
export function addDense(
  add: AddWeight,
  prefix: string,
  { inputs, outputs, kernelInit, activation, rng }: DenseStart,
): tf.LayerVariable[] {
  const deviation = kernelDeviation(kernelInit, activation, inputs);
  return [
    add(`${prefix}kernel`, [inputs, outputs], rng.normals(inputs * outputs, deviation)),
    add(`${prefix}bias`, [outputs], new Float64Array(outputs)),
  ];
}

/** The weights of a rational and of the dense layer after it: numerator, denominator, kernel, bias. */
export function addRationalDense(
  add: AddWeight,
  prefix: string,
  start: RationalStart,
  dense: Omit<DenseStart, "activation">,
): tf.LayerVariable[] {
  const first = rationalPreset(start.init, { groups: 1, form: start.form });
  return [
    ...addRational(add, prefix, dense.inputs, start),
    ...addDense(add, prefix, { ...dense, activation: (x) => rationalValue(x, first) }),
  ];
}

/** A rational, then a dense layer: weights in the order of {@linkcode addRationalDense}. */
export function rationalDense(x: tf.Tensor, weights: readonly tf.Tensor[], form: PadeForm): tf.Tensor {
  const [numerator, denominator, kernel, bias] = weights;
  return dense(groupRational(x, numerator, denominator, { form }), kernel, bias);
}

/** A dense layer of the last axis: one matrix product. */
export function dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
  const y = tf.add(tf.matMul(rows, kernel as tf.Tensor2D), bias);
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}

/** `addWeight` of a layer, for weights whose values are known; it is protected, hence the brackets. */
export function adder(layer: tf.layers.Layer): AddWeight {
  return (name, shape, values) => layer["addWeight"](name, shape, "float32", constant(shape, values));
}
