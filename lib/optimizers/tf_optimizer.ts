import * as tf from "@tensorflow/tfjs";
import { Matrix } from "../arrays/mod.ts";
import { NativeBackend } from "../tfjs/backend.ts";
import { valuesOf as storedValues } from "../tfjs/storage.ts";
import { StatefulOptimizer, type UpdateRule, type VariableStep } from "../tfjs/stateful_optimizer.ts";
import type { SavedNumbers } from "../tfjs/variable_states.ts";
import { requireTransformation } from "./checks.ts";
import {
  type Layout,
  layoutByName,
  LAYOUTS,
  layoutsInTape,
  layoutUnseen,
  matrixShape,
  swapLastAxes,
} from "./kernel_layout.ts";
import { requireFiniteGradient } from "./matrix_optimizer.ts";
import { plainOptions } from "./plain_options.ts";
import { restoreState, type StateLeaf, stateLeaves } from "./state.ts";
import { stepAll } from "./step_all.ts";
import { addScaled } from "../blas/mod.ts";
import type { GradientTransformation, Parameter, State } from "./transformation.ts";

/** What a {@linkcode TransformationOptimizer} keeps of a variable. */
export interface VariableState {
  /**
   * What its axes are: `[..., out]`; `[h, w, out, in]` of a transposed convolution; `[h, w, in, multiplier]`
   * of a depthwise one.
   */
  layout: "plain" | "transposed" | "depthwise";
  /** What random draws for it are seeded by. */
  label: string;
  /** What the transformation remembers. */
  state: State;
  /** Room for a copy of it, from the step before. */
  spare?: State;
}

/** Name of the layout among the saved arrays; the paths of a state follow. */
const LAYOUT = "layout";

/**
 * Any {@linkcode GradientTransformation} as a `tf.Optimizer`: for `model.compile`, `optimizer.minimize` and
 * `optimizer.applyGradients`, on every tfjs backend.
 *
 * A kernel `[in, out]` becomes a matrix whose outputs are its columns; a convolution kernel `[h, w, in, out]`
 * the matrix `[h w in, out]`, a transposed one `[h, w, out, in]` the same, a depthwise one
 * `[h, w, in, multiplier]` the matrix `[h w, in multiplier]`; a bias, scale or scalar a matrix of one row.
 * Which kind of convolution a kernel belongs to is seen in the computation when `minimize` or `model.fit`
 * record it; under `applyGradients` alone it is known by the names that tfjs gives to layers.
 *
 * Updates are computed in float32; backend `native` (`refigure/tfjs`) hands out the values of its variables
 * in place, others copy them. No tensor is kept between steps. A step that throws changes neither a weight
 * nor a state.
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
export class TransformationOptimizer extends StatefulOptimizer<VariableState> {
  /** Name under which tfjs saves and finds the class. */
  static className = "TransformationOptimizer";

  readonly #transformation: GradientTransformation;
  /** Layouts that were seen in a computation. */
  readonly #seen = new WeakMap<tf.Variable, Layout>();

  /**
   * An optimizer at step 0.
   *
   * @param transformation What turns a gradient into the update that is added, learning rate included.
   * @throws {TypeError} if it is not a transformation.
   */
  constructor(transformation: GradientTransformation) {
    super();
    this.#transformation = requireTransformation("transformation", transformation);
  }

  /** Steps, starts, saves and restores the states of the transformation. */
  protected override readonly rule: UpdateRule<VariableState> = {
    start: (variable, index) => {
      const layout = this.#layoutOf(variable);
      const label = `variable ${index}`;
      const state = this.#transformation.init(this.#parameter(variable, { layout, label }));
      return { layout, label, state };
    },
    step: (steps) => this.#step(steps),
    observe: (variables) => {
      if (!variables.some(({ rank }) => rank === 4)) return;
      const layouts = layoutsInTape();
      for (const variable of variables) {
        if (variable.rank === 4) this.#seen.set(variable, layouts.get(variable.id) ?? layoutUnseen(variable));
      }
    },
    arrays: ({ layout, state }) => {
      const arrays = new Map<string, SavedNumbers>([[LAYOUT, Int32Array.of(LAYOUTS.indexOf(layout))]]);
      for (const { path, value } of stateLeaves(state)) arrays.set(path, encode(value));
      return Promise.resolve(arrays);
    },
    restore: (variable, saved) => this.#restore(variable, saved),
    fits: (variable, kept) => {
      if (kept.layout !== this.#layoutOf(variable)) return false;
      const wanted = stateLeaves(this.#transformation.init(this.#parameter(variable, kept)));
      const leaves = stateLeaves(kept.state);
      return wanted.length === leaves.length && wanted.every(({ path, value }, i) => {
        const leaf = leaves[i];
        return path === leaf.path && lengthOf(value) === lengthOf(leaf.value);
      });
    },
  };

  #step(steps: readonly VariableStep<VariableState>[]): void {
    const gradients = steps.map(({ variable, gradient, state: { layout } }) => {
      // A copy: transformations overwrite it.
      const values = new Float32Array(valuesOf(gradient));
      requireFiniteGradient(variable.name, this.iterations, values);
      return matrixOf(variable, values, layout);
    });
    const parameters = (i: number) => this.#parameter(steps[i].variable, steps[i].state);
    stepAll(this.#transformation, steps.map(({ state }) => state), parameters, gradients, (updates) => {
      const changes = steps.map(({ variable, state: { layout } }, i) => {
        const values = updates[i].data as Float32Array;
        return layout === "transposed" ? swapLastAxes(values, variable.shape, true) : values;
      });
      addToVariables(steps.map(({ variable }) => variable), changes);
    });
  }

  #layoutOf(variable: tf.Variable): Layout {
    return this.#seen.get(variable) ?? layoutByName(variable);
  }

  #parameter(variable: tf.Variable, { layout, label }: { layout: Layout; label: string }): Parameter {
    return {
      name: variable.name,
      weights: matrixOf(variable, valuesOf(variable), layout),
      outputs: "columns",
      shape: variable.shape,
      label,
      step: this.iterations,
    };
  }

  #restore(variable: tf.Variable, saved: ReadonlyMap<string, SavedNumbers>): VariableState {
    const { [LAYOUT]: code, ...arrays } = Object.fromEntries(saved);
    const layout = LAYOUTS[code?.[0]];
    if (layout === undefined) {
      throw new RangeError(
        `The saved state of ${variable.name} has no \`${LAYOUT}\`: was it made by another optimizer?`,
      );
    }
    // What is drawn at the start is part of the state that replaces it.
    const label = variable.name;
    const state = this.#transformation.init(this.#parameter(variable, { layout, label }));
    const types = new Map(stateLeaves(state).map(({ path, value }) => [path, value]));
    const values = Object.entries(arrays).map(([path, numbers]): [string, ArrayLike<number>] => [
      path,
      decode(numbers, types.get(path)),
    ]);
    restoreState(state, new Map(values));
    return { layout, label, state };
  }

  /**
   * A composition has none.
   *
   * @throws {TypeError} always: only named optimizers such as `muon` know their options.
   */
  override getConfig(): tf.serialization.ConfigDict {
    throw new TypeError(
      "A composition has no configuration to save; save the model without its optimizer, or use a named one",
    );
  }
}

/**
 * A named optimizer: a transformation built from options that are plain JSON, so that tfjs can save and load
 * it. A class of your own has to be registered, as all of ours are.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { NamedOptimizer, scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * class Plain extends NamedOptimizer<{ learningRate: number }> {
 *   static override className = "Plain";
 *   constructor(options: { learningRate: number }) {
 *     super(scaleByLearningRate(options.learningRate), options);
 *   }
 * }
 * tf.serialization.registerClass(Plain);
 * assertEquals(new Plain({ learningRate: 0.1 }).getConfig(), { learningRate: 0.1 });
 * ```
 */
export class NamedOptimizer<Options extends object> extends TransformationOptimizer {
  /** A copy of the options it was made with. */
  readonly options: Readonly<Options>;

  /** An optimizer that remembers the options it was made with. */
  constructor(transformation: GradientTransformation, options: Options) {
    super(transformation);
    this.options = plainOptions(options, true);
  }

  /**
   * The options.
   *
   * @throws {TypeError} naming an option that is a function (a schedule, a predicate), also one in `others`:
   * functions cannot be saved. Its state can, by `getWeights`.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return plainOptions(this.options, false) as tf.serialization.ConfigDict;
  }
}

/** The values of a variable as a matrix; without a copy, but for a transposed kernel. */
function matrixOf({ shape }: tf.Variable, values: Float32Array, layout: Layout): Matrix<Float32Array> {
  const [rows, columns] = matrixShape(shape, layout);
  return new Matrix(
    rows,
    columns,
    layout === "transposed" ? swapLastAxes(values, shape, false) : values,
  );
}

/** Values of a tensor, not to be kept or changed; without a copy where the backend can. */
function valuesOf(tensor: tf.Tensor): Float32Array {
  const backend = tf.backend();
  const values = backend instanceof NativeBackend ? storedValues(backend, tensor) : tensor.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** Adds to all variables or, where memory is short, to none. */
function addToVariables(variables: readonly tf.Variable[], changes: readonly Float32Array[]): void {
  const backend = tf.backend();
  if (backend instanceof NativeBackend) {
    // Only this can fail. Placing one variable may move the others, so all are placed before any is read.
    for (const variable of variables) if (variable.size > 0) backend.placeOwn(variable);
    variables.forEach((variable, i) => {
      if (variable.size > 0) addScaled(backend.place(variable).values, 1, changes[i]);
    });
    return;
  }
  const next: tf.Tensor[] = [];
  try {
    variables.forEach((variable, i) => {
      const values = Float32Array.from(variable.dataSync());
      addScaled(values, 1, changes[i]);
      next.push(tf.tensor(values, variable.shape, "float32"));
    });
    variables.forEach((variable, i) => variable.assign(next[i]));
  } finally {
    tf.dispose(next);
  }
}

/** A leaf as an array that tfjs can save; numbers of double precision by their bits, so that none is lost. */
function encode(value: StateLeaf["value"]): SavedNumbers {
  if (value instanceof Float32Array || value instanceof Int32Array) return value.slice();
  return new Int32Array(Float64Array.from(typeof value === "number" ? [value] : value).buffer);
}

/** The numbers of a saved leaf. @param like The leaf where they are to go. */
function decode(values: SavedNumbers, like: StateLeaf["value"] | undefined): ArrayLike<number> {
  if (like === undefined || like instanceof Float32Array || like instanceof Int32Array) return values;
  return values.length % 2 === 0 ? new Float64Array(Int32Array.from(values).buffer) : values;
}

const lengthOf = (value: StateLeaf["value"]) => typeof value === "number" ? -1 : value.length;
