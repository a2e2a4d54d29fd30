import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { standardDeviation } from "simple-statistics";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { bandSignal, gridCoordinates } from "../../lib/neural_fields/mod.ts";
import { SineDense, WinnerInitializer } from "../../lib/neural_fields/layers/mod.ts";
import "../../lib/tfjs/mod.ts";

const field = (noise = 40) =>
  tf.sequential({
    layers: [
      new SineDense({ units: 16, first: true, noise, inputShape: [1] }),
      new SineDense({ units: 16, noise: 0.5, seed: 1 }),
      new SineDense({ units: 16, seed: 2 }),
      tf.layers.dense({ units: 1, kernelInitializer: new WinnerInitializer({ seed: 3 }) }),
    ],
  });

/** The same network over flat parameters: kernels of tfjs are [in, out]. */
function flat(model: tf.Sequential): DenseNetwork {
  const parameters = model.getWeights().flatMap((weight) =>
    Array.from((weight.rank === 2 ? tf.transpose(weight) : weight).dataSync())
  );
  return new DenseNetwork({
    widths: [1, 16, 16, 16, 1],
    activation: "sine",
    scale: 30,
    parameters: Float64Array.from(parameters),
  });
}

for (const backend of ["cpu", "native"]) {
  Deno.test(`sine layers: outputs and gradients are those of the network over flat parameters, ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = field();
    const net = flat(model);
    const x = gridCoordinates([50]);
    const y = bandSignal(50, { center: 0.3, rng: new Rng(0) });
    const xs = tf.tensor2d(Float32Array.from(x.data), [50, 1]);
    const ys = tf.tensor2d(Float32Array.from(y), [50, 1]);
    const ours = model.predict(xs) as tf.Tensor;
    net.forward(x).data.forEach((value, i) => assertAlmostEquals(ours.dataSync()[i], value, 2e-4));
    const { grads } = tf.variableGrads(() => tf.losses.meanSquaredError(ys, model.apply(xs) as tf.Tensor));
    const { parameters } = net.vjp(
      x,
      (outputs) => outputs.map((value, i) => 2 * (value - y[i]) / 50),
    );
    let at = 0;
    for (const weight of model.trainableWeights) {
      const gradient = grads[(weight.read() as tf.Variable).name ?? weight.name] ?? grads[weight.name];
      const values = (gradient.rank === 2 ? tf.transpose(gradient) : gradient).dataSync();
      const expected = parameters.subarray(at, at += values.length);
      const size = Math.hypot(...expected);
      values.forEach((value, k) => assertAlmostEquals(value / size, expected[k] / size, 2e-3));
    }
    assertEquals(at, parameters.length);
  });
}

Deno.test("sine layers: save, load and train", async () => {
  await tf.setBackend("cpu");
  const model = field();
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save({
    save: (artifacts) => {
      saved.push(artifacts);
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    },
  });
  const loaded = await tf.loadLayersModel({ load: () => Promise.resolve(saved[0]) });
  const x = tf.linspace(-1, 1, 64).expandDims(1);
  const before = (model.predict(x) as tf.Tensor).dataSync();
  assertEquals((loaded.predict(x) as tf.Tensor).dataSync(), before);
  loaded.compile({ optimizer: tf.train.adam(1e-3), loss: "meanSquaredError" });
  const y = tf.sin(tf.mul(x, 60));
  const { history } = await loaded.fit(x, y, { epochs: 60, batchSize: 64, verbose: 0, shuffle: false });
  assert(Number(history.loss[59]) < 0.5 * Number(history.loss[0]));
});

Deno.test("initializer: laws with and without noise, the same at every call", async () => {
  await tf.setBackend("cpu");
  const values = (args: ConstructorParameters<typeof WinnerInitializer>[0], shape = [50, 200]) =>
    Array.from(new WinnerInitializer(args).apply(shape).dataSync());
  assertAlmostEquals(standardDeviation(values({})) * 30 * Math.sqrt(50 / 2), 1, 0.03);
  assertAlmostEquals(standardDeviation(values({ first: true })) * 50 * Math.sqrt(3), 1, 0.03);
  const plain = values({ seed: 4 });
  const noise = values({ seed: 4, noise: 6, omega: 30 }).map((value, k) => value - plain[k]);
  assertAlmostEquals(standardDeviation(noise) / 0.2, 1, 0.03);
  assertEquals(values({ noise: 1 }), values({ noise: 1 }));
  assertThrows(() => new WinnerInitializer({ noise: -1 }), RangeError, "`noise`");
  assertThrows(() => new WinnerInitializer().apply([3]), RangeError, "`shape`");
  assertThrows(() => new SineDense({ units: 0 }), RangeError, "`units`");
  assertThrows(() => new SineDense({ units: 1, omgea: 3 } as never), TypeError, "omega");
  assertThrows(() => new SineDense({ units: 1 }).apply(tf.zeros([3])), RangeError, "`inputs`");
  const layer = new SineDense({ units: 4, biases: "zero" });
  layer.build([null, 7, 3]);
  assertEquals(layer.computeOutputShape([null, 7, 3]), [null, 7, 4]);
  assertEquals(layer.getWeights()[1].dataSync().some((b) => b !== 0), false);
});
