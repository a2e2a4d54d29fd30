import {
  describeValue,
  Matrix,
  requireFunction,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import {
  FIXED_ACTIVATIONS,
  type FixedActivation,
  fixedActivation,
  fixedActivationSlope,
} from "./activation.ts";
import {
  channelsPerGroup,
  DENOMINATOR_SIZE,
  type RationalCoefficients,
  requireRational,
} from "./coefficients.ts";
import { rationalBackward, rationalForward, rationalValue } from "./rational.ts";
import { kernelDeviation, type KernelInit, requireKernelInit } from "./variance.ts";

/** Options of {@linkcode GroupRationalNetwork}. */
export interface GroupRationalNetworkOptions {
  /** Sizes, inputs first: `[2, 32, 32, 1]` has three dense layers. */
  widths: readonly number[];
  /**
   * What stands before each dense layer: coefficients, which are copied and learned, or the name of a fixed
   * activation.
   */
  activations: readonly (FixedActivation | RationalCoefficients)[];
  /** Size of the weights at the start. Default `"variance-preserving"`. */
  init?: KernelInit;
  /** Stream of the start; equal streams give proportional weights, whatever the activations. */
  rng: Rng;
}

/** A trainable matrix of a {@linkcode GroupRationalNetwork}, as `MatrixOptimizer` takes it. */
export interface KanParameter {
  /** Its name, such as "kernel 0". */
  name: string;
  /** The numbers; writing to them changes the network. */
  weights: Matrix;
  /** Which axis are the outputs. */
  outputs: "rows";
}

/**
 * A network of layers "activation, then dense", in float64 with its gradient written out. With rational
 * activations a layer is the group-rational Kolmogorov-Arnold layer (Yang & Wang 2024): the edge from input i
 * to output o carries the function `w_oi F_g(i)`. With fixed activations it is an ordinary perceptron, and the
 * two can be compared from the same draws. Weights are `[out, in]`; biases start at zero.
 *
 * @example The gradient is the slope of the loss, here the sum of the outputs
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { GroupRationalNetwork, rationalPreset } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new GroupRationalNetwork({
 *   widths: [2, 4, 1],
 *   activations: ["identity", rationalPreset("swish", { groups: 2 })],
 *   rng: new Rng(0),
 * });
 * const x = new Rng(1).normalMatrix(5, 2);
 * const sum = () => net.forward(x).data.reduce((a, b) => a + b);
 * const slopes = net.gradients(x, (outputs) => outputs.map(() => 1));
 * const h = 1e-6;
 * const { weights } = net.parameters[2]; // the numerator
 * weights.data[1] += h;
 * const above = sum();
 * weights.data[1] -= 2 * h;
 * assertAlmostEquals((above - sum()) / (2 * h), slopes[2].data[1], 1e-8);
 * ```
 */
export class GroupRationalNetwork {
  /** Weights of the dense layers, `[out, in]`. */
  readonly kernels: Matrix[];
  /** Biases, 1 x out. */
  readonly biases: Matrix[];
  /** What stands before each dense layer; the coefficients are those that are learned. */
  readonly activations: readonly (FixedActivation | RationalCoefficients)[];
  /**
   * All that is trained: of each layer the numerator (1 x 6) and the denominator (groups x 4) if it has a
   * rational, then the kernel and the bias.
   */
  readonly parameters: readonly KanParameter[];

  /**
   * A network at its start.
   *
   * @param options Sizes, activations and the start.
   * @throws {RangeError} if a size is not a positive integer, there is not one activation per dense layer, a
   * width is not a multiple of the groups of its activation, or a deviation is negative.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(options: GroupRationalNetworkOptions) {
    requireOptions("options", options, ["widths", "activations", "init", "rng"]);
    const { widths, activations, init = "variance-preserving", rng } = options;
    requireNumbers("widths", widths);
    requireInteger("widths.length", widths.length, { min: 2 });
    widths.forEach((width, i) => requireInteger(`widths[${i}]`, width, { min: 1 }));
    if (!Array.isArray(activations)) {
      throw new TypeError(`\`activations\` must be an array, got ${describeValue(activations)}`);
    }
    requireLength("activations", activations, widths.length - 1);
    requireKernelInit("init", init);
    requireRng("rng", rng);
    this.activations = activations.map((activation: FixedActivation | RationalCoefficients, i) => {
      if (typeof activation !== "object" || activation === null) {
        return requireOneOf(`activations[${i}]`, activation, FIXED_ACTIVATIONS);
      }
      requireRational(`activations[${i}]`, activation);
      channelsPerGroup(widths[i], activation.groups);
      const { numerator, denominator } = activation;
      return { ...activation, numerator: numerator.slice(), denominator: denominator.slice() };
    });
    this.kernels = this.activations.map((activation, i) => {
      const scale = kernelDeviation(init, functionOf(activation), widths[i]);
      return rng.split(`layer ${i}`).normalMatrix(widths[i + 1], widths[i], scale);
    });
    this.biases = widths.slice(1).map((width) => Matrix.zeros(1, width));
    this.parameters = this.activations.flatMap((activation, i) => {
      const named = (name: string, weights: Matrix): KanParameter => ({
        name: `${name} ${i}`,
        weights,
        outputs: "rows",
      });
      const dense = [named("kernel", this.kernels[i]), named("bias", this.biases[i])];
      if (typeof activation === "string") return dense;
      const { numerator, denominator, groups } = activation;
      return [
        named("numerator", new Matrix(1, numerator.length, numerator)),
        named("denominator", new Matrix(groups, DENOMINATOR_SIZE, denominator)),
        ...dense,
      ];
    });
  }

  /** Number of trained numbers. */
  get parameterCount(): number {
    return this.parameters.reduce((sum, { weights }) => sum + weights.data.length, 0);
  }

  /**
   * The outputs, one row per row of `x`.
   *
   * @throws {RangeError} if `x` does not have one column per input.
   * @throws {TypeError} if `x` is not a matrix.
   */
  forward(x: Matrix): Matrix {
    this.#requireInputs(x);
    return this.activations.reduce((inputs: Matrix, _, i) => this.#dense(this.#activate(inputs, i), i), x);
  }

  /**
   * The gradients of a loss by all {@linkcode parameters}, in their order.
   *
   * @param x One example per row.
   * @param upstream The gradient of the loss by the outputs, as a function of the outputs.
   * @throws {RangeError} if `x` does not have one column per input, or `upstream` returns another shape.
   * @throws {TypeError} if an argument is of the wrong type.
   */
  gradients(x: Matrix, upstream: (outputs: Matrix) => Matrix): Matrix[] {
    this.#requireInputs(x);
    requireFunction("upstream", upstream);
    const inputs = [x];
    const activated: Matrix[] = [];
    this.activations.forEach((_, i) => {
      activated[i] = this.#activate(inputs[i], i);
      inputs.push(this.#dense(activated[i], i));
    });
    const last = this.kernels.length - 1;
    let delta = requireMatrix("upstream(outputs)", upstream(inputs[last + 1]));
    requireSameShape("upstream(outputs)", delta, inputs[last + 1]);
    const out: Matrix[] = [];
    for (let i = last; i >= 0; i--) {
      out.unshift(matmul(delta, activated[i], { transposeA: true }), columnSums(delta));
      const activation = this.activations[i];
      if (typeof activation === "string") {
        if (i > 0) delta = slopesTimes(activation, inputs[i], matmul(delta, this.kernels[i]));
        continue;
      }
      const { rows, columns, data } = inputs[i];
      const dy = matmul(delta, this.kernels[i]).data;
      const { dx, dNumerator, dDenominator } = rationalBackward(data, rows, columns, activation, dy);
      out.unshift(
        new Matrix(1, dNumerator.length, dNumerator),
        new Matrix(activation.groups, DENOMINATOR_SIZE, dDenominator),
      );
      delta = new Matrix(rows, columns, dx);
    }
    return out;
  }

  #requireInputs(x: Matrix): void {
    const inputs = this.kernels[0].columns;
    if (requireMatrix("x", x).columns !== inputs) {
      throw new RangeError(`\`x\` must have ${inputs} columns, one per input, got ${x.columns}`);
    }
  }

  #activate(x: Matrix, layer: number): Matrix {
    const activation = this.activations[layer];
    if (activation === "identity") return x;
    if (typeof activation !== "string") {
      return new Matrix(x.rows, x.columns, rationalForward(x.data, x.rows, x.columns, activation));
    }
    const f = fixedActivation(activation);
    const out = Matrix.zeros(x.rows, x.columns);
    for (let k = 0; k < out.data.length; k++) out.data[k] = f(x.data[k]);
    return out;
  }

  #dense(x: Matrix, layer: number): Matrix {
    const out = matmul(x, this.kernels[layer], { transposeB: true });
    const bias = this.biases[layer].data;
    let k = 0;
    for (let i = 0; i < out.rows; i++) {
      for (let j = 0; j < bias.length; j++, k++) out.data[k] += bias[j];
    }
    return out;
  }
}

/** An activation as a function, for its gain: of the first group. */
function functionOf(activation: FixedActivation | RationalCoefficients): (x: number) => number {
  if (typeof activation === "string") return fixedActivation(activation);
  return (x) => rationalValue(x, activation);
}

/** Multiplies `delta` by the slopes of an activation, in place. */
function slopesTimes(activation: FixedActivation, inputs: Matrix, delta: Matrix): Matrix {
  if (activation === "identity") return delta;
  const slope = fixedActivationSlope(activation);
  for (let k = 0; k < delta.data.length; k++) delta.data[k] *= slope(inputs.data[k]);
  return delta;
}

function columnSums(a: Matrix): Matrix {
  const out = Matrix.zeros(1, a.columns);
  let k = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++, k++) out.data[j] += a.data[k];
  return out;
}
