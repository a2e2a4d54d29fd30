import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { normLinVjp, normLinWeights } from "refigure/forecasting";
import { NormLin } from "refigure/forecasting/layers";

await tf.setBackend("cpu");

Deno.test("NormLin: output and gradient of the library's functions; starts at the identity plus normal", () => {
  const layer = new NormLin({ seed: 3 });
  const rng = new Rng(0);
  const [n, features, batch] = [4, 3, 2];
  const x = Float32Array.from(rng.normals(batch * n * features));
  const cotangents = Float32Array.from(rng.normals(batch * n * features));
  const input = tf.tensor3d(x, [batch, n, features]);
  const y = (layer.apply(input) as tf.Tensor).dataSync();
  const weights = new Matrix(n, n, Float64Array.from(layer.getWeights()[0].dataSync()));
  const start = new Rng(3).normals(n * n);
  weights.data.forEach((w, k) => assert(Math.abs(w - start[k] - (k % (n + 1) === 0 ? 1 : 0)) < 1e-6));
  const sample = (of: Float32Array, b: number) =>
    new Matrix(n, features, Float64Array.from(of.subarray(b * n * features, (b + 1) * n * features)));
  const by = Matrix.zeros(n, n);
  for (let b = 0; b < batch; b++) {
    const expected = matmul(normLinWeights(weights), sample(x, b)).data;
    expected.forEach((value, k) => assert(Math.abs(value - y[b * n * features + k]) < 1e-5));
    matmul(sample(cotangents, b), sample(x, b), { transposeB: true, out: by, beta: 1 });
  }
  const of = tf.tensor3d(cotangents, [batch, n, features]);
  const { grads } = tf.variableGrads(() => tf.sum(tf.mul(layer.apply(input) as tf.Tensor, of)) as tf.Scalar);
  const gradient = Object.values(grads)[0].dataSync();
  normLinVjp(weights, by).data.forEach((value, k) => assert(Math.abs(value - gradient[k]) < 1e-4));
});

Deno.test("NormLin: options come back; other shapes are refused; no tensor is left", () => {
  const layer = NormLin.fromConfig(NormLin, { ...new NormLin({ seed: 5 }).getConfig() }) as NormLin;
  assertEquals(layer.getConfig().seed, 5);
  assertThrows(() => new NormLin({ units: 3 } as never), TypeError, "units");
  assertThrows(() => layer.apply(tf.zeros([2, 3])), RangeError, "[batch, variates, features]");
  const input = tf.zeros([1, 3, 2]);
  layer.apply(input);
  assertThrows(() => layer.call(tf.zeros([1, 4, 2])), RangeError, "must have 3 variates");
  const before = tf.memory().numTensors;
  (layer.call(input) as tf.Tensor).dispose();
  assertEquals(tf.memory().numTensors, before);
});
