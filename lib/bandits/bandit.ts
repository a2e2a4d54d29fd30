import { requireNumber, requireNumbers, type Rng } from "../arrays/mod.ts";

/**
 * Chooses one of some actions in each round. A round is one call of `predict`, then one of `update` with the
 * cost of that action; costs of other actions stay unknown.
 */
export interface Bandit {
  /** What can be chosen. */
  readonly actions: Float64Array;
  /**
   * Draws an action from {@linkcode Bandit.probabilities}.
   *
   * @param context What is known of the round beforehand; of no meaning to a bandit without contexts.
   * @returns One of `actions`.
   */
  predict(context?: number): number;
  /**
   * Ends the round.
   *
   * @param cost The cost of the action that was drawn last.
   */
  update(cost: number): void;
  /** With what probability each action would be drawn next. */
  probabilities(context?: number): Float64Array;
}

/** A copy of the actions. @throws {RangeError} if there are none, or one is not finite. */
export function requireActions(actions: ArrayLike<number>): Float64Array {
  requireNumbers("actions", actions, { finite: true });
  if (actions.length === 0) throw new RangeError("`actions` must have at least one number, got none");
  return Float64Array.from(actions);
}

/** Costs beyond this are refused: their squares, summed over the rounds, must not overflow. */
const LARGEST_COST = 1e100;

/** @throws {RangeError} unless it is a number from `leastCost` to 1e100. */
export function requireCost(cost: number, leastCost: number): void {
  requireNumber("cost", cost, { min: leastCost, max: LARGEST_COST });
}

/** @throws {RangeError} unless it is a number from -1e100 to 1e100. */
export function requireLeastCost(leastCost: number): number {
  return requireNumber("leastCost", leastCost, { min: -LARGEST_COST, max: LARGEST_COST });
}

/** The ends of an interval of contexts. @throws {RangeError} unless they are finite and ascending. */
export function requireContextRange(range: readonly [number, number]): [number, number] {
  requireNumbers("range", range, { length: 2, finite: true });
  const [low, high] = range;
  if (!(low < high) || !Number.isFinite(high - low)) {
    throw new RangeError(`\`range\` must be two ascending numbers, got [${low}, ${high}]`);
  }
  return [low, high];
}

/** The index that a draw from weights gives; they need not sum to 1. */
export function drawIndex(weights: Float64Array, rng: Rng): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  let rest = rng.uniform() * sum;
  let chosen = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] > 0)) continue;
    chosen = i;
    rest -= weights[i];
    if (rest < 0) break;
  }
  return chosen;
}
