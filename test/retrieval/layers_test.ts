import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { attend } from "../../lib/retrieval/cross_attention.ts";
import { NeighborAttention } from "../../lib/retrieval/layers/mod.ts";
import "../../lib/tfjs/mod.ts";

const [BATCH, K, H, T, KEY] = [5, 3, 6, 4, 2];

function build() {
  const h = tf.input({ shape: [H] });
  const tokens = tf.input({ shape: [null, T] });
  const layer = new NeighborAttention({ keyDim: KEY, seed: 3 });
  const model = tf.model({ inputs: [h, tokens], outputs: layer.apply([h, tokens]) as tf.SymbolicTensor });
  return { layer, model };
}

const normal = (seed: number, shape: number[]) =>
  tf.tensor(Float32Array.from(new Rng(seed).normals(shape.reduce((a, b) => a * b))), shape);

for (const backend of ["cpu", "native"]) {
  Deno.test(`neighbour attention: the outputs are those of the plain function, ${backend}`, async () => {
    await tf.setBackend(backend);
    const { layer, model } = build();
    const [h, tokens] = [normal(0, [BATCH, H]), normal(1, [BATCH, K, T])];
    const [wq, bq, wk, bk, wv, bv, wo, bo] = layer.getWeights() as tf.Tensor2D[];
    const linear = (x: tf.Tensor, w: tf.Tensor2D, b: tf.Tensor) => tf.add(tf.matMul(x as tf.Tensor2D, w), b);
    const rows = tf.reshape(tokens, [BATCH * K, T]);
    const table = tf.concat([linear(rows, wk, bk), linear(rows, wv, bv)], 1);
    const [weights, context] = [new Float32Array(BATCH * K), new Float32Array(BATCH * H)];
    attend(
      { n: BATCH, k: K, keyDim: KEY, valueDim: H },
      linear(h, wq, bq).dataSync() as Float32Array,
      table.dataSync() as Float32Array,
      Int32Array.from({ length: BATCH * K }, (_, i) => i),
      0,
      weights,
      context,
    );
    const expected = tf.add(h, linear(tf.tensor2d(context, [BATCH, H]), wo, bo)).dataSync();
    const output = (model.predict([h, tokens]) as tf.Tensor).dataSync();
    expected.forEach((value, i) => assertAlmostEquals(output[i], value, 1e-5));
    // The neighbours have no order.
    const reversed = (model.predict([h, tf.reverse(tokens, 1)]) as tf.Tensor).dataSync();
    reversed.forEach((value, i) => assertAlmostEquals(value, output[i], 1e-5));
  });
}

Deno.test("neighbour attention: learns to look up, is saved and loaded", async () => {
  await tf.setBackend("cpu");
  const { model } = build();
  const tokens = normal(2, [64, 1, T]);
  const h = tf.zeros([64, H]);
  const y = tf.concat([tf.squeeze(tokens, [1]), tf.zeros([64, H - T])], 1);
  model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  const { history } = await model.fit([h, tokens], y, { epochs: 150, batchSize: 64, verbose: 0 });
  assert(Number(history.loss.at(-1)) < 0.05 * Number(history.loss[0]), `${history.loss.at(-1)}`);
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save({
    save: (artifacts) => {
      saved.push(artifacts);
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    },
  });
  const loaded = await tf.loadLayersModel({ load: () => Promise.resolve(saved[0]) });
  assertEquals(
    (loaded.predict([h, tokens]) as tf.Tensor).dataSync(),
    (model.predict([h, tokens]) as tf.Tensor).dataSync(),
  );
});

Deno.test("neighbour attention: no tensors are left, bad input is refused", async () => {
  await tf.setBackend("cpu");
  const { layer } = build();
  const [h, tokens] = [normal(0, [BATCH, H]), normal(1, [BATCH, K, T])];
  const before = tf.memory().numTensors;
  layer.call([h, tokens]).dispose();
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => layer.call([h, normal(1, [BATCH, K, T + 1])]), RangeError, "tokens of 4 numbers");
  assertThrows(() => layer.call(h), TypeError, "two tensors");
  assertThrows(() => layer.call([h, h]), RangeError, "[batch, k, t]");
  assertThrows(() => new NeighborAttention({ keyDim: 0 }), RangeError, "`keyDim`");
  assertThrows(() => new NeighborAttention({ keydim: 4 } as never), TypeError, 'no option "keydim"');
  assertThrows(() => new NeighborAttention().build([null, 4]), RangeError, "[batch, H]");
});
