import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../../arrays/mod.ts";
import { addScaled } from "../../blas/mod.ts";
import { requireCoefficients, ROUTING } from "../checks.ts";
import type { NewtonSchulzCoefficients } from "../coefficients.ts";
import { newtonSchulz } from "../newton_schulz.ts";
import { registerOptimizer } from "../register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "../routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape, type ShapeScale } from "../scale.ts";
import type { Schedule } from "../schedule.ts";
import { NamedOptimizer } from "../tf_optimizer.ts";
import { chain, type GradientTransformation, type State } from "../transformation.ts";
import { isLowRankMatrix } from "./low_rank_routing.ts";
import { SUBSPACE } from "./names.ts";
import { projectionShape, reconstructFrom } from "./subspace.ts";
import { type SubspaceOptions, subspaceRule } from "./subspace_rule.ts";

/** Options of {@linkcode orthogonalizeInSubspace}. */
export interface OrthogonalizeInSubspaceOptions extends SubspaceOptions {
  /** Dimension r of the subspace, from 1 to the smaller side of every matrix. */
  rank: number;
  /** What is kept of the projected part of the momentum, in [0, 1); the rest is kept whole. Default 0.95. */
  momentum?: number;
  /** Newton-Schulz coefficients. Default `NEWTON_SCHULZ.muon5`. */
  coefficients?: NewtonSchulzCoefficients;
}

const ORTHOGONALIZE_IN_SUBSPACE = [...SUBSPACE, "rank", "momentum", "coefficients"] as const;
const TRION = [...ORTHOGONALIZE_IN_SUBSPACE, "learningRate", "weightDecay", "scale"] as const;

/** State of {@linkcode orthogonalizeInSubspace}. */
export type OrthogonalizeInSubspaceState = {
  /** Momentum, as large as the weights. */
  momentum: RealArray;
  /** What the rule remembers. */
  subspace: State;
};

/**
 * Trion's direction: momentum whose projection on the best r cosines is orthogonalized, while what the
 * projection misses stays in the momentum (Modoranu et al., arXiv 2505.17967, ICLR version): B = M + G; b = B
 * Q_I; M <- B - (1 - mu) b Q_I^T; the update is NS(b) Q_I^T. Newton-Schulz runs on m x r numbers, and only
 * those and the indices would have to be communicated.
 *
 * `norm` is 1 by default here, as in the official code.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { singularValues } from "refigure/linalg";
 * import { orthogonalizeInSubspace } from "refigure/optimizers";
 * import { assertGreater, assertLess } from "@std/assert";
 *
 * const weights = new Rng(0).normalMatrix(8, 5), w = { name: "w", weights, outputs: "rows" as const };
 * const link = orthogonalizeInSubspace({ rank: 2 });
 * const s = singularValues(link.update(weights.clone(), link.init(w), w));
 * assertGreater(s[1], 0.6); // two directions of about unit length,
 * assertLess(s[2], 1e-12); // and no third
 * ```
 */
export function orthogonalizeInSubspace(
  options: OrthogonalizeInSubspaceOptions,
): GradientTransformation<OrthogonalizeInSubspaceState> {
  requireOptions("options", options, ORTHOGONALIZE_IN_SUBSPACE);
  const { rank, momentum = 0.95, coefficients, basis, norm = 1, method, selection, seed } = options;
  requireInteger("rank", rank, { min: 1 });
  requireNumber("momentum", momentum, { min: 0, below: 1 });
  if (coefficients !== undefined) requireCoefficients("coefficients", coefficients);
  const rule = subspaceRule({ basis, norm, method, selection, seed });
  return {
    init(parameter) {
      const { n } = projectionShape(parameter, rank);
      const like = parameter.weights.data;
      return { momentum: allocateLike(like, like.length), subspace: rule.init(n, rank, like) };
    },
    update(updates, state, parameter) {
      const { side, n } = projectionShape(parameter, rank);
      const m = state.momentum;
      addScaled(m, 1, updates.data);
      const all = new Matrix(updates.rows, updates.columns, m);
      const b = rule.choose(all, side, state.subspace, parameter.label ?? parameter.name);
      const vectors = rule.vectors(state.subspace, n, m);
      addScaled(m, momentum - 1, reconstructFrom(b, side, vectors).data);
      return reconstructFrom(newtonSchulz(b, { coefficients }), side, vectors);
    },
  };
}

/** Options of {@linkcode trionUpdates}. */
export interface TrionOptions extends OrthogonalizeInSubspaceOptions {
  /** Learning rate: a constant or a function of the step. Default 0.02. */
  learningRate?: Schedule;
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
  /** Factor by shape; Dion's is `"spectral"`. Default `"muon"`. */
  scale?: ShapeScale;
}

/**
 * Trion for one matrix: {@linkcode orthogonalizeInSubspace}, scaled by shape.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { trionUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = new Rng(0).normalMatrix(6, 6), w = { name: "w", weights, outputs: "rows" as const };
 * const trion = trionUpdates({ rank: 4, learningRate: 0.1 });
 * assertAlmostEquals(frobeniusNorm(trion.update(weights.clone(), trion.init(w), w)), 0.1 * Math.sqrt(4), 0.06);
 * ```
 */
export function trionUpdates(options: TrionOptions): GradientTransformation {
  requireOptions("options", options, TRION);
  const { learningRate = 0.02, weightDecay = 0, scale = "muon", ...subspace } = options;
  return chain(
    orthogonalizeInSubspace(subspace),
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Trion as a `tf.Optimizer`; see {@linkcode trion}.
 *
 * @example
 * ```ts
 * import { Trion } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Trion({ rank: 4, learningRate: 0.1 }).getConfig(), { rank: 4, learningRate: 0.1 });
 * ```
 */
export class Trion extends NamedOptimizer<TrionOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "Trion";

  /** Trion with these options. @param options The rank; all others have defaults. */
  constructor(options: TrionOptions & RoutingOptions) {
    super(routed(options), options);
  }
}

registerOptimizer(Trion);

function routed(options: TrionOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...TRION, ...ROUTING]);
  const { select = isLowRankMatrix, others, ...matrices } = options;
  return matricesTo(trionUpdates(matrices), { select, others });
}

/**
 * Trion for tfjs: hidden matrices and convolution kernels get {@linkcode trionUpdates}, everything else
 * AdamW.
 *
 * @throws {RangeError} if an option is out of range, or, at the first step, the rank exceeds a side of a
 * matrix.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { trion } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.zeros([4, 4]), true, "kernel"), target = tf.ones([4, 4]);
 * const optimizer = trion({ rank: 2, learningRate: 0.1 });
 * for (let step = 0; step < 40; step++) optimizer.minimize(() => tf.squaredDifference(w, target).sum() as tf.Scalar, false, [w]);
 * assertLess(tf.squaredDifference(w, target).sum().dataSync()[0], 4); // from 16
 * ```
 */
export function trion(options: TrionOptions & RoutingOptions): Trion {
  return new Trion(options);
}
