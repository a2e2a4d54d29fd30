import { requireOptions } from "../../arrays/mod.ts";
import { ROUTING } from "../checks.ts";
import { registerOptimizer } from "../register_optimizer.ts";
import type { RoutingOptions } from "../routing.ts";
import { addDecayedWeights, scaleByLearningRate } from "../scale.ts";
import type { Schedule } from "../schedule.ts";
import { NamedOptimizer } from "../tf_optimizer.ts";
import { chain, type GradientTransformation } from "../transformation.ts";
import { type AdamInSubspaceOptions, scaleByAdamInSubspace } from "./adam_in_subspace.ts";
import { lowRankRouting } from "./low_rank_routing.ts";
import { ADAM_IN_SUBSPACE } from "./names.ts";

/** Options of {@linkcode dctAdamwUpdates}. */
export interface DctAdamWOptions extends AdamInSubspaceOptions {
  /** Learning rate: a constant or a function of the step. Default 1e-3. */
  learningRate?: Schedule;
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
}

const DCT_ADAMW = [...ADAM_IN_SUBSPACE, "learningRate", "weightDecay"] as const;

/**
 * DCT-AdamW for one matrix: AdamW in the subspace of the cosines that fit the gradient best
 * (Modoranu et al., arXiv 2505.17967).
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { dctAdamwUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(3, 2), outputs: "rows" as const };
 * const optimizer = dctAdamwUpdates({ rank: 1, learningRate: 0.1 });
 * // Constant rows lie in the first cosine, (1, 1) / sqrt 2: Adam's first step there is 0.1 long.
 * const update = optimizer.update(Matrix.fromRows([[2, 2], [5, 5], [-1, -1]]), optimizer.init(w), w);
 * assertAlmostEquals(update.get(0, 0), -0.1 * Math.SQRT1_2, 1e-8);
 * assertAlmostEquals(update.get(2, 1), 0.1 * Math.SQRT1_2, 1e-8);
 * ```
 */
export function dctAdamwUpdates(options: DctAdamWOptions): GradientTransformation {
  requireOptions("options", options, DCT_ADAMW);
  const { learningRate = 1e-3, weightDecay = 0, ...subspace } = options;
  return chain(
    scaleByAdamInSubspace(subspace),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * DCT-AdamW as a `tf.Optimizer`; see {@linkcode dctAdamw}.
 *
 * @example
 * ```ts
 * import { DctAdamW } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new DctAdamW({ rank: 4 }).getConfig(), { rank: 4 });
 * ```
 */
export class DctAdamW extends NamedOptimizer<DctAdamWOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "DctAdamW";

  /** DCT-AdamW with these options. @param options The rank; all others have defaults. */
  constructor(options: DctAdamWOptions & RoutingOptions) {
    super(routed(options), options);
  }
}

registerOptimizer(DctAdamW);

function routed(options: DctAdamWOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...DCT_ADAMW, ...ROUTING]);
  const { select: _, others: __, ...matrices } = options;
  return lowRankRouting(dctAdamwUpdates(matrices), options);
}

/**
 * DCT-AdamW for tfjs: hidden matrices get {@linkcode dctAdamwUpdates}, everything else AdamW, at the same
 * rate where it is a number. A schedule does not reach AdamW, which then has the rate `others.learningRate`,
 * by default 1e-3.
 *
 * @throws {RangeError} if an option is out of range, or, at the first step, the rank exceeds a side of a
 * matrix.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { dctAdamw } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], kernelInitializer: "zeros" })] });
 * model.compile({ optimizer: dctAdamw({ rank: 2, learningRate: 0.1 }), loss: "meanSquaredError" });
 * const history = await model.fit(tf.eye(4), tf.eye(4), { epochs: 30, verbose: 0 });
 * const loss = history.history.loss as number[];
 * assertLess(loss[29], loss[0] / 5);
 * ```
 */
export function dctAdamw(options: DctAdamWOptions & RoutingOptions): DctAdamW {
  return new DctAdamW(options);
}
