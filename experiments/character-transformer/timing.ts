import { median } from "simple-statistics";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { matricesTo, TransformationOptimizer } from "../../lib/optimizers/mod.ts";
import { TextTraining } from "../../lib/training/text_training.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import { contestants } from "./optimizers.ts";

/** Steps that are not counted. */
const WARM_UP = 22;

/**
 * What a training step costs with each optimizer on this machine, in milliseconds: the medians of steps that
 * all of them take in turn, on one thread, with the model of the laptop preset.
 *
 * @param rounds Steps of each, after those that are not counted: ROOT fits its coefficients in the first
 * twenty.
 */
export async function stepMilliseconds(rounds = 15): Promise<Record<string, number>> {
  await useBestBackend({ verbose: false });
  setBlasThreads(1);
  const trainings = contestants.map(({ name, learningRate, make }) => ({
    name,
    samples: [] as number[],
    training: new TextTraining({
      optimizer: new TransformationOptimizer(matricesTo(make(learningRate))),
      rng: new Rng(0),
    }),
  }));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const { samples, training } of trainings) {
      const start = performance.now();
      training.step();
      if (round >= 0) samples.push(performance.now() - start);
    }
  }
  for (const { training } of trainings) training[Symbol.dispose]();
  return Object.fromEntries(trainings.map(({ name, samples }) => [name, median(samples)]));
}
