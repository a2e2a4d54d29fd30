import { requireFunction, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { columnNorms, frobeniusNorm, rowNorms, singularValues } from "../linalg/mod.ts";
import type { GradientTransformation, Parameter } from "./transformation.ts";

/** What {@linkcode recordUpdates} saw of one update. */
export interface UpdateRecord {
  /** Name of the parameter. */
  name: string;
  /** Step of the optimizer, 1 for the first; of the parameter where no driver tells it. */
  step: number;
  /** Euclidean norm of each neuron's update, one per output of the layer. */
  neuronNorms: Float64Array;
  /** Singular values, descending. */
  singularValues: Float64Array;
  /** Root mean square of the entries. */
  rms: number;
}

/** Options of {@linkcode recordUpdates}. */
export interface RecordUpdatesOptions {
  /** Which steps of which parameters are looked at; each costs an SVD. Default: all. */
  when?: (step: number, parameter: Parameter) => boolean;
}

/**
 * A link that looks at the update and passes it on unchanged: put it anywhere in a chain, to see what an
 * optimizer does.
 *
 * @param onUpdate Called with what was seen.
 * @param options Which updates are looked at.
 * @throws {TypeError} if `onUpdate` or `when` is not a function, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { chain, orthogonalize, recordUpdates, type UpdateRecord } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: UpdateRecord[] = [];
 * const link = chain(recordUpdates((record) => seen.push(record)), orthogonalize());
 * const parameter = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * link.update(Matrix.fromRows([[3, 4], [0, 0]]), link.init(parameter), parameter);
 * assertEquals([seen[0].step, seen[0].rms], [1, 2.5]);
 * assertEquals(seen[0].neuronNorms, Float64Array.of(5, 0));
 * ```
 */
export function recordUpdates(
  onUpdate: (record: UpdateRecord) => void,
  options: RecordUpdatesOptions = {},
): GradientTransformation<{ step: number }> {
  requireFunction("onUpdate", onUpdate);
  requireOptions("options", options, ["when"]);
  const { when = () => true } = options;
  requireFunction("when", when);
  return {
    init: () => ({ step: 0 }),
    update(updates, state, parameter) {
      const step = state.step = (parameter.step ?? state.step) + 1;
      requireOneOf("outputs", parameter.outputs, ["rows", "columns"]);
      if (when(step, parameter)) {
        onUpdate({
          name: parameter.name,
          step,
          neuronNorms: parameter.outputs === "rows" ? rowNorms(updates) : columnNorms(updates),
          singularValues: singularValues(updates),
          rms: frobeniusNorm(updates) / Math.sqrt(Math.max(1, updates.data.length)),
        });
      }
      return updates;
    },
  };
}
