import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type TunedRun, tuneLearningRates } from "../../lib/training/tuning.ts";

const runs = (optimizer: string, losses: Record<number, number[]>): TunedRun[] =>
  Object.entries(losses).flatMap(([rate, values]) =>
    values.map((loss, seed) => ({ optimizer, learningRate: Number(rate), seed, loss }))
  );

Deno.test("tuneLearningRates: the best mean wins, not the best run, and optimizers are apart", () => {
  const [b, a] = tuneLearningRates([
    ...runs("B", { 0.1: [5, 5], 0.2: [2, 4], 0.4: [1, 9] }),
    ...runs("A", { 0.2: [1, 1], 0.1: [2, 2] }),
  ]);
  assertEquals([b.optimizer, b.learningRate, b.mean, b.losses, b.atEdge], ["B", 0.2, 3, [2, 4], false]);
  assertAlmostEquals(b.sd, Math.SQRT2, 1e-15);
  assertEquals([a.optimizer, a.learningRate, a.sd, a.atEdge], ["A", 0.2, 0, true]);
});

Deno.test("tuneLearningRates: a rate at which one seed diverged is not chosen", () => {
  const [tuned] = tuneLearningRates(runs("SGD", { 0.1: [3, 3], 0.2: [0.1, Infinity], 0.4: [NaN, NaN] }));
  assertEquals([tuned.learningRate, tuned.atEdge], [0.1, true]);
  assertThrows(
    () => tuneLearningRates(runs("SGD", { 1: [Infinity] })),
    RangeError,
    "SGD diverged at every learning rate",
  );
  assertThrows(() => tuneLearningRates([]), RangeError, "runs.length");
});
