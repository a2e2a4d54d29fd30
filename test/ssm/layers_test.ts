import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { causalConvolution, s4dKernelOp, S4DLayer, S5Layer, scanOp } from "../../lib/ssm/layers/mod.ts";

await tf.setBackend("cpu");

const normal = (rng: Rng, shape: number[], scale = 1) =>
  tf.tensor(Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1), scale)), shape);

/** Largest difference over the largest value. */
function relative(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]);
}

/** Gradients by central differences of a scalar function of float32 tensors. */
function differences(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, h = 1e-2): tf.Tensor {
  const values = x.dataSync();
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const at = (value: number) => {
      const moved = Float32Array.from(values);
      moved[i] = value;
      return tf.tidy(() => f(tf.tensor(moved, x.shape)).dataSync()[0]);
    };
    out[i] = (at(values[i] + h) - at(values[i] - h)) / (2 * h);
  }
  return tf.tensor(out, x.shape);
}

Deno.test("convolution: sums and both gradients, odd batches and lengths", () => {
  for (const [batch, length, features] of [[1, 1, 1], [3, 5, 2], [2, 16, 3]]) {
    const rng = new Rng(batch);
    const u = normal(rng, [batch, length, features]);
    const k = normal(rng, [features, length]);
    const direct = (signals: tf.Tensor, kernel: tf.Tensor) => {
      // y[t] = sum_s u[s] T[s, t] with T[s, t, h] = k[h, t - s]
      const place = tf.buffer([length, length, length]);
      for (let s = 0; s < length; s++) for (let t = s; t < length; t++) place.set(1, t - s, s, t);
      const T = tf.reshape(
        tf.matMul(kernel as tf.Tensor2D, tf.reshape(place.toTensor(), [length, length * length])),
        [features, length, length],
      );
      return tf.transpose(tf.matMul(tf.transpose(signals, [2, 0, 1]), T), [1, 2, 0]);
    };
    const ours = (a: tf.Tensor, b: tf.Tensor) => causalConvolution(a as tf.Tensor3D, b as tf.Tensor2D);
    assert(relative(ours(u, k), direct(u, k)) < 1e-5);
    const weight = normal(rng, [batch, length, features]);
    const gradients = (f: typeof direct) => tf.grads((a, b) => tf.sum(tf.mul(weight, f(a, b))))([u, k]);
    const [du, dk] = gradients(ours);
    const [eu, ek] = gradients(direct);
    assert(relative(du, eu) < 1e-5 && relative(dk, ek) < 1e-5);
  }
  assertThrows(
    () => causalConvolution(tf.zeros([1, 4, 2]), tf.zeros([2, 5])),
    RangeError,
    "`kernel` must be [2, 4]",
  );
});

Deno.test("kernel op: gradients against differences", () => {
  const rng = new Rng(1);
  const H = 2;
  const N = 3;
  const L = 9;
  const weight = normal(rng, [H, L]);
  const inputs = [tf.fill([H], -1), normal(rng, [H, N], 0.3), normal(rng, [H, N]), normal(rng, [H, N, 2])];
  const f = (logDt: tf.Tensor, logARe: tf.Tensor, AIm: tf.Tensor, C: tf.Tensor) =>
    tf.sum(tf.mul(weight, s4dKernelOp({ logDt, logARe, AIm, C }, L)));
  tf.grads((...x) => f(x[0], x[1], x[2], x[3]))(inputs).forEach((gradient, i) => {
    const expected = differences((x) => {
      const [a, b, c, d] = inputs.map((y, k) => k === i ? x : y);
      return f(a, b, c, d);
    }, inputs[i]);
    assert(relative(gradient, expected) < 5e-3, `input ${i}`);
  });
});

Deno.test("scan op: gradients against differences, both methods", () => {
  const rng = new Rng(2);
  const v = normal(rng, [2, 7, 4]);
  const p = tf.tensor1d([0.7, 0.3, -0.4, 0.5]);
  const weight = normal(rng, [2, 7, 4]);
  for (const method of ["loop", "parallel"] as const) {
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.mul(weight, scanOp(a as tf.Tensor3D, b as tf.Tensor1D, { method })));
    const [dv, dp] = tf.grads((a, b) => f(a, b))([v, p]);
    assert(relative(dv, differences((x) => f(x, p), v)) < 5e-3);
    assert(relative(dp, differences((x) => f(v, x), p)) < 5e-3);
  }
});

for (const init of ["lin", "legs", "inv", "real", "ptd"] as const) {
  Deno.test(`S4D layer, ${init}: recurrence equals convolution; a saved model gives the same`, async () => {
    const u = normal(new Rng(3), [2, 33, 3]);
    const layer = new S4DLayer({ dState: 8, init, seed: 4, name: `s4d_${init}` });
    const input = tf.input({ shape: [null, 3] });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    const expected = model.predict(u) as tf.Tensor;
    layer.mode = "recurrence";
    assert(relative(model.predict(u) as tf.Tensor, expected) < 2e-5);
    layer.mode = "convolution";
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assertEquals((again.predict(u) as tf.Tensor).dataSync(), expected.dataSync());
  });
}

for (const init of ["legs", "ptd"] as const) {
  Deno.test(`S5 layer, ${init}: both scans agree with the recurrence written out, and it saves`, async () => {
    const u = normal(new Rng(5), [2, 21, 3]);
    const layer = new S5Layer({ dState: 6, init, seed: 1, name: `s5_${init}` });
    const input = tf.input({ shape: [null, 3] });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    const loop = model.predict(u) as tf.Tensor;
    layer.scan = "parallel";
    assert(relative(model.predict(u) as tf.Tensor, loop) < 1e-5);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assert(relative(again.predict(u) as tf.Tensor, loop) < 1e-5);
    const gradients = tf.variableGrads(() => tf.sum(tf.square(layer.apply(u) as tf.Tensor)) as tf.Scalar);
    assertEquals(Object.keys(gradients.grads).length, 6);
    assert(Object.values(gradients.grads).every((g) => g.dataSync().every(Number.isFinite)));
  });
}

Deno.test("S4D layer learns a delay, and leaks no tensors", async () => {
  const rng = new Rng(7);
  const length = 32;
  const u = normal(rng, [16, length, 1]);
  const y = tf.concat([tf.zeros([16, 5, 1]), tf.slice(u as tf.Tensor3D, [0, 0, 0], [16, length - 5, 1])], 1);
  const model = tf.sequential({
    layers: [
      new S4DLayer({ dState: 32, dtMin: 0.2, dtMax: 0.2, output: "none", inputShape: [null, 1] }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
  const { history } = await model.fit(u, y, { epochs: 120, batchSize: 16, verbose: 0, shuffle: false });
  const before = tf.memory().numTensors;
  await model.fit(u, y, { epochs: 3, batchSize: 16, verbose: 0, shuffle: false });
  assertEquals(tf.memory().numTensors, before);
  const first = history.loss[0] as number;
  const last = history.loss.at(-1) as number;
  assert(last < 0.1 * first && last < 0.1, `${first} -> ${last}`);
});

Deno.test("bad layers are refused", () => {
  assertThrows(
    () => new S4DLayer({ mode: "fast" as "recurrence" }),
    TypeError,
    '"convolution" or "recurrence"',
  );
  assertThrows(() => new S4DLayer({ output: "x" as "glu" }), TypeError, '"glu" or "none"');
  assertThrows(() => new S4DLayer().apply(tf.zeros([2, 3])), RangeError, "[batch, length, features]");
  assertThrows(() => new S5Layer({ init: "x" as "legs" }), TypeError, '"legs" or "ptd"');
  assertAlmostEquals(relative(tf.ones([2]), tf.ones([2])), 0);
});
