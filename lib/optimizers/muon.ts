import { requireOptions } from "../arrays/mod.ts";
import { requireMomentum, ROUTING } from "./checks.ts";
import type { NewtonSchulzCoefficients } from "./coefficients.ts";
import { momentum } from "./momentum.ts";
import { orthogonalize } from "./newton_schulz.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "./routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape, type ShapeScale } from "./scale.ts";
import type { Schedule } from "./schedule.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode muonUpdates}. */
export interface MuonOptions {
  /** Learning rate: a constant or a function of the step. Default 0.02. */
  learningRate?: Schedule;
  /** Decay of the momentum, in [0, 1). Default 0.95. */
  momentum?: number;
  /** Nesterov momentum. Default true. */
  nesterov?: boolean;
  /** Decoupled weight decay. Default 0. */
  weightDecay?: number;
  /** Factor by shape. Default `"muon"`. */
  scale?: ShapeScale;
  /** Newton-Schulz coefficients. Default `NEWTON_SCHULZ.muon5`. */
  coefficients?: NewtonSchulzCoefficients;
}

/** Names of Muon's options. */
const MUON = ["learningRate", "momentum", "nesterov", "weightDecay", "scale", "coefficients"] as const;

/**
 * Muon for one matrix: momentum, orthogonalized by Newton-Schulz, scaled by shape (Jordan et al. 2024).
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { muonUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const muon = muonUpdates({ learningRate: 0.02 });
 * const update = muon.update(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), muon.init(w), w);
 * assertAlmostEquals(update.get(0, 0), 0.011365805545, 1e-7);
 * ```
 */
export function muonUpdates(options: MuonOptions = {}): GradientTransformation {
  requireOptions("options", options, MUON);
  const { learningRate = 0.02, nesterov, weightDecay = 0, scale = "muon", coefficients } = options;
  requireMomentum(options);
  return chain(
    momentum({ decay: options.momentum, nesterov }),
    orthogonalize({ coefficients }),
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

function routed(options: MuonOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...MUON, ...ROUTING]);
  const { select, others, ...matrices } = options;
  return matricesTo(muonUpdates(matrices), { select, others });
}

/**
 * Muon as a `tf.Optimizer`; see {@linkcode muon}.
 *
 * @example
 * ```ts
 * import { Muon } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Muon({ learningRate: 0.1 }).getConfig(), { learningRate: 0.1 });
 * ```
 */
export class Muon extends NamedOptimizer<MuonOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "Muon";

  /** Muon with these options. @param options Rates, momentum and routing; all have defaults. */
  constructor(options: MuonOptions & RoutingOptions = {}) {
    super(routed(options), options);
  }
}

registerOptimizer(Muon);

/**
 * Muon for tfjs: hidden matrices and convolution kernels get {@linkcode muonUpdates}, everything else AdamW.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { muon } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], kernelInitializer: "zeros" })] });
 * model.compile({ optimizer: muon({ learningRate: 0.1 }), loss: "meanSquaredError" });
 * const history = await model.fit(tf.eye(4), tf.eye(4), { epochs: 10, verbose: 0 });
 * const loss = history.history.loss as number[];
 * assertLess(loss[9], loss[0] / 5);
 * ```
 */
export function muon(options: MuonOptions & RoutingOptions = {}): Muon {
  return new Muon(options);
}
