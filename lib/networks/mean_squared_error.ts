import {
  allocateLike,
  type ArrayOf,
  type DType,
  Matrix,
  type RealArray,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { DenseNetwork } from "./dense_network.ts";

/** A loss and its gradient. */
export interface LossAndGradient<Data extends RealArray = Float64Array> {
  /** The loss. */
  loss: number;
  /** Its derivatives by the parameters, flat. */
  gradient: Data;
}

/**
 * The mean over all N x outputs entries of `(f(x_i)_c - y_ic)^2`, and its gradient, in one pass.
 *
 * @param net The network.
 * @param x N inputs, one per row.
 * @param y N x outputs targets.
 * @param options `out`: where the gradient is written. Default: a new array.
 * @returns Loss and gradient; NaN where an input, a target or a parameter is.
 * @throws {RangeError} if a size does not fit, or there are no inputs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { DenseNetwork, meanSquaredError } from "refigure/networks";
 * import { assertEquals } from "@std/assert";
 *
 * const net = new DenseNetwork({ widths: [1, 1], init: "zeros", rng: new Rng(0) });
 * const { loss, gradient } = meanSquaredError(net, Matrix.fromRows([[2]]), Matrix.fromRows([[3]]));
 * assertEquals(loss, 9);
 * assertEquals(gradient, Float64Array.of(-12, -6));
 * ```
 */
export function meanSquaredError<Precision extends DType>(
  net: DenseNetwork<Precision>,
  x: Matrix<RealArray>,
  y: Matrix<RealArray>,
  options: { out?: ArrayOf<Precision> } = {},
): LossAndGradient<ArrayOf<Precision>> {
  requireExamples(net, x, y);
  requireOptions("options", options, ["out"]);
  let loss = 0;
  const total = y.data.length;
  const { parameters: gradient } = net.vjp(x, (outputs, start) => {
    const cotangents = allocateLike(outputs.data, outputs.data.length);
    const from = start * y.columns;
    for (let k = 0; k < cotangents.length; k++) {
      const error = outputs.data[k] - y.data[from + k];
      loss += error * error;
      cotangents[k] = 2 * error / total;
    }
    return new Matrix(outputs.rows, outputs.columns, cotangents);
  }, options);
  return { loss: loss / total, gradient };
}

/**
 * The Hessian of {@linkcode meanSquaredError} times a direction of the parameters, exactly, at about twice the
 * cost of a gradient (Pearlmutter 1994).
 *
 * @param net The network.
 * @param x N inputs, one per row.
 * @param y N x outputs targets.
 * @param direction Flat, as the parameters.
 * @returns H times the direction, flat.
 * @throws {RangeError} if a size does not fit, or there are no inputs.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { DenseNetwork, meanSquaredErrorHessian } from "refigure/networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const net = new DenseNetwork({ widths: [1, 4, 1], rng: new Rng(0) });
 * const [x, y] = [Matrix.fromRows([[1], [2]]), Matrix.fromRows([[0], [3]])];
 * const [a, b] = [new Rng(1).normals(13), new Rng(2).normals(13)];
 * const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, k) => sum + value * v[k], 0);
 * // A Hessian is symmetric.
 * const ab = dot(a, meanSquaredErrorHessian(net, x, y, b));
 * assertAlmostEquals(ab, dot(b, meanSquaredErrorHessian(net, x, y, a)), 1e-12);
 * ```
 */
export function meanSquaredErrorHessian<Precision extends DType>(
  net: DenseNetwork<Precision>,
  x: Matrix<RealArray>,
  y: Matrix<RealArray>,
  direction: RealArray,
): ArrayOf<Precision> {
  requireExamples(net, x, y);
  const total = y.data.length;
  return net.vjpOfJvp(x, { parameters: direction }, (outputs, tangents, start) => {
    const from = start * y.columns;
    return {
      outputs: tangents.map((tangent) => 2 * tangent / total),
      tangents: outputs.map((value, i, j) => 2 * (value - y.data[from + i * y.columns + j]) / total),
    };
  }).parameters;
}

function requireExamples<Precision extends DType>(
  net: DenseNetwork<Precision>,
  x: Matrix<RealArray>,
  y: Matrix<RealArray>,
): void {
  requireInstance("net", net, DenseNetwork as never);
  requireInteger("x.rows", requireMatrix("x", x).rows, { min: 1 });
  const shape = { rows: x.rows, columns: net.widths[net.widths.length - 1] };
  requireSameShape("y", requireMatrix("y", y), shape);
}
