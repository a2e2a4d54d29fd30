/**
 * Node: trains with Muon on a backend. `train <backend>` prints the losses; `save <backend> <file>` stops halfway and
 * saves; `resume <backend> <file>` goes on from there. Prints JSON.
 */
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { blasInfo } from "refigure/blas";
import { muon } from "refigure/optimizers";
import "refigure/tfjs";

const [mode, backend, file] = process.argv.slice(2);
if (!await tf.setBackend(backend)) throw new Error(`no backend ${backend}`);

const x = tf.randomNormal([256, 16], 0, 1, "float32", 1);
const y = tf.oneHot(x.slice([0, 0], [256, 4]).argMax(1), 4);
const start = (seed) => tf.initializers.glorotUniform({ seed });

const model = mode === "resume" ? await load() : build();
const losses = [];
const epochs = mode === "train" ? 8 : 4;
for (let i = 0; i < epochs; i++) {
  // All of the data in one step, so that nothing depends on their order.
  losses.push(await model.trainOnBatch(x, y));
}
if (mode === "save") await save();
const loaded = Object.keys(createRequire(import.meta.url).cache);
console.log(JSON.stringify({
  backend: tf.getBackend(),
  engine: blasInfo().engine,
  losses,
  weights: model.getWeights().map((w) => Array.from(w.dataSync())),
  cores: loaded.filter((path) => /tfjs-core[^]*\.js$/.test(path)),
}));

function build() {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 32, activation: "relu", inputShape: [16], kernelInitializer: start(1) }),
      tf.layers.dense({ units: 24, activation: "tanh", kernelInitializer: start(2) }),
      tf.layers.dense({ units: 4, activation: "softmax", name: "head", kernelInitializer: start(3) }),
    ],
  });
  model.compile({ optimizer: muon({ learningRate: 0.02 }), loss: "categoricalCrossentropy" });
  return model;
}

async function save() {
  const handler = tf.io.withSaveHandler(({ weightData, ...artifacts }) => {
    const data = Buffer.concat([weightData].flat().map((part) => Buffer.from(part))).toString("base64");
    writeFileSync(file, JSON.stringify({ ...artifacts, weightData: data }));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
  });
  await model.save(handler, { includeOptimizer: true });
}

function load() {
  const { weightData, ...artifacts } = JSON.parse(readFileSync(file, "utf8"));
  const bytes = Uint8Array.from(Buffer.from(weightData, "base64"));
  return tf.loadLayersModel(tf.io.fromMemory({ ...artifacts, weightData: bytes.buffer }));
}
