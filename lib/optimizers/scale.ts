import { requireNumber, requireOneOf } from "../arrays/mod.ts";
import { addScaled, scaleInPlace } from "../blas/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import { type Schedule, toSchedule } from "./schedule.ts";
import { type GradientTransformation, layerShape, type Parameter, stateless } from "./transformation.ts";

/**
 * The last link of a chain: multiplies by minus the learning rate.
 *
 * @param learningRate A constant or a function of the step.
 * @throws {RangeError} if the rate is negative or not finite, now or, for a function, at the step where it
 * happens.
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
  const schedule = toSchedule(learningRate);
  return {
    init: () => ({ step: 0 }),
    update(updates, state) {
      const rate = requireNumber(`learningRate (step ${state.step})`, schedule(state.step), { min: 0 });
      state.step++;
      scaleInPlace(updates.data, -rate);
      return updates;
    },
  };
}

/**
 * Decoupled weight decay (Loshchilov & Hutter 2019): adds `rate * W` to the update, so that after the
 * learning rate W shrinks by the factor `1 - learningRate * rate`. Put it just before the learning rate.
 *
 * @throws {RangeError} if `rate` is negative or not finite.
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
export function addDecayedWeights(rate: number): GradientTransformation {
  requireNumber("weightDecay", rate, { min: 0 });
  return stateless((updates, { weights }) => {
    if (rate !== 0) addScaled(updates.data, rate, weights.data);
    return updates;
  });
}

/** Names of the shape factors of {@linkcode shapeFactor}. */
export type ShapeScale = "kj" | "kimi" | "spectral" | "none";

/**
 * The factor by which an orthogonalized update of an m x n layer (m outputs, n inputs) is multiplied.
 *
 * | name | factor | purpose |
 * |---|---|---|
 * | `kj` | sqrt(max(1, m/n)) | the official Muon (Jordan et al. 2024) |
 * | `kimi` | 0.2 sqrt(max(m, n)) | root mean square near AdamW's 0.2 for every shape (Liu et al., arXiv
 * 2502.16982) |
 * | `spectral` | sqrt(m/n) | RMS-to-RMS operator norm (Dion's default) |
 * | `none` | 1 | |
 *
 * @example
 * ```ts
 * import { shapeFactor } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shapeFactor("kj", { outputs: 64, inputs: 16 }), 2);
 * assertEquals(shapeFactor("kj", { outputs: 16, inputs: 64 }), 1);
 * assertEquals(shapeFactor("spectral", { outputs: 16, inputs: 64 }), 0.5);
 * ```
 */
export function shapeFactor(
  scale: ShapeScale,
  { outputs, inputs }: { outputs: number; inputs: number },
): number {
  requireOneOf("scale", scale, ["kj", "kimi", "spectral", "none"]);
  switch (scale) {
    case "kj":
      return Math.sqrt(Math.max(1, outputs / inputs));
    case "kimi":
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
 * const link = scaleByShape("kj");
 * assertEquals(link.update(Matrix.fromRows([[1], [2], [3], [4]]), link.init(parameter), parameter).toRows(), [[2], [4], [6], [8]]);
 * ```
 */
export function scaleByShape(scale: ShapeScale): GradientTransformation {
  shapeFactor(scale, { outputs: 1, inputs: 1 });
  return stateless((updates, parameter: Parameter) => {
    const factor = shapeFactor(scale, layerShape(parameter));
    if (factor !== 1) scaleInPlace(updates.data, factor);
    return updates;
  });
}

/**
 * Divides the update by its Frobenius norm: normalized descent.
 *
 * @param eps Added to the norm. Default 1e-7.
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
export function normalizeFrobenius({ eps = 1e-7 }: { eps?: number } = {}): GradientTransformation {
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
