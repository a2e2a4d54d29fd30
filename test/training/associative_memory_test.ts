import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Rng } from "refigure/arrays";
import { adamwUpdates, chain, momentum, muonUpdates, scaleByLearningRate } from "refigure/optimizers";
import { associativeMemory, type MemoryPoint } from "refigure/training";

const run = (
  rotated: boolean | number,
  optimizer = muonUpdates({ learningRate: 0.1 }),
  facts = 12,
) => associativeMemory({ optimizer, rotated, facts, steps: 20, rng: new Rng(4) });

const largestDifference = (a: MemoryPoint[], b: MemoryPoint[]) =>
  Math.max(
    ...a.map(({ meanLoss, tailLoss }, i) =>
      Math.max(Math.abs(meanLoss - b[i].meanLoss), Math.abs(tailLoss - b[i].tailLoss))
    ),
  );

Deno.test("equivariant optimizers see no rotation by any angle; Adam does", () => {
  const sgd = () => chain(momentum(), scaleByLearningRate(3));
  const adam = () => adamwUpdates({ learningRate: 0.01 });
  for (const facts of [12, 13]) {
    for (const angle of [true, 17, 45, 90]) {
      assertLess(largestDifference(run(angle, undefined, facts), run(false, undefined, facts)), 1e-10);
      assertLess(largestDifference(run(angle, sgd(), facts), run(false, sgd(), facts)), 1e-12);
    }
  }
  assertLess(1e-3, largestDifference(run(45, adam()), run(false, adam())));
  assertEquals(run(0, adam()), run(false, adam()));
});

Deno.test("points come with the loss of every fact, the mean weighted by 1 / rank", () => {
  const harmonic = [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, k) => sum + 1 / k, 0);
  let calls = 0;
  associativeMemory({
    optimizer: scaleByLearningRate(3),
    facts: 8,
    steps: 5,
    rng: new Rng(0),
    onPoint({ step, meanLoss, tailLoss }, losses) {
      assertEquals(step, calls++);
      assertAlmostEquals(
        losses.reduce((sum, loss, k) => sum + loss / (k + 1), 0) / harmonic,
        meanLoss,
        1e-13,
      );
      assertAlmostEquals((losses[6] + losses[7]) / 2, tailLoss, 1e-13);
    },
  });
  assertEquals(calls, 6);
});

Deno.test("bad options are named", () => {
  const optimizer = scaleByLearningRate(1);
  const rng = new Rng(0);
  assertThrows(() => associativeMemory({ optimizer, facts: 3, rng }), RangeError, "`facts`");
  assertThrows(() => associativeMemory({ optimizer, rotated: NaN, rng }), RangeError, "`rotated`");
});
