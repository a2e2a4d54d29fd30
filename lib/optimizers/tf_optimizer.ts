import * as tf from "@tensorflow/tfjs";
import { Matrix } from "../arrays/mod.ts";
import { NativeBackend } from "../tfjs/backend.ts";
import { requireFiniteGradient } from "./matrix_optimizer.ts";
import { restoreState, stateLeaves } from "./state.ts";
import { applyUpdates, type GradientTransformation, type Parameter, type State } from "./transformation.ts";

/** Between a variable's name and the path of a leaf in the names of saved weights. */
const SEPARATOR = "::";

/**
 * Any {@linkcode GradientTransformation} as a `tf.Optimizer`: for `model.compile`, `optimizer.minimize` and
 * `optimizer.applyGradients`, on every tfjs backend.
 *
 * A kernel `[in, out]` becomes a matrix whose outputs are its columns; a convolution kernel `[h, w, in, out]`
 * the matrix `[h w in, out]`; a bias, scale or scalar a matrix of one row. Updates are computed in float32;
 * backend `native` (`refigure/tfjs`) hands out the values of its variables in place, others copy them. No
 * tensor is kept between steps.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { chain, momentum, scaleByLearningRate, TransformationOptimizer } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const optimizer = new TransformationOptimizer(chain(momentum({ decay: 0 }), scaleByLearningRate(0.25)));
 * const w = tf.variable(tf.scalar(0));
 * for (let step = 0; step < 30; step++) optimizer.minimize(() => tf.squaredDifference(w, 3) as tf.Scalar, false, [w]);
 * assertAlmostEquals(w.dataSync()[0], 3, 1e-5);
 * ```
 */
export class TransformationOptimizer extends tf.Optimizer {
  /** Name under which tfjs saves and finds the class. */
  static className = "TransformationOptimizer";

  readonly #transformation: GradientTransformation;
  readonly #states = new Map<string, State>();
  #saved = new Map<string, Map<string, ArrayLike<number>>>();
  #steps = 0;

  /**
   * An optimizer at step 0. @param transformation What turns a gradient into the update that is added,
   * learning rate included.
   */
  constructor(transformation: GradientTransformation) {
    super();
    this.#transformation = transformation;
  }

  /**
   * One step; called by `minimize` and by `model.fit`.
   *
   * @throws {RangeError} naming the variable and the step if a gradient is not finite; or if there is no such
   * variable.
   */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    // All gradients are looked at before any weight moves: a refused step leaves the model as it was.
    const known = named.filter(({ tensor }) => tensor != null);
    const values = known.map(({ name, tensor }) => {
      // A copy: transformations overwrite it.
      const data = new Float32Array(valuesOf(tensor));
      requireFiniteGradient(name, this.#steps, data);
      return data;
    });
    for (const { name } of known) {
      if (!(name in tf.engine().registeredVariables)) {
        throw new RangeError(`There is no variable named ${name}`);
      }
    }
    known.forEach(({ name }, i) => this.#step(name, values[i]));
    this.#steps++;
    this.incrementIterations();
  }

  #step(name: string, gradient: Float32Array): void {
    const variable = tf.engine().registeredVariables[name];
    const backend = tf.backend();
    const inPlace = backend instanceof NativeBackend && variable.size > 0;
    const [rows, columns] = matrixShape(variable.shape);
    const weights = new Matrix(
      rows,
      columns,
      inPlace ? backend.placeOwn(variable).values : Float32Array.from(variable.dataSync()),
    );
    const parameter: Parameter = { name, weights, outputs: "columns", shape: variable.shape };
    const state = this.#states.get(name) ?? this.#start(parameter);
    applyUpdates(
      weights,
      this.#transformation.update(new Matrix(rows, columns, gradient), state, parameter),
    );
    if (inPlace) return;
    const next = tf.tensor(weights.data, variable.shape, "float32");
    variable.assign(next);
    next.dispose();
  }

  #start(parameter: Parameter): State {
    const state = this.#transformation.init(parameter);
    const saved = this.#saved.get(parameter.name);
    if (saved !== undefined) restoreState(state, saved);
    this.#saved.delete(parameter.name);
    this.#states.set(parameter.name, state);
    return state;
  }

  /** The number of steps, then every state array, named `<variable>::<path>`. */
  override async getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]> {
    const weights = [await this.saveIterations()];
    for (const [variable, state] of this.#states) {
      for (const { path, value } of stateLeaves(state)) {
        const data = Float32Array.from(typeof value === "number" ? [value] : value);
        weights.push({ name: `${variable}${SEPARATOR}${path}`, tensor: tf.tensor1d(data, "float32") });
      }
    }
    return weights;
  }

  /**
   * Takes up where {@linkcode getWeights} left off; a variable's state is restored when it is next stepped.
   */
  override async setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    const rest = await this.extractIterations(weights);
    this.#steps = this.iterations;
    this.#states.clear();
    this.#saved = new Map();
    for (const { name, tensor } of rest) {
      const [variable, path] = name.split(SEPARATOR);
      if (path === undefined) {
        throw new RangeError(`Saved weight \`${name}\` is not of the form <variable>${SEPARATOR}<path>`);
      }
      if (!this.#saved.has(variable)) this.#saved.set(variable, new Map());
      this.#saved.get(variable)!.set(path, await tensor.data());
    }
  }

  /**
   * A composition has none. @throws {TypeError} always: only named optimizers such as `muon` know their
   * options.
   */
  override getConfig(): tf.serialization.ConfigDict {
    throw new TypeError(
      "A composition has no configuration to save; save the model without its optimizer, or use a named one",
    );
  }

  /** Forgets all state. Holds no tensors. */
  override dispose(): void {
    this.#states.clear();
    this.#saved.clear();
  }
}

/**
 * A named optimizer: a transformation built from options that are plain JSON, so that tfjs can save and load
 * it.
 *
 * @example
 * ```ts
 * import { NamedOptimizer, scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * class Plain extends NamedOptimizer<{ learningRate: number }> {
 *   static override className = "Plain";
 *   constructor(options: { learningRate: number }) {
 *     super(scaleByLearningRate(options.learningRate), options);
 *   }
 * }
 * assertEquals(new Plain({ learningRate: 0.1 }).getConfig(), { learningRate: 0.1 });
 * ```
 */
export class NamedOptimizer<Options extends object> extends TransformationOptimizer {
  /** The options it was made with. */
  readonly options: Readonly<Options>;

  /** An optimizer that remembers the options it was made with. */
  constructor(transformation: GradientTransformation, options: Options) {
    super(transformation);
    this.options = options;
  }

  /**
   * The options. @throws {TypeError} if an option is a function (a schedule, a predicate): it can't be saved.
   */
  override getConfig(): tf.serialization.ConfigDict {
    for (const [key, value] of Object.entries(this.options)) {
      if (typeof value === "function") {
        throw new TypeError(
          `\`${key}\` is a function and can't be saved; save the model without its optimizer`,
        );
      }
    }
    return JSON.parse(JSON.stringify(this.options));
  }

  /** Makes the optimizer from {@linkcode getConfig}'s answer. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }
}

/** The matrix a tensor is treated as: last axis = outputs = columns. */
function matrixShape(shape: readonly number[]): [rows: number, columns: number] {
  if (shape.length < 2) return [1, shape.reduce((size, n) => size * n, 1)];
  const columns = shape[shape.length - 1];
  return [shape.slice(0, -1).reduce((size, n) => size * n, 1), columns];
}

/** Values of a tensor, not to be kept or changed; without a copy where the backend can. */
function valuesOf(tensor: tf.Tensor): ArrayLike<number> {
  const backend = tf.backend();
  return backend instanceof NativeBackend ? backend.valuesOf(tensor) : tensor.dataSync();
}
