import { describeValue, requireInteger, requireNumber, requireString } from "../arrays/mod.ts";
import { summarizeBy } from "../statistics/mod.ts";

/** One training run of a comparison at tuned learning rates. */
export interface TunedRun {
  /** Name of the optimizer. */
  optimizer: string;
  /** Learning rate of this run. */
  learningRate: number;
  /** Seed of this run. */
  seed: number;
  /** Final loss; NaN or infinite for a run that diverged. */
  loss: number;
}

/** An optimizer at its best learning rate. */
export interface TunedOptimizer {
  /** Name of the optimizer. */
  optimizer: string;
  /** The rate whose final losses have the smallest mean. */
  learningRate: number;
  /** Mean of the final losses at that rate. */
  mean: number;
  /** Sample standard deviation of them over seeds; 0 for one seed. */
  sd: number;
  /** Final losses at that rate, in the order of the runs. */
  losses: number[];
  /**
   * True if that rate is the smallest or the largest that was tried: the optimum may lie outside of the grid.
   */
  atEdge: boolean;
}

/**
 * Chooses each optimizer's learning rate by the mean final loss over seeds, as a fair comparison of
 * optimizers needs. A rate with a run that diverged is never chosen.
 *
 * @param runs Every run of the grid, in any order.
 * @returns One entry per optimizer, in the order in which they first appear.
 * @throws {RangeError} if there are no runs, a learning rate is not finite, or an optimizer diverged at every
 * rate.
 * @throws {TypeError} if a run lacks a name, a rate or a loss.
 *
 * @example
 * ```ts
 * import { tuneLearningRates } from "refigure/training";
 * import { assertEquals } from "@std/assert";
 *
 * const [sgd] = tuneLearningRates([
 *   { optimizer: "SGD", learningRate: 0.1, seed: 0, loss: 3 },
 *   { optimizer: "SGD", learningRate: 0.2, seed: 0, loss: 1 },
 *   { optimizer: "SGD", learningRate: 0.2, seed: 1, loss: 2 },
 *   { optimizer: "SGD", learningRate: 0.4, seed: 0, loss: 9 },
 * ]);
 * assertEquals([sgd.learningRate, sgd.mean, sgd.atEdge], [0.2, 1.5, false]);
 * ```
 */
export function tuneLearningRates(runs: readonly TunedRun[]): TunedOptimizer[] {
  if (!Array.isArray(runs)) throw new TypeError(`\`runs\` must be an array, got ${describeValue(runs)}`);
  requireInteger("runs.length", runs.length, { min: 1 });
  runs.forEach((run, i) => {
    requireString(`runs[${i}].optimizer`, run?.optimizer);
    requireNumber(`runs[${i}].learningRate`, run.learningRate);
    requireNumber(`runs[${i}].loss`, run.loss, { finite: false });
  });
  const diverged = new Set(
    runs.filter(({ loss }) => !Number.isFinite(loss)).map((run) => settingOf(run)),
  );
  const settled = runs.filter((run) => !diverged.has(settingOf(run)));
  const groups = summarizeBy(settled, ["optimizer", "learningRate"], "loss");
  return [...new Set(runs.map(({ optimizer }) => optimizer))].map((optimizer) => {
    const own = groups.filter((group) => group.optimizer === optimizer);
    if (own.length === 0) throw new RangeError(`${optimizer} diverged at every learning rate that was tried`);
    const best = own.reduce((a, b) => b.mean < a.mean ? b : a);
    const tried = runs.filter((run) => run.optimizer === optimizer).map(({ learningRate }) => learningRate);
    const smallest = tried.reduce((a, b) => Math.min(a, b));
    const largest = tried.reduce((a, b) => Math.max(a, b));
    const losses = settled.filter((run) => settingOf(run) === settingOf(best)).map(({ loss }) => loss);
    return {
      optimizer,
      learningRate: best.learningRate,
      mean: best.mean,
      sd: best.sd,
      losses,
      atEdge: best.learningRate === smallest || best.learningRate === largest,
    };
  });
}

function settingOf({ optimizer, learningRate }: { optimizer: string; learningRate: number }): string {
  return JSON.stringify([optimizer, learningRate]);
}
