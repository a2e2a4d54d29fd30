import { allocateLike, type RealArray, requireOptions } from "../arrays/mod.ts";
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
      const factors = { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, correction1, correction2, added };
      const isUsable = u instanceof Float32Array
        ? directSingles(u, m as Float32Array, v as Float32Array, factors)
        : directDoubles(u, m as Float64Array, v as Float64Array, factors);
      if (!isUsable) requireSecondMoment(parameter.name, m, v, () => correction2);
      return updates;
    },
  };
}

/** What a step multiplies with and adds. */
interface Factors {
  beta1: number;
  beta2: number;
  /** 1 - beta1. */
  rest1: number;
  /** 1 - beta2. */
  rest2: number;
  /** 1 / (1 - beta1^step). */
  correction1: number;
  correction2: number;
  /** To the root. */
  added: number;
}

/** Moments, and directions in the place of gradients; false if a second moment is infinite, NaN or lost. */
function directDoubles(u: Float64Array, m: Float64Array, v: Float64Array, factors: Factors): boolean {
  const { beta1, beta2, rest1, rest2 } = factors;
  let isUsable = true;
  for (let i = 0; i < u.length; i++) {
    const g = u[i];
    m[i] = beta1 * m[i] + rest1 * g;
    v[i] = beta2 * v[i] + rest2 * g * g;
    if (!directEntry(u, m, v, i, factors)) isUsable = false;
  }
  return isUsable;
}

/** The same for single precision, four entries at a time: V8 does not unroll loops, and it saves a third. */
function directSingles(u: Float32Array, m: Float32Array, v: Float32Array, factors: Factors): boolean {
  const { beta1, beta2, rest1, rest2, correction1, correction2, added } = factors;
  const { fround, sqrt } = Math;
  let isUsable = true;
  let i = 0;
  for (; i + 4 <= u.length; i += 4) {
    const g0 = u[i];
    const g1 = u[i + 1];
    const g2 = u[i + 2];
    const g3 = u[i + 3];
    const m0 = fround(beta1 * m[i] + rest1 * g0);
    const m1 = fround(beta1 * m[i + 1] + rest1 * g1);
    const m2 = fround(beta1 * m[i + 2] + rest1 * g2);
    const m3 = fround(beta1 * m[i + 3] + rest1 * g3);
    const v0 = fround(beta2 * v[i] + rest2 * g0 * g0);
    const v1 = fround(beta2 * v[i + 1] + rest2 * g1 * g1);
    const v2 = fround(beta2 * v[i + 2] + rest2 * g2 * g2);
    const v3 = fround(beta2 * v[i + 3] + rest2 * g3 * g3);
    m[i] = m0;
    m[i + 1] = m1;
    m[i + 2] = m2;
    m[i + 3] = m3;
    v[i] = v0;
    v[i + 1] = v1;
    v[i + 2] = v2;
    v[i + 3] = v3;
    const root0 = sqrt(v0 * correction2) + added;
    const root1 = sqrt(v1 * correction2) + added;
    const root2 = sqrt(v2 * correction2) + added;
    const root3 = sqrt(v3 * correction2) + added;
    if (root0 > 0 && root1 > 0 && root2 > 0 && root3 > 0 && root0 + root1 + root2 + root3 < Infinity) {
      u[i] = m0 * correction1 / root0;
      u[i + 1] = m1 * correction1 / root1;
      u[i + 2] = m2 * correction1 / root2;
      u[i + 3] = m3 * correction1 / root3;
    } else {
      for (let k = i; k < i + 4; k++) if (!directEntry(u, m, v, k, factors)) isUsable = false;
    }
  }
  for (; i < u.length; i++) {
    const g = u[i];
    m[i] = beta1 * m[i] + rest1 * g;
    v[i] = beta2 * v[i] + rest2 * g * g;
    if (!directEntry(u, m, v, i, factors)) isUsable = false;
  }
  return isUsable;
}

/** One direction, from moments of the step. */
function directEntry(
  u: RealArray,
  m: RealArray,
  v: RealArray,
  i: number,
  { correction1, correction2, added }: Factors,
): boolean {
  const root = Math.sqrt(v[i] * correction2) + added;
  if (root > 0 && root < Infinity) u[i] = m[i] * correction1 / root;
  // Only without eps: a gradient that was always zero, or one whose square is.
  else if (root === 0 && m[i] === 0) u[i] = 0;
  else return false;
  return true;
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
