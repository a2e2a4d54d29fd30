/** Bad options, labels and NaN of the training problems. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "refigure/arrays";
import { scaleByLearningRate } from "refigure/optimizers";
import {
  addOutliers,
  anisotropicQuadratic,
  associativeMemory,
  CharacterTransformer,
  Mlp,
  TextTraining,
  trainOnDigits,
  tuneLearningRates,
} from "refigure/training";

await tf.setBackend("cpu");

const rng = () => new Rng(0);
const optimizer = scaleByLearningRate(0.1);
const widths = [3, 4, 2];
const sizes = { alphabet: 5, length: 4, width: 8, heads: 2, layers: 1 };

Deno.test("unknown options and names are refused", () => {
  const g = Matrix.identity(2);
  const model = new CharacterTransformer(sizes, { rng: rng() });
  const cases: [string, () => unknown][] = [
    ["rotated", () => associativeMemory({ optimizer, rotate: 3, rng: rng() } as never)],
    ["inputs", () => anisotropicQuadratic({ optimizer, input: 3, rng: rng() } as never)],
    ["steps", () => trainOnDigits({ optimizer, step: 3, rng: rng() } as never)],
    ["widths", () => new Mlp({ width: widths, rng: rng() } as never)],
    ["probability", () => addOutliers(g, { probabilty: 1, size: 1, rng: rng() } as never)],
    ["heads", () => new CharacterTransformer({ ...sizes, head: 2 } as never, { rng: rng() })],
    ["rng", () => new CharacterTransformer(sizes, { rgn: rng() } as never)],
    ["batch", () => new TextTraining({ optimizer: tf.train.sgd(1), batches: 3, rng: rng() } as never)],
    [
      "layers",
      () => new TextTraining({ optimizer: tf.train.sgd(1), sizes: { layer: 1 } as never, rng: rng() }),
    ],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`did you mean "${name}"`), message);
  }
  const names: [string, () => unknown][] = [
    ["`activation`", () => new Mlp({ widths, activation: "gelu" as never, rng: rng() })],
    ["`init`", () => new Mlp({ widths, init: "xavier" as never, rng: rng() })],
    ["`activation`", () => trainOnDigits({ optimizer, activation: "gelu" as never, rng: rng() })],
  ];
  for (const [name, run] of names) assertThrows(run, TypeError, `${name} must be "`);
  model.dispose();
});

Deno.test("wrong types, sizes and labels are named as the caller wrote them", () => {
  const net = new Mlp({ widths, rng: rng() });
  const x = new Rng(1).normalMatrix(2, 3);
  const wrong: [string, () => unknown][] = [
    ["`rng` must be an Rng, got 1", () => trainOnDigits({ optimizer, rng: 1 as never })],
    ["`rng` must be an Rng", () => addOutliers(Matrix.identity(2), { probability: 1, size: 1 } as never)],
    ["`matrix` must be a Matrix", () => addOutliers([1] as never, { probability: 1, size: 1, rng: rng() })],
    [
      "`rotated` must be true or false",
      () => associativeMemory({ optimizer, rotated: "yes" as never, rng: rng() }),
    ],
    ["`onPoint` must be a function", () => associativeMemory({ optimizer, onPoint: 1 as never, rng: rng() })],
    ["`corrupt` must be a function", () => trainOnDigits({ optimizer, corrupt: {} as never, rng: rng() })],
    ["`labels` must be an Int32Array", () => net.loss(x, [0, 1] as never)],
    ["`x` must be a Matrix", () => net.gradients([[1]] as never, Int32Array.of(0))],
    ["`optimizer` must be", () => new TextTraining({ optimizer: {} as never, rng: rng() })],
    ["`runs` must be an array", () => tuneLearningRates(null as never)],
    [
      "`runs[0].optimizer` must be a string",
      () => tuneLearningRates([{ learningRate: 1, seed: 0, loss: 1 } as never]),
    ],
    [
      "`runs[0].loss` must be a number",
      () => tuneLearningRates([{ optimizer: "a", learningRate: 1, seed: 0, loss: null as never }]),
    ],
  ];
  for (const [message, run] of wrong) assertThrows(run, TypeError, message);
  const outside: [string, () => unknown][] = [
    ["`x` must have 3 columns", () => net.loss(Matrix.zeros(2, 4), Int32Array.of(0, 1))],
    ["`labels` must have length 2, got 1", () => net.gradients(x, Int32Array.of(0))],
    ["`labels[1]` must be an integer from 0 to 1, got 2", () => net.errorRate(x, Int32Array.of(0, 2))],
    ["`labels[0]` must be an integer from 0 to 1, got -1", () => net.loss(x, Int32Array.of(-1, 0))],
    ["`steps`", () => associativeMemory({ optimizer, steps: 1e308, rng: rng() })],
    ["`steps`", () => trainOnDigits({ optimizer, steps: Infinity, rng: rng() })],
    ["`hidden[0]`", () => trainOnDigits({ optimizer, hidden: [0], rng: rng() })],
    [
      "`heads` must divide `width` = 8, got 3",
      () => new CharacterTransformer({ ...sizes, heads: 3 }, { rng: rng() }),
    ],
    [
      "`runs[0].learningRate`",
      () => tuneLearningRates([{ optimizer: "a", learningRate: NaN, seed: 0, loss: 1 }]),
    ],
  ];
  for (const [message, run] of outside) assertThrows(run, RangeError, message);
});

Deno.test("a NaN goes to the loss, to the gradients and to the error rate", () => {
  for (const activation of ["relu", "tanh"] as const) {
    const net = new Mlp({ widths, activation, rng: rng() });
    const x = new Rng(1).normalMatrix(3, 3);
    const labels = Int32Array.of(0, 1, 1);
    net.weights[0].data.fill(NaN);
    assert(Number.isNaN(net.loss(x, labels)));
    assert(net.gradients(x, labels).weights.every((g) => g.data.some(Number.isNaN)));
    assert(Number.isNaN(net.errorRate(x, labels)));
  }
});

Deno.test("outliers are in units of the matrix, however large", () => {
  for (const unit of [1e-200, 1, 1e200]) {
    const g = Matrix.fromRows([[1, -1], [1, -1]]).times(unit);
    assertEquals(addOutliers(g, { probability: 1, size: 100, rng: rng() }), 4);
    for (const x of g.data) assertAlmostEquals(Math.round(Math.abs(x) / unit / 100), 1, 1e-12);
  }
});

Deno.test("a grid of 200,000 runs does not overflow the stack", () => {
  const runs = Array.from({ length: 200_000 }, (_, k) => ({
    optimizer: "a",
    learningRate: 1 + k % 3,
    seed: Math.floor(k / 3),
    loss: 1 + Math.abs(k % 3 - 1),
  }));
  const [{ learningRate, atEdge }] = tuneLearningRates(runs);
  assertEquals([learningRate, atEdge], [2, false]);
});
