import { describeValue, requireNumbers } from "../arrays/mod.ts";
import { isLeaf, requireBranch } from "./state_tree.ts";
import type { State, StateValue } from "./transformation.ts";

/** A leaf of a state, with the path that leads to it, such as `links/0/momentum`. */
export interface StateLeaf {
  /** Keys and indices joined by "/". */
  path: string;
  /** A number or an array. */
  value: number | Float64Array | Float32Array | Int32Array;
}

/**
 * The leaves of a state, in a fixed order: what has to be saved.
 *
 * @throws {TypeError} naming the path of anything that is not a number, a Float64Array, a Float32Array, an
 * Int32Array, an object or an array of objects.
 *
 * @example
 * ```ts
 * import { stateLeaves } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const leaves = stateLeaves({ links: [{ step: 3 }, { momentum: new Float32Array(2) }] });
 * assertEquals(leaves.map((leaf) => leaf.path), ["links/0/step", "links/1/momentum"]);
 * ```
 */
export function stateLeaves(state: State): StateLeaf[] {
  const walk = (value: StateValue, path: string): StateLeaf[] => {
    if (isLeaf(value) && path !== "") return [{ path, value }];
    requireBranch(value, path);
    return Object.entries(value).flatMap(([key, child]) => walk(child, path === "" ? key : `${path}/${key}`));
  };
  return walk(state, "");
}

/**
 * Writes saved leaves back into a state made by `init`.
 *
 * @param state The state; overwritten.
 * @param saved Numbers by the path of their leaf.
 * @throws {RangeError} if a path is missing, an array has another length or a saved path is not one of this
 * state. Nothing is written then.
 * @throws {TypeError} if `state` is not a state, `saved` is not a Map, or what it has is not an array of
 * numbers.
 *
 * @example
 * ```ts
 * import { restoreState } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const state = { step: 0, momentum: new Float32Array(2) };
 * restoreState(state, new Map([["step", [4]], ["momentum", [1, 2]]]));
 * assertEquals(state, { step: 4, momentum: new Float32Array([1, 2]) });
 * ```
 */
export function restoreState(state: State, saved: ReadonlyMap<string, ArrayLike<number>>): void {
  const leaves = stateLeaves(state);
  if (!(saved instanceof Map)) throw new TypeError(`\`saved\` must be a Map, got ${describeValue(saved)}`);
  for (const { path, value } of leaves) {
    const given = saved.get(path);
    if (given === undefined) {
      throw new RangeError(`The saved state has no \`${path}\`: was it made by another optimizer?`);
    }
    requireNumbers(`saved.get("${path}")`, given);
    const wanted = typeof value === "number" ? 1 : value.length;
    if (given.length !== wanted) {
      throw new RangeError(`The saved state's \`${path}\` must have length ${wanted}, got ${given.length}`);
    }
  }
  for (const path of saved.keys()) {
    if (!leaves.some((leaf) => leaf.path === path)) {
      throw new RangeError(
        `The saved state's \`${path}\` is not part of this state: was it made by another optimizer?`,
      );
    }
  }
  for (const { path, value } of leaves) {
    const given = saved.get(path)!;
    if (typeof value === "number") {
      const keys = path.split("/");
      const parent = keys.slice(0, -1).reduce((node: any, key) => node[key], state);
      parent[keys[keys.length - 1]] = given[0];
    } else {
      value.set(given);
    }
  }
}
