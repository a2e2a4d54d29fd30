import * as tf from "@tensorflow/tfjs";
import { requireNumber, requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { requireCurvature } from "../check.ts";
import { POINCARE_MEANS, type PoincareMean, type PoincareStatistics } from "../poincare_batch_norm.ts";
import { featuresOf, oneInput, oneShape } from "./common.ts";
import { batchNormOp } from "./operations.ts";

/** Options of {@linkcode PoincareBatchNorm}. */
export interface PoincareBatchNormArgs extends LayerArgs {
  /** The curvature is -c; c > 0. Default 0.1. */
  c?: number;
  /** The closed-form midpoint (default), or the Fréchet mean. */
  mean?: PoincareMean;
  /** How much of the running statistics stays at each step, in [0, 1). Default 0.9. */
  momentum?: number;
  /** Added to the variance. Default 1e-6. */
  eps?: number;
  /**
   * What is used at inference: running statistics (default), or those of the batch, as in the official code.
   */
  inference?: "running" | "batch";
}

/**
 * Poincaré batch normalization of tangent vectors at the origin over all axes but the last, as a tfjs layer.
 * In training it uses the batch's mean and variance, and keeps running ones: the mean as a tangent vector at
 * the origin.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { PoincareBatchNorm } from "refigure/hyperbolic/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new PoincareBatchNorm({ c: 1 });
 * const out = layer.apply(tf.tensor2d([[0.1, 0], [0.3, 0]]), { training: true }) as tf.Tensor;
 * assertAlmostEquals(out.dataSync()[0], -0.5, 1e-4);
 * ```
 */
export class PoincareBatchNorm extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "PoincareBatchNorm";
  readonly #args: Required<Omit<PoincareBatchNormArgs, keyof LayerArgs>>;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @throws {RangeError} if a number is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: PoincareBatchNormArgs = {}) {
    requireOptions("args", args, [...LAYER_ARGS, "c", "mean", "momentum", "eps", "inference"]);
    super(args);
    const { c = 0.1, mean = "midpoint", momentum = 0.9, eps = 1e-6, inference = "running" } = args;
    requireCurvature("c", c);
    requireOneOf("mean", mean, POINCARE_MEANS);
    requireNumber("momentum", momentum, { min: 0, below: 1 });
    requireNumber("eps", eps, { above: 0 });
    requireOneOf("inference", inference, ["running", "batch"]);
    this.#args = { c, mean, momentum, eps, inference };
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = featuresOf(oneShape(inputShape));
    this.#features = features;
    const zeros = tf.initializers.zeros();
    const ones = tf.initializers.ones();
    this.#weights = [
      this.addWeight("theta", [features], "float32", zeros),
      this.addWeight("gamma", [1], "float32", ones),
      this.addWeight("running_mean", [features], "float32", zeros, undefined, false),
      this.addWeight("running_variance", [1], "float32", ones, undefined, false),
    ];
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  /** Runs a batch; `training: true` uses its statistics and moves the running ones. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const { c, mean, eps, momentum, inference } = this.#args;
    const u = oneInput(inputs, this.#features);
    const [theta, gamma, runningMean, runningVariance] = this.#weights;
    const isTraining = kwargs?.training === true;
    return tf.tidy(() => {
      const statistics: PoincareStatistics | undefined = isTraining || inference === "batch" ? undefined : {
        mean: Float64Array.from(runningMean.read().dataSync()),
        variance: runningVariance.read().dataSync()[0],
      };
      const options = { c, mean, eps, ...(statistics === undefined ? {} : { statistics }) };
      return batchNormOp(u, theta.read(), gamma.read(), options, (found) => {
        if (!isTraining) return;
        const blend = (old: tf.LayerVariable, now: ArrayLike<number>) =>
          old.write(
            tf.tensor1d(old.read().dataSync().map((value, j) => momentum * value + (1 - momentum) * now[j])),
          );
        blend(runningMean, found.mean);
        blend(runningVariance, [found.variance]);
      });
    });
  }

  /** A layer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }

  /** The options that make the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#args };
  }
}

tf.serialization.registerClass(PoincareBatchNorm);
