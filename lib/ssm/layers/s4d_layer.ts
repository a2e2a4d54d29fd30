import * as tf from "@tensorflow/tfjs";
import { requireInteger, requireOneOf, requireOptions, Rng } from "../../arrays/mod.ts";
import { type Discretization, DISCRETIZATIONS } from "../discretize.ts";
import { DiagonalRecurrence } from "../recurrence.ts";
import { requireStart, S4DKernel, s4dModes, type S4DOptions } from "../s4d_kernel.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { causalConvolution } from "./causal_convolution.ts";
import { geluTanh, type LayerMode, requireInput, requireMode, requireSequence } from "./common.ts";
import { s4dKernelOp } from "./s4d_op.ts";

/** Options of {@linkcode S4DLayer}. */
export interface S4DLayerArgs extends LayerArgs {
  /** Real state size N, even. Default 64. */
  dState?: number;
  /** Range of the steps at the start. Default 1e-3 to 0.1. */
  dtMin?: number;
  /** See `dtMin`. */
  dtMax?: number;
  /** Initialization; `"ptd"` is HiPPO-LegS perturbed, then diagonalized. Default `"lin"`. */
  init?: S4DOptions["init"];
  /** Size of the perturbation for `"ptd"`. Default 0.3. */
  eps?: number;
  /** Default `"zoh"`. */
  discretization?: Discretization;
  /** What follows the model: GELU, a dense layer to 2 H and a gate (default), or nothing. */
  output?: "glu" | "none";
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
  /** How sequences are run at inference. Default `"convolution"`. */
  mode?: LayerMode;
}

/**
 * S4D as a tfjs layer, `[batch, length, features]` in and out: a diagonal state space model for each feature,
 * a skip connection `D u`, GELU, and a gated dense layer that mixes features (Gu et al. 2022; official
 * `s4d.py`). Training runs the convolution; at inference `mode = "recurrence"` gives the same outputs step by
 * step in memory that does not grow with the length.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { S4DLayer } from "refigure/ssm/layers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new S4DLayer({ dState: 8 });
 * const u = tf.ones([2, 20, 3]);
 * const fast = layer.apply(u) as tf.Tensor;
 * layer.mode = "recurrence";
 * const streamed = layer.apply(u) as tf.Tensor;
 * assertEquals(fast.shape, [2, 20, 3]);
 * assertAlmostEquals(tf.max(tf.abs(tf.sub(fast, streamed))).dataSync()[0], 0, 1e-5);
 * ```
 */
export class S4DLayer extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "S4DLayer";
  #mode: LayerMode;
  readonly #args: Required<Omit<S4DLayerArgs, keyof LayerArgs | "mode">>;
  #pairs = true;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: S4DLayerArgs = {}) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "dState",
      "dtMin",
      "dtMax",
      "init",
      "eps",
      "discretization",
      "output",
      "seed",
      "mode",
    ]);
    super(args);
    const {
      dState = 64,
      dtMin = 1e-3,
      dtMax = 0.1,
      init = "lin",
      eps = 0.3,
      discretization = "zoh",
      output = "glu",
      seed = 0,
      mode = "convolution",
    } = args;
    requireStart({ dState, dtMin, dtMax, init, eps });
    requireOneOf("discretization", discretization, DISCRETIZATIONS);
    requireOneOf("output", output, ["glu", "none"]);
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { dState, dtMin, dtMax, init, eps, discretization, output, seed };
    this.#mode = requireMode(mode);
  }

  /** Convolution or recurrence at inference; may be changed at any time. */
  get mode(): LayerMode {
    return this.#mode;
  }

  set mode(mode: LayerMode) {
    this.#mode = requireMode(mode);
  }

  /** Creates the weights. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = requireSequence(inputShape);
    this.#features = features;
    const { output, seed, ...options } = this.#args;
    const rng = new Rng(seed);
    const { parameters, convention } = new S4DKernel({
      ...options,
      dModel: features,
      rng: rng.split("kernel"),
    });
    const n = parameters.AIm.length / features;
    this.#pairs = convention.pairs;
    const add = (name: string, shape: number[], values: Float64Array, trainable = true) =>
      this.addWeight(name, shape, "float32", constant(shape, values), undefined, trainable);
    this.#weights = [
      add("log_dt", [features], parameters.logDt),
      add("log_a_re", [features, n], parameters.logARe),
      // Real modes stay real.
      add("a_im", [features, n], parameters.AIm, this.#args.init !== "real"),
      add("c", [features, n, 2], parameters.C),
      add("d", [features], rng.split("D").normals(features)),
    ];
    if (output === "glu") {
      const scale = Math.sqrt(1 / features);
      const draws = rng.split("mix");
      this.#weights.push(
        add("mix", [features, 2 * features], draws.normals(2 * features * features, scale)),
        add("mix_bias", [2 * features], new Float64Array(2 * features)),
      );
    }
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  /** Runs sequences. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const u = requireInput(inputs, this.#features);
      const [logDt, logARe, AIm, C, D, mix, bias] = this.#weights.map((weight) => weight.read());
      const convention = { discretization: this.#args.discretization, pairs: this.#pairs };
      const model = this.mode === "recurrence" && kwargs?.training !== true
        ? this.#stream(u)
        : causalConvolution(u, s4dKernelOp({ logDt, logARe, AIm, C }, u.shape[1], convention));
      const y = tf.add(model, tf.mul(u, D)) as tf.Tensor3D;
      if (mix === undefined) return y;
      const [batch, length, features] = u.shape;
      const mixed = tf.add(
        tf.matMul(tf.reshape(geluTanh(y), [batch * length, features]), mix as tf.Tensor2D),
        bias,
      );
      const [value, gate] = tf.split(mixed, 2, 1);
      return tf.reshape(tf.mul(value, tf.sigmoid(gate)), [batch, length, features]);
    });
  }

  /**
   * The models alone (without D, GELU and gate) as a stream for one sequence.
   *
   * @throws {Error} if the layer has not been built.
   */
  recurrence(): DiagonalRecurrence {
    if (this.#weights.length === 0) throw new Error("The layer has no weights yet: apply or build it first");
    const [logDt, logARe, AIm, C] = this.#weights.map((weight) => weight.read().dataSync() as Float32Array);
    const { weights, factors } = s4dModes({ logDt, logARe, AIm, C }, {
      discretization: this.#args.discretization,
      pairs: this.#pairs,
    });
    return new DiagonalRecurrence(weights, factors, { features: logDt.length, pairs: this.#pairs });
  }

  #stream(u: tf.Tensor3D): tf.Tensor3D {
    const [batch, length, features] = u.shape;
    const stream = this.recurrence();
    const values = u.dataSync() as Float32Array;
    const out = new Float32Array(values.length);
    for (let b = 0; b < batch; b++) {
      stream.reset();
      let at = b * length * features;
      for (let l = 0; l < length; l++, at += features) {
        stream.step(values.subarray(at, at + features), { out: out.subarray(at, at + features) });
      }
    }
    return tf.tensor3d(out, [batch, length, features]);
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
    return { ...super.getConfig(), ...this.#args, mode: this.mode };
  }
}

tf.serialization.registerClass(S4DLayer);
