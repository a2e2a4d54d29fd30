import {
  type Matrix,
  type RealArray,
  requireFunction,
  requireMatrix,
  requireSameShape,
} from "../arrays/mod.ts";
import { addScaled } from "../blas/mod.ts";
import { requireParameter, requireTransformation } from "./checks.ts";

/**
 * A parameter as a transformation sees it: always a matrix (a bias has one row, a convolution kernel is
 * flattened).
 */
export interface Parameter<Data extends RealArray = RealArray> {
  /** Name for error messages. */
  readonly name: string;
  /** Current values. Transformations read them (weight decay does); only the driver writes. */
  readonly weights: Matrix<Data>;
  /**
   * Which axis counts the layer's outputs (neurons): `"rows"` for PyTorch's `[out, in]`, `"columns"` for
   * tfjs's `[in, out]`. Every rule that speaks of rows and columns of a paper asks this, so no weight is ever
   * transposed.
   */
  readonly outputs: "rows" | "columns";
  /**
   * Shape of the tensor before it became a matrix, where that differs: `[64]` for a bias, `[3, 3, 8, 16]` for
   * a convolution.
   */
  readonly shape?: readonly number[];
  /**
   * What random draws for this parameter are seeded by. Default: its name. The driver for tfjs numbers its
   * variables, whose names differ from one run to the next.
   */
  readonly label?: string;
  /**
   * Steps that the optimizer has taken before this one, the same for all its parameters; drivers set it. A
   * schedule goes by it, so that a parameter that joins later has the rate of all the others. Absent where a
   * transformation is used alone: then the schedule counts the steps of the parameter.
   */
  readonly step?: number;
}

/**
 * State of a transformation: a tree of numbers and arrays, so that it can be saved and restored without
 * knowing what it means.
 */
export type State = { [key: string]: StateValue };

/** A leaf or a branch of a {@linkcode State}. */
export type StateValue = number | Float64Array | Float32Array | Int32Array | State | State[];

/**
 * A gradient transformation in the manner of optax (DeepMind, 2020): it turns an update into a better update.
 *
 * `update` may overwrite the matrix it is given and returns it or another one of the same shape; what it
 * needs to remember is in the state, so that a driver can undo a step that failed and save what was learned.
 * An optimizer is a {@linkcode chain} of transformations that ends with the learning rate.
 */
export interface GradientTransformation<S extends State = any> {
  /** The state before the first step. */
  init(parameter: Parameter): S;
  /** One step: the transformed update. Changes `state` in place. */
  update(updates: Matrix<RealArray>, state: S, parameter: Parameter): Matrix<RealArray>;
}

/**
 * Applies transformations one after the other.
 *
 * @throws {TypeError} if one of them is not a transformation.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { chain, momentum, scaleByLearningRate } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sgd = chain(momentum({ decay: 0.5, form: "sum" }), scaleByLearningRate(0.1));
 * const parameter = { name: "w", weights: Matrix.fromRows([[1]]), outputs: "rows" as const };
 * const state = sgd.init(parameter);
 * assertAlmostEquals(sgd.update(Matrix.fromRows([[1]]), state, parameter).get(0, 0), -0.15, 1e-15);
 * assertAlmostEquals(sgd.update(Matrix.fromRows([[1]]), state, parameter).get(0, 0), -0.175, 1e-15);
 * ```
 */
export function chain(
  ...transformations: GradientTransformation[]
): GradientTransformation<{ links: State[] }> {
  transformations.forEach((link, i) => requireTransformation(`transformations[${i}]`, link));
  return {
    init: (parameter) => ({ links: transformations.map((link) => link.init(parameter)) }),
    update(updates, state, parameter) {
      transformations.forEach((link, i) => {
        updates = link.update(updates, state.links[i], parameter);
      });
      return updates;
    },
  };
}

/**
 * A transformation without memory, from a function.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { stateless } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const sign = stateless((updates) => updates.map(Math.sign));
 * const parameter = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
 * assertEquals(sign.update(Matrix.fromRows([[-3, 2]]), {}, parameter).toRows(), [[-1, 1]]);
 * ```
 */
export function stateless(
  transform: (updates: Matrix<RealArray>, parameter: Parameter) => Matrix<RealArray>,
): GradientTransformation<Record<never, never>> {
  requireFunction("transform", transform);
  return { init: () => ({}), update: (updates, _state, parameter) => transform(updates, parameter) };
}

/**
 * Adds an update to the weights, in place.
 *
 * @throws {RangeError} if the shapes differ.
 * @throws {TypeError} if an argument is not a matrix or the precisions differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { applyUpdates } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = Matrix.fromRows([[1, 2]]);
 * applyUpdates(weights, Matrix.fromRows([[0.5, -2]]));
 * assertEquals(weights.toRows(), [[1.5, 0]]);
 * ```
 */
export function applyUpdates(weights: Matrix<RealArray>, updates: Matrix<RealArray>): void {
  requireMatrix("weights", weights);
  requireSameShape("updates", updates, weights);
  addScaled(weights.data, 1, updates.data);
}

/**
 * The sizes of a layer's weight matrix whatever its layout: `outputs` is m and `inputs` is n in the papers' m
 * x n.
 *
 * @throws {TypeError} if a field of the parameter is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { layerShape } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = { name: "dense/kernel", weights: Matrix.zeros(3, 7), outputs: "columns" as const };
 * assertEquals(layerShape(kernel), { outputs: 7, inputs: 3 });
 * ```
 */
export function layerShape(parameter: Parameter): { outputs: number; inputs: number } {
  const { rows, columns } = requireParameter("parameter", parameter).weights;
  return parameter.outputs === "rows"
    ? { outputs: rows, inputs: columns }
    : { outputs: columns, inputs: rows };
}

/**
 * Chooses a transformation per parameter: matrices to one, the rest to another. Two parameters of one name
 * may get different ones.
 *
 * @param choose Called when a parameter is first seen, and again when its state was restored; must return an
 * equal transformation for the same parameter.
 * @throws {TypeError} if `choose` is not a function; at `init`, if it does not return a transformation.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { route, scaleByLearningRate } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const link = route(({ name }) => scaleByLearningRate(name.endsWith("bias") ? 1 : 2));
 * const bias = { name: "dense/bias", weights: Matrix.zeros(1, 1), outputs: "columns" as const };
 * assertEquals(link.update(Matrix.fromRows([[5]]), link.init(bias), bias).get(0, 0), -5);
 * ```
 */
export function route(
  choose: (parameter: Parameter) => GradientTransformation,
): GradientTransformation<{ routed: State }> {
  requireFunction("choose", choose);
  // A parameter is known by its state: names need not differ.
  const chosen = new WeakMap<State, GradientTransformation>();
  const linkOf = (parameter: Parameter) => {
    const link = choose(parameter);
    return requireTransformation(`choose(${parameter.name})`, link);
  };
  return {
    init(parameter) {
      const link = linkOf(parameter);
      const state = { routed: link.init(parameter) };
      chosen.set(state, link);
      return state;
    },
    update(updates, state, parameter) {
      let link = chosen.get(state);
      if (link === undefined) chosen.set(state, link = linkOf(parameter));
      return link.update(updates, state.routed, parameter);
    },
  };
}
