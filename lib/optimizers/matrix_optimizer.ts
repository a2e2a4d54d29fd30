import { type Matrix, type RealArray, requireLength, requireSameShape } from "../arrays/mod.ts";
import { requireArray, requireMatrices, requireParameter, requireTransformation } from "./checks.ts";
import { type Slot, stepAll } from "./step_all.ts";
import { applyUpdates, type GradientTransformation, type Parameter } from "./transformation.ts";

/**
 * Steps a list of matrices with one transformation: the driver for models written over `Matrix`, without
 * tfjs.
 *
 * @example Minimizing (w - 3)^2
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { MatrixOptimizer, scaleByLearningRate } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" as const };
 * const optimizer = new MatrixOptimizer([w], scaleByLearningRate(0.25));
 * for (let step = 0; step < 50; step++) optimizer.step([w.weights.map((x) => 2 * (x - 3))]);
 * assertAlmostEquals(w.weights.get(0, 0), 3, 1e-12);
 * ```
 */
export class MatrixOptimizer {
  readonly #transformation: GradientTransformation;
  readonly #parameters: readonly Parameter[];
  readonly #slots: Slot[];
  #steps = 0;

  /**
   * A driver at step 0.
   *
   * @param parameters The matrices to step; their `weights` are changed in place.
   * @param transformation What turns a gradient into the update that is added, learning rate included.
   * @throws {TypeError} if a parameter or the transformation is not one.
   */
  constructor(parameters: readonly Parameter[], transformation: GradientTransformation) {
    requireArray("parameters", parameters);
    parameters.forEach((parameter, i) => requireParameter(`parameters[${i}]`, parameter));
    this.#transformation = requireTransformation("transformation", transformation);
    this.#parameters = [...parameters];
    this.#slots = parameters.map((parameter) => ({ state: transformation.init(parameter) }));
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step of all parameters. If it throws, no weight and no state has changed, and the step does not
   * count.
   *
   * @param gradients One per parameter, in the same order; left unchanged.
   * @returns The updates that were added, one per parameter.
   * @throws {RangeError} naming the parameter and the step if a gradient has another shape or an entry that
   * is not finite.
   * @throws {TypeError} if a gradient is not a matrix of the precision of its weights.
   */
  step(gradients: readonly Matrix<RealArray>[]): Matrix<RealArray>[] {
    requireMatrices("gradients", gradients);
    requireLength("gradients", gradients, this.#slots.length);
    this.#parameters.forEach(({ name, weights }, i) => {
      requireSameShape(`gradient of ${name}`, gradients[i], weights);
      if (gradients[i].dtype !== weights.dtype) {
        throw new TypeError(
          `\`gradient of ${name}\` must be ${weights.dtype} like its weights, got ${gradients[i].dtype}`,
        );
      }
      requireFiniteGradient(name, this.#steps, gradients[i].data);
    });
    const updates = stepAll(
      this.#transformation,
      this.#slots,
      (i) => ({ ...this.#parameters[i], step: this.#steps }),
      gradients.map((gradient) => gradient.clone()),
      (updates) => this.#parameters.forEach(({ weights }, i) => applyUpdates(weights, updates[i])),
    );
    this.#steps++;
    return updates;
  }
}

/**
 * Throws unless a gradient is finite.
 *
 * @param name Of the parameter.
 * @param step Of the optimizer.
 * @param gradient Any numbers.
 * @throws {RangeError} naming the parameter, the step, and the first entry that is NaN or infinite.
 *
 * @example
 * ```ts
 * import { requireFiniteGradient } from "refigure/optimizers";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => requireFiniteGradient("dense/kernel", 12, [0, NaN]),
 *   RangeError,
 *   "The gradient of dense/kernel is not finite at step 12: entry 1 is NaN",
 * );
 * ```
 */
export function requireFiniteGradient(name: string, step: number, gradient: ArrayLike<number>): void {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i] * 0;
  if (sum === 0) return;
  const i = Array.prototype.findIndex.call(gradient, (x: number) => !Number.isFinite(x));
  throw new RangeError(`The gradient of ${name} is not finite at step ${step}: entry ${i} is ${gradient[i]}`);
}
