import { assertAlmostEquals, assertThrows } from "@std/assert";
import { Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { haarOrthogonal } from "refigure/linalg";
import { scaleByLearningRate } from "refigure/optimizers";
import { anisotropicQuadratic } from "refigure/training";

Deno.test("gradient descent shrinks every mode by 1 - rate / ij (closed form)", () => {
  const rng = new Rng(3);
  const rate = 0.7;
  const steps = 9;
  const outputs = 6;
  const inputs = 4;
  const { weights, target, lossRatio } = anisotropicQuadratic({
    optimizer: scaleByLearningRate(rate),
    outputs,
    inputs,
    steps,
    rng,
  });
  const q = haarOrthogonal(inputs, { rng: rng.split("rotation") });
  const start = matmul(target, q);
  const end = matmul(weights, q);
  let before = 0;
  let after = 0;
  for (let i = 0; i < outputs; i++) {
    for (let j = 0; j < inputs; j++) {
      const weight = 1 / ((i + 1) * (j + 1));
      const left = (1 - rate * weight) ** steps;
      assertAlmostEquals(end.get(i, j), start.get(i, j) * (1 - left), 1e-13);
      before += weight * start.get(i, j) ** 2;
      after += weight * (start.get(i, j) * left) ** 2;
    }
  }
  assertAlmostEquals(lossRatio, after / before, 1e-13);
});

Deno.test("sizes are checked", () => {
  const run = (size: { outputs?: number; inputs?: number; steps?: number }) => () =>
    anisotropicQuadratic({ optimizer: scaleByLearningRate(1), rng: new Rng(0), ...size });
  assertThrows(run({ outputs: 0 }), RangeError, "`outputs`");
  assertThrows(run({ inputs: 1.5 }), RangeError, "`inputs`");
  assertThrows(run({ steps: 0 }), RangeError, "`steps`");
});
