import { requireOneOf, requireOptions } from "../arrays/mod.ts";
import type { AdamWOptions } from "./adam.ts";
import { type CoefficientTable, orthogonalizeByShape } from "./adaptive_newton.ts";
import { orthogonalizeCalibrated } from "./calibrated_newton.ts";
import { othersWith, requireMomentum, requireTable, ROUTING } from "./checks.ts";
import { momentum } from "./momentum.ts";
import { suppressOutliers } from "./outliers.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "./routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape, type ShapeScale } from "./scale.ts";
import type { Schedule } from "./schedule.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";
import { chain, type GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode rootUpdates}. */
export interface RootOptions {
  /** Learning rate: a constant or a function of the step. Default 1e-3. */
  learningRate?: Schedule;
  /** Decay of the momentum, in [0, 1). Default 0.95. */
  momentum?: number;
  /** Nesterov momentum. Default true. */
  nesterov?: boolean;
  /** Decoupled weight decay. Default 0.1. */
  weightDecay?: number;
  /** The quantile of the absolute entries to which a matrix is clipped, in (0, 1]. Default 0.9. */
  quantile?: number;
  /**
   * Where outliers are suppressed: in the momentum (the paper, the default), in the gradient before it, or
   * nowhere.
   */
  clip?: "momentum" | "gradient" | "none";
  /**
   * Newton-Schulz coefficients: the published table (`"published"`, the default; other shapes get Muon's), a
   * table of your own, or `"calibrate"`, which fits them to the first twenty updates of each parameter.
   */
  coefficients?: "published" | "calibrate" | CoefficientTable;
  /** Factor by shape. Default `"matchAdamw"`. */
  scale?: ShapeScale;
}

const ROOT = [
  "learningRate",
  "momentum",
  "nesterov",
  "weightDecay",
  "quantile",
  "clip",
  "coefficients",
  "scale",
] as const;

/**
 * ROOT for one matrix: summed Nesterov momentum, outliers clipped at a quantile, orthogonalized with
 * coefficients made for the shape, scaled by 0.2 sqrt(max(m, n)) (He et al., arXiv 2511.20626, official
 * code).
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rootUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = { name: "w", weights: Matrix.zeros(2, 3), outputs: "rows" as const };
 * const root = rootUpdates({ learningRate: 1, quantile: 0.5, momentum: 0, scale: "none", coefficients: "calibrate" });
 * const update = root.update(Matrix.fromRows([[1, -2, 0.5], [10, -0.1, 3]]), root.init(w), w);
 * // Uphill entries go down; the entry of 10 counts as 1.5.
 * assertAlmostEquals(Math.sign(update.get(1, 0)), -1);
 * ```
 */
export function rootUpdates(options: RootOptions = {}): GradientTransformation {
  requireOptions("options", options, ROOT);
  const { clip = "momentum", quantile, coefficients = "published", nesterov } = options;
  const { learningRate = 1e-3, weightDecay = 0.1, scale = "matchAdamw" } = options;
  requireOneOf("clip", clip, ["momentum", "gradient", "none"]);
  requireMomentum(options);
  if (typeof coefficients === "string") {
    requireOneOf("coefficients", coefficients, ["published", "calibrate"]);
  } else requireTable("coefficients", coefficients);
  const suppress = suppressOutliers({ quantile });
  const orthogonalize = coefficients === "calibrate"
    ? orthogonalizeCalibrated()
    : orthogonalizeByShape({ table: coefficients === "published" ? undefined : coefficients });
  return chain(
    ...(clip === "gradient" ? [suppress] : []),
    momentum({ decay: options.momentum, nesterov, form: "sum" }),
    ...(clip === "momentum" ? [suppress] : []),
    orthogonalize,
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * AdamW for what is not a hidden matrix, as in the official code: same rate, where it is a number, and decay,
 * epsilon added before the bias correction.
 */
function othersOf(
  { learningRate = 1e-3, weightDecay = 0.1, others }: RootOptions & RoutingOptions,
): AdamWOptions {
  const rate = typeof learningRate === "number" ? learningRate : 1e-3;
  const betas = { beta1: 0.9, beta2: 0.95 };
  return othersWith({ learningRate: rate, weightDecay, ...betas, eps: 1e-8, correctedEps: false }, others);
}

function routed(options: RootOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...ROOT, ...ROUTING]);
  const { select, others: _, ...matrices } = options;
  return matricesTo(rootUpdates(matrices), { select, others: othersOf(options) });
}

/**
 * ROOT as a `tf.Optimizer`; see {@linkcode root}.
 *
 * @example
 * ```ts
 * import { Root } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Root({ learningRate: 0.01, clip: "gradient" }).getConfig(), { learningRate: 0.01, clip: "gradient" });
 * ```
 */
export class Root extends NamedOptimizer<RootOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "Root";

  /** ROOT with these options. @param options Rates, momentum, clipping and routing; all have defaults. */
  constructor(options: RootOptions & RoutingOptions = {}) {
    super(routed(options), options);
  }
}

registerOptimizer(Root);

/**
 * ROOT for tfjs: hidden matrices and convolution kernels get {@linkcode rootUpdates}, everything else AdamW
 * with the same decay and, where it is a number, the same learning rate. A schedule does not reach AdamW,
 * which then has the rate `others.learningRate`, by default 1e-3.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { root } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], kernelInitializer: "zeros" })] });
 * model.compile({ optimizer: root({ learningRate: 0.2, coefficients: "calibrate" }), loss: "meanSquaredError" });
 * const history = await model.fit(tf.eye(4), tf.eye(4), { epochs: 10, verbose: 0 });
 * const loss = history.history.loss as number[];
 * assertLess(loss[9], loss[0] / 2);
 * ```
 */
export function root(options: RootOptions & RoutingOptions = {}): Root {
  return new Root(options);
}
