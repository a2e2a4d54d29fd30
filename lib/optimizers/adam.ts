import { allocateLike, requireOptions } from "../arrays/mod.ts";
import { adamwChain } from "./adamw_chain.ts";
import { ADAM, ADAMW, requireAdam, requireSecondMoment } from "./checks.ts";
import type { Schedule } from "./schedule.ts";
import type { GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode scaleByAdam}. */
export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /**
   * Added after the square root. Default 1e-8. With 0 an entry whose gradients were all zero has the update
   * 0.
   */
  eps?: number;
  /**
   * True, the default: eps is added to the corrected sqrt(v-hat). False: to sqrt(v), and the bias is
   * corrected after the division (the "more efficient" form of Kingma & Ba 2015, section 2; ROOT's and
   * Moonlight's code).
   */
  correctedEps?: boolean;
}

/** State of {@linkcode scaleByAdam}. */
export type AdamState = {
  /** Steps taken. */
  step: number;
  /** Running mean of the gradients. */
  firstMoment: Float64Array | Float32Array;
  /** Running mean of their squares. */
  secondMoment: Float64Array | Float32Array;
};

/**
 * Adam's direction, m-hat / (sqrt(v-hat) + eps), with bias correction (Kingma & Ba 2015, Algorithm 1).
 *
 * @throws {RangeError} if a beta is outside [0, 1) or eps is negative; in a step, naming the parameter, if
 * the square of a gradient overflows, or vanishes while eps is 0.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { scaleByAdam } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const link = scaleByAdam();
 * const parameter = { name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" as const };
 * // The first step is the sign of the gradient.
 * assertAlmostEquals(link.update(Matrix.fromRows([[-7]]), link.init(parameter), parameter).get(0, 0), -1, 1e-8);
 * ```
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  requireOptions("options", options, ADAM);
  const { beta1, beta2, eps, correctedEps } = requireAdam(options);
  return {
    init: ({ weights }) => ({
      step: 0,
      firstMoment: allocateLike(weights.data, weights.data.length),
      secondMoment: allocateLike(weights.data, weights.data.length),
    }),
    update(updates, state, parameter) {
      state.step++;
      const correction1 = 1 / (1 - beta1 ** state.step);
      const correction2 = 1 / (1 - beta2 ** state.step);
      const added = correctedEps ? eps : eps * Math.sqrt(correction2);
      const u = updates.data;
      const m = state.firstMoment;
      const v = state.secondMoment;
      // Becomes NaN where a second moment is infinite, or is zero though the first one is not.
      let lost = 0;
      for (let i = 0; i < u.length; i++) {
        const g = u[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const root = Math.sqrt(v[i] * correction2) + added;
        if (root > 0) u[i] = m[i] * correction1 / root;
        // Only without eps: a gradient that was always zero, or one whose square is.
        else if (m[i] === 0) u[i] = 0;
        else lost = NaN;
        lost += root * 0;
      }
      if (lost !== 0) requireSecondMoment(parameter.name, m, v, () => correction2);
      return updates;
    },
  };
}

/** Options of {@linkcode adamwUpdates}. */
export interface AdamWOptions extends AdamOptions {
  /** Learning rate: a constant or a function of the step. Default 1e-3. */
  learningRate?: Schedule;
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
}

/**
 * AdamW as a chain: Adam's direction, decoupled decay, learning rate (Loshchilov & Hutter 2019, Algorithm 2).
 *
 * @throws {RangeError} if a number is out of its range; in a step, as {@linkcode scaleByAdam}.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { adamwUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const adamw = adamwUpdates({ learningRate: 0.1, weightDecay: 0.5 });
 * const parameter = { name: "w", weights: Matrix.fromRows([[2]]), outputs: "rows" as const };
 * // -0.1 * (sign(g) + 0.5 * 2)
 * assertAlmostEquals(adamw.update(Matrix.fromRows([[3]]), adamw.init(parameter), parameter).get(0, 0), -0.2, 1e-8);
 * ```
 */
export function adamwUpdates(options: AdamWOptions = {}): GradientTransformation {
  requireOptions("options", options, ADAMW);
  return adamwChain(options);
}
