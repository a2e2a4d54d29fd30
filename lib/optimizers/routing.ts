import { requireFunction, requireOptions } from "../arrays/mod.ts";
import type { AdamWOptions } from "./adam.ts";
import { adamwChain } from "./adamw_chain.ts";
import { othersWith, requireParameter, requireTransformation, ROUTING } from "./checks.ts";
import { isEmbeddingOrHead, isEntrywise } from "./parameter_names.ts";
import { type GradientTransformation, type Parameter, route } from "./transformation.ts";

/** Options that every named matrix optimizer shares: which parameters it takes, and what the others get. */
export interface RoutingOptions {
  /** Which parameters go to the matrix optimizer. Default {@linkcode isHiddenMatrix}. */
  select?: (parameter: Parameter) => boolean;
  /**
   * AdamW for all other parameters. Default: learning rate 3e-4, betas (0.9, 0.95), eps 1e-10, no decay
   * (official Muon). Its learning rate is its own: a schedule of the matrices' `learningRate` does not reach
   * it.
   */
  others?: AdamWOptions;
}

/**
 * The default rule for what is orthogonalized: kernels of dense and convolution layers. AdamW gets
 *
 * - whatever is not of rank 2 or 4: biases, norms, scalars;
 * - embeddings and output heads, known by the words of their name: "embedding", "embed", "emb", "logits",
 *   "head". `lm_head/kernel` is a head; `multi_head_attention/query/kernel`, `attention_head/kernel` and
 *   `overhead/kernel` are not;
 * - what is applied entry by entry, whatever its rank, known by the weight's own name: `bias`, `alpha`
 *   (PReLU), `gamma`, `scale`, and the poles of a state space model (`log_a_re`, `a_im`).
 *
 * A head whose name does not say so cannot be recognized: pass your own `select`.
 *
 * @throws {TypeError} if a field of the parameter is unknown or of the wrong type.
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
 * assertEquals(isHiddenMatrix(of("lm_head/kernel", [64, 64])), false);
 * assertEquals(isHiddenMatrix(of("multi_head_attention/query/kernel", [64, 64])), true);
 * ```
 */
export function isHiddenMatrix(parameter: Parameter): boolean {
  const { name, shape, weights } = requireParameter("parameter", parameter);
  const rank = shape?.length ?? (weights.rows > 1 && weights.columns > 1 ? 2 : 1);
  return (rank === 2 || rank === 4) && !isEmbeddingOrHead(name) && !isEntrywise(name);
}

/**
 * Sends the selected matrices to one transformation and everything else to AdamW.
 *
 * @param matrices What the selected matrices get, learning rate included.
 * @param options Which ones they are, and the AdamW of the others.
 * @throws {TypeError} if an option is unknown or of the wrong type; at `init`, if `select` takes a parameter
 * that is not of rank 2 or 4.
 * @throws {RangeError} if a number in `others` is out of its range.
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
  requireTransformation("matrices", matrices);
  requireOptions("options", options, ROUTING);
  const { select = isHiddenMatrix } = options;
  requireFunction("select", select);
  const others = adamwChain(othersWith(OTHERS, options.others), "others.");
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

/** The official Muon's AdamW. */
const OTHERS: AdamWOptions = { learningRate: 3e-4, beta1: 0.9, beta2: 0.95, eps: 1e-10 };
