import {
  describeValue,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { type Bandit, requireContextRange } from "./bandit.ts";

/** Options of {@linkcode ContextBins}. */
export interface ContextBinsOptions {
  /** How many bins of equal width. */
  bins: number;
  /** Smallest and largest context. */
  range: readonly [low: number, high: number];
}

/**
 * A bandit for each bin of the context, each of them learning from the rounds of its own bin only: with
 * {@linkcode TsallisInf}, the Tsallis-INF-CB of Khodak, Chow, Balcan & Talwalkar 2024, "Learning to relax".
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { ContextBins, TsallisInf } from "refigure/bandits";
 * import { assert } from "@std/assert";
 *
 * const rng = new Rng(1);
 * const make = (bin: number) => new TsallisInf([0.25, 0.75], { rng: rng.split(bin) });
 * const bandit = new ContextBins(make, { bins: 2, range: [0, 1] });
 * for (let t = 0; t < 500; t++) {
 *   const context = rng.uniform();
 *   bandit.update(1 + Math.abs(bandit.predict(context) - context));
 * }
 * assert(bandit.probabilities(0.2)[0] > 0.5);
 * assert(bandit.probabilities(0.8)[1] > 0.5);
 * ```
 */
export class ContextBins implements Bandit {
  /** What can be chosen. */
  readonly actions: Float64Array;
  readonly #bandits: Bandit[];
  readonly #low: number;
  readonly #high: number;
  #pending: Bandit | undefined;

  /**
   * Makes the bandits.
   *
   * @param make Makes the bandit of a bin, given its index; all of them have the same actions.
   * @param options Number of bins; range of contexts.
   * @throws {RangeError} if there is no bin, the range is empty, or actions differ.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  constructor(make: (bin: number) => Bandit, options: ContextBinsOptions) {
    requireFunction("make", make);
    requireOptions("options", options, ["bins", "range"]);
    const { bins, range } = options;
    requireInteger("bins", bins, { min: 1, max: 1e6 });
    [this.#low, this.#high] = requireContextRange(range);
    this.#bandits = Array.from({ length: bins }, (_, bin) => {
      const bandit = make(bin);
      if (!(bandit?.actions instanceof Float64Array)) {
        throw new TypeError(`\`make\` must return a bandit, got ${describeValue(bandit)}`);
      }
      return bandit;
    });
    this.actions = this.#bandits[0].actions;
    for (const { actions } of this.#bandits) {
      if (actions.length === this.actions.length && actions.every((x, i) => x === this.actions[i])) continue;
      throw new RangeError(
        `\`make\` must give every bin the same actions, got ${actions} and ${this.actions}`,
      );
    }
  }

  /**
   * With what probability each action would be drawn next at a context.
   *
   * @throws {RangeError} if the context is out of range. @throws {TypeError} if it is not a number.
   */
  probabilities(context: number): Float64Array {
    return this.#at(context).probabilities();
  }

  /**
   * Draws an action.
   *
   * @throws {RangeError} if the context is out of range. @throws {TypeError} if it is not a number.
   */
  predict(context: number): number {
    this.#pending = this.#at(context);
    return this.#pending.predict();
  }

  /**
   * Ends the round with the cost of the action that was drawn.
   *
   * @throws {RangeError} if the bandit of the bin refuses the cost. @throws {TypeError} if it is not a
   * number.
   * @throws {Error} if no action was drawn.
   */
  update(cost: number): void {
    requireNumber("cost", cost);
    if (this.#pending === undefined) throw new Error("`update` must follow `predict`: no action was drawn");
    this.#pending.update(cost);
    this.#pending = undefined;
  }

  #at(context: number): Bandit {
    requireNumber("context", context, { min: this.#low, max: this.#high });
    const share = (context - this.#low) / (this.#high - this.#low);
    return this.#bandits[Math.min(Math.floor(share * this.#bandits.length), this.#bandits.length - 1)];
  }
}
