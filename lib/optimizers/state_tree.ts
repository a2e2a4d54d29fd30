/** The tree that a state is. Not public. */
import { describeValue } from "../arrays/mod.ts";
import type { State, StateValue } from "./transformation.ts";

type Leaf = number | Float64Array | Float32Array | Int32Array;

/**
 * A copy of a state that shares nothing with it.
 *
 * @param spare An older copy, which is overwritten where it has the same form.
 */
export function copyState(state: State, spare?: State): State {
  if (spare === undefined) return freshCopy(state, "") as State;
  copyInto(spare, state);
  return spare;
}

type Branch = Record<string, StateValue>;

function copyInto(to: Branch, from: Branch): void {
  let extra = 0;
  for (const _ in to) extra++;
  for (const key in from) {
    const value = from[key];
    const old = to[key];
    if (old !== undefined) extra--;
    if (typeof value === "number") to[key] = value;
    else if (isLeaf(value)) {
      const fits = isLeaf(old) && typeof old !== "number" && old.constructor === value.constructor &&
        old.length === value.length;
      if (fits) old.set(value);
      else to[key] = value.slice();
    } else if (typeof old === "object" && !isLeaf(old) && Array.isArray(old) === Array.isArray(value)) {
      copyInto(old as Branch, value as Branch);
    } else to[key] = freshCopy(value, key);
  }
  if (extra > 0) {
    for (const key in to) if (!(key in from)) delete to[key];
    if (Array.isArray(to)) to.length = (from as unknown as State[]).length;
  }
}

function freshCopy(value: StateValue, path: string): StateValue {
  if (typeof value === "number") return value;
  if (isLeaf(value)) return value.slice();
  requireBranch(value, path);
  const copy = (key: string, child: StateValue) => freshCopy(child, path === "" ? key : `${path}/${key}`);
  if (Array.isArray(value)) return value.map((child, i) => copy(String(i), child)) as State[];
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copy(key, child)]));
}

/** Whether a value is a number or an array of numbers. */
export function isLeaf(value: unknown): value is Leaf {
  return typeof value === "number" || value instanceof Float64Array || value instanceof Float32Array ||
    value instanceof Int32Array;
}

/** Throws unless a value that is not a leaf may have some. */
export function requireBranch(value: unknown, path: string): void {
  // An array only below the top: of states, such as those of a chain's links.
  if (typeof value === "object" && value !== null && !isLeaf(value)) {
    if (Array.isArray(value) ? path !== "" : Object.getPrototypeOf(value)?.constructor.name === "Object") {
      return;
    }
    if (Object.getPrototypeOf(value) === null) return;
  }
  throw new TypeError(
    `A state must be made of numbers, Float64Array, Float32Array and Int32Array: ` +
      `\`${path || "state"}\` is ${describeValue(value)}`,
  );
}
