import { type AdamWOptions, adamwUpdates } from "./adam.ts";
import { registerOptimizer } from "./register_optimizer.ts";
import { NamedOptimizer } from "./tf_optimizer.ts";

/**
 * AdamW as a `tf.Optimizer`; see {@linkcode adamw}.
 *
 * @example
 * ```ts
 * import { AdamW } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new AdamW({ weightDecay: 0.1 }).getConfig(), { weightDecay: 0.1 });
 * ```
 */
export class AdamW extends NamedOptimizer<AdamWOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "AdamW";

  /** AdamW with these options. @param options Rate, betas, eps and decay; all have defaults. */
  constructor(options: AdamWOptions = {}) {
    super(adamwUpdates(options), options);
  }
}

registerOptimizer(AdamW);

/**
 * {@linkcode adamwUpdates} for tfjs, applied to all parameters (biases are decayed too, as PyTorch's AdamW
 * does).
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { adamw } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.scalar(0)), optimizer = adamw({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.squaredDifference(w, 3) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], 0.1, 1e-6);
 * ```
 */
export function adamw(options: AdamWOptions = {}): AdamW {
  return new AdamW(options);
}
