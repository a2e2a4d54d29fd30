/** One step of several parameters, for all of them or for none. Not public. */
import { type Matrix, type RealArray, requireMatrix, requireSameShape } from "../arrays/mod.ts";
import { copyState } from "./state_tree.ts";
import type { GradientTransformation, Parameter, State } from "./transformation.ts";

/** What a driver keeps of a parameter. */
export interface Slot {
  /** What the transformation remembers. */
  state: State;
  /** Room for a copy of it, from the step before. */
  spare?: State;
}

/**
 * Steps all parameters. Throws if an update cannot be made or applied, with all states as they were before.
 *
 * @param slots One per parameter.
 * @param parameters Reads parameter i; called just before its update.
 * @param gradients One per parameter; overwritten.
 * @param apply Adds all updates to the weights, or throws and adds none.
 * @returns The updates.
 */
export function stepAll(
  transformation: GradientTransformation,
  slots: readonly Slot[],
  parameters: (i: number) => Parameter,
  gradients: readonly Matrix<RealArray>[],
  apply: (updates: readonly Matrix<RealArray>[]) => void,
): Matrix<RealArray>[] {
  for (const slot of slots) slot.spare = copyState(slot.state, slot.spare);
  try {
    const updates = slots.map(({ state }, i) => {
      const parameter = parameters(i);
      const update = transformation.update(gradients[i], state, parameter);
      requireUpdate(update, parameter);
      return update;
    });
    apply(updates);
    return updates;
  } catch (error) {
    for (const slot of slots) {
      slot.state = slot.spare!;
      slot.spare = undefined;
    }
    throw error;
  }
}

/** Throws unless an update can be added to the weights. */
function requireUpdate(update: Matrix<RealArray>, { name, weights }: Parameter): void {
  requireMatrix(`update of ${name}`, update);
  requireSameShape(`update of ${name}`, update, weights);
  if (update.dtype !== weights.dtype) {
    throw new TypeError(
      `The update of ${name} must be ${weights.dtype} like its weights, got ${update.dtype}`,
    );
  }
}
