/** Models of tfjs as continual networks: what `predict` returns. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromSequential } from "refigure/continual/layers";
import { assertNear } from "./near.ts";

await tf.setBackend("cpu");

/** `[T, C]` as `[C, T]`. */
function channelsFirst(data: ArrayLike<number>, channels: number): Float32Array {
  const frames = data.length / channels;
  return Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % frames) * channels + Math.floor(i / frames)],
  );
}

/** Weights that are not those of the start: norms have moved statistics. */
function shake(model: tf.Sequential): void {
  for (const layer of model.layers) {
    layer.setWeights(
      layer.getWeights().map((w, i) =>
        tf.tidy(() => tf.abs(tf.randomNormal(w.shape, 0.3, 0.3, "float32", i)))
      ),
    );
  }
}

const conv = (args: Partial<Parameters<typeof tf.layers.conv1d>[0]>) =>
  tf.layers.conv1d({ filters: 4, kernelSize: 3, ...args });

Deno.test("continual: a stream through a converted model returns what predict does", () => {
  const models: [string, boolean, tf.layers.Layer[]][] = [
    ["valid", false, [
      conv({ activation: "relu", inputShape: [20, 3] }),
      tf.layers.maxPooling1d({ poolSize: 2 }),
      conv({}),
    ]],
    ["same", true, [
      conv({ padding: "same", dilationRate: 2, inputShape: [20, 3] }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: "tanh" }),
      tf.layers.dropout({ rate: 0.5 }),
      conv({ padding: "same", kernelSize: 5 }),
      tf.layers.dense({ units: 2, activation: "sigmoid" }),
    ]],
    ["no bias, no scale", false, [
      conv({ useBias: false, inputShape: [20, 3] }),
      tf.layers.batchNormalization({ scale: false }),
      tf.layers.reLU(),
      conv({ dilationRate: 3 }),
      tf.layers.dense({ units: 3 }),
    ]],
    ["strided", false, [
      conv({ strides: 2, inputShape: [20, 3] }),
      tf.layers.averagePooling1d({ poolSize: 2, strides: 1 }),
    ]],
  ];
  for (const [name, padEnd, layers] of models) {
    const model = tf.sequential({ layers });
    shake(model);
    const clip = tf.randomNormal([1, 20, 3], 0, 1, "float32", 7);
    const wanted = model.predict(clip) as tf.Tensor;
    const channels = wanted.shape[2]!;
    const net = fromSequential(model);
    const before = tf.memory().numTensors;
    fromSequential(model);
    assertEquals(tf.memory().numTensors, before, "leaks tensors");
    const out = net.steps(channelsFirst(clip.dataSync(), 3), { padEnd });
    assertNear(out, channelsFirst(wanted.dataSync(), channels), 1e-5, name);
    assert(out.length > channels);
  }
});

Deno.test("continual: layers without a continual form are refused by name", () => {
  const model = (...layers: tf.layers.Layer[]) => tf.sequential({ layers });
  const start = conv({ inputShape: [20, 3] });
  const cases: [string, () => unknown][] = [
    ["is a LSTM", () => fromSequential(model(tf.layers.lstm({ units: 2, inputShape: [20, 3] })))],
    [
      "padding valid unless",
      () => fromSequential(model(conv({ padding: "same", strides: 2, inputShape: [20, 3] }))),
    ],
    [
      "padding valid unless",
      () => fromSequential(model(conv({ padding: "same", kernelSize: 4, inputShape: [20, 3] }))),
    ],
    [
      "activation linear, relu",
      () => fromSequential(model(conv({ activation: "softmax", inputShape: [20, 3] }))),
    ],
    [
      "must have padding valid",
      () => fromSequential(model(start, tf.layers.maxPooling1d({ padding: "same" }))),
    ],
    ["[batch, time, channels]", () => fromSequential(model(tf.layers.dense({ units: 1, inputShape: [3] })))],
  ];
  for (const [message, run] of cases) assertThrows(run, RangeError, message, String(run));
  assertThrows(() => fromSequential({} as never), TypeError, "`model` must be a tf.Sequential");
});
