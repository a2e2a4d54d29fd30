import { requireOptions } from "../arrays/mod.ts";
import { requireMomentum, ROUTING } from "./checks.ts";
import { momentum, type MomentumOptions } from "./momentum.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "./routing.ts";
import {
  addDecayedWeights,
  normalizeFrobenius,
  scaleByLearningRate,
  scaleByShape,
  type ShapeScale,
} from "./scale.ts";
import type { Schedule } from "./schedule.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode sgdUpdates}. */
export interface SgdOptions {
  /** Learning rate: a constant or a function of the step. Default 0.1. */
  learningRate?: Schedule;
  /** Decay of the momentum, in [0, 1); 0 is plain descent. Default 0.95. */
  momentum?: number;
  /** Nesterov momentum. Default true. */
  nesterov?: boolean;
  /** Whether the momentum is an average of the gradients (the default) or their sum, as PyTorch's is. */
  form?: MomentumOptions["form"];
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
}

const SGD = ["learningRate", "momentum", "nesterov", "form", "weightDecay"] as const;
const NORMALIZED_SGD = [...SGD, "scale"] as const;

/**
 * Gradient descent with momentum: the baseline.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { sgdUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sgd = sgdUpdates({ learningRate: 0.1, momentum: 0.5 });
 * const w = { name: "w", weights: Matrix.zeros(1, 1), outputs: "rows" as const };
 * // Nesterov: half the gradient, and half of the momentum, which is half the gradient.
 * assertAlmostEquals(sgd.update(Matrix.fromRows([[4]]), sgd.init(w), w).get(0, 0), -0.3, 1e-15);
 * ```
 */
export function sgdUpdates(options: SgdOptions = {}): GradientTransformation {
  requireOptions("options", options, SGD);
  const { learningRate = 0.1, nesterov, form, weightDecay = 0 } = options;
  requireMomentum(options);
  return chain(
    momentum({ decay: options.momentum, nesterov, form }),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Descent with momentum as a `tf.Optimizer`; see {@linkcode sgd}.
 *
 * @example
 * ```ts
 * import { MomentumSgd } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new MomentumSgd({ learningRate: 0.1 }).getConfig(), { learningRate: 0.1 });
 * ```
 */
export class MomentumSgd extends NamedOptimizer<SgdOptions> {
  /** Name under which tfjs saves and finds the class; `SGD` is tfjs's own. */
  static override className = "MomentumSgd";

  /** Descent with these options. @param options Rate and momentum; all have defaults. */
  constructor(options: SgdOptions = {}) {
    super(sgdUpdates(options), options);
  }
}

registerOptimizer(MomentumSgd);

/**
 * {@linkcode sgdUpdates} for tfjs, applied to all parameters.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { sgd } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.scalar(0)), optimizer = sgd({ learningRate: 0.25, momentum: 0 });
 * for (let step = 0; step < 30; step++) optimizer.minimize(() => tf.squaredDifference(w, 3) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], 3, 1e-5);
 * ```
 */
export function sgd(options: SgdOptions = {}): MomentumSgd {
  return new MomentumSgd(options);
}

/** Options of {@linkcode normalizedSgdUpdates}. */
export interface NormalizedSgdOptions extends SgdOptions {
  /** Factor by shape. Default `"muon"`. */
  scale?: ShapeScale;
}

/**
 * Momentum over its Frobenius norm: every step of a matrix has the same length. The control for
 * methods that divide the update by a norm and do something else as well.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { normalizedSgdUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const nsgd = normalizedSgdUpdates({ learningRate: 0.5 });
 * const w = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
 * const update = nsgd.update(Matrix.fromRows([[3, 4]]), nsgd.init(w), w);
 * assertAlmostEquals(update.get(0, 1), -0.4, 1e-7);
 * ```
 */
export function normalizedSgdUpdates(options: NormalizedSgdOptions = {}): GradientTransformation {
  requireOptions("options", options, NORMALIZED_SGD);
  const { learningRate = 0.1, nesterov, form, weightDecay = 0, scale = "muon" } = options;
  requireMomentum(options);
  return chain(
    momentum({ decay: options.momentum, nesterov, form }),
    normalizeFrobenius(),
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

function routed(options: NormalizedSgdOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...NORMALIZED_SGD, ...ROUTING]);
  const { select, others, ...matrices } = options;
  return matricesTo(normalizedSgdUpdates(matrices), { select, others });
}

/**
 * Normalized descent as a `tf.Optimizer`; see {@linkcode normalizedSgd}.
 *
 * @example
 * ```ts
 * import { NormalizedSgd } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new NormalizedSgd({ learningRate: 0.1 }).getConfig(), { learningRate: 0.1 });
 * ```
 */
export class NormalizedSgd extends NamedOptimizer<NormalizedSgdOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "NormalizedSgd";

  /** Normalized descent with these options. @param options Rate, momentum and routing; all have defaults. */
  constructor(options: NormalizedSgdOptions & RoutingOptions = {}) {
    super(routed(options), options);
  }
}

registerOptimizer(NormalizedSgd);

/**
 * Normalized descent for tfjs: hidden matrices and convolution kernels get {@linkcode normalizedSgdUpdates},
 * the rest AdamW.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { normalizedSgd } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.zeros([2, 2])), optimizer = normalizedSgd({ learningRate: 0.1, momentum: 0 });
 * optimizer.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], -0.05, 1e-6);
 * ```
 */
export function normalizedSgd(options: NormalizedSgdOptions & RoutingOptions = {}): NormalizedSgd {
  return new NormalizedSgd(options);
}
