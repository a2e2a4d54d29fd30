import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import {
  BSplineDense,
  GroupRational,
  groupRational,
  GroupRationalDense,
  KatBlock,
  KatMlp,
} from "../../lib/kan/layers/mod.ts";
import { PADE_FORMS, type PadeForm } from "../../lib/kan/mod.ts";
// Registers the backend "native".
import "../../lib/tfjs/mod.ts";
import { warningsOf } from "../optimizers/warnings_of.ts";

await tf.setBackend("cpu");

const BACKENDS = ["cpu", "native"] as const;

const normal = (rng: Rng, shape: number[], scale = 1) =>
  tf.tensor(Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1), scale)), shape);

/** Largest difference over the largest value. */
function relative(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]);
}

/** The rational composed of tensor operations, whose gradients are tfjs's own. */
function composed(x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, form: PadeForm): tf.Tensor {
  const width = x.shape.at(-1)! / b.shape[0];
  const coefficient = (j: number) => {
    const column = tf.slice(b as tf.Tensor2D, [0, j], [b.shape[0], 1]);
    return tf.reshape(tf.tile(column, [1, width]), [x.shape.at(-1)!]);
  };
  const power = (k: number): tf.Tensor => k === 0 ? tf.onesLike(x) : tf.mul(x, power(k - 1));
  const terms = [0, 1, 2, 3].map((j) => tf.mul(coefficient(j), power(j + 1)));
  const numerator = tf.addN(
    [0, 1, 2, 3, 4, 5].map((i) => tf.mul(tf.slice(a as tf.Tensor1D, [i], [1]), power(i))),
  );
  const sum = form === "abs-of-sum" ? tf.abs(tf.addN(terms)) : tf.addN(terms.map((term) => tf.abs(term)));
  return tf.div(numerator, tf.add(1, sum));
}

for (const backend of BACKENDS) {
  Deno.test(`groupRational on ${backend}: values and gradients of composed operations`, async () => {
    await tf.setBackend(backend);
    for (const form of PADE_FORMS) {
      for (const [shape, groups] of [[[4, 6], 3], [[2, 3, 8], 8], [[5], 1]] as [number[], number][]) {
        const rng = new Rng(groups);
        const [x, a, b] = [normal(rng, shape), normal(rng, [6]), normal(rng, [groups, 4])];
        const weight = normal(rng, shape);
        const ours = (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => groupRational(x, a, b, { form });
        const theirs = (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => composed(x, a, b, form);
        assert(relative(ours(x, a, b), theirs(x, a, b)) < 1e-5);
        const gradients = (f: typeof ours) =>
          tf.grads((x, a, b) => tf.sum(tf.mul(weight, f(x, a, b))))([x, a, b]);
        const expected = gradients(theirs);
        gradients(ours).forEach((gradient, i) =>
          assert(relative(gradient, expected[i]) < 2e-4, `${form} ${i}`)
        );
      }
    }
  });

  Deno.test(`layers on ${backend}: a saved model gives the same`, async () => {
    await tf.setBackend(backend);
    const input = tf.input({ shape: [4, 16] });
    const layers = [
      new GroupRational({ groups: 4, init: "tanh", form: "sum-of-abs" }),
      new GroupRationalDense({ units: 8, groups: 2, kernelInit: "lecun", seed: 3 }),
      new KatMlp({ hidden: 24, groups: 8, seed: 4 }),
      new KatBlock({ heads: 2, groups: 4, hidden: 16, kernelInit: 0.02 }),
      new KatBlock({ heads: 4, activation: "gelu", seed: 2 }),
      new KatBlock({ heads: 4, activation: "silu" }),
      new BSplineDense({ units: 5, intervals: 4, order: 2 }),
    ];
    const output = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    const model = tf.model({ inputs: input, outputs: output });
    const x = normal(new Rng(1), [3, 4, 16], 0.5);
    const expected = model.predict(x) as tf.Tensor;
    assertEquals(expected.shape, [3, 4, 5]);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assertEquals((again.predict(x) as tf.Tensor).dataSync(), expected.dataSync());
  });

  Deno.test(`layers on ${backend}: every weight has a gradient, and training leaks no tensors`, async () => {
    await tf.setBackend(backend);
    const model = tf.sequential({
      layers: [
        new GroupRationalDense({ units: 16, groups: 2, init: "identity", inputShape: [2] }),
        new GroupRationalDense({ units: 16, seed: 1 }),
        new GroupRationalDense({ units: 1, seed: 2 }),
      ],
    });
    const rng = new Rng(7);
    const points = Float32Array.from({ length: 400 }, () => rng.uniform(-1, 1));
    const x = tf.tensor2d(points, [200, 2]);
    const y = tf.tidy(() => {
      const [first, second] = tf.split(x, 2, 1);
      return tf.exp(tf.add(tf.sin(tf.mul(Math.PI, first)), tf.square(second)));
    });
    model.compile({ optimizer: tf.train.adam(5e-3), loss: "meanSquaredError" });
    const before = model.getWeights().map((weight) => weight.dataSync());
    const options = { batchSize: 200, verbose: 0, shuffle: false } as const;
    const { history } = await model.fit(x, y, { ...options, epochs: 150 });
    const first = history.loss[0] as number;
    const last = history.loss.at(-1) as number;
    assert(last < 0.02 * first, `${first} -> ${last}`);
    model.getWeights().forEach((weight, i) => {
      assert(weight.dataSync().some((value, k) => value !== before[i][k]), `weight ${i} did not move`);
    });
    const count = tf.memory().numTensors;
    await model.fit(x, y, { ...options, epochs: 3 });
    assertEquals(tf.memory().numTensors, count);
  });

  Deno.test(`KatBlock on ${backend}: gradients of all weights and of the input`, async () => {
    await tf.setBackend(backend);
    const block = new KatBlock({ heads: 2, groups: 4 });
    const x = normal(new Rng(2), [2, 3, 8]);
    block.apply(x);
    const weight = normal(new Rng(3), [2, 3, 8]);
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(weight, block.apply(x) as tf.Tensor)) as tf.Scalar;
    const { grads } = tf.variableGrads(() => loss(x));
    assertEquals(Object.keys(grads).length, 16);
    for (const gradient of Object.values(grads)) {
      assert(gradient.dataSync().every(Number.isFinite));
    }
    const slope = tf.grad(loss)(x).dataSync();
    const values = x.dataSync();
    for (const i of [0, 11, 40]) {
      const at = (step: number) =>
        tf.tidy(() =>
          loss(tf.tensor(Float32Array.from(values).with(i, values[i] + step), x.shape)).dataSync()[0]
        );
      assertAlmostEquals((at(1e-2) - at(-1e-2)) / 2e-2, slope[i], 5e-3 * Math.max(1, Math.abs(slope[i])));
    }
  });
}

Deno.test("B-spline layer: gradients of input and weights against differences", async () => {
  await tf.setBackend("cpu");
  const layer = new BSplineDense({ units: 2, intervals: 4, order: 3 });
  const x = normal(new Rng(8), [5, 3], 0.4);
  const weight = normal(new Rng(9), [5, 2]);
  const loss = (x: tf.Tensor) => tf.sum(tf.mul(weight, layer.apply(x) as tf.Tensor)) as tf.Scalar;
  loss(x);
  const slope = tf.grad(loss)(x).dataSync();
  const values = x.dataSync();
  values.forEach((value, i) => {
    const at = (step: number) =>
      loss(tf.tensor(values.map((v, k) => k === i ? value + step : v), x.shape)).dataSync()[0];
    assertAlmostEquals((at(1e-2) - at(-1e-2)) / 2e-2, slope[i], 2e-2);
  });
});

Deno.test("KatMlp keeps the second moment of a normal input; 0.02 and lecun do not", async () => {
  await tf.setBackend("native");
  const x = normal(new Rng(0), [512, 64]);
  const moment = (kernelInit: "variance-preserving" | "lecun" | number) => {
    const layer = new KatMlp({ kernelInit, seed: 1 });
    return tf.tidy(() => tf.mean(tf.square(layer.apply(x) as tf.Tensor)).dataSync()[0]);
  };
  assertAlmostEquals(moment("variance-preserving"), 1, 0.15);
  assertAlmostEquals(moment("lecun"), 0.354, 0.05);
  assert(moment(0.02) < 0.01);
});

Deno.test("bad layers and tensors are refused", async () => {
  await tf.setBackend("cpu");
  const zeros = { a: tf.zeros([6]), b: tf.zeros([2, 4]) };
  const cases: [ErrorConstructor, string, () => unknown][] = [
    [
      RangeError,
      "multiple of the number of groups 2, got 3",
      () => groupRational(tf.zeros([3]), zeros.a, zeros.b),
    ],
    [
      RangeError,
      "`numerator` must be [6], got [5]",
      () => groupRational(tf.zeros([4]), tf.zeros([5]), zeros.b),
    ],
    [
      RangeError,
      "`denominator` must be [groups, 4]",
      () => groupRational(tf.zeros([4]), zeros.a, tf.zeros([8])),
    ],
    [RangeError, "got a scalar", () => groupRational(tf.scalar(1), zeros.a, zeros.b)],
    [
      RangeError,
      "`coefficients.numerator` must be finite",
      () => groupRational(tf.zeros([4]), tf.fill([6], NaN), zeros.b),
    ],
    [TypeError, "`x` must be a tensor", () => groupRational([1] as never, zeros.a, zeros.b)],
    [TypeError, "`x` must be of type float32", () => groupRational(tf.zeros([4], "int32"), zeros.a, zeros.b)],
    [
      TypeError,
      '"abs-of-sum" or',
      () => groupRational(tf.zeros([4]), zeros.a, zeros.b, { form: "x" as never }),
    ],
    [
      RangeError,
      "multiple of the number of groups 8, got 12",
      () => new GroupRational().apply(tf.zeros([2, 12])),
    ],
    [TypeError, '`init` must be "identity"', () => new GroupRational({ init: "mish" as never })],
    [RangeError, "`groups`", () => new GroupRational({ groups: 0 })],
    [TypeError, 'no option "group"', () => new GroupRational({ group: 2 } as never)],
    [RangeError, "`units`", () => new GroupRationalDense({ units: 0 })],
    [TypeError, "`kernelInit`", () => new KatMlp({ kernelInit: "he" as never })],
    [RangeError, "`kernelInit`", () => new KatMlp({ kernelInit: -1 })],
    [RangeError, "number of heads 3, got 16", () => new KatBlock({ heads: 3 }).apply(tf.zeros([1, 2, 16]))],
    [RangeError, "[batch, tokens, channels]", () => new KatBlock({ heads: 1 }).apply(tf.zeros([2, 8]))],
    [TypeError, "`activation`", () => new KatBlock({ heads: 1, activation: "relu" as never })],
    [RangeError, "`order`", () => new BSplineDense({ units: 1, order: 0 })],
    [RangeError, "`seed`", () => new KatMlp({ seed: 0.5 })],
  ];
  for (const [Class, message, run] of cases) assertThrows(run, Class, message, String(run));
  assertEquals(
    warningsOf(() => new GroupRational({ init: "swishglu", form: "sum-of-abs" }).apply(tf.zeros([1, 8])))
      .length,
    1,
  );
});
