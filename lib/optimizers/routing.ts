import { type AdamWOptions, adamwUpdates } from "./adam.ts";
import { type GradientTransformation, type Parameter, route } from "./transformation.ts";

/** Options that every named matrix optimizer shares: which parameters it takes, and what the others get. */
export interface RoutingOptions {
  /** Which parameters go to the matrix optimizer. Default {@linkcode isHiddenMatrix}. */
  select?: (parameter: Parameter) => boolean;
  /**
   * AdamW for all other parameters. Default: learning rate 3e-4, betas (0.9, 0.95), eps 1e-10, no decay
   * (official Muon).
   */
  others?: AdamWOptions;
}

/**
 * The default rule for what is orthogonalized: kernels of dense and convolution layers. Biases, norms,
 * scalars, and anything named after an embedding or an output head go to AdamW.
 *
 * A head whose name does not say so can't be recognized: pass your own `select`.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { isHiddenMatrix } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const of = (name: string, shape: number[]) => ({ name, shape, weights: Matrix.zeros(1, 1), outputs: "columns" as const });
 * assertEquals(isHiddenMatrix(of("dense_1/kernel", [64, 64])), true);
 * assertEquals(isHiddenMatrix(of("dense_1/bias", [64])), false);
 * assertEquals(isHiddenMatrix(of("embedding_1/embeddings", [100, 64])), false);
 * ```
 */
export function isHiddenMatrix({ name, shape, weights }: Parameter): boolean {
  const rank = shape?.length ?? (weights.rows > 1 && weights.columns > 1 ? 2 : 1);
  return (rank === 2 || rank === 4) && !/embed|head|logits/i.test(name);
}

/**
 * Sends the selected matrices to one transformation and everything else to AdamW.
 *
 * @throws {TypeError} if `select` takes a parameter that is not of rank 2 or 4.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { matricesTo, scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const link = matricesTo(scaleByLearningRate(1));
 * const kernel = { name: "kernel", weights: Matrix.zeros(2, 2), outputs: "columns" as const };
 * assertEquals(link.update(Matrix.identity(2), link.init(kernel), kernel).toRows(), [[-1, -0], [-0, -1]]);
 * ```
 */
export function matricesTo(
  matrices: GradientTransformation,
  options: RoutingOptions = {},
): GradientTransformation {
  const { select = isHiddenMatrix } = options;
  const others = adamwUpdates({ learningRate: 3e-4, beta1: 0.9, beta2: 0.95, eps: 1e-10, ...options.others });
  return route((parameter) => {
    if (!select(parameter)) return others;
    const rank = parameter.shape?.length ?? 2;
    if (rank !== 2 && rank !== 4) {
      throw new TypeError(
        `\`select\` took ${parameter.name} of shape [${parameter.shape}]; only rank 2 or 4 can be orthogonalized`,
      );
    }
    return matrices;
  });
}
