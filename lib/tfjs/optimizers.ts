import * as tf from "@tensorflow/tfjs";
import { requireBoolean, requireNumber, requireOptions } from "../arrays/mod.ts";
import { NativeBackend } from "./backend.ts";
import { StatefulOptimizer, type UpdateRule, type VariableStep } from "./stateful_optimizer.ts";
import type { SavedNumbers } from "./variable_states.ts";

/** What a fused update works on: byte offsets into the heap of {@linkcode NativeBackend}. */
export interface FusedPointers {
  /** The variable. */
  weights: number;
  /** Its gradient. */
  gradient: number;
  /** The tensors of its state. */
  slots: number[];
  /** Number of floats of each. */
  size: number;
}

/** What a composed update gives: the variable's new value, and the new tensors of its state. */
export type ComposedUpdate = { weights: tf.Tensor; slots: tf.Tensor[] };

/** What a fused optimizer remembers of a variable. */
export interface FusedState {
  /** Tensors of the variable's shape. */
  slots: tf.Tensor[];
  /** Steps that this variable has taken. */
  steps: number;
}

/** One update in its two forms. */
export interface FusedUpdate {
  /** Names of the tensors that are kept for every variable. */
  slots: readonly string[];
  /** The compiled loop. @param steps Steps of this variable, this one included. */
  fused(kernels: NativeBackend["heap"]["kernels"], at: FusedPointers, steps: number): void;
  /**
   * The same with tensor operations: new slots and the new value.
   *
   * @param steps Steps of this variable, this one included.
   */
  composed(weights: tf.Tensor, gradient: tf.Tensor, slots: tf.Tensor[], steps: number): ComposedUpdate;
}

/** Name of the step count among the saved arrays. */
const STEPS = "steps";

/**
 * An optimizer whose update of a variable is one compiled loop in place on `native`, and tensor operations
 * elsewhere. What is common to {@linkcode FusedSgd} and {@linkcode FusedAdam}: slots, saving, and
 * copies where another tensor shares the old values. For the sake of speed gradients are not checked: one
 * that is not finite makes the weights NaN.
 *
 * @example
 * ```ts
 * import { FusedAdam, FusedOptimizer } from "refigure/tfjs";
 * import { assert } from "@std/assert";
 *
 * assert(new FusedAdam() instanceof FusedOptimizer);
 * ```
 */
export abstract class FusedOptimizer extends StatefulOptimizer<FusedState> {
  #learningRate = 0;
  /** The update. */
  protected abstract readonly update: FusedUpdate;

  /** Step size; may be changed between steps. @throws {RangeError} if it is negative or not finite. */
  get learningRate(): number {
    return this.#learningRate;
  }

  /** Changes the step size. */
  set learningRate(value: number) {
    this.#learningRate = requireNumber("learningRate", value, { min: 0 });
  }

  /** Steps, starts, saves and frees by the names of the slots. */
  protected override readonly rule: UpdateRule<FusedState> = {
    start: ({ shape }) => ({ slots: this.update.slots.map(() => tf.keep(tf.zeros(shape))), steps: 0 }),
    step: (steps) => {
      const backend = tf.backend();
      const some = steps.filter(({ variable }) => variable.size > 0);
      if (backend instanceof NativeBackend) stepInPlace(this.update, backend, some);
      else stepComposed(this.update, some);
      for (const { state } of steps) state.steps++;
    },
    arrays: async ({ slots, steps }) => {
      const values = await Promise.all(slots.map((slot) => slot.data() as Promise<Float32Array>));
      return new Map<string, SavedNumbers>([
        ...this.update.slots.map((name, i): [string, SavedNumbers] => [name, values[i]]),
        [STEPS, Int32Array.of(steps)],
      ]);
    },
    restore: (variable, saved) => restored(this.update.slots, variable, saved),
    free: ({ slots }) => tf.dispose(slots),
  };
}

function stepInPlace(
  update: FusedUpdate,
  backend: NativeBackend,
  steps: readonly VariableStep<FusedState>[],
): void {
  // Only this can fail, for want of memory: it comes first, for all variables.
  const places = steps.map(({ variable, gradient, state }) => ({
    weights: backend.placeOwn(variable).pointer,
    gradient: backend.place(gradient).pointer,
    slots: state.slots.map((slot) => backend.place(slot).pointer),
    size: variable.size,
  }));
  places.forEach((at, i) => update.fused(backend.heap.kernels, at, steps[i].state.steps + 1));
}

function stepComposed(update: FusedUpdate, steps: readonly VariableStep<FusedState>[]): void {
  const next: ComposedUpdate[] = [];
  try {
    for (const { variable, gradient, state } of steps) {
      next.push(tf.tidy(() => update.composed(variable, gradient, state.slots, state.steps + 1)));
    }
  } catch (error) {
    tf.dispose(next as unknown as tf.TensorContainer);
    throw error;
  }
  next.forEach(({ weights, slots }, i) => {
    steps[i].variable.assign(weights);
    weights.dispose();
    tf.dispose(steps[i].state.slots);
    steps[i].state.slots = slots.map((slot) => tf.keep(slot));
  });
}

function restored(
  slots: readonly string[],
  { name, shape, size }: tf.Variable,
  saved: ReadonlyMap<string, SavedNumbers>,
): FusedState {
  const names = [...slots, STEPS];
  const sizes = [...slots.map(() => size), 1];
  if (saved.size !== names.length || names.some((array, i) => saved.get(array)?.length !== sizes[i])) {
    throw new RangeError(
      `The saved state of ${name} is ${[...saved.keys()].join(", ")}, not ${names.join(", ")} of ` +
        `${size} numbers: was it saved by another optimizer?`,
    );
  }
  return {
    slots: slots.map((slot) => tf.keep(tf.tensor(saved.get(slot)!.slice(), shape, "float32"))),
    steps: saved.get(STEPS)![0],
  };
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
 * const w = tf.variable(tf.scalar(1));
 * const optimizer = new FusedSgd({ learningRate: 0.25 });
 * optimizer.minimize(() => tf.square(w) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], 0.5);
 * optimizer.dispose();
 * ```
 */
export class FusedSgd extends FusedOptimizer {
  /** Name under which tfjs saves and finds the class. */
  static className = "FusedSgd";
  readonly #options: Required<FusedSgdOptions>;

  /**
   * An optimizer at step 0.
   *
   * @throws {RangeError} if an option is out of range.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(options: FusedSgdOptions) {
    super();
    requireOptions("options", options, ["learningRate", "momentum", "nesterov"]);
    const { learningRate, momentum = 0, nesterov = false } = options;
    this.learningRate = learningRate;
    requireNumber("momentum", momentum, { min: 0, below: 1 });
    requireBoolean("nesterov", nesterov);
    this.#options = { learningRate, momentum, nesterov };
  }

  /** Momentum and step. */
  protected override readonly update: FusedUpdate = {
    slots: ["momentum"],
    fused: (kernels, { weights, slots: [m], gradient, size }) => {
      const { momentum, nesterov } = this.#options;
      kernels.momentum(weights, m, gradient, size, this.learningRate, momentum, +nesterov);
    },
    composed: (weights, gradient, [m]) => {
      const { momentum, nesterov } = this.#options;
      const next = tf.add(tf.mul(m, momentum), gradient);
      const step = nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next;
      return { weights: tf.sub(weights, tf.mul(step, this.learningRate)), slots: [next] };
    },
  };

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
  /**
   * Added to the root in the denominator; at least 1.2e-38, the smallest float32. Default 1e-7, as in tfjs.
   */
  epsilon?: number;
  /**
   * Decoupled weight decay (Loshchilov & Hutter 2019): `w *= 1 - learningRate weightDecay` before the step.
   * Default 0.
   */
  weightDecay?: number;
}

/** The smallest normal float32: less is zero for the kernels, and zero over zero is NaN. */
const SMALLEST = 2 ** -126;

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
 * const w = tf.variable(tf.scalar(1));
 * const optimizer = new FusedAdam({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(w) as tf.Scalar, false, [w]);
 * // The first step of Adam has the size of the learning rate.
 * assertAlmostEquals(w.dataSync()[0], 0.9, 1e-6);
 * optimizer.dispose();
 * ```
 */
export class FusedAdam extends FusedOptimizer {
  /** Name under which tfjs saves and finds the class. */
  static className = "FusedAdam";
  readonly #options: Required<FusedAdamOptions>;

  /**
   * An optimizer at step 0.
   *
   * @throws {RangeError} if an option is out of range.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(options: FusedAdamOptions = {}) {
    super();
    requireOptions("options", options, ["learningRate", "beta1", "beta2", "epsilon", "weightDecay"]);
    const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0 } = options;
    this.learningRate = learningRate;
    requireNumber("beta1", beta1, { min: 0, below: 1 });
    requireNumber("beta2", beta2, { min: 0, below: 1 });
    requireNumber("epsilon", epsilon, { min: SMALLEST });
    requireNumber("weightDecay", weightDecay, { min: 0 });
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay };
  }

  /** Means and step. */
  protected override readonly update: FusedUpdate = {
    slots: ["mean", "square"],
    fused: (kernels, { weights, gradient, slots: [mean, square], size }, steps) => {
      const { beta1, beta2, epsilon, weightDecay } = this.#options;
      const rate = this.learningRate;
      const [c1, c2] = this.#corrections(steps);
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
    },
    composed: (weights, gradient, [m, v], steps) => {
      const { beta1, beta2, epsilon, weightDecay } = this.#options;
      const rate = this.learningRate;
      const [c1, c2] = this.#corrections(steps);
      const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
      const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const step = tf.div(tf.mul(mean, rate / c1), tf.add(tf.sqrt(tf.div(square, c2)), epsilon));
      return { weights: tf.sub(tf.mul(weights, 1 - rate * weightDecay), step), slots: [mean, square] };
    },
  };

  /** How far the means are from their long-run size after t steps of a variable: 1 - beta^t. */
  #corrections(steps: number): [number, number] {
    const { beta1, beta2 } = this.#options;
    return [1 - beta1 ** steps, 1 - beta2 ** steps];
  }

  /** The options, for saving. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#options, learningRate: this.learningRate };
  }
}

for (const optimizer of [FusedSgd, FusedAdam]) tf.serialization.registerClass(optimizer as never);
