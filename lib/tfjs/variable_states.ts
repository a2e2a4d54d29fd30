import type * as tf from "@tensorflow/tfjs";

/** Numbers of a saved state. */
export type SavedNumbers = Float32Array | Int32Array;

/** What was saved for one variable. */
export interface SavedVariable {
  /** Name of the variable at the time. */
  name: string;
  /** Its shape. */
  shape: number[];
  /** Whether the last step before saving had a gradient for it. */
  active: boolean;
  /** The arrays of its state, by name. */
  arrays: Map<string, SavedNumbers>;
}

/** How a state is made, written and freed. */
export interface StateMaker<S> {
  /** The state before the first step. @param index How many variables came before this one. */
  start(variable: tf.Variable, index: number): S;
  /** A state that goes on from what was saved. @throws {RangeError} if it does not fit. */
  restore(variable: tf.Variable, saved: SavedVariable): S;
  /** Whether a state that was made for another variable of the same shape is one for this variable. */
  fits(variable: tf.Variable, state: S): boolean;
  /** Frees what the garbage collector does not. */
  free(state: S): void;
}

/** A variable with its state. */
export interface Bound<S> {
  /** The variable; another one after a model was built anew. */
  variable: tf.Variable;
  /** What the optimizer remembers of it. */
  state: S;
}

/** What a step will change; nothing has changed before `commit`. */
export interface Plan<S> {
  /** One state per variable, in their order. */
  states: S[];
  /** Makes it so. */
  commit(): void;
  /** Frees the states that were made for the step. */
  abandon(): void;
}

/** A saved state that no variable has claimed yet. */
interface Waiting {
  saved: SavedVariable;
}

/** An entry of the list. */
type Entry<S> = Bound<S> | Waiting;

/** Where a variable of a step gets its state from. */
type Source<S> =
  | { kind: "bound"; entry: Bound<S> }
  | { kind: "rebound"; entry: Bound<S> }
  | { kind: "saved"; entry: Waiting }
  | { kind: "new" };

/** One source per variable of a step. */
interface Sources<S> {
  sources: Source<S>[];
  claimedBy: "name" | "order" | undefined;
}

/**
 * The states of an optimizer's variables. A state belongs to a variable, not to its name: tfjs gives a model
 * that is loaded or built again other names.
 *
 * A saved state is claimed at the next step: by name if the names are the same, else by order, when there are
 * as many variables as were saved and every shape agrees. A step whose variables are all new ones, as many as
 * those of the step before and of the same shapes, is that of a model built anew, and takes their states
 * over. Every other new variable starts afresh.
 */
export class VariableStates<S> {
  /** In the order of the model. */
  #entries: Entry<S>[] = [];
  /** Variables of the last step. */
  #active = new Set<tf.Variable>();
  /** How saved states were claimed so far. */
  #claimedBy: "name" | "order" | undefined;
  /** Variables whose state was handed to those of a model built anew. */
  #replaced = new WeakSet<tf.Variable>();

  constructor(private readonly make: StateMaker<S>) {}

  /** The bound states and the saved ones, in the order of the model, and whether the last step had them. */
  *entries(): Generator<{ bound?: Bound<S>; saved?: SavedVariable; active: boolean }> {
    for (const entry of this.#entries) {
      if ("saved" in entry) yield { saved: entry.saved, active: entry.saved.active };
      else yield { bound: entry, active: this.#active.has(entry.variable) };
    }
  }

  /**
   * Finds the states for the variables of a step.
   *
   * @throws {RangeError} if a state was loaded and it is not that of these variables.
   * @throws {Error} if a variable's state was taken over by another model.
   */
  plan(variables: readonly tf.Variable[]): Plan<S> {
    const { sources, claimedBy } = this.#sourcesFor(variables);
    const states: S[] = [];
    const made: S[] = [];
    const abandon = () => made.splice(0).forEach((state) => this.make.free(state));
    try {
      sources.forEach((source, i) => {
        if (source.kind === "bound" || source.kind === "rebound") {
          states.push(source.entry.state);
          return;
        }
        const state = source.kind === "saved"
          ? this.make.restore(variables[i], source.entry.saved)
          : this.make.start(variables[i], this.#entries.length + made.length);
        made.push(state);
        states.push(state);
      });
    } catch (error) {
      abandon();
      throw error;
    }
    const commit = () => {
      this.#claimedBy = claimedBy;
      this.#commit(variables, sources, states);
    };
    return { states, abandon, commit };
  }

  /** Replaces everything by what was saved. */
  load(saved: readonly SavedVariable[]): void {
    this.clear();
    this.#entries = saved.map((variable) => ({ saved: variable }));
  }

  /** Forgets everything. */
  clear(): void {
    for (const entry of this.#entries) if (!("saved" in entry)) this.make.free(entry.state);
    this.#entries = [];
    this.#active = new Set();
    this.#replaced = new WeakSet();
    this.#claimedBy = undefined;
  }

  #sourcesFor(variables: readonly tf.Variable[]): Sources<S> {
    const bound = this.#entries.filter((entry): entry is Bound<S> => !("saved" in entry));
    const waiting = this.#entries.filter((entry): entry is Waiting => "saved" in entry);
    const byVariable = new Map(bound.map((entry) => [entry.variable, entry]));
    const strangers = variables.filter((variable) => !byVariable.has(variable));
    const found = new Map<tf.Variable, Source<S>>();
    let claimedBy = this.#claimedBy;
    if (strangers.length > 0 && waiting.length > 0) {
      const claims = claim(strangers, waiting, claimedBy);
      claimedBy = claims.by;
      claims.entries.forEach((entry, variable) => found.set(variable, { kind: "saved", entry }));
    } else if (strangers.length > 0) {
      this.#heirs(variables, strangers, bound).forEach((entry, variable) =>
        found.set(variable, { kind: "rebound", entry })
      );
    }
    const sources = variables.map((variable): Source<S> => {
      const entry = byVariable.get(variable);
      return entry !== undefined ? { kind: "bound", entry } : found.get(variable) ?? { kind: "new" };
    });
    return { sources, claimedBy };
  }

  /** Which state each new variable takes over from one that it replaces. */
  #heirs(
    variables: readonly tf.Variable[],
    strangers: readonly tf.Variable[],
    bound: readonly Bound<S>[],
  ): Map<tf.Variable, Bound<S>> {
    for (const variable of strangers) {
      if (this.#replaced.has(variable)) {
        throw new Error(
          `The state of ${variable.name} was taken over by a variable of the same shape, as if its model had ` +
            "been built anew: give each model an optimizer of its own",
        );
      }
    }
    // In the order of the entries, which is that of the model.
    const active = bound.filter(({ variable }) => this.#active.has(variable));
    const rebuilt = strangers.length === variables.length &&
      sameShapes(strangers, active.map(({ variable }) => variable.shape)) &&
      strangers.every((variable, i) => this.make.fits(variable, active[i].state));
    const heirs = new Map<tf.Variable, Bound<S>>();
    strangers.forEach((variable, i) => {
      // In its place in a model that was built anew, or disposed of and made again under its name.
      const entry = rebuilt
        ? active[i]
        : bound.find((old) =>
          old.variable.isDisposed && old.variable.name === variable.name &&
          sameShape(old.variable.shape, variable.shape) && this.make.fits(variable, old.state)
        );
      if (entry !== undefined) heirs.set(variable, entry);
    });
    return heirs;
  }

  #commit(variables: readonly tf.Variable[], sources: readonly Source<S>[], states: readonly S[]): void {
    this.#active = new Set(variables);
    if (sources.every(({ kind }) => kind === "bound")) return;
    let last: Entry<S> | undefined;
    sources.forEach((source, i) => {
      const variable = variables[i];
      if (source.kind === "new") {
        const entry = { variable, state: states[i] };
        this.#insert(entry, last, sources.slice(i + 1));
        last = entry;
        return;
      }
      if (source.kind === "saved") {
        const entry = { variable, state: states[i] };
        this.#entries[this.#entries.indexOf(source.entry)] = entry;
        last = entry;
        return;
      }
      if (source.kind === "rebound") {
        if (!source.entry.variable.isDisposed) this.#replaced.add(source.entry.variable);
        source.entry.variable = variable;
      }
      last = source.entry;
    });
    // What is gone for good need not be saved.
    this.#entries = this.#entries.filter((entry) => {
      const gone = !("saved" in entry) && entry.variable.isDisposed;
      if (gone) this.make.free(entry.state);
      return !gone;
    });
  }

  /** A new variable goes behind the one before it in the step, or else before the one that follows. */
  #insert(entry: Entry<S>, before: Entry<S> | undefined, following: readonly Source<S>[]): void {
    const next = following.find((source) => source.kind !== "new");
    const at = before !== undefined
      ? this.#entries.indexOf(before) + 1
      : next !== undefined
      ? this.#entries.indexOf(next.entry)
      : this.#entries.length;
    this.#entries.splice(at, 0, entry);
  }
}

/**
 * Which saved state each variable goes on from; the others start afresh.
 *
 * @param before How states of this saving were claimed before.
 * @throws {RangeError} if this is the first claim and the variables are not those that were saved.
 */
function claim(
  variables: readonly tf.Variable[],
  waiting: readonly Waiting[],
  before: "name" | "order" | undefined,
): { by: "name" | "order"; entries: Map<tf.Variable, Waiting> } {
  if (before !== "order") {
    const byName = new Map(waiting.map((entry) => [entry.saved.name, entry]));
    const named = variables.filter(({ name }) => byName.has(name));
    // All of the one are among the other: the names are those of the saved model.
    if (before === "name" || named.length === variables.length || named.length === waiting.length) {
      const isSame = (variable: tf.Variable) =>
        sameShape(byName.get(variable.name)!.saved.shape, variable.shape);
      if (!named.every(isSame)) throw mismatch(variables, waiting);
      return {
        by: "name",
        entries: new Map(named.map((variable) => [variable, byName.get(variable.name)!])),
      };
    }
  }
  for (const entries of [waiting, waiting.filter(({ saved }) => saved.active)]) {
    if (sameShapes(variables, entries.map(({ saved }) => saved.shape))) {
      return { by: "order", entries: new Map(variables.map((variable, i) => [variable, entries[i]])) };
    }
  }
  if (before === undefined) throw mismatch(variables, waiting);
  return { by: before, entries: new Map() };
}

function mismatch(variables: readonly tf.Variable[], waiting: readonly Waiting[]): RangeError {
  const list = (items: readonly { name: string; shape: readonly number[] }[]) =>
    items.map(({ name, shape }) => `${name} [${shape}]`).join(", ");
  return new RangeError(
    `The saved state of the optimizer is that of other variables: it has ${waiting.length}, ` +
      `${list(waiting.map(({ saved }) => saved))}; the step has ${variables.length}, ${list(variables)}`,
  );
}

function sameShapes(variables: readonly tf.Variable[], shapes: readonly (readonly number[])[]): boolean {
  return variables.length === shapes.length &&
    variables.every((variable, i) => sameShape(variable.shape, shapes[i]));
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
