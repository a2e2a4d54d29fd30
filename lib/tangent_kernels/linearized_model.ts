import { Matrix, type RealArray, requireLength, requireNumber } from "../arrays/mod.ts";
import { gram, matmul, matvec } from "../blas/mod.ts";
import type { NtkMlp } from "./ntk_mlp.ts";

/**
 * A network replaced by its first-order expansion in the parameters, at its present parameters and for N
 * inputs: the tangent features stay frozen, so gradient descent on them is exactly kernel gradient descent.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { linearize, LinearizedModel, NtkMlp } from "refigure/tangent_kernels";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const x = Matrix.fromRows([[1, 0], [0, 1]]);
 * const net = new NtkMlp({ inputs: 2, width: 8, depth: 2, rng: new Rng(0) });
 * const model = linearize(net, x);
 * assert(model instanceof LinearizedModel);
 * assertEquals(model.outputs(), net.forward(x));
 * ```
 */
export class LinearizedModel {
  /** Frozen derivatives of the outputs by the parameters, N x P. */
  readonly features: Matrix;
  /** Displacement of the parameters from where the network was linearized, P. */
  readonly displacement: Float64Array;
  readonly #initial: Float64Array;

  /**
   * The expansion with the derivatives `features`. @param initial Outputs at the N inputs before training.
   */
  constructor(features: Matrix, initial: Float64Array) {
    requireLength("initial", initial, features.rows);
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
    requireLength("y", y, this.features.rows);
    requireNumber("stepSize", stepSize, { min: 0 });
    const n = y.length;
    const residual = this.outputs().map((value, i) => (value - y[i]) / n);
    const gradient = matmul(new Matrix(1, n, residual), this.features).data;
    for (let p = 0; p < gradient.length; p++) this.displacement[p] -= stepSize * gradient[p];
    return residual.reduce((sum, r) => sum + r * r * n / 2, 0);
  }
}

/**
 * Linearizes a network at its present parameters, for the N inputs `x`, one a row.
 *
 * @throws {TypeError} if `x` does not have one column per input of the network.
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
  return new LinearizedModel(net.jacobian(x), net.forward(x));
}
