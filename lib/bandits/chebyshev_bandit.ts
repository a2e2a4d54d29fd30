import { requireInstance, requireInteger, requireNumber, requireOptions, Rng } from "../arrays/mod.ts";
import { polynomialEvaluator } from "../polynomials/mod.ts";
import {
  type Bandit,
  drawIndex,
  requireActions,
  requireContextRange,
  requireCost,
  requireLeastCost,
} from "./bandit.ts";
import { NormalEquations } from "./box_least_squares.ts";

/** Options of {@linkcode ChebyshevBandit}. */
export interface ChebyshevBanditOptions {
  /** Smallest and largest context. */
  range: readonly [low: number, high: number];
  /** Draws the actions. */
  rng: Rng;
  /** Highest degree of the polynomials. Default 5. */
  degree?: number;
  /** A lower bound of the costs. Default 1, that of a number of iterations. */
  leastCost?: number;
}

/**
 * ChebCB, a bandit for costs that depend smoothly on a context (Khodak, Chow, Balcan & Talwalkar 2024,
 * "Learning to relax"). The costs of each action are fitted by Chebyshev polynomials of the context, by least
 * squares within the bounds that the coefficients of a Lipschitz function obey. The action with the lowest
 * prediction is the most likely one, and the others are drawn by the inverse gaps of their predictions
 * (Foster & Rakhlin 2020, "Beyond UCB"), ever more rarely as the fit becomes better.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { ChebyshevBandit } from "refigure/bandits";
 * import { assert } from "@std/assert";
 *
 * // The best action is the one that is nearest to the context.
 * const rng = new Rng(1);
 * const bandit = new ChebyshevBandit([0, 0.5, 1], { range: [0, 1], rng: rng.split("bandit") });
 * for (let t = 0; t < 1000; t++) {
 *   const context = rng.uniform();
 *   bandit.update(10 + 5 * (bandit.predict(context) - context) ** 2);
 * }
 * const costs = bandit.predictedCosts(0.9);
 * assert(costs[2] < costs[1] && costs[1] < costs[0]);
 * assert(bandit.probabilities(0.9)[2] > 0.5);
 * ```
 */
export class ChebyshevBandit implements Bandit {
  /** What can be chosen. */
  readonly actions: Float64Array;
  readonly #low: number;
  readonly #high: number;
  readonly #rng: Rng;
  readonly #leastCost: number;
  readonly #size: number;
  readonly #evaluate: (x: number) => Float64Array;
  /** Of each action: the rounds in which it was drawn, the costs being what is above the bound. */
  readonly #rounds: NormalEquations[];
  /** Of each action: the least squares without bounds, not divided by the scale. */
  readonly #free: Float64Array[];
  /** Of each action: the coefficients, of costs above the bound divided by the scale. */
  readonly #theta: Float64Array[];
  #round = 1;
  #exploitation = 0;
  #largest = 0;
  /** Sums over the rounds of squared predictions, predictions times costs, and squared costs. */
  readonly #sums = { predictions: 0, products: 0, costs: 0 };
  #pending: { index: number; features: Float64Array; prediction: number } | undefined;

  /**
   * A bandit in its first round: all actions are equally likely.
   *
   * @param actions What can be chosen.
   * @param options Range of contexts and source of random numbers; degree; bound of the costs.
   * @throws {RangeError} if there is no action, the range is empty, or a number is out of range or not
   * finite.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  constructor(actions: ArrayLike<number>, options: ChebyshevBanditOptions) {
    this.actions = requireActions(actions);
    requireOptions("options", options, ["range", "rng", "degree", "leastCost"]);
    const { range, rng, degree = 5, leastCost = 1 } = options;
    [this.#low, this.#high] = requireContextRange(range);
    this.#rng = requireInstance("rng", rng, Rng);
    this.#size = requireInteger("degree", degree, { max: 100 }) + 1;
    this.#leastCost = requireLeastCost(leastCost);
    this.#evaluate = polynomialEvaluator("chebyshev", this.#size);
    const perAction = <T>(make: () => T) => Array.from(this.actions, make);
    this.#rounds = perAction(() => new NormalEquations(this.#size));
    this.#free = perAction(() => new Float64Array(this.#size));
    this.#theta = perAction(() => new Float64Array(this.#size));
  }

  /**
   * The costs of all actions at a context, as they are fitted now.
   *
   * @throws {RangeError} if the context is out of range. @throws {TypeError} if it is not a number.
   */
  predictedCosts(context: number): Float64Array {
    return this.#predictions(this.#features(context)).map((y) => this.#leastCost + this.#scale() * y);
  }

  /**
   * With what probability each action would be drawn next at a context.
   *
   * @throws {RangeError} if the context is out of range. @throws {TypeError} if it is not a number.
   */
  probabilities(context: number): Float64Array {
    return this.#probabilities(this.#predictions(this.#features(context)));
  }

  /**
   * Draws an action. It replaces one that was drawn before and has no cost yet.
   *
   * @throws {RangeError} if the context is out of range. @throws {TypeError} if it is not a number.
   */
  predict(context: number): number {
    const features = this.#features(context);
    const predictions = this.#predictions(features);
    const index = drawIndex(this.#probabilities(predictions), this.#rng);
    this.#pending = { index, features, prediction: predictions[index] };
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
    const { index, features, prediction } = this.#pending;
    this.#pending = undefined;
    const above = cost - this.#leastCost;
    this.#rounds[index].add(features, above);
    this.#free[index] = this.#rounds[index].leastNorm();
    // The constants below are for costs of at least 1, such as iterations.
    const full = above + 1;
    const grows = full > this.#largest;
    this.#largest = Math.max(this.#largest, full);
    let residual = 0;
    for (let i = 0; i < this.actions.length; i++) {
      if (grows || i === index) {
        const lost = this.#fit(i);
        if (i === index) residual = lost;
      }
    }

    const sums = this.#sums;
    sums.predictions += prediction ** 2;
    sums.products += prediction * full;
    sums.costs += full ** 2;
    const t = this.#round++;
    const scale = this.#scale();
    const regression = sums.predictions - 2 * sums.products / scale + sums.costs / scale ** 2;
    // How well polynomials of this degree approximate a function with that Lipschitz constant.
    const m = this.#size;
    const alpha = (Math.PI + 2 / Math.PI * Math.log(2 * m + 1)) / (2 * scale * (m + 1)) * this.#largest;
    const approximation = 2 * alpha ** 2 * t;
    const excess = regression - residual + approximation;
    const d = this.actions.length;
    this.#exploitation = 2 * t * Math.sqrt(d * t / (excess > 0 ? excess : approximation));
  }

  /** `N = 2 + 4 (1 + ln m)`: a Chebyshev series with these coefficients is within [-N, N] / N. */
  #norm(): number {
    return 2 + 4 * (1 + Math.log(this.#size));
  }

  #scale(): number {
    return Math.max(1, this.#largest) * this.#norm();
  }

  /** Fits an action's coefficients; returns the squared residual if the bounds matter, else 0. */
  #fit(index: number): number {
    const scale = this.#scale();
    const theta = this.#free[index].map((value) => value / scale);
    const N = this.#norm();
    const bounds = theta.map((_, j) => j === 0 ? 1 / N : 2 / (N * j));
    this.#theta[index] = theta;
    if (theta.every((value, j) => Math.abs(value) <= bounds[j])) return 0;
    this.#rounds[index].boxed(theta, bounds, scale);
    return this.#rounds[index].residual(theta, scale);
  }

  /** `T_0, T_1, ...` at a context. */
  #features(context: number): Float64Array {
    requireNumber("context", context, { min: this.#low, max: this.#high });
    const x = 2 * ((context - this.#low) / (this.#high - this.#low)) - 1;
    // Those of norm 1 are sqrt(2) T_j.
    return this.#evaluate(x).map((value, j) => j === 0 ? value : value * Math.SQRT1_2);
  }

  #predictions(features: Float64Array): Float64Array {
    return Float64Array.from(
      this.#theta,
      (theta) => theta.reduce((sum, value, j) => sum + value * features[j], 0),
    );
  }

  #probabilities(predictions: Float64Array): Float64Array {
    const d = predictions.length;
    let best = 0;
    for (let i = 1; i < d; i++) if (predictions[i] < predictions[best]) best = i;
    const p = predictions.map((y) => 1 / (d + this.#exploitation * (y - predictions[best])));
    p[best] = 1;
    for (let i = 0; i < d; i++) if (i !== best) p[best] -= p[i];
    return p;
  }
}
