import { requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { addScaled, scaleInPlace } from "../blas/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import { scaleBySchedule } from "./scale_by_schedule.ts";
import type { Schedule } from "./schedule.ts";
import { type GradientTransformation, layerShape, type Parameter, stateless } from "./transformation.ts";

/**
 * The last link of a chain: multiplies by minus the learning rate.
 *
 * The steps are those of the optimizer ({@linkcode Parameter.step}); of the parameter where there is none.
 *
 * @param learningRate A constant or a function of the step.
 * @throws {RangeError} if the rate is negative or not finite, now or, for a function, at the step where it
 * happens.
 * @throws {TypeError} if the rate is neither a number nor a function.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const link = scaleByLearningRate((step) => 1 / (step + 1));
 * const parameter = { name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" as const };
 * const state = link.init(parameter);
 * assertEquals(link.update(Matrix.fromRows([[6]]), state, parameter).get(0, 0), -6);
 * assertEquals(link.update(Matrix.fromRows([[6]]), state, parameter).get(0, 0), -3);
 * ```
 */
export function scaleByLearningRate(learningRate: Schedule): GradientTransformation<{ step: number }> {
  return scaleBySchedule("learningRate", learningRate);
}

/**
 * Decoupled weight decay (Loshchilov & Hutter 2019): adds `weightDecay * W` to the update, so that after the
 * learning rate W shrinks by the factor `1 - learningRate * weightDecay`. Put it just before the learning
 * rate.
 *
 * @throws {RangeError} if `weightDecay` is negative or not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { addDecayedWeights, chain, scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const decay = chain(addDecayedWeights(0.5), scaleByLearningRate(0.1));
 * const parameter = { name: "w", weights: Matrix.fromRows([[2]]), outputs: "rows" as const };
 * assertEquals(decay.update(Matrix.zeros(1, 1), decay.init(parameter), parameter).get(0, 0), -0.1);
 * ```
 */
export function addDecayedWeights(weightDecay: number): GradientTransformation {
  requireNumber("weightDecay", weightDecay, { min: 0 });
  return stateless((updates, { weights }) => {
    if (weightDecay !== 0) addScaled(updates.data, weightDecay, weights.data);
    return updates;
  });
}

/** Names of the shape factors of {@linkcode shapeFactor}. */
export type ShapeScale = "muon" | "matchAdamw" | "spectral" | "none";

const SCALES: readonly ShapeScale[] = ["muon", "matchAdamw", "spectral", "none"];

/**
 * The factor by which an orthogonalized update of an m x n layer (m outputs, n inputs) is multiplied.
 *
 * | name | factor | purpose |
 * |---|---|---|
 * | `muon` | sqrt(max(1, m/n)) | the official Muon (Jordan et al. 2024) |
 * | `matchAdamw` | 0.2 sqrt(max(m, n)) | root mean square near AdamW's 0.2 for every shape (Liu et al., arXiv
 * 2502.16982; ROOT's default) |
 * | `spectral` | sqrt(m/n) | RMS-to-RMS operator norm (Dion's default) |
 * | `none` | 1 | |
 *
 * @param scale Name of the rule.
 * @param shape Outputs m and inputs n of the layer, at least 1.
 * @returns The factor.
 * @throws {TypeError} if the name is unknown.
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { shapeFactor } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shapeFactor("muon", { outputs: 64, inputs: 16 }), 2);
 * assertEquals(shapeFactor("muon", { outputs: 16, inputs: 64 }), 1);
 * assertEquals(shapeFactor("spectral", { outputs: 16, inputs: 64 }), 0.5);
 * ```
 */
export function shapeFactor(
  scale: ShapeScale,
  shape: { outputs: number; inputs: number },
): number {
  requireOptions("shape", shape, ["outputs", "inputs"]);
  const { outputs, inputs } = shape;
  requireOneOf("scale", scale, SCALES);
  requireInteger("outputs", outputs, { min: 1 });
  requireInteger("inputs", inputs, { min: 1 });
  switch (scale) {
    case "muon":
      return Math.sqrt(Math.max(1, outputs / inputs));
    case "matchAdamw":
      return 0.2 * Math.sqrt(Math.max(outputs, inputs));
    case "spectral":
      return Math.sqrt(outputs / inputs);
    case "none":
      return 1;
  }
}

/**
 * Multiplies the update by the {@linkcode shapeFactor} of its layer.
 *
 * @throws {TypeError} if the name of the scale is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { scaleByShape } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const parameter = { name: "w", weights: Matrix.zeros(4, 1), outputs: "rows" as const };
 * const link = scaleByShape("muon");
 * assertEquals(link.update(Matrix.fromRows([[1], [2], [3], [4]]), link.init(parameter), parameter).toRows(), [[2], [4], [6], [8]]);
 * ```
 */
export function scaleByShape(scale: ShapeScale): GradientTransformation {
  requireOneOf("scale", scale, SCALES);
  return stateless((updates, parameter: Parameter) => {
    if (updates.data.length === 0) return updates;
    const factor = shapeFactor(scale, layerShape(parameter));
    if (factor !== 1) scaleInPlace(updates.data, factor);
    return updates;
  });
}

/** Options of {@linkcode normalizeFrobenius}. */
export interface NormalizeFrobeniusOptions {
  /** Added to the norm. Default 1e-7. */
  eps?: number;
}

/**
 * Divides the update by its Frobenius norm: normalized descent. A zero update stays zero.
 *
 * @throws {RangeError} if `eps` is negative or not finite.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { normalizeFrobenius } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const parameter = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
 * const link = normalizeFrobenius({ eps: 0 });
 * assertEquals(link.update(Matrix.fromRows([[3, 4]]), link.init(parameter), parameter).toRows(), [[0.6000000000000001, 0.8]]);
 * ```
 */
export function normalizeFrobenius(options: NormalizeFrobeniusOptions = {}): GradientTransformation {
  requireOptions("options", options, ["eps"]);
  const { eps = 1e-7 } = options;
  requireNumber("eps", eps, { min: 0 });
  return stateless((updates) => {
    const norm = frobeniusNorm(updates);
    if (norm > 0) scaleInPlace(updates.data, 1 / (norm + eps));
    return updates;
  });
}

/**
 * Scales the update down to Frobenius norm `maxNorm` where it is longer.
 *
 * @throws {RangeError} if `maxNorm` is not positive.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { clipByNorm } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const parameter = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
 * const link = clipByNorm(2.5);
 * assertEquals(link.update(Matrix.fromRows([[3, 4]]), link.init(parameter), parameter).toRows(), [[1.5, 2]]);
 * assertEquals(link.update(Matrix.fromRows([[1, 1]]), link.init(parameter), parameter).toRows(), [[1, 1]]);
 * ```
 */
export function clipByNorm(maxNorm: number): GradientTransformation {
  requireNumber("maxNorm", maxNorm, { above: 0 });
  return stateless((updates) => {
    const norm = frobeniusNorm(updates);
    if (norm > maxNorm) scaleInPlace(updates.data, maxNorm / norm);
    return updates;
  });
}
