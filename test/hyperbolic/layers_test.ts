/** The tfjs layers: the same numbers as without tfjs, training, saving and loading, on three backends. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import {
  poincareBatchNormVjp,
  poincareConv2dVjp,
  poincareLinearVjp,
  tangentMobiusAddVjp,
} from "../../lib/hyperbolic/mod.ts";
import {
  PoincareAdd,
  PoincareBatchNorm,
  poincareBatchNormOp,
  PoincareConv2d,
  poincareConv2dOp,
  PoincareDense,
  poincareLinearOp,
  poincareResnet,
  tangentMobiusAddOp,
} from "../../lib/hyperbolic/layers/mod.ts";
import "../../lib/tfjs/mod.ts";

const BACKENDS = ["cpu", "native", "wasm"];
const c = 0.7;

const tensorOf = (m: Matrix, shape = [m.rows, m.columns]) => tf.tensor(Float32Array.from(m.data), shape);

function assertNear(given: tf.Tensor, wanted: ArrayLike<number>, what: string) {
  const values = given.dataSync();
  assertEquals(values.length, wanted.length, what);
  const scale = Math.max(1, ...Array.from(wanted, Math.abs));
  values.forEach((value, i) => assertAlmostEquals(value, wanted[i], 1e-5 * scale, `${what}, entry ${i}`));
}

for (const backend of BACKENDS) {
  Deno.test(`operations have the values and gradients of the library, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const rng = new Rng(1);
    const u = rng.normalMatrix(32, 3, 0.6);
    const v = rng.normalMatrix(32, 3, 0.6);
    const Z = rng.normalMatrix(3, 4, 0.5);
    const K = rng.normalMatrix(27, 4, 0.3);
    const r = rng.normalMatrix(1, 4, 0.2);
    const theta = rng.normalMatrix(1, 3, 0.3);
    const G4 = rng.normalMatrix(32, 4);
    const G3 = rng.normalMatrix(32, 3);
    const [tu, tv] = [u, v].map((m) => tensorOf(m, [2, 4, 4, 3]));
    const pull = (f: (...x: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], G: Matrix) =>
      tf.grads((...x) => tf.sum(tf.mul(f(...x), tensorOf(G, f(...x).shape))))(inputs);

    const linear = poincareLinearVjp(u, Z, r, { c });
    const tr = tensorOf(r, [4]);
    const linearOp = (a: tf.Tensor, b: tf.Tensor, d: tf.Tensor) => poincareLinearOp(a, b, d, { c });
    assertNear(linearOp(tu, tensorOf(Z), tr), linear.value.data, "linear");
    const { u: dU, Z: dZ, r: dR } = linear.gradients(G4);
    pull((...x) => linearOp(x[0], x[1], x[2]), [tu, tensorOf(Z), tr], G4)
      .forEach((g, i) => assertNear(g, [dU, dZ, dR][i].data, `linear gradient ${i}`));

    const images = { data: u.data, shape: [2, 4, 4, 3] as const };
    const conv = poincareConv2dVjp(images, K, r, { c });
    const convOp = (a: tf.Tensor, b: tf.Tensor, d: tf.Tensor) => poincareConv2dOp(a, b, d, { c });
    assertNear(convOp(tu, tensorOf(K), tr), conv.value.data, "conv");
    const found = conv.gradients(G4.data);
    pull((...x) => convOp(x[0], x[1], x[2]), [tu, tensorOf(K), tr], G4)
      .forEach((g, i) => assertNear(g, [found.u, found.Z.data, found.r.data][i], `conv gradient ${i}`));

    const sum = tangentMobiusAddVjp(u, v, { c });
    assertNear(tangentMobiusAddOp(tu, tv, { c }), sum.value.data, "sum");
    const sums = sum.gradients(G3);
    pull((a, b) => tangentMobiusAddOp(a, b, { c }), [tu, tv], G3)
      .forEach((g, i) => assertNear(g, [sums.u, sums.v][i].data, `sum gradient ${i}`));

    for (const mean of ["midpoint", "frechet"] as const) {
      const norm = poincareBatchNormVjp(u, theta, 1.5, { c, mean });
      const gamma = tf.tensor1d([1.5]);
      const normOp = (a: tf.Tensor, b: tf.Tensor, d: tf.Tensor) => poincareBatchNormOp(a, b, d, { c, mean });
      assertNear(normOp(tu, tensorOf(theta, [3]), gamma), norm.value.data, mean);
      const norms = norm.gradients(G3);
      pull((...x) => normOp(x[0], x[1], x[2]), [tu, tensorOf(theta, [3]), gamma], G3)
        .forEach((g, i) =>
          assertNear(g, [norms.u.data, norms.theta.data, [norms.gamma]][i], `${mean} gradient ${i}`)
        );
    }
  });

  Deno.test(`a small Poincaré ResNet trains, saves, loads and leaks nothing, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const { images, labels } = digits();
    const count = 200;
    const x = tf.tensor4d(
      Float32Array.from(images.slice(0, count, 0, 64).data, (value) => (2 * value - 1) / 2),
      [count, 8, 8, 1],
    );
    const y = tf.oneHot(tf.tensor1d(labels.slice(0, count), "int32"), 10);
    const model = poincareResnet({
      inputShape: [8, 8, 1],
      classes: 10,
      channels: [4, 8],
      blocks: 1,
      seed: 1,
    });
    model.compile({
      optimizer: tf.train.adam(0.02),
      loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, logits),
    });
    const { history } = await model.fit(x, y, { epochs: 6, batchSize: 50, verbose: 0, shuffle: false });
    const losses = history.loss as number[];
    assert(losses[5] < 0.8 * losses[0], `${losses}`);
    const before = tf.memory().numTensors;
    await model.fit(x, y, { epochs: 1, batchSize: 50, verbose: 0, shuffle: false });
    assertEquals(tf.memory().numTensors, before);

    const expected = (model.predict(x) as tf.Tensor).dataSync();
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assertEquals((again.predict(x) as tf.Tensor).dataSync(), expected);
  });
}

Deno.test("starts of a dense layer: identity, seeds; JSON keeps all options", async () => {
  await tf.setBackend("cpu");
  const u = tensorOf(new Rng(2).normalMatrix(5, 6));
  const same = new PoincareDense({ units: 6, c: 1 }).apply(u) as tf.Tensor;
  assertNear(same, u.dataSync(), "identity");
  const outputs = [1, 1, 2].map((seed) =>
    Array.from((new PoincareDense({ units: 6, init: "hnn++", seed }).apply(u) as tf.Tensor).dataSync())
  );
  assertEquals(outputs[0], outputs[1]);
  assert(outputs[0][0] !== outputs[2][0]);
  const layers = [
    new PoincareDense({ units: 3, c: 2, init: "orthogonal", seed: 4, maxTangentNorm: 3 }),
    new PoincareDense({ units: 3 }),
    new PoincareConv2d({ filters: 2, kernelSize: 5, strides: 2, padding: "valid", c: 2 }),
    new PoincareBatchNorm({ c: 2, mean: "frechet", momentum: 0.5, eps: 1e-3, inference: "batch" }),
    new PoincareAdd({ c: 2, order: "rf" }),
  ];
  for (const layer of layers) {
    const Class = layer.constructor as any;
    const again = Class.fromConfig(Class, JSON.parse(JSON.stringify(layer.getConfig())));
    assertEquals(again.getConfig(), layer.getConfig());
  }
});

Deno.test("running statistics approach the batch's, and are used at inference", async () => {
  await tf.setBackend("cpu");
  const u = tensorOf(new Rng(3).normalMatrix(40, 3, 0.5).map((value) => value + 0.3));
  const layer = new PoincareBatchNorm({ c: 1, momentum: 0.5 });
  const trained = layer.apply(u, { training: true }) as tf.Tensor;
  for (let step = 0; step < 40; step++) layer.apply(u, { training: true });
  assertNear(layer.apply(u) as tf.Tensor, trained.dataSync(), "running statistics");
  // The whole batch at inference is not looked at: a part of it has the same outputs.
  const part = layer.apply(u.slice([0, 0], [2, 3])) as tf.Tensor;
  assertNear(part, trained.dataSync().slice(0, 6), "two rows");
  const official = new PoincareBatchNorm({ c: 1, inference: "batch" });
  assertNear(official.apply(u) as tf.Tensor, trained.dataSync(), "statistics of the batch");
  assertEquals(official.trainableWeights.length, 2);
});

Deno.test("the order of a residual sum matters off the line", async () => {
  await tf.setBackend("cpu");
  const u = tf.tensor2d([[0.5, 0.1]]);
  const v = tf.tensor2d([[-0.2, 0.6]]);
  const fr = (new PoincareAdd({ c: 1 }).apply([u, v]) as tf.Tensor).dataSync();
  const rf = (new PoincareAdd({ c: 1, order: "rf" }).apply([u, v]) as tf.Tensor).dataSync();
  assertAlmostEquals(Math.hypot(fr[0], fr[1]), Math.hypot(rf[0], rf[1]), 1e-6);
  assert(Math.abs(fr[0] - rf[0]) > 0.01);
});

Deno.test("bad layers and tensors are refused by name", async () => {
  await tf.setBackend("cpu");
  const cases: [typeof RangeError | typeof TypeError, string, () => unknown][] = [
    [RangeError, "`units`", () => new PoincareDense({ units: 0 })],
    [RangeError, "`c` must be", () => new PoincareDense({ units: 1, c: 0 })],
    [TypeError, "`args` has no option", () => new PoincareDense({ units: 1, curvature: 1 } as never)],
    [TypeError, "`init` must be", () => new PoincareConv2d({ filters: 1, init: "eye" as never })],
    [RangeError, "`momentum`", () => new PoincareBatchNorm({ momentum: 1 })],
    [TypeError, "`mean` must be", () => new PoincareBatchNorm({ mean: "median" as never })],
    [TypeError, "`order` must be", () => new PoincareAdd({ order: "ff" as never })],
    [
      RangeError,
      "`inputs` must have 4 axes",
      () => new PoincareConv2d({ filters: 1 }).apply(tf.ones([2, 3])),
    ],
    [
      RangeError,
      "`Z` must be [3, m]",
      () => poincareLinearOp(tf.ones([2, 3]), tf.ones([2, 3]), tf.ones([3]), { c: 1 }),
    ],
    [
      TypeError,
      "`u` must be of type float32, got int32",
      () => poincareLinearOp(tf.ones([2, 3], "int32"), tf.ones([3, 3]), tf.ones([3]), { c: 1 }),
    ],
    [
      RangeError,
      "`v` must have shape [2,3]",
      () => tangentMobiusAddOp(tf.ones([2, 3]), tf.ones([3]), { c: 1 }),
    ],
    [
      RangeError,
      "`channels.length`",
      () => poincareResnet({ inputShape: [8, 8, 1], classes: 2, channels: [] }),
    ],
  ];
  for (const [type, message, run] of cases) assertThrows(run, type, message);
});
