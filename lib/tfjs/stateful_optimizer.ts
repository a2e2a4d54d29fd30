import * as tf from "@tensorflow/tfjs";
import {
  describeValue,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireString,
} from "../arrays/mod.ts";
import { type SavedNumbers, type SavedVariable, VariableStates } from "./variable_states.ts";

/** A variable with its gradient and what the optimizer remembers of it. */
export interface VariableStep<S> {
  /** The variable. */
  variable: tf.Variable;
  /** Its gradient, of the same shape. */
  gradient: tf.Tensor;
  /** Its state; an optimizer changes it in place. */
  state: S;
}

/** How an optimizer steps variables, and how it makes, saves and frees their states. */
export interface UpdateRule<S> {
  /** The state before a variable's first step. @param index How many variables came before this one. */
  start(variable: tf.Variable, index: number): S;
  /**
   * One step for all variables.
   *
   * @throws before any variable or state has changed, or after undoing what has.
   */
  step(steps: readonly VariableStep<S>[]): void;
  /** Copies of the arrays of a state by name, as they are at the call. */
  arrays(state: S): Promise<Map<string, SavedNumbers>>;
  /**
   * A state that goes on from saved arrays.
   *
   * @throws {RangeError} if they are not those of such a state.
   */
  restore(variable: tf.Variable, saved: ReadonlyMap<string, SavedNumbers>): S;
  /** Whether the state of another variable of the same shape can be this variable's. Default: always. */
  fits?(variable: tf.Variable, state: S): boolean;
  /** Frees the tensors of a state. Default: it has none. */
  free?(state: S): void;
  /** Called when a loss has been computed from these variables, while the computation is still recorded. */
  observe?(variables: readonly tf.Variable[]): void;
}

/** A named tensor, as tfjs saves it. */
export interface NamedWeight {
  /** Name, unique among all weights of a model and of its optimizer. */
  name: string;
  /** Values. */
  tensor: tf.Tensor;
}

/** Between a variable's name and what is saved of it. */
const SEPARATOR = "::";
/** Name of the array that describes the variable: 1 if the last step had it else 0, then its shape. */
const VARIABLE = "variable";
/** Start of the names of its state's arrays. */
const STATE = "state/";

/** The numbers of tensors that were given out: `setWeights` takes them also when they have been freed. */
const given = new WeakMap<tf.Tensor, SavedNumbers>();

/**
 * An optimizer that remembers something of every variable. What all of ours share: a step is done for all
 * variables or for none, a state stays with its variable when that is renamed, and saving leaves no tensors
 * behind.
 *
 * A state that is set by `setWeights` is claimed at the next step: by the names of the variables if they are
 * those that were saved, else by their order, when there are as many and every shape agrees. Where a model is
 * built anew and trained with the same optimizer, the new variables take the states of the old ones, in the
 * same way.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { FusedSgd, type StatefulOptimizer } from "refigure/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const make = (): StatefulOptimizer<unknown> => new FusedSgd({ learningRate: 1, momentum: 0.5 });
 * const first = make(), second = make();
 * const w = tf.variable(tf.scalar(0), true, "old name");
 * first.applyGradients([{ name: "old name", tensor: tf.scalar(1) }]); // to -1
 *
 * await second.setWeights(await first.getWeights());
 * const v = tf.variable(w, true, "new name");
 * second.applyGradients([{ name: "new name", tensor: tf.scalar(1) }]);
 * assertAlmostEquals(v.dataSync()[0], -2.5);
 * ```
 */
export abstract class StatefulOptimizer<S> extends tf.Optimizer {
  readonly #states = new VariableStates<S>({
    start: (variable, index) => this.rule.start(variable, index),
    restore: (variable, { arrays }) => this.rule.restore(variable, arrays),
    fits: (variable, state) => this.rule.fits?.(variable, state) ?? true,
    free: (state) => this.rule.free?.(state),
  });
  /** The tensors that were given out last. */
  #given: NamedWeight[] = [];
  /** The same, while no step was taken since. */
  #weights: Promise<NamedWeight[]> | undefined;

  /** The update, and how its states are kept. */
  protected abstract readonly rule: UpdateRule<S>;

  /**
   * One step; called by `minimize` and by `model.fit`. Variables without a gradient are left out.
   *
   * @throws {RangeError} if there is no such variable, it is named twice or its gradient has another shape;
   * if a state was set that is not that of these variables. Nothing has changed then.
   * @throws {TypeError} if a variable or a gradient is not float32.
   */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    requireObject("gradients", gradients);
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    named.forEach((item, i) => {
      requireObject(`gradients[${i}]`, item);
      requireString(`gradients[${i}].name`, item.name);
    });
    const known = named.filter(({ tensor }) => tensor != null);
    const variables = known.map(({ name, tensor }) => requireVariable(name, tensor));
    const twice = variables.find((variable, i) => variables.indexOf(variable) < i);
    if (twice !== undefined) throw new RangeError(`The step has two gradients of ${twice.name}`);
    const plan = this.#states.plan(variables);
    try {
      this.rule.step(variables.map((variable, i) => ({
        variable,
        gradient: known[i].tensor,
        state: plan.states[i],
      })));
    } catch (error) {
      plan.abandon();
      throw error;
    }
    plan.commit();
    this.incrementIterations();
    this.#weights = undefined;
  }

  /**
   * As in tfjs, but a step that throws leaves no tensors behind.
   *
   * @param f Computes the loss from the variables.
   * @param returnCost Whether the loss is returned. Default false.
   * @param varList The variables to step. Default: all that are trainable.
   * @returns The loss, or null.
   * @throws as {@linkcode StatefulOptimizer.applyGradients}.
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    requireBoolean("returnCost", returnCost);
    const { value, grads } = this.computeGradients(f, varList);
    let keep = false;
    try {
      this.applyGradients(varList?.map(({ name }) => ({ name, tensor: grads[name] })) ?? grads);
      keep = returnCost;
    } finally {
      tf.dispose(grads);
      if (!keep) value.dispose();
    }
    return returnCost ? value : null;
  }

  /**
   * The number of steps, then for every variable its shape and its state: also of variables that were
   * restored and have not been stepped since. The tensors belong to the optimizer, which frees them at the
   * next call after a step and when it is disposed of. `setWeights` takes them even then; for anything else
   * clone them.
   */
  override async getWeights(): Promise<NamedWeight[]> {
    let weights = await (this.#weights ??= this.#collect());
    if (weights.some(({ tensor }) => tensor.isDisposed)) weights = await (this.#weights = this.#collect());
    return [...weights];
  }

  async #collect(): Promise<NamedWeight[]> {
    // All of it is read before anything is awaited: a step meanwhile must not be half in it.
    const iterations = this.iterations;
    const variables = await Promise.all([...this.#states.entries()].map(async ({ bound, saved, active }) => {
      const { name, shape } = bound?.variable ?? saved!;
      const arrays = bound === undefined ? saved!.arrays : await this.rule.arrays(bound.state);
      return { name, shape, active, arrays };
    }));
    const weights: NamedWeight[] = [];
    const give = (name: string, tensor: tf.Tensor, values: SavedNumbers) => {
      given.set(tensor, values);
      weights.push({ name, tensor: tf.keep(tensor) });
    };
    const add = (variable: string, array: string, values: SavedNumbers) => {
      const dtype = values instanceof Int32Array ? "int32" : "float32";
      give(`${variable}${SEPARATOR}${array}`, tf.tensor1d(values, dtype), values);
    };
    give("iter", tf.scalar(iterations, "int32"), Int32Array.of(iterations));
    for (const { name, shape, active, arrays } of variables) {
      add(name, VARIABLE, Int32Array.of(active ? 1 : 0, ...shape));
      for (const [array, values] of arrays) add(name, `${STATE}${array}`, values);
    }
    tf.dispose(this.#given.map(({ tensor }) => tensor));
    return this.#given = weights;
  }

  /**
   * Takes up where {@linkcode getWeights} left off. The tensors are copied.
   *
   * @throws {RangeError} if a name is not one that `getWeights` gives, or the number of steps is not one. The
   * optimizer is as it was then.
   * @throws {TypeError} if the weights are not an array that begins with the number of steps, `iter`.
   */
  override async setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    if (!Array.isArray(weights) || weights[0]?.name !== "iter") {
      throw new TypeError(
        "`weights` must be what `getWeights` gives: it begins with `iter`, the number of steps",
      );
    }
    weights.forEach((weight, i) => {
      requireObject(`weights[${i}]`, weight);
      requireString(`weights[${i}].name`, weight.name);
      requireTensor(`weights[${i}].tensor`, weight.tensor);
    });
    const [{ values: [iterations] }, ...rest] = await Promise.all(weights.map(async ({ name, tensor }) => {
      const values = given.get(tensor) ?? await tensor.data();
      if (!(values instanceof Float32Array || values instanceof Int32Array)) {
        throw new TypeError(`Saved weight \`${name}\` must be float32 or int32, got ${tensor.dtype}`);
      }
      return { name, values: values.slice() };
    }));
    requireInteger("weights[0]", iterations);
    const saved = new Map<string, SavedVariable>();
    for (const { name, values } of rest) {
      const at = name.lastIndexOf(SEPARATOR);
      const variable = name.slice(0, Math.max(0, at));
      const array = name.slice(at + SEPARATOR.length);
      if (at >= 0 && array === VARIABLE && !saved.has(variable)) {
        const [active, ...shape] = values;
        saved.set(variable, { name: variable, shape, active: active === 1, arrays: new Map() });
      } else if (at >= 0 && array.startsWith(STATE) && saved.has(variable)) {
        saved.get(variable)!.arrays.set(array.slice(STATE.length), values);
      } else {
        throw new RangeError(
          `Saved weight \`${name}\` is not of the form <variable>${SEPARATOR}${VARIABLE} or, after that one, ` +
            `<variable>${SEPARATOR}${STATE}<array>: was it saved by an optimizer of another library?`,
        );
      }
    }
    this.iterations_ = iterations;
    this.#states.load([...saved.values()]);
    this.#weights = undefined;
  }

  /**
   * As in tfjs.
   *
   * @param f Computes the loss from the variables.
   * @param varList The variables. Default: all that are trainable.
   * @returns The loss and one gradient per variable, by name.
   * @throws {TypeError} if `f` is not a function or `varList` is not an array of variables.
   */
  override computeGradients(
    f: () => tf.Scalar,
    varList?: tf.Variable[],
  ): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    requireFunction("f", f);
    if (
      varList !== undefined && !(Array.isArray(varList) && varList.every((v) => v instanceof tf.Variable))
    ) {
      throw new TypeError(`\`varList\` must be an array of variables, got ${describeValue(varList)}`);
    }
    return super.computeGradients(() => {
      const loss = f();
      this.rule.observe?.(varList ?? Object.values(tf.engine().registeredVariables));
      return loss;
    }, varList);
  }

  /** Makes the optimizer from what `getConfig` returned. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    requireFunction("cls", cls);
    requireObject("config", config);
    // tfjs adds the classes that it was told of when it loads a model.
    const { customObjects: _, ...options } = config;
    return new cls(options);
  }

  /** Forgets all state and frees its tensors. */
  override dispose(): void {
    this.#states.clear();
    tf.dispose(this.#given.map(({ tensor }) => tensor));
    this.#given = [];
    this.#weights = undefined;
  }
}

function requireObject(name: string, value: object): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`\`${name}\` must be an object, got ${describeValue(value)}`);
  }
}

function requireTensor(name: string, value: tf.Tensor): void {
  if (!(value instanceof tf.Tensor)) {
    throw new TypeError(`\`${name}\` must be a tensor, got ${describeValue(value)}`);
  }
}

/** The variable of a gradient. */
function requireVariable(name: string, gradient: tf.Tensor): tf.Variable {
  requireTensor(`gradient of ${name}`, gradient);
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined) throw new RangeError(`There is no variable named ${name}`);
  for (const [what, { dtype }] of [["variable", variable], ["gradient of", gradient]] as const) {
    if (dtype !== "float32") throw new TypeError(`The ${what} ${name} must be float32, got ${dtype}`);
  }
  const { shape } = gradient;
  if (shape.length !== variable.shape.length || shape.some((size, i) => size !== variable.shape[i])) {
    throw new RangeError(`The gradient of ${name} must have shape [${variable.shape}], got [${shape}]`);
  }
  return variable;
}
