/** A page that a bundler made: trains with Muon on a backend; returns the losses and what the backend did. */
import * as tf from "@tensorflow/tfjs";
import { muon } from "refigure/optimizers";
import "refigure/tfjs";

globalThis.train = async (backend) => {
  // Otherwise `webgl` hands operations on small tensors to `cpu`.
  tf.env().set("WEBGL_CPU_FORWARD", false);
  if (!await tf.setBackend(backend)) throw new Error(`no backend ${backend}`);
  const x = tf.randomNormal([256, 16], 0, 1, "float32", 1);
  const y = tf.oneHot(x.slice([0, 0], [256, 4]).argMax(1), 4);
  const start = (seed) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 32, activation: "relu", inputShape: [16], kernelInitializer: start(1) }),
      tf.layers.dense({ units: 24, activation: "tanh", kernelInitializer: start(2) }),
      tf.layers.dense({ units: 4, activation: "softmax", name: "head", kernelInitializer: start(3) }),
    ],
  });
  model.compile({ optimizer: muon({ learningRate: 0.02 }), loss: "categoricalCrossentropy" });
  const losses = [];
  for (let i = 0; i < 8; i++) losses.push(await model.trainOnBatch(x, y));
  return { backend: tf.getBackend(), losses, bytesInGPU: tf.memory().numBytesInGPU ?? 0 };
};
