import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInstance,
  requireLength,
  requireMatrix,
  requireNumber,
  requireRealArray,
} from "../arrays/mod.ts";
import { gram, matmul, matvec } from "../blas/mod.ts";
import { NtkMlp } from "./ntk_mlp.ts";

/**
 * A network replaced by its first-order expansion in the parameters, at its present parameters and for N
 * inputs: the tangent features stay frozen, so gradient descent on them is exactly kernel gradient descent.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { linearize, LinearizedModel, NtkMlp } from "refigure/tangent_kernels";
 * import { assert, assertEquals, assertLess } from "@std/assert";
 *
 * const x = Matrix.fromRows([[1, 0], [0, 1]]);
 * const net = new NtkMlp({ inputs: 2, width: 8, depth: 2, rng: new Rng(0) });
 * const model = linearize(net, x);
 * assert(model instanceof LinearizedModel);
 * assertEquals(model.outputs(), net.forward(x));
 * const y = new Float64Array([1, -1]);
 * const before = model.gradientStep(y, 0.5);
 * assertLess(model.gradientStep(y, 0.5), before);
 * ```
 */
export class LinearizedModel {
  /** Frozen derivatives of the outputs by the parameters, N x P. */
  readonly features: Matrix;
  /** Displacement of the parameters from where the network was linearized, P. */
  readonly displacement: Float64Array;
  readonly #initial: Float64Array;

  /**
   * An expansion without displacement.
   *
   * @param features Derivatives of the outputs by the parameters, N x P.
   * @param initial Outputs at the N inputs before training.
   * @throws {RangeError} if the sizes differ or an entry is not finite.
   */
  constructor(features: Matrix, initial: Float64Array) {
    requireMatrix("features", features);
    requireLength("initial", requireRealArray("initial", initial, "float64"), features.rows);
    requireFinite("Cannot expand at `features`", features.data, features.columns);
    requireFinite("Cannot expand at `initial`", initial);
    this.features = features;
    this.#initial = initial;
    this.displacement = new Float64Array(features.columns);
  }

  /** The outputs at the N inputs. */
  outputs(): Float64Array {
    return matvec(this.features, this.displacement).map((value, i) => value + this.#initial[i]);
  }

  /** The tangent kernel, N x N: the Gram matrix of the features. */
  kernel(): Matrix {
    return gram(this.features, { side: "right" });
  }

  /** One step of gradient descent on `1/(2N) sum (f - y)^2`. @returns The cost before the step. */
  gradientStep(y: RealArray, stepSize: number): number {
    requireLength("y", requireRealArray("y", y), this.features.rows);
    requireFinite("Cannot learn `y`", y);
    requireNumber("stepSize", stepSize, { min: 0 });
    const n = y.length;
    const residual = this.outputs().map((value, i) => (value - y[i]) / n);
    const gradient = matmul(new Matrix(1, n, residual), this.features).data;
    for (let p = 0; p < gradient.length; p++) this.displacement[p] -= stepSize * gradient[p];
    return residual.reduce((sum, r) => sum + r * r * n / 2, 0);
  }
}

/**
 * Linearizes a network at its present parameters, for the N inputs `x`, one per row.
 *
 * @throws {RangeError} if `x` does not have one column per input of the network, or an output is not finite.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { linearize, NtkMlp } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = Matrix.fromRows([[1, 0], [0, 1]]);
 * const net = new NtkMlp({ inputs: 2, width: 8, depth: 3, rng: new Rng(0) });
 * assertAlmostEquals(linearize(net, x).kernel().get(0, 1), net.tangentKernel(x).get(0, 1), 1e-12);
 * ```
 */
export function linearize(net: NtkMlp, x: Matrix): LinearizedModel {
  requireInstance("net", net, NtkMlp as never);
  return new LinearizedModel(net.jacobian(x), net.forward(x));
}
