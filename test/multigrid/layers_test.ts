/** The tfjs layer against the plain operator. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { type GridPadding, mgConv } from "../../lib/multigrid/mod.ts";
import { MgConv } from "../../lib/multigrid/layers/mod.ts";

await tf.setBackend("cpu");

const SIZES: [GridPadding, number, number][] = [
  ["zero", 7, 3],
  ["circular", 8, 3],
  ["reflect", 9, 3],
  [
    "zero",
    3,
    2,
  ],
  ["circular", 4, 3],
  ["reflect", 3, 2],
];

/** Largest difference over the largest value. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let [most, size] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    most = Math.max(most, Math.abs(a[k] - b[k]));
    size = Math.max(size, Math.abs(b[k]));
  }
  return most / size;
}

Deno.test("multigrid layers: MgConv is mgConv with the same seed, with its derivatives", () => {
  for (const [padding, n, levels] of SIZES) {
    for (const dimension of [1, 2] as const) {
      for (const residual of [true, false]) {
        const smoothings = Array.from({ length: levels }, (_, l) => l === 1 ? 2 : 1);
        const postSmoothings = Array.from({ length: levels }, (_, l) => l === 0 ? 1 : 0);
        const cycle = { levels, padding, residual, smoothings, postSmoothings };
        const net = mgConv({ ...cycle, dimension, n, channelsIn: 2, channelsOut: 3, rng: new Rng(5) });
        const layer = new MgConv({ ...cycle, filters: 3, seed: 5 });
        const shape = [2, ...Array.from({ length: dimension }, () => n), 2];
        const x = new Rng(1).normalMatrix(2, 2 * n ** dimension);
        const v = new Rng(2).normalMatrix(2, 3 * n ** dimension);
        const wanted = net.vjp(x, v, { inputs: true });
        const input = tf.tensor(Float32Array.from(x.data), shape);
        const u = layer.apply(input) as tf.Tensor;
        const what = `${padding} ${dimension} ${n}`;
        assert(difference(u.dataSync(), wanted.outputs.data) < 1e-5, what);
        const weights = tf.tensor(Float32Array.from(v.data), u.shape);
        const value = (f: tf.Tensor) => tf.sum(tf.mul(weights, layer.apply(f) as tf.Tensor)) as tf.Scalar;
        assert(difference(tf.grad(value)(input).dataSync(), wanted.inputs!.data) < 1e-5, what);
        const { grads } = tf.variableGrads(() => value(input));
        assertEquals(layer.trainableWeights.length, net.tensors.length);
        let at = 0;
        layer.trainableWeights.forEach((weight, k) => {
          const { data } = net.tensors[k];
          const gradient = grads[(weight as unknown as { val: tf.Variable }).val.name].dataSync();
          assert(difference(gradient, wanted.parameters.subarray(at, at += data.length)) < 1e-4, what);
        });
      }
    }
  }
});

Deno.test("multigrid layers: a model is trained, saved and loaded", async () => {
  const model = tf.sequential({
    layers: [new MgConv({ inputShape: [7, 1], levels: 3, filters: 1, padding: "zero", seed: 1 })],
  });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  const x = tf.tensor(Float32Array.from(Matrix.identity(7).data), [7, 7, 1]);
  // Green's function of the second difference, times 8.
  const g = Matrix.from(7, 7, (i, j) => (Math.min(i, j) + 1) * (7 - Math.max(i, j)));
  const y = tf.tensor(Float32Array.from(g.data), [7, 7, 1]);
  const { history } = await model.fit(x, y, { epochs: 100, batchSize: 7, verbose: 0, shuffle: false });
  const losses = history.loss as number[];
  assert(losses[99] < losses[0] / 10, losses.join());
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } });
  }));
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
  const before = (model.predict(x) as tf.Tensor).dataSync();
  (loaded.predict(x) as tf.Tensor).dataSync().forEach((value, k) =>
    assertAlmostEquals(value, before[k], 1e-6)
  );
});

Deno.test("multigrid layers: grids that cannot be halved and wrong shapes are refused", () => {
  assertThrows(
    () => new MgConv({ levels: 4, filters: 1 }).apply(tf.zeros([1, 30, 30, 1])),
    RangeError,
    "near it are 15, 23, 31, 39",
  );
  assertThrows(
    () => new MgConv({ levels: 2, filters: 1 }).apply(tf.zeros([1, 7, 15, 1])),
    RangeError,
    "`inputs`",
  );
  assertThrows(() => new MgConv({ levels: 0, filters: 1 }), RangeError, "`levels`");
  assertThrows(() => new MgConv({ levels: 2, filters: 1, padding: "wrap" as never }), TypeError, "`padding`");
  assertThrows(() => new MgConv({ levels: 2, filters: 1, smoothing: [1] } as never), TypeError, "smoothings");
});
