import { requireOneOf, requireOptions } from "../arrays/mod.ts";
import { requireCoefficients, requireMomentum, ROUTING } from "./checks.ts";
import { NEWTON_SCHULZ, type NewtonSchulzCoefficients } from "./coefficients.ts";
import { momentum } from "./momentum.ts";
import { orthogonalize } from "./newton_schulz.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "./routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape, type ShapeScale } from "./scale.ts";
import { type CoshRmsScaling, scaleByCoshRms } from "./scale_by_cosh_rms.ts";
import type { Schedule } from "./schedule.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode auonUpdates}. */
export interface AuonOptions {
  /** Learning rate: a constant or a function of the step. Default 0.24. */
  learningRate?: Schedule;
  /** Decay of the momentum, in [0, 1). Default 0.95. */
  momentum?: number;
  /** Nesterov momentum. Default true. */
  nesterov?: boolean;
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
  /**
   * `"paper"`, the default: as in the paper and its first script. `"repo"`: as in the code published since
   * 2026.
   */
  variant?: "paper" | "repo";
  /** Factor on the argument of cosh. Default 1 for the paper, 1.5 for the repo. */
  gamma?: number;
  /** Factor by shape. Default `"muon"` for the paper, `"none"` for the repo. */
  scale?: ShapeScale;
}

/** Options of {@linkcode hybridAuonUpdates}. */
export interface HybridAuonOptions extends AuonOptions {
  /**
   * Newton-Schulz coefficients. Default one step of `NEWTON_SCHULZ.muon5` for the paper, all five for the
   * repo.
   */
  coefficients?: NewtonSchulzCoefficients;
}

const AUON = ["learningRate", "momentum", "nesterov", "weightDecay", "variant", "gamma", "scale"] as const;
const HYBRID_AUON = [...AUON, "coefficients"] as const;

/**
 * AuON for one matrix (Maity 2025, arXiv 2509.24320): momentum G, x = G / ||G||_F, update x / R(x) with R the
 * root mean square of cosh, scaled by shape. As published in code (`variant: "repo"`) the step is not
 * normalized: G / R(1.5 x).
 *
 * R is 1 + 1/(2n) for n entries up to a fifth of that, whatever the matrix ({@linkcode coshRmsBounds}): this
 * is {@linkcode normalizedSgdUpdates} with a learning rate that much smaller, and the repo's variant
 * {@linkcode sgdUpdates}.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { auonUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const auon = auonUpdates({ learningRate: 0.5, momentum: 0 });
 * const update = auon.update(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), auon.init(w), w);
 * assertAlmostEquals(update.get(1, 2), -0.5 * 0.578376272020, 1e-7);
 * ```
 */
export function auonUpdates(options: AuonOptions = {}): GradientTransformation {
  requireOptions("options", options, AUON);
  const paper = isPaper(options);
  const { gamma = paper ? 1 : 1.5 } = options;
  const brake: CoshRmsScaling = { gamma, normalize: paper };
  return chain(
    momentum({ decay: options.momentum, nesterov: options.nesterov }),
    scaleByCoshRms(brake),
    ...ending(options, paper),
  );
}

/**
 * Hybrid-AuON for one matrix: one Newton-Schulz step X of the momentum, update X / R(X). As published in code
 * (`variant: "repo"`): five steps O, update O / R(1.5 O / ||O||_F), which is Muon without its shape factor,
 * over R.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { hybridAuonUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const hybrid = hybridAuonUpdates({ learningRate: 1, momentum: 0 });
 * const update = hybrid.update(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), hybrid.init(w), w);
 * assertAlmostEquals(update.get(0, 0), 0.084957047175, 1e-7);
 * ```
 */
export function hybridAuonUpdates(options: HybridAuonOptions = {}): GradientTransformation {
  requireOptions("options", options, HYBRID_AUON);
  const paper = isPaper(options);
  const { gamma = paper ? 1 : 1.5 } = options;
  const brake: CoshRmsScaling = { gamma, of: paper ? "entries" : "direction" };
  const { coefficients = paper ? NEWTON_SCHULZ.muon5.slice(0, 1) : NEWTON_SCHULZ.muon5 } = options;
  requireCoefficients("coefficients", coefficients);
  return chain(
    momentum({ decay: options.momentum, nesterov: options.nesterov }),
    orthogonalize({ coefficients }),
    scaleByCoshRms(brake),
    ...ending(options, paper),
  );
}

/** What both end on: shape, decay, rate. */
function ending(options: AuonOptions, paper: boolean): GradientTransformation[] {
  const { learningRate = 0.24, weightDecay = 0, scale = paper ? "muon" : "none" } = options;
  return [scaleByShape(scale), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)];
}

function isPaper(options: AuonOptions): boolean {
  const { variant = "paper" } = options;
  requireMomentum(options);
  return requireOneOf("variant", variant, ["paper", "repo"]) === "paper";
}

/**
 * AuON as a `tf.Optimizer`; see {@linkcode auon}.
 *
 * @example
 * ```ts
 * import { AuON } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new AuON({ variant: "repo" }).getConfig(), { variant: "repo" });
 * ```
 */
export class AuON extends NamedOptimizer<AuonOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "AuON";

  /** AuON with these options. @param options Rates, momentum, variant and routing; all have defaults. */
  constructor(options: AuonOptions & RoutingOptions = {}) {
    super(auonRouted(options), options);
  }
}

registerOptimizer(AuON);

function auonRouted(options: AuonOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...AUON, ...ROUTING]);
  const { select, others, ...matrices } = options;
  return matricesTo(auonUpdates(matrices), { select, others });
}

/**
 * Hybrid-AuON as a `tf.Optimizer`; see {@linkcode hybridAuon}.
 *
 * @example
 * ```ts
 * import { HybridAuON } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new HybridAuON({ learningRate: 0.2 }).getConfig(), { learningRate: 0.2 });
 * ```
 */
export class HybridAuON extends NamedOptimizer<HybridAuonOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "HybridAuON";

  /**
   * Hybrid-AuON with these options.
   *
   * @param options Rates, momentum, variant and routing; all have defaults.
   */
  constructor(options: HybridAuonOptions & RoutingOptions = {}) {
    super(hybridAuonRouted(options), options);
  }
}

registerOptimizer(HybridAuON);

function hybridAuonRouted(options: HybridAuonOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...HYBRID_AUON, ...ROUTING]);
  const { select, others, ...matrices } = options;
  return matricesTo(hybridAuonUpdates(matrices), { select, others });
}

/**
 * AuON for tfjs: hidden matrices and convolution kernels get {@linkcode auonUpdates}, everything else AdamW.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { auon } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.zeros([2, 2])), optimizer = auon({ learningRate: 0.1, momentum: 0 });
 * optimizer.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
 * // Four equal entries of 1/2: the brake is cosh(1/2).
 * assertAlmostEquals(w.dataSync()[0], -0.05 / Math.cosh(0.5), 1e-6);
 * ```
 */
export function auon(options: AuonOptions & RoutingOptions = {}): AuON {
  return new AuON(options);
}

/**
 * Hybrid-AuON for tfjs: hidden matrices and convolution kernels get {@linkcode hybridAuonUpdates}, everything
 * else AdamW.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { hybridAuon } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], kernelInitializer: "zeros" })] });
 * model.compile({ optimizer: hybridAuon({ learningRate: 0.1 }), loss: "meanSquaredError" });
 * const history = await model.fit(tf.eye(4), tf.eye(4), { epochs: 10, verbose: 0 });
 * const loss = history.history.loss as number[];
 * assertLess(loss[9], loss[0] / 5);
 * ```
 */
export function hybridAuon(options: HybridAuonOptions & RoutingOptions = {}): HybridAuON {
  return new HybridAuON(options);
}
