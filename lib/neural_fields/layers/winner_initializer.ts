import * as tf from "@tensorflow/tfjs";
import { requireBoolean, requireInteger, requireNumber, requireOptions, Rng } from "../../arrays/mod.ts";
import { fromOwnConfig } from "../../tfjs/layers.ts";

/** Options of {@linkcode WinnerInitializer}. */
export interface WinnerInitializerArgs {
  /** Factor omega on the pre-activations of sine layers. Default 30. */
  omega?: number;
  /** Whether the kernel is that of the first layer, whose inputs are coordinates. Default false. */
  first?: boolean;
  /** WINNER's scale: s0 for the first layer, s1 for the second. Default 0, which is SIREN. */
  noise?: number;
  /** Seed of the draws; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * Start of a kernel in SIREN and SIREN^2, as an initializer of tfjs: uniform within 1/inputs (first layer) or
 * sqrt(6/inputs)/omega, plus normal noise of standard deviation noise/omega (Chandravamsi et al. 2025). The
 * inputs are counted by the next to last axis of the shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { WinnerInitializer } from "refigure/neural_fields/layers";
 * import { assert } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const output = tf.layers.dense({ units: 1, kernelInitializer: new WinnerInitializer({ omega: 30 }) });
 * output.build([null, 64]);
 * assert(tf.max(tf.abs(output.getWeights()[0])).dataSync()[0] < Math.sqrt(6 / 64) / 30);
 * ```
 */
export class WinnerInitializer extends tf.serialization.Serializable {
  /** Name under which tfjs saves and finds the class. */
  static className = "WinnerInitializer";
  readonly #args: Required<WinnerInitializerArgs>;

  /**
   * An initializer; the same at every call.
   *
   * @param args Scales and the seed.
   * @throws {RangeError} if a number is out of range.
   * @throws {TypeError} if an option is unknown.
   */
  constructor(args: WinnerInitializerArgs = {}) {
    super();
    requireOptions("args", args, ["omega", "first", "noise", "seed"]);
    const { omega = 30, first = false, noise = 0, seed = 0 } = args;
    requireNumber("omega", omega, { above: 0 });
    requireBoolean("first", first);
    requireNumber("noise", noise, { min: 0 });
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { omega, first, noise, seed };
  }

  /** Draws a kernel [..., inputs, units]. @throws {RangeError} if it has fewer than two axes. */
  apply(shape: tf.Shape): tf.Tensor {
    const sizes = Array.isArray(shape) ? shape.map((size, k) => requireInteger(`shape[${k}]`, size!)) : [];
    if (sizes.length < 2) throw new RangeError(`\`shape\` must have inputs and units, got [${shape}]`);
    const inputs = sizes[sizes.length - 2];
    const { omega, first, noise, seed } = this.#args;
    const bound = first ? 1 / inputs : Math.sqrt(6 / inputs) / omega;
    const rng = new Rng(seed);
    const [weights, added] = [rng.split("weights"), rng.split("noise")];
    const count = requireInteger("the product of `shape`", sizes.reduce((a, b) => a * b, 1), {
      max: 2 ** 31,
    });
    const values = new Float32Array(count);
    for (let k = 0; k < count; k++) {
      values[k] = weights.uniform(-bound, bound) + (noise === 0 ? 0 : noise / omega * added.normal());
    }
    return tf.tensor(values, sizes);
  }

  /** The options that make the same initializer again. */
  getConfig(): tf.serialization.ConfigDict {
    return { ...this.#args };
  }

  /** An initializer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }

  /** As tfjs asks of every initializer: its configuration holds no objects of other classes. */
  fromConfigUsesCustomObjects(): boolean {
    return false;
  }
}

// tfjs knows initializers by a base class that it does not export.
const { prototype: initializer } = Object.getPrototypeOf(tf.initializers.zeros().constructor);
Object.setPrototypeOf(WinnerInitializer.prototype, initializer);
tf.serialization.registerClass(WinnerInitializer);
