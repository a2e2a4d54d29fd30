import {
  requireInstance,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  Rng,
} from "../arrays/mod.ts";
import { type Bandit, drawIndex, requireActions, requireCost, requireLeastCost } from "./bandit.ts";

/**
 * How the probabilities of {@linkcode TsallisInf} are solved for:
 *
 * | name | start and steps |
 * | --- | --- |
 * | `safeguarded` | where the probabilities sum to at least 1, until they sum to 1 |
 * | `official` | -1 and 20 steps, as in the code of Khodak et al.; it misses the root after some rounds |
 */
export type TsallisNewton = "safeguarded" | "official";

/** The names of {@linkcode TsallisNewton}. */
export const tsallisNewtons: readonly TsallisNewton[] = ["safeguarded", "official"];

/** Options of {@linkcode TsallisInf}. */
export interface TsallisInfOptions {
  /** Draws the actions. */
  rng: Rng;
  /** A lower bound of the costs. Default 1, that of a number of iterations. */
  leastCost?: number;
  /** How the probabilities are solved for. Default "safeguarded". */
  newton?: TsallisNewton;
}

/**
 * Tsallis-INF, a bandit without contexts whose regret to the best single action grows like the square root of
 * the rounds, whether costs are random or chosen by an adversary (Zimmert & Seldin 2021, "Tsallis-INF: an
 * optimal algorithm for stochastic and adversarial bandits"). In round t, with the estimated total costs L,
 *
 *     p_i = 4 / (eta (L_i / s - x))^2,  eta = 2 / sqrt(t),  x < min L / s such that they sum to 1,
 *
 * and the cost c of the action i that is drawn adds `(c - leastCost) / p_i` to `L_i`. The scale s is the mean
 * of `c - leastCost` so far (Khodak, Chow, Balcan & Talwalkar 2024, "Learning to relax"), so that costs may
 * have any size.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { TsallisInf } from "refigure/bandits";
 * import { assert } from "@std/assert";
 *
 * // Cost 20 + (action - 3)^2 with noise: the best action is 3.
 * const rng = new Rng(1);
 * const bandit = new TsallisInf([1, 2, 3, 4, 5], { rng: rng.split("bandit") });
 * for (let t = 0; t < 2000; t++) {
 *   const action = bandit.predict();
 *   bandit.update(20 + (action - 3) ** 2 + rng.uniform());
 * }
 * const p = bandit.probabilities();
 * assert(p[2] > p[0] && p[2] > p[4]);
 * ```
 */
export class TsallisInf implements Bandit {
  /** What can be chosen. */
  readonly actions: Float64Array;
  readonly #rng: Rng;
  readonly #leastCost: number;
  readonly #newton: TsallisNewton;
  readonly #totals: Float64Array;
  #round = 1;
  #sum = 0;
  #pending: { index: number; probability: number } | undefined;

  /**
   * A bandit in its first round: all actions are equally likely.
   *
   * @param actions What can be chosen.
   * @param options The source of random numbers; bound of the costs; solver.
   * @throws {RangeError} if there is no action, or a number is not finite.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  constructor(actions: ArrayLike<number>, options: TsallisInfOptions) {
    this.actions = requireActions(actions);
    requireOptions("options", options, ["rng", "leastCost", "newton"]);
    const { rng, leastCost = 1, newton = "safeguarded" } = options;
    this.#rng = requireInstance("rng", rng, Rng);
    this.#leastCost = requireLeastCost(leastCost);
    this.#newton = requireOneOf("newton", newton, tsallisNewtons);
    this.#totals = new Float64Array(this.actions.length);
  }

  /** With what probability each action would be drawn next; `official` ones may not sum to 1. */
  probabilities(): Float64Array {
    const scale = this.#scale();
    return tsallisProbabilities(this.#totals.map((total) => total / scale), 2 / Math.sqrt(this.#round), {
      newton: this.#newton,
    });
  }

  /** Draws an action. It replaces one that was drawn before and has no cost yet. */
  predict(): number {
    let weights = this.probabilities();
    // Where the official steps meet a pole, all actions are equally likely, as in that code.
    if (!Number.isFinite(weights.reduce((a, b) => a + b))) {
      weights = new Float64Array(weights.length).fill(1 / weights.length);
    }
    const index = drawIndex(weights, this.#rng);
    this.#pending = { index, probability: weights[index] };
    return this.actions[index];
  }

  /**
   * Ends the round with the cost of the action that was drawn.
   *
   * @throws {RangeError} if the cost is not a number from `leastCost` to 1e100.
   * @throws {TypeError} if it is not a number.
   * @throws {Error} if no action was drawn.
   */
  update(cost: number): void {
    requireCost(cost, this.#leastCost);
    if (this.#pending === undefined) throw new Error("`update` must follow `predict`: no action was drawn");
    const { index, probability } = this.#pending;
    this.#totals[index] += (cost - this.#leastCost) / probability;
    this.#sum += cost - this.#leastCost;
    this.#round++;
    this.#pending = undefined;
  }

  /** The mean of the costs above the bound; 1 before there is one, or if all are at the bound. */
  #scale(): number {
    const mean = this.#sum / Math.max(1, this.#round - 1);
    return mean > 0 ? mean : 1;
  }
}

/** Options of {@linkcode tsallisProbabilities}. */
export interface TsallisProbabilitiesOptions {
  /** How to solve. Default "safeguarded". */
  newton?: TsallisNewton;
}

/**
 * The probabilities that minimize `<p, losses> - (4 / eta) sum sqrt(p_i)`, those of {@linkcode TsallisInf}:
 * `p_i = 4 / (eta (losses_i - x))^2` with the x below all losses for which they sum to 1.
 *
 * Newton's method starts at `min losses - 2 / eta`. There the sum is at least 1, and as it is increasing and
 * convex in x, every step goes down and none beyond the root.
 *
 * @param losses Estimated total costs.
 * @param eta The learning rate.
 * @param options How to solve.
 * @returns One number per loss; with `official` they may not sum to 1, and may not be finite.
 * @throws {RangeError} if there is no loss, one is not finite, or `eta` is not positive.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { tsallisProbabilities } from "refigure/bandits";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const p = tsallisProbabilities([0, 1, 2], 1);
 * assertAlmostEquals(p[0], 0.53481434, 1e-8);
 * assertAlmostEquals(tsallisProbabilities([0, 100], 2 / Math.sqrt(50))[1], 0.00436014, 1e-8);
 * ```
 */
export function tsallisProbabilities(
  losses: ArrayLike<number>,
  eta: number,
  options: TsallisProbabilitiesOptions = {},
): Float64Array {
  requireNumbers("losses", losses, { finite: true });
  if (losses.length === 0) throw new RangeError("`losses` must have at least one number, got none");
  const values = Float64Array.from(losses);
  requireNumber("eta", eta, { above: 0 });
  requireOptions("options", options, ["newton"]);
  const { newton = "safeguarded" } = options;
  requireOneOf("newton", newton, tsallisNewtons);
  const p = new Float64Array(values.length);
  if (newton === "official") {
    let x = -1;
    for (let step = 0; step < 20; step++) x = newtonStep(values, eta, x, p);
    return p;
  }
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  const above = values.map((value) => value - least);
  let x = -2 / eta;
  for (;;) {
    const next = newtonStep(above, eta, x, p);
    // In exact arithmetic steps go down for ever; the first that does not is at the root to the last digit.
    if (!(next < x)) return p;
    x = next;
  }
}

/** One step from x; writes the probabilities at x. */
function newtonStep(losses: Float64Array, eta: number, x: number, p: Float64Array): number {
  let sum = 0;
  let slope = 0;
  for (let i = 0; i < p.length; i++) {
    const root = 2 / (eta * (losses[i] - x));
    p[i] = root * root;
    sum += p[i];
    slope += Math.abs(root) * p[i];
  }
  return x - (sum - 1) / (eta * slope);
}
