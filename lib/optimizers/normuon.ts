import { requireOneOf, requireOptions } from "../arrays/mod.ts";
import { requireMomentum, ROUTING } from "./checks.ts";
import { momentum } from "./momentum.ts";
import type { MuonOptions } from "./muon.ts";
import { orthogonalize } from "./newton_schulz.ts";
import { normalizeNeurons, type NormalizeNeuronsOptions } from "./normalize_neurons.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "./routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape } from "./scale.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode normuonUpdates}: those of Muon and of the normalization. */
export interface NorMuonOptions extends MuonOptions, Omit<NormalizeNeuronsOptions, "rescale"> {
  /**
   * `"code"` (the default): Nesterov momentum, the length of Muon's update, Muon's factor by shape, as in the
   * official `normuon.py`. `"paper"`: plain momentum and a root mean square of 0.2 whatever the shape, as in
   * Algorithm 1; its learning rates are AdamW's. `nesterov` and `scale`, where given, win over both.
   */
  variant?: "code" | "paper";
}

const NORMUON = [
  "learningRate",
  "momentum",
  "nesterov",
  "weightDecay",
  "scale",
  "coefficients",
  "beta2",
  "eps",
  "axis",
  "variant",
] as const;

/**
 * NorMuon for one matrix: Muon whose orthogonalized update is normalized neuron by neuron (Li, Liu, Liang,
 * Chen & Zhao, arXiv 2510.05491, Algorithm 1; official code zichongli5/NorMuon).
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rowNorms } from "refigure/linalg";
 * import { normuonUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const normuon = normuonUpdates({ learningRate: 1 });
 * const norms = rowNorms(normuon.update(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), normuon.init(w), w));
 * assertAlmostEquals(norms[0], 0.817668909719, 1e-6);
 * assertAlmostEquals(norms[1], norms[0], 1e-8);
 * ```
 */
export function normuonUpdates(options: NorMuonOptions = {}): GradientTransformation {
  requireOptions("options", options, NORMUON);
  const { variant = "code", learningRate = 0.02, weightDecay = 0, coefficients, beta2, eps, axis } = options;
  requireOneOf("variant", variant, ["code", "paper"]);
  requireMomentum(options);
  const asInCode = variant === "code";
  const { nesterov = asInCode, scale = asInCode ? "muon" : "none" } = options;
  return chain(
    momentum({ decay: options.momentum, nesterov }),
    orthogonalize({ coefficients }),
    normalizeNeurons({ beta2, eps, axis, rescale: asInCode ? "preserve" : "rms" }),
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

function routed(options: NorMuonOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...NORMUON, ...ROUTING]);
  const { select, others, ...matrices } = options;
  return matricesTo(normuonUpdates(matrices), { select, others });
}

/**
 * NorMuon as a `tf.Optimizer`; see {@linkcode normuon}.
 *
 * @example
 * ```ts
 * import { NorMuon } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new NorMuon({ beta2: 0.9 }).getConfig(), { beta2: 0.9 });
 * ```
 */
export class NorMuon extends NamedOptimizer<NorMuonOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "NorMuon";

  /**
   * NorMuon with these options. @param options Rates, momentum, normalization and routing; all have defaults.
   */
  constructor(options: NorMuonOptions & RoutingOptions = {}) {
    super(routed(options), options);
  }
}

registerOptimizer(NorMuon);

/**
 * NorMuon for tfjs: hidden matrices and convolution kernels get {@linkcode normuonUpdates}, everything else
 * AdamW. In tfjs a kernel's neurons are its columns (`[in, out]`); the normalization accounts for that.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { normuon } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], kernelInitializer: "zeros" })] });
 * model.compile({ optimizer: normuon({ learningRate: 0.1 }), loss: "meanSquaredError" });
 * const history = await model.fit(tf.eye(4), tf.eye(4), { epochs: 10, verbose: 0 });
 * const loss = history.history.loss as number[];
 * assertLess(loss[9], loss[0] / 5);
 * ```
 */
export function normuon(options: NorMuonOptions & RoutingOptions = {}): NorMuon {
  return new NorMuon(options);
}
