import type { AdamWOptions } from "../adam.ts";
import { othersWith, requireParameter } from "../checks.ts";
import { isHiddenMatrix, matricesTo, type RoutingOptions } from "../routing.ts";
import type { GradientTransformation, Parameter } from "../transformation.ts";

/** A side from which on the official code leaves a matrix to AdamW: vocabularies. */
const HUGE = 32000;

/**
 * What the low-rank optimizers take by default: hidden matrices with both sides below 32,000.
 *
 * @throws {TypeError} if a field of the parameter is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { isLowRankMatrix } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const of = (rows: number) => ({ name: "kernel", weights: Matrix.zeros(rows, 2), outputs: "columns" as const });
 * assertEquals([64, 32000].map((rows) => isLowRankMatrix(of(rows))), [true, false]);
 * ```
 */
export function isLowRankMatrix(parameter: Parameter): boolean {
  const { rows, columns } = requireParameter("parameter", parameter).weights;
  return isHiddenMatrix(parameter) && Math.max(rows, columns) < HUGE;
}

/**
 * Hidden matrices to `matrices`, everything else to AdamW with the same betas, eps and decay and, where it is
 * a number, the same learning rate.
 */
export function lowRankRouting(
  matrices: GradientTransformation,
  options: AdamWOptions & RoutingOptions,
): GradientTransformation {
  const { learningRate = 1e-3, weightDecay = 0, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const { select = isLowRankMatrix, others } = options;
  const rate = typeof learningRate === "number" ? learningRate : 1e-3;
  return matricesTo(matrices, {
    select,
    others: othersWith({ learningRate: rate, weightDecay, beta1, beta2, eps }, others),
  });
}
