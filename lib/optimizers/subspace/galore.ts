import { requireNumber, requireOptions } from "../../arrays/mod.ts";
import { ROUTING } from "../checks.ts";
import { registerOptimizer } from "../register_optimizer.ts";
import type { RoutingOptions } from "../routing.ts";
import { addDecayedWeights, scaleByLearningRate } from "../scale.ts";
import { NamedOptimizer } from "../tf_optimizer.ts";
import { chain, type GradientTransformation, stateless } from "../transformation.ts";
import { scaleByAdamInSubspace } from "./adam_in_subspace.ts";
import type { DctAdamWOptions } from "./dct_adamw.ts";
import { lowRankRouting } from "./low_rank_routing.ts";

/** Options of {@linkcode galoreAdamwUpdates}: those of DCT-AdamW with other defaults. */
export interface GaloreAdamWOptions
  extends Omit<DctAdamWOptions, "basis" | "norm" | "method" | "selection" | "seed" | "biasCorrection"> {
  /** Factor on Adam's direction, before the learning rate. Default 0.25. */
  scale?: number;
}

const GALORE_ADAMW = [
  "rank",
  "learningRate",
  "weightDecay",
  "beta1",
  "beta2",
  "eps",
  "updateGap",
  "errorFeedback",
  "rotate",
  "scale",
] as const;

/**
 * GaLore-style AdamW for one matrix: Adam on the gradient's leading singular directions, which are found anew
 * every 200 steps, without error feedback, moments left as they are (Zhao et al., arXiv 2403.03507).
 *
 * The step is `scale` (0.25) times Adam's. With `updateGap: 1, errorFeedback: true, rotate: true, scale: 1`
 * it is DCT-AdamW with singular vectors in place of cosines.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { galoreAdamwUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * const optimizer = galoreAdamwUpdates({ rank: 1, learningRate: 0.1 });
 * const update = optimizer.update(Matrix.fromRows([[3, 4], [0, 0]]), optimizer.init(w), w);
 * assertAlmostEquals(update.get(0, 0), -0.1 * 0.25 * 0.6, 1e-8); // along (3, 4) / 5
 * ```
 */
export function galoreAdamwUpdates(options: GaloreAdamWOptions): GradientTransformation {
  requireOptions("options", options, GALORE_ADAMW);
  const { learningRate = 1e-3, weightDecay = 0, scale = 0.25, ...adam } = options;
  const { updateGap = 200, errorFeedback = false, rotate = false } = options;
  requireNumber("scale", scale, { min: 0 });
  return chain(
    scaleByAdamInSubspace({ ...adam, updateGap, errorFeedback, rotate, basis: "svd" }),
    stateless((updates) => updates.times(scale)),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * GaLore-style AdamW as a `tf.Optimizer`; see {@linkcode galoreAdamw}.
 *
 * @example
 * ```ts
 * import { GaloreAdamW } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new GaloreAdamW({ rank: 4 }).getConfig(), { rank: 4 });
 * ```
 */
export class GaloreAdamW extends NamedOptimizer<GaloreAdamWOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "GaloreAdamW";

  /** GaLore-style AdamW with these options. @param options The rank; all others have defaults. */
  constructor(options: GaloreAdamWOptions & RoutingOptions) {
    super(routed(options), options);
  }
}

registerOptimizer(GaloreAdamW);

function routed(options: GaloreAdamWOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...GALORE_ADAMW, ...ROUTING]);
  const { select: _, others: __, ...matrices } = options;
  return lowRankRouting(galoreAdamwUpdates(matrices), options);
}

/**
 * GaLore-style AdamW for tfjs: hidden matrices get {@linkcode galoreAdamwUpdates}, everything else AdamW, at
 * the same rate where it is a number. A schedule does not reach AdamW, which then has the rate
 * `others.learningRate`, by default 1e-3.
 *
 * @throws {RangeError} if an option is out of range, or, at the first step, the rank exceeds a side of a
 * matrix.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { galoreAdamw } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.zeros([3, 3]), true, "kernel"), target = tf.ones([3, 3]);
 * const optimizer = galoreAdamw({ rank: 1, learningRate: 0.2 });
 * for (let step = 0; step < 40; step++) optimizer.minimize(() => tf.squaredDifference(w, target).sum() as tf.Scalar, false, [w]);
 * assertLess(tf.squaredDifference(w, target).sum().dataSync()[0], 0.2);
 * ```
 */
export function galoreAdamw(options: GaloreAdamWOptions & RoutingOptions): GaloreAdamW {
  return new GaloreAdamW(options);
}
