import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { FusedSgd, NativeBackend } from "../../lib/tfjs/mod.ts";

const native = async () => {
  await tf.setBackend("native");
  const backend = tf.backend();
  assert(backend instanceof NativeBackend);
  return backend;
};

Deno.test("a model saved on native and loaded on any backend predicts the same", async () => {
  await native();
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: "relu" }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "softmax" }),
    ],
  });
  const x = tf.randomNormal([3, 6, 6, 2], 0, 1, "float32", 5);
  const values = x.dataSync();
  const predict = (model: tf.LayersModel) =>
    tf.tidy(() => Array.from((model.predict(tf.tensor4d(values, [3, 6, 6, 2])) as tf.Tensor).dataSync()));
  const expected = predict(model);
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
  }));
  assert(saved !== undefined);
  for (const backend of ["native", "cpu"]) {
    await tf.setBackend(backend);
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    predict(loaded).forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-6));
    loaded.dispose();
  }
  await native();
  model.dispose();
  x.dispose();
});

Deno.test("a variable takes a new value, and neither hangs on the other's memory", async () => {
  const backend = await native();
  const before = backend.heap.bytesInUse;
  const first = tf.tidy(() => tf.add(tf.tensor1d([1, 2, 3]), 0));
  const v = tf.variable(first);
  first.dispose();
  const next = tf.tidy(() => tf.mul(v, 10));
  v.assign(next as tf.Tensor1D);
  next.dispose();
  const others = Array.from({ length: 20 }, (_, i) => tf.tidy(() => tf.add(tf.tensor1d([7, 7, 7]), i)));
  assertEquals(Array.from(v.dataSync()), [10, 20, 30]);
  assertThrows(() => tf.tidy(() => v.assign(tf.tensor1d([1]))), Error, "shape");
  tf.dispose([v, ...others]);
  assertEquals(backend.heap.bytesInUse, before);
});

Deno.test("tidy frees the heap but for what is returned or kept; dispose frees the rest", async () => {
  const backend = await native();
  const before = backend.heap.bytesInUse;
  let kept: tf.Tensor | undefined;
  const returned = tf.tidy(() => {
    const x = tf.exp(tf.tensor1d([0, 1]));
    kept = tf.keep(tf.add(x, 1));
    return tf.mul(x, 2);
  });
  assert(backend.heap.bytesInUse > before);
  assertAlmostEquals(kept!.dataSync()[0], 2, 1e-6);
  assertAlmostEquals(returned.dataSync()[1], 2 * Math.E, 1e-5);
  returned.dispose();
  assertThrows(() => returned.dataSync(), Error, "disposed");
  kept!.dispose();
  assertEquals(backend.heap.bytesInUse, before);
});

Deno.test("views of a tensor outlive it", async () => {
  const backend = await native();
  const before = backend.heap.bytesInUse;
  const x = tf.tidy(() => tf.add(tf.tensor2d([[1, 2], [3, 4]]), 0));
  const views = tf.tidy(() => [
    x.reshape([4]),
    x.clone(),
    tf.transpose(x.reshape([4, 1]), [1, 0]),
    tf.sum(x.expandDims(0), 0),
  ]);
  x.dispose();
  const noise = tf.tidy(() => tf.add(tf.tensor1d([9, 9, 9, 9]), 0));
  for (const view of views) assertEquals(Array.from(view.dataSync()), [1, 2, 3, 4]);
  tf.dispose([...views, noise]);
  assertEquals(backend.heap.bytesInUse, before);
});

Deno.test("tensors move to another backend and back", async () => {
  await native();
  const x = tf.add(tf.tensor1d([1, 2]), 1);
  await tf.setBackend("cpu");
  const y = tf.mul(x, 2);
  await native();
  const z = tf.add(y, x);
  assertEquals(Array.from(z.dataSync()), [6, 9]);
  tf.dispose([x, y, z]);
});

Deno.test("a float tensor made of integers shares them, and has floats of its own once it is changed in place", async () => {
  const backend = await native();
  const before = backend.heap.bytesInUse;
  const integers = tf.tensor1d([16777217, -3], "int32");
  const floats = integers.toFloat();
  assertEquals(backend.heap.bytesInUse, before);
  const twice = tf.mul(floats, 2);
  assertEquals(Array.from(twice.dataSync()), [33554432, -6]);
  assertEquals(Array.from(integers.dataSync()), [16777217, -3]);
  // The heap grows: all views are made anew.
  tf.fill([9000, 9000], 1).add(1).dispose();
  const v = tf.variable(floats);
  const optimizer = new FusedSgd({ learningRate: 1 });
  optimizer.minimize(() => tf.sum(v) as tf.Scalar, false, [v]);
  assertEquals(Array.from(integers.dataSync()), [16777217, -3]);
  integers.dispose();
  floats.dispose();
  optimizer.minimize(() => tf.sum(v) as tf.Scalar, false, [v]);
  assertEquals(Array.from(v.dataSync()), [16777214, -5]);
  optimizer.dispose();
  tf.dispose([twice, v]);

  // The integers go first: the floats are the tensor's own, and a step in place is what is read.
  const short = tf.tensor1d([1, 2], "int32");
  const w = tf.variable(short.toFloat());
  tf.mul(w, 2).dispose();
  short.dispose();
  const steps = new FusedSgd({ learningRate: 1 });
  steps.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
  assertEquals(Array.from(w.dataSync()), [0, 1]);
  steps.dispose();
  w.dispose();
});
