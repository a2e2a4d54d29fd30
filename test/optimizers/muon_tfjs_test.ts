/** Muon as tfjs sees it: what goes where, layouts, saving, and errors. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  adamwUpdates,
  type GradientTransformation,
  isHiddenMatrix,
  Muon,
  muon,
  muonUpdates,
  type Parameter,
} from "refigure/optimizers";
import { useBestBackend } from "refigure/tfjs";

await tf.setBackend("cpu");

/** One step from W = 0 with a given gradient. */
function firstStep(
  optimizer: tf.Optimizer,
  name: string,
  shape: number[],
  gradient: Float32Array,
): Float32Array {
  const variable = tf.variable(tf.zeros(shape), true, name);
  optimizer.applyGradients([{ name, tensor: tf.tensor(gradient, shape) }]);
  const moved = variable.dataSync().slice() as Float32Array;
  variable.dispose();
  return moved;
}

/** The same step by the transformation, on a matrix of rows x columns. */
function expectedStep(
  link: GradientTransformation,
  [rows, columns]: [number, number],
  outputs: Parameter["outputs"],
  gradient: Float32Array,
): Float32Array {
  const parameter = {
    name: "w",
    weights: new Matrix(rows, columns, new Float32Array(rows * columns)),
    outputs,
  };
  return link.update(new Matrix(rows, columns, gradient.slice()), link.init(parameter), parameter)
    .data as Float32Array;
}

const gradientOf = (size: number) => Float32Array.from(new Rng(5).normals(size));

Deno.test("a dense kernel [in, out] steps like the paper's [out, in] transposed", () => {
  const [inputs, outputs] = [6, 15];
  const gradient = gradientOf(inputs * outputs);
  const stored = firstStep(muon(), "dense_1/kernel", [inputs, outputs], gradient);
  const transposed = new Matrix(inputs, outputs, gradient).transpose();
  const paper = new Matrix(
    outputs,
    inputs,
    expectedStep(muonUpdates(), [outputs, inputs], "rows", transposed.data as Float32Array),
  ).transpose();
  for (let i = 0; i < stored.length; i++) assertAlmostEquals(stored[i], paper.data[i], 2e-7);
  // sqrt(max(1, out/in)) reaches the step: the largest entry of a 15 x 6 polar factor times 0.02 sqrt(2.5).
  const norm = Math.hypot(...stored);
  assertLess(0.02 * Math.sqrt(2.5) * Math.sqrt(6) * 0.68, norm);
  assertLess(norm, 0.02 * Math.sqrt(2.5) * Math.sqrt(6) * 1.21);
});

Deno.test("a convolution kernel [h, w, in, out] is one matrix [h w in, out], its factor from that shape", () => {
  const shape = [3, 3, 2, 40];
  const gradient = gradientOf(720);
  const stored = firstStep(muon(), "conv2d_1/kernel", shape, gradient);
  assertEquals(stored, expectedStep(muonUpdates(), [18, 40], "columns", gradient));
});

Deno.test("biases, embeddings and heads get AdamW with the official settings", () => {
  const adam = () => adamwUpdates({ learningRate: 3e-4, beta1: 0.9, beta2: 0.95, eps: 1e-10 });
  for (
    const [name, shape] of [["dense_2/bias", [7]], ["embedding_1/embeddings", [5, 4]], ["head/kernel", [
      5,
      4,
    ]]] as const
  ) {
    const size = shape.reduce((a, b) => a * b, 1);
    const gradient = gradientOf(size);
    const matrix: [number, number] = shape.length === 1 ? [1, shape[0]] : [shape[0], shape[1]];
    assertEquals(
      firstStep(muon(), name, [...shape], gradient),
      expectedStep(adam(), matrix, "columns", gradient),
      name,
    );
  }
  const of = (name: string, shape: number[]) =>
    isHiddenMatrix({ name, shape, weights: Matrix.zeros(1, 1), outputs: "columns" });
  assertEquals(of("dense/kernel", [3, 3]), true);
  assertEquals(of("conv2d/kernel", [3, 3, 1, 8]), true);
  assertEquals(of("lstm/stack", [2, 3, 4]), false);
  assertEquals(of("norm/gamma", [8]), false);
});

Deno.test("`select` and `others` replace the rule", () => {
  const gradient = gradientOf(12);
  const optimizer = muon({ select: ({ name }) => name === "mine", others: { learningRate: 1 } });
  const other = firstStep(optimizer, "dense_3/kernel", [3, 4], gradient);
  gradient.forEach((g, i) => assertAlmostEquals(other[i], -Math.sign(g), 1e-5));
  assertEquals(
    firstStep(optimizer, "mine", [3, 4], gradient),
    expectedStep(muonUpdates(), [3, 4], "columns", gradient),
  );
});

Deno.test("training stopped, saved and taken up again goes on as if never stopped", async () => {
  const train = (optimizer: tf.Optimizer, variable: tf.Variable, steps: number[]) => {
    for (const step of steps) {
      const gradient = Float32Array.from(new Rng(step).normals(20));
      optimizer.applyGradients([{ name: variable.name, tensor: tf.tensor(gradient, [4, 5]) }]);
    }
  };
  const w = tf.variable(tf.zeros([4, 5]), true, "resumed/kernel");
  const options = { learningRate: 0.1, weightDecay: 0.1 };
  const straight = muon(options);
  train(straight, w, [1, 2, 3, 4]);
  const expected = w.dataSync().slice();
  w.assign(tf.zeros([4, 5]));
  const first = muon(options);
  train(first, w, [1, 2]);
  const second = Muon.fromConfig(
    Muon as unknown as tf.serialization.SerializableConstructor<Muon>,
    first.getConfig(),
  );
  assertEquals(second.options, options);
  await second.setWeights(await first.getWeights());
  train(second, w, [3, 4]);
  assertEquals(w.dataSync(), expected);
  w.dispose();
});

Deno.test("on native, a snapshot of a variable keeps its values while the variable is stepped in place", async () => {
  await useBestBackend({ verbose: false });
  const w = tf.variable(tf.zeros([2, 2]), true, "snapshot/kernel");
  const snapshot = w.clone();
  muon({ learningRate: 1 }).applyGradients([{ name: "snapshot/kernel", tensor: tf.eye(2) }]);
  assertEquals(Array.from(snapshot.dataSync()), [0, 0, 0, 0]);
  assertLess(w.dataSync()[0], -0.5);
  tf.dispose([w, snapshot]);
  await tf.setBackend("cpu");
});

Deno.test("a model learns by model.fit, and no tensor is left behind", async () => {
  const rng = new Rng(0);
  const x = tf.tensor2d(Float32Array.from(rng.normals(64 * 8)), [64, 8]);
  const y = tf.tidy(() => x.slice([0, 0], [64, 1]).greater(0).toFloat()) as tf.Tensor2D;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 16, activation: "relu", inputShape: [8] }),
      tf.layers.dense({ units: 16, activation: "relu" }),
      tf.layers.dense({ units: 1, name: "head" }),
    ],
  });
  model.compile({ optimizer: muon({ others: { learningRate: 0.01 } }), loss: "meanSquaredError" });
  const { history } = await model.fit(x, y, { epochs: 2, verbose: 0 });
  const tensors = tf.memory().numTensors;
  const loss = (await model.fit(x, y, { epochs: 30, verbose: 0 })).history.loss as number[];
  assertLess(loss[29], (history.loss as number[])[0] / 5);
  assertEquals(tf.memory().numTensors, tensors);
  model.dispose();
});

Deno.test("bad input is named, and leaves the weights alone", async () => {
  const w = tf.variable(tf.ones([2, 2]), true, "bad/kernel");
  assertThrows(
    () => muon().applyGradients([{ name: "bad/kernel", tensor: tf.tensor2d([1, NaN, 0, 0], [2, 2]) }]),
    RangeError,
    "The gradient of bad/kernel is not finite at step 0: entry 1 is NaN",
  );
  assertEquals(Array.from(w.dataSync()), [1, 1, 1, 1]);
  w.dispose();
  const cube = tf.variable(tf.ones([2, 2, 2]), true, "cube/kernel");
  assertThrows(
    () => muon({ select: () => true }).applyGradients([{ name: "cube/kernel", tensor: tf.ones([2, 2, 2]) }]),
    TypeError,
    "`select` took cube/kernel of shape [2,2,2]; only rank 2 or 4 can be orthogonalized",
  );
  cube.dispose();
  assertThrows(() => muon({ learningRate: -0.1 }), RangeError, "`learningRate`");
  assertThrows(() => muon({ momentum: 1 }), RangeError, "`momentum`");
  assertThrows(() => muon({ momentum: -0.1 }), RangeError, "`momentum`");
  assertThrows(() => muon({ weightDecay: -1 }), RangeError, "`weightDecay`");
  assertThrows(() => muon({ scale: "big" as "muon" }), TypeError, "`scale`");
  assertThrows(() => muon({ coefficients: [] }), RangeError, "`coefficients.length`");
  assertThrows(
    () => muon().applyGradients([{ name: "gone", tensor: tf.ones([2, 2]) }]),
    RangeError,
    "There is no variable named gone",
  );
  assertThrows(() => muon({ select: () => true }).getConfig(), TypeError, "`select` is a function");
  await assertRejects(
    () =>
      muon().setWeights([{ name: "iter", tensor: tf.scalar(1) }, { name: "no-path", tensor: tf.scalar(1) }]),
    RangeError,
    "no-path",
  );
});
