import * as tf from "@tensorflow/tfjs";
import { requireNumber } from "../arrays/mod.ts";
import { NativeBackend } from "./backend.ts";

/** What a fused update works on: byte offsets into the heap of {@linkcode NativeBackend}. */
export interface FusedPointers {
  /** The variable. */
  weights: number;
  /** Its gradient. */
  gradient: number;
  /** What is kept for it. */
  slots: number[];
  /** Number of floats of each. */
  size: number;
}

/** What a composed update gives: the variable's new value, and what is kept for it. */
export type ComposedUpdate = { weights: tf.Tensor; slots: tf.Tensor[] };

/**
 * An optimizer whose update of a variable is one compiled loop in place on `native`, and tensor operations
 * elsewhere. What is common to {@linkcode FusedSgd} and {@linkcode FusedAdam}: slots, saving, and copies
 * where somebody else holds the old values.
 *
 * @example
 * ```ts
 * import { FusedAdam, FusedOptimizer } from "refigure/tfjs";
 * import { assert } from "@std/assert";
 *
 * assert(new FusedAdam() instanceof FusedOptimizer);
 * ```
 */
export abstract class FusedOptimizer extends tf.Optimizer {
  /** Names of the tensors that are kept for every variable. */
  protected abstract readonly slotNames: readonly string[];
  readonly #slots = new Map<string, tf.Tensor[]>();
  #saved = new Map<string, tf.Tensor>();

  /** The compiled loop. */
  protected abstract fused(kernels: NativeBackend["heap"]["kernels"], at: FusedPointers): void;

  /** The same with tensor operations: new slots and the new value. */
  protected abstract composed(
    weights: tf.Tensor,
    gradient: tf.Tensor,
    slots: tf.Tensor[],
  ): ComposedUpdate;

  /** One step; called by `minimize` and by `model.fit`. */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    this.incrementIterations();
    const backend = tf.backend();
    for (const { name, tensor } of named) {
      if (tensor == null) continue;
      const variable = tf.engine().registeredVariables[name];
      const slots = this.#slotsOf(name, variable);
      if (backend instanceof NativeBackend && tensor.size > 0) {
        this.fused(backend.heap.kernels, {
          weights: backend.placeOwn(variable).pointer,
          gradient: backend.place(tensor).pointer,
          slots: slots.map((slot) => backend.place(slot).pointer),
          size: tensor.size,
        });
      } else {
        const next = tf.tidy(() => this.composed(variable, tensor, slots));
        variable.assign(next.weights as tf.Variable);
        next.weights.dispose();
        next.slots.forEach((slot, i) => {
          slots[i].dispose();
          slots[i] = tf.keep(slot);
        });
      }
    }
  }

  #slotsOf(name: string, variable: tf.Variable): tf.Tensor[] {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slots = this.slotNames.map((slot) => {
      const saved = this.#saved.get(`${name}/${slot}`);
      this.#saved.delete(`${name}/${slot}`);
      return tf.keep(saved ?? tf.tidy(() => tf.zeros(variable.shape)));
    });
    this.#slots.set(name, slots);
    return slots;
  }

  /** The number of steps, then every slot, named `<variable>/<slot>`. */
  override async getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]> {
    const weights = [await this.saveIterations()];
    for (const [name, slots] of this.#slots) {
      slots.forEach((tensor, i) => weights.push({ name: `${name}/${this.slotNames[i]}`, tensor }));
    }
    return weights;
  }

  /** Takes up where {@linkcode getWeights} left off. */
  override async setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    const rest = await this.extractIterations(weights);
    this.#free();
    for (const { name, tensor } of rest) this.#saved.set(name, tf.keep(tensor.clone()));
  }

  /** Frees the slots. */
  override dispose(): void {
    this.#free();
    super.dispose();
  }

  #free(): void {
    for (const slots of this.#slots.values()) tf.dispose(slots);
    for (const tensor of this.#saved.values()) tensor.dispose();
    this.#slots.clear();
    this.#saved.clear();
  }
}

/** Options of {@linkcode FusedSgd}. */
export interface FusedSgdOptions {
  /** Step size. */
  learningRate: number;
  /** Share of the last step that is taken again, in [0, 1). Default 0. */
  momentum?: number;
  /** Look ahead along the momentum. Default false. */
  nesterov?: boolean;
}

/**
 * Gradient descent with momentum, `m = momentum m + g`, `w -= learningRate m` (with Nesterov `w -=
 * learningRate (g + momentum m)`), as `tf.train.momentum`; on `native` one loop in place.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { FusedSgd, useBestBackend } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * const w = tf.variable(tf.scalar(1)), optimizer = new FusedSgd({ learningRate: 0.25 });
 * optimizer.minimize(() => tf.square(w) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], 0.5);
 * optimizer.dispose();
 * ```
 */
export class FusedSgd extends FusedOptimizer {
  /** Name under which tfjs saves and finds the class. */
  static className = "FusedSgd";
  /** What is kept for every variable. */
  protected override readonly slotNames = ["momentum"];
  /** Step size; may be changed between steps. */
  learningRate: number;
  readonly #options: Required<FusedSgdOptions>;

  /** An optimizer at step 0. @throws {RangeError} if an option is out of range. */
  constructor(options: FusedSgdOptions) {
    super();
    const { learningRate, momentum = 0, nesterov = false } = options;
    this.learningRate = requireNumber("learningRate", learningRate, { min: 0 });
    requireNumber("momentum", momentum, { min: 0, below: 1 });
    this.#options = { learningRate, momentum, nesterov };
  }

  /** One compiled loop. */
  protected override fused(kernels: NativeBackend["heap"]["kernels"], at: FusedPointers): void {
    const { momentum, nesterov } = this.#options;
    kernels.momentum(at.weights, at.slots[0], at.gradient, at.size, this.learningRate, momentum, +nesterov);
  }

  /** The same with tensor operations. */
  protected override composed(
    weights: tf.Tensor,
    gradient: tf.Tensor,
    [m]: tf.Tensor[],
  ): ComposedUpdate {
    const { momentum, nesterov } = this.#options;
    const next = tf.add(tf.mul(m, momentum), gradient);
    const step = nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next;
    return { weights: tf.sub(weights, tf.mul(step, this.learningRate)), slots: [next] };
  }

  /** The options, for saving. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#options, learningRate: this.learningRate };
  }
}

/** Options of {@linkcode FusedAdam}. */
export interface FusedAdamOptions {
  /** Step size. Default 0.001. */
  learningRate?: number;
  /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the mean of their squares, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the root in the denominator. Default 1e-7, as in tfjs. */
  epsilon?: number;
  /**
   * Decoupled weight decay (Loshchilov & Hutter 2019): `w *= 1 - learningRate weightDecay` before the step.
   * Default 0.
   */
  weightDecay?: number;
}

/**
 * Adam (Kingma & Ba 2015) or, with `weightDecay`, AdamW; on `native` one loop in place.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { FusedAdam, useBestBackend } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * const w = tf.variable(tf.scalar(1)), optimizer = new FusedAdam({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(w) as tf.Scalar, false, [w]);
 * // The first step of Adam has the size of the learning rate.
 * assertAlmostEquals(w.dataSync()[0], 0.9, 1e-6);
 * optimizer.dispose();
 * ```
 */
export class FusedAdam extends FusedOptimizer {
  /** Name under which tfjs saves and finds the class. */
  static className = "FusedAdam";
  /** What is kept for every variable. */
  protected override readonly slotNames = ["mean", "square"];
  /** Step size; may be changed between steps. */
  learningRate: number;
  readonly #options: Required<FusedAdamOptions>;

  /** An optimizer at step 0. @throws {RangeError} if an option is out of range. */
  constructor(options: FusedAdamOptions = {}) {
    super();
    const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0 } = options;
    this.learningRate = requireNumber("learningRate", learningRate, { min: 0 });
    requireNumber("beta1", beta1, { min: 0, below: 1 });
    requireNumber("beta2", beta2, { min: 0, below: 1 });
    requireNumber("epsilon", epsilon, { above: 0 });
    requireNumber("weightDecay", weightDecay, { min: 0 });
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay };
  }

  /** How far the means are from their long-run size: 1 - beta^t. */
  #corrections(): [number, number] {
    const { beta1, beta2 } = this.#options;
    return [1 - beta1 ** this.iterations, 1 - beta2 ** this.iterations];
  }

  /** One compiled loop. */
  protected override fused(kernels: NativeBackend["heap"]["kernels"], at: FusedPointers): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const { weights, gradient, slots: [mean, square], size } = at;
    const rate = this.learningRate;
    const [c1, c2] = this.#corrections();
    kernels.adam(weights, mean, square, gradient, size, ...[
      rate,
      beta1,
      beta2,
      1 - beta1,
      1 - beta2,
      c1,
      c2,
      epsilon,
      1 - rate * weightDecay,
    ]);
  }

  /** The same with tensor operations. */
  protected override composed(
    weights: tf.Tensor,
    gradient: tf.Tensor,
    [m, v]: tf.Tensor[],
  ): ComposedUpdate {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const rate = this.learningRate;
    const [c1, c2] = this.#corrections();
    const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
    const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const step = tf.div(tf.mul(mean, rate / c1), tf.add(tf.sqrt(tf.div(square, c2)), epsilon));
    return { weights: tf.sub(tf.mul(weights, 1 - rate * weightDecay), step), slots: [mean, square] };
  }

  /** The options, for saving. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#options, learningRate: this.learningRate };
  }
}

for (const optimizer of [FusedSgd, FusedAdam]) tf.serialization.registerClass(optimizer as never);
