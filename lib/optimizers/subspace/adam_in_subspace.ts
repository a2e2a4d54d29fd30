import {
  allocateLike,
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireOptions,
} from "../../arrays/mod.ts";
import { addScaled } from "../../blas/mod.ts";
import type { AdamOptions } from "../adam.ts";
import { requireAdam, requireSecondMoment } from "../checks.ts";
import type { GradientTransformation, State } from "../transformation.ts";
import { coordinatesIn, projectionShape, reconstructFrom, type SubspaceRule } from "./subspace.ts";
import { ADAM_IN_SUBSPACE } from "./names.ts";
import { type SubspaceOptions, subspaceRule } from "./subspace_rule.ts";

/** Options of {@linkcode scaleByAdamInSubspace}. */
export interface AdamInSubspaceOptions extends Omit<AdamOptions, "correctedEps">, SubspaceOptions {
  /** Dimension r of the subspace, from 1 to the smaller side of every matrix. */
  rank: number;
  /** A new subspace at step 1 and at every multiple of this. Default 1: at every step. */
  updateGap?: number;
  /**
   * Remember what the projection lost and add it to the next gradient; takes a full-size matrix. Default
   * true.
   */
  errorFeedback?: boolean;
  /** Carry the moments over to a new subspace. Default true; false keeps them as if nothing had changed. */
  rotate?: boolean;
  /**
   * Bias corrections by the steps since the start (`"step"`, the published rule and the default), or by how
   * many steps a basis vector has been in the subspace (`"age"`), which takes away the jump of up to (1 -
   * beta1) / sqrt(1 - beta2) with which a fresh vector starts.
   */
  biasCorrection?: "step" | "age";
}

/** State of {@linkcode scaleByAdamInSubspace}. */
export type AdamInSubspaceState = {
  /** Steps taken. */
  step: number;
  /** What the rule remembers. */
  subspace: State;
  /** Running mean of the coordinates, m x r. */
  firstMoment: RealArray;
  /** Running mean of their squares, m x r. */
  secondMoment: RealArray;
  /** Steps that each vector has been in the subspace; r of them. */
  ages: Int32Array;
  /** What the projection lost, as large as the weights; empty without error feedback. */
  error: RealArray;
};

/**
 * Adam on the coordinates of the gradient in a low-dimensional subspace, its direction mapped back: the core
 * of DCT-AdamW (Modoranu et al., arXiv 2505.17967, Algorithm 1) and, with `basis: "svd"`, of its SVD-based
 * relatives. Moments take 2 m r numbers instead of 2 m n.
 *
 * One step, for coordinates taken on the right: A = G + E; choose Q_I for A; a = A Q_I; E = A - a Q_I^T; (M,
 * V) carried over as M Q_prev^T Q_I and |V Q_prev^T Q_I|; Adam's moments of a; the update M-hat /
 * (sqrt(V-hat) + eps) Q_I^T.
 *
 * @throws {RangeError} if `rank`, `updateGap`, a beta or eps is out of range.
 * @throws {TypeError} if an option is unknown or of the wrong type, or ages are asked for where vectors have
 * none.
 *
 * @example At full rank it is Adam in the coordinates of the basis
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { scaleByAdam, scaleByAdamInSubspace } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const low = scaleByAdamInSubspace({ rank: 3, basis: "axes" }), adam = scaleByAdam();
 * const w = { name: "w", weights: Matrix.zeros(4, 3), outputs: "rows" as const }, g = new Rng(0).normalMatrix(4, 3);
 * const u = low.update(g.clone(), low.init(w), w), v = adam.update(g.clone(), adam.init(w), w);
 * u.data.forEach((x, i) => assertAlmostEquals(x, v.data[i], 1e-14));
 * ```
 */
export function scaleByAdamInSubspace(
  options: AdamInSubspaceOptions,
): GradientTransformation<AdamInSubspaceState> {
  requireOptions("options", options, ADAM_IN_SUBSPACE);
  const { rank, updateGap = 1, errorFeedback = true, rotate = true, biasCorrection = "step" } = options;
  requireInteger("rank", rank, { min: 1 });
  requireInteger("updateGap", updateGap, { min: 1 });
  requireBoolean("errorFeedback", errorFeedback);
  requireBoolean("rotate", rotate);
  const { beta1, beta2, eps } = requireAdam(options);
  const { basis, norm, method, selection, seed } = options;
  const rule = subspaceRule({ basis, norm, method, selection, seed });
  requireBiasCorrection(biasCorrection, rule, rotate);
  return {
    init(parameter) {
      const { n, m } = projectionShape(parameter, rank);
      const like = parameter.weights.data;
      return {
        step: 0,
        subspace: rule.init(n, rank, like),
        firstMoment: allocateLike(like, m * rank),
        secondMoment: allocateLike(like, m * rank),
        ages: new Int32Array(rank),
        error: allocateLike(like, errorFeedback ? m * n : 0),
      };
    },
    update(updates, state, parameter) {
      const { side, n } = projectionShape(parameter, rank);
      const like = updates.data;
      state.step++;
      if (errorFeedback) addScaled(updates.data, 1, state.error);
      const choosing = state.step === 1 || state.step % updateGap === 0;
      const a = choosing
        ? rule.choose(updates, side, state.subspace, parameter.label ?? parameter.name)
        : coordinatesIn(updates, side, rule.vectors(state.subspace, n, like));
      const vectors = rule.vectors(state.subspace, n, like);
      if (errorFeedback) {
        state.error.set(updates.data);
        addScaled(state.error, -1, reconstructFrom(a, side, vectors).data);
      }
      if (choosing && rotate && state.step > 1) carryOver(rule, state, a.rows, rank);
      state.ages.forEach((age, j) => state.ages[j] = age + 1);
      // Corrections by age differ from column to column.
      const corrections = (beta: number) =>
        Float64Array.from(
          state.ages,
          (age) => 1 / (1 - beta ** (biasCorrection === "age" ? age : state.step)),
        );
      const correction1 = corrections(beta1);
      const correction2 = corrections(beta2);
      const m = state.firstMoment;
      const v = state.secondMoment;
      const d = a.data;
      // Becomes NaN where a second moment is infinite, or is zero though the first one is not.
      let lost = 0;
      let k = 0;
      for (let i = 0; i < a.rows; i++) {
        for (let j = 0; j < rank; j++, k++) {
          m[k] = beta1 * m[k] + (1 - beta1) * d[k];
          v[k] = beta2 * v[k] + (1 - beta2) * d[k] * d[k];
          const root = Math.sqrt(v[k] * correction2[j]) + eps;
          if (root > 0) d[k] = m[k] * correction1[j] / root;
          // Only without eps: coordinates that were always zero, or ones whose squares are.
          else if (m[k] === 0) d[k] = 0;
          else lost = NaN;
          lost += root * 0;
        }
      }
      if (lost !== 0) requireSecondMoment(parameter.name, m, v, (entry) => correction2[entry % rank]);
      return reconstructFrom(a, side, vectors);
    },
  };
}

/** Moments and ages of vectors that stayed stay with them; those of fresh vectors start at zero. */
function carryOver(rule: SubspaceRule, state: AdamInSubspaceState, rows: number, rank: number): void {
  const carry = (moment: RealArray) => rule.carry(new Matrix(rows, rank, moment), state.subspace).data;
  state.firstMoment.set(carry(state.firstMoment));
  // Singular vectors mix; a second moment must not become negative by that.
  state.secondMoment.set(carry(state.secondMoment).map(Math.abs));
  const origins = rule.origins?.(state.subspace);
  if (origins !== undefined) {
    const ages = state.ages.slice();
    origins.forEach((from, j) => state.ages[j] = from < 0 ? 0 : ages[from]);
  }
}

function requireBiasCorrection(value: string, rule: SubspaceRule, rotate: boolean): void {
  requireOneOf("biasCorrection", value, ["step", "age"]);
  if (value === "age" && (rule.origins === undefined || !rotate)) {
    throw new TypeError(
      '`biasCorrection` can be "age" only with a fixed basis and `rotate`: singular vectors have no age',
    );
  }
}
