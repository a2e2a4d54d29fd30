import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { localIntegralConv, OperatorNetwork, relativeL2Loss, spectralConv } from "../../lib/operators/mod.ts";
import { fno1d, LocalIntegralConv1D, SpectralConv1D } from "../../lib/operators/layers/mod.ts";
import "../../lib/tfjs/mod.ts";
import { assertClose } from "./close.ts";

const BACKENDS = ["cpu", "native"];

/** The functions u as channels (u, sin 2 pi x, cos 2 pi x). */
function withPlace(u: Matrix): tf.Tensor3D {
  const values = Array.from({ length: u.rows }, (_, i) =>
    Array.from({ length: u.columns }, (_, j) => {
      const angle = 2 * Math.PI * j / u.columns;
      return [u.get(i, j), Math.sin(angle), Math.cos(angle)];
    }));
  return tf.tensor3d(values);
}

/** The weights of a model as the flat parameters of an operator network. */
function flat(model: tf.LayersModel, width: number, modes: number): Float64Array {
  const transposed = (weight: tf.Tensor) => [...tf.transpose(weight).dataSync()];
  const spectral = (re: tf.Tensor, im: tf.Tensor) => [
    ...tf.concat([
      tf.reshape(re, [modes, 1, width, width]),
      tf.reshape(im, [modes, 1, width, width]),
    ], 1).dataSync(),
  ];
  const out: number[] = [];
  const linear = (layer: tf.layers.Layer) => {
    const [kernel, bias] = layer.getWeights();
    out.push(...transposed(kernel), ...bias.dataSync());
  };
  const layers = model.layers.filter((layer) => layer.weights.length > 0);
  const kernels = layers.filter((layer) => layer instanceof SpectralConv1D);
  const denses = layers.filter((layer) => !(layer instanceof SpectralConv1D));
  linear(denses[0]);
  kernels.forEach((kernel, l) => {
    const [re, im] = kernel.getWeights();
    out.push(...spectral(re, im));
    linear(denses[l + 1]);
  });
  denses.slice(-2).forEach(linear);
  return Float64Array.from(out);
}

for (const backend of BACKENDS) {
  Deno.test(`fno1d: values and gradients of the operator network, ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = fno1d({ inChannels: 3, width: 5, layers: 2, modes: 4, hidden: 6, seed: 1 });
    const parameters = flat(model, 5, 4);
    const net = new OperatorNetwork({
      kernel: { kind: "spectral", modes: 4 },
      width: 5,
      layers: 2,
      hidden: 6,
      parameters,
      dtype: "float64",
    });
    assertEquals(net.parameters.length, model.countParams());
    for (const n of [16, 33, 5]) {
      const rng = new Rng(n);
      const u = rng.normalMatrix(3, n);
      const target = rng.normalMatrix(3, n);
      const x = withPlace(u);
      assertClose((model.predict(x) as tf.Tensor).dataSync(), net.forward(u).data, 1e-5);
      const goal = tf.tensor3d(Float32Array.from(target.data), [3, n, 1]);
      const { value, grads } = tf.variableGrads(() => {
        const error = tf.norm(tf.sub(model.apply(x) as tf.Tensor, goal), "euclidean", 1);
        return tf.mean(tf.div(error, tf.norm(goal, "euclidean", 1))) as tf.Scalar;
      });
      const expected = relativeL2Loss(net, u, target);
      assertAlmostEquals(value.dataSync()[0], expected.loss, 1e-5);
      const list = model.trainableWeights.map((weight) => grads[weight.name]);
      // The last bias and the first kernel, whose places in the flat array are known.
      const last = list.find((gradient) => gradient.size === 1)!;
      assertAlmostEquals(last.dataSync()[0], expected.gradient.at(-1)!, 1e-5);
      const lift = list.find(({ shape }) => shape[0] === 3 && shape[1] === 5)!;
      assertClose(tf.transpose(lift).dataSync(), expected.gradient.subarray(0, 15), 1e-4);
      const norm = (values: Iterable<number>) => Math.hypot(...values);
      const all = list.flatMap((gradient) => [...gradient.dataSync()]);
      assertAlmostEquals(norm(all) / norm(expected.gradient), 1, 1e-4);
    }
  });

  Deno.test(`layers on their own: values of the plain functions, saved and loaded, ${backend}`, async () => {
    await tf.setBackend(backend);
    const rng = new Rng(2);
    for (const n of [24, 48, 12, 96]) {
      const u = rng.normalMatrix(n, 2);
      const x = tf.tensor3d(Float32Array.from(u.data), [1, n, 2]);
      for (const method of ["hat", "official", "naive"] as const) {
        const layer = new LocalIntegralConv1D({ units: 3, taps: 5, trainN: 24, method, seed: 4 });
        const ours = (layer.apply(x) as tf.Tensor).dataSync();
        const kernel = new Matrix(10, 3, Float64Array.from(layer.getWeights()[0].dataSync()));
        assertClose(ours, localIntegralConv(u, kernel, { trainN: 24, method }).data, 1e-5);
      }
      const layer = new SpectralConv1D({ units: 3, modes: 8, seed: 5 });
      const ours = (layer.apply(x) as tf.Tensor).dataSync();
      const [re, im] = layer.getWeights().map((weight) =>
        new Matrix(16, 3, Float64Array.from(weight.dataSync()))
      );
      assertClose(ours, spectralConv(u, re, im, { modes: 8 }).data, 1e-5);
    }
    const model = tf.sequential({
      layers: [
        new LocalIntegralConv1D({ units: 3, taps: 5, trainN: 24, inputShape: [null, 2] }),
        new SpectralConv1D({ units: 2, modes: 3, seed: 1 }),
      ],
    });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    const x = tf.randomNormal([2, 48, 2], 0, 1, "float32", 3);
    assertEquals((loaded.predict(x) as tf.Tensor).dataSync(), (model.predict(x) as tf.Tensor).dataSync());
    let whole: tf.io.ModelArtifacts | undefined;
    const fno = fno1d({ width: 3, modes: 2, hidden: 4 });
    await fno.save(tf.io.withSaveHandler((artifacts) => {
      whole = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }));
    const back = await tf.loadLayersModel(tf.io.fromMemory(whole!));
    const y = tf.ones([1, 8, 1]);
    assertEquals((back.predict(y) as tf.Tensor).dataSync(), (fno.predict(y) as tf.Tensor).dataSync());
  });
}

Deno.test("layers: gradients by resampled taps are finite differences; nothing leaks", async () => {
  await tf.setBackend("cpu");
  for (const n of [16, 4]) {
    const layer = new LocalIntegralConv1D({ units: 2, taps: 3, trainN: 8 });
    const x = tf.randomNormal([2, n, 2], 0, 1, "float32", 1) as tf.Tensor3D;
    layer.apply(x);
    const [kernel] = layer.getWeights();
    const loss = () => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar;
    const { grads } = tf.variableGrads(loss);
    const gradient = Object.values(grads)[0].dataSync();
    const values = kernel.dataSync();
    for (const k of [0, 5, 11]) {
      const at = (change: number) => {
        const moved = values.slice();
        moved[k] += change;
        layer.setWeights([tf.tensor(moved, kernel.shape)]);
        return loss().dataSync()[0];
      };
      assertAlmostEquals(gradient[k], (at(0.1) - at(-0.1)) / 0.2, 1e-3 * Math.abs(gradient[k]) + 1e-3);
      layer.setWeights([kernel]);
    }
    const before = tf.memory().numTensors;
    (layer.apply(x) as tf.Tensor).dispose();
    assertEquals(tf.memory().numTensors, before);
  }
});

Deno.test("layers: bad input", () => {
  assertThrows(
    () => new LocalIntegralConv1D({ units: 1, taps: 4, trainN: 8 }),
    RangeError,
    "kernel size must be odd",
  );
  assertThrows(() => new LocalIntegralConv1D({ units: 0, taps: 3, trainN: 8 }), RangeError, "`units`");
  assertThrows(
    () => new LocalIntegralConv1D({ units: 1, taps: 3, trainN: 8, method: "x" as never }),
    TypeError,
    "`method`",
  );
  const layer = new LocalIntegralConv1D({ units: 1, taps: 3, trainN: 8 });
  assertThrows(() => layer.apply(tf.zeros([1, 12, 1])), RangeError, "n = 12 and trainN = 8");
  assertThrows(() => layer.apply(tf.zeros([1, 8, 2])), RangeError, "`inputs`");
  assertThrows(() => new SpectralConv1D({ units: 1, modes: 0 }), RangeError, "`modes`");
  assertThrows(() => new SpectralConv1D({ units: 1, modes: 2, taps: 3 } as never), TypeError, "taps");
  assertThrows(
    () => new SpectralConv1D({ units: 1, modes: 2 }).apply(tf.zeros([8, 1])),
    RangeError,
    "`inputs`",
  );
  assertThrows(() => fno1d({ width: 0 }), RangeError, "`width`");
  assertThrows(() => fno1d({ depth: 2 } as never), TypeError, "depth");
  assert(fno1d({}).countParams() > 0);
});
