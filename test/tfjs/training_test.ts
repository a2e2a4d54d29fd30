import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { digits, mobyDick } from "../../lib/datasets/mod.ts";
import { CharacterTransformer } from "../../lib/training/character_transformer.ts";
import { FusedAdam, FusedSgd, gelu, layerNorm } from "../../lib/tfjs/mod.ts";

const { images, labels } = digits();
const { tokens, alphabet } = mobyDick();

/** A model, and what one step of training is: its loss. */
interface Training {
  step(i: number): number;
  dispose(): void;
}

/** Losses of 50 steps on a backend. */
async function losses(backend: string, make: () => Training): Promise<number[]> {
  await tf.setBackend(backend);
  const training = make();
  const values = Array.from({ length: 50 }, (_, i) => training.step(i));
  training.dispose();
  return values;
}

async function agree(make: () => Training): Promise<void> {
  const cpu = await losses("cpu", make);
  const native = await losses("native", make);
  cpu.forEach((loss, i) => assertAlmostEquals(native[i], loss, 1e-3 * Math.max(1, loss)));
  assert(native[49] < 0.8 * native[0], `it learns: ${native[0]} to ${native[49]}`);
}

function minimize(optimizer: tf.Optimizer, loss: () => tf.Scalar, variables: tf.Variable[]): number {
  const value = optimizer.minimize(loss, true, variables)!;
  const [read] = value.dataSync();
  value.dispose();
  return read;
}

/** A batch of digits, the same for the same step. */
function digitBatch(i: number, batch: number): { x: tf.Tensor4D; y: tf.Tensor2D } {
  const rows = Array.from({ length: batch }, (_, j) => (i * batch + j) % 1297);
  const x = Float32Array.from(rows.flatMap((row) => Array.from(images.row(row))));
  return {
    x: tf.tensor4d(x, [batch, 8, 8, 1]),
    y: tf.oneHot(tf.tensor1d(rows.map((row) => labels[row]), "int32"), 10) as tf.Tensor2D,
  };
}

function weight(rng: Rng, name: string, shape: number[], scale: number): tf.Tensor {
  return tf.tensor(
    Float32Array.from(rng.split(name).normals(shape.reduce((a, b) => a * b, 1), scale)),
    shape,
  );
}

Deno.test("a convolutional tf.sequential learns digits alike on native and cpu", async () => {
  await agree(() => {
    const rng = new Rng(1);
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [8, 8, 1],
          filters: 8,
          kernelSize: 3,
          padding: "same",
          activation: "relu",
        }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same" }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 10 }),
      ],
    });
    model.setWeights(model.getWeights().map((w, i) => w.rank > 1 ? weight(rng, String(i), w.shape, 0.3) : w));
    const optimizer = tf.train.adam(0.01);
    const variables = model.trainableWeights.map((w) => w.read() as tf.Variable);
    return {
      step: (i) =>
        tf.tidy(() => {
          const { x, y } = digitBatch(i, 16);
          const loss = () =>
            tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar;
          return minimize(optimizer, loss, variables);
        }),
      dispose: () => {
        model.dispose();
        optimizer.dispose();
      },
    };
  });
});

Deno.test("a Transformer learns Moby-Dick alike on native and cpu", async () => {
  await agree(() => {
    const length = 16;
    const batch = 4;
    const sizes = { alphabet: alphabet.length, length, width: 32, heads: 2, layers: 2 };
    const model = new CharacterTransformer(sizes, { rng: new Rng(2) });
    const optimizer = new FusedAdam({ learningRate: 0.01, weightDecay: 0.01 });
    const rng = new Rng(3);
    return {
      step: () =>
        tf.tidy(() => {
          const rows = Array.from({ length: batch }, () => {
            const from = rng.integer(tokens.length - length - 1);
            return Array.from(tokens.slice(from, from + length + 1));
          });
          const text = tf.tensor2d(rows, [batch, length + 1], "int32");
          return minimize(optimizer, () => model.loss(text), Object.values(model.variables));
        }),
      dispose: () => {
        model.dispose();
        optimizer.dispose();
      },
    };
  });
});

Deno.test("an LSTM learns digits row by row alike on native and cpu", async () => {
  await agree(() => {
    const rng = new Rng(4);
    const model = tf.sequential({
      layers: [tf.layers.lstm({ units: 16, inputShape: [8, 8] }), tf.layers.dense({ units: 10 })],
    });
    model.setWeights(model.getWeights().map((w, i) => w.rank > 1 ? weight(rng, String(i), w.shape, 0.3) : w));
    const optimizer = new FusedSgd({ learningRate: 0.3, momentum: 0.9, nesterov: true });
    const variables = model.trainableWeights.map((w) => w.read() as tf.Variable);
    return {
      step: (i) =>
        tf.tidy(() => {
          const { x, y } = digitBatch(i, 16);
          const loss = () =>
            tf.losses.softmaxCrossEntropy(y, model.apply(x.reshape([16, 8, 8])) as tf.Tensor) as tf.Scalar;
          return minimize(optimizer, loss, variables);
        }),
      dispose: () => {
        model.dispose();
        optimizer.dispose();
      },
    };
  });
});

Deno.test("a thousand steps leave no tensor and no memory behind", async () => {
  await tf.setBackend("native");
  const w = tf.variable(tf.randomNormal([8, 8], 0, 1, "float32", 1));
  const b = tf.variable(tf.zeros([8]));
  const x = tf.randomNormal([16, 8], 0, 1, "float32", 2);
  const optimizer = new FusedAdam({ learningRate: 0.001 });
  const step = () =>
    optimizer.minimize(
      () => tf.mean(tf.square(gelu(layerNorm(tf.add(tf.matMul(x, w), b), b, b)))) as tf.Scalar,
      false,
      [w, b],
    );
  const heap = (tf.backend() as unknown as { heap: { bytesInUse: number } }).heap;
  for (let i = 0; i < 3; i++) step();
  const before = tf.memory();
  const bytes = heap.bytesInUse;
  for (let i = 0; i < 1000; i++) step();
  const after = tf.memory();
  assertEquals([after.numTensors, after.numBytes, after.numDataBuffers], [
    before.numTensors,
    before.numBytes,
    before.numDataBuffers,
  ]);
  assertEquals(heap.bytesInUse, bytes);
  optimizer.dispose();
  tf.dispose([w, b, x]);
});

Deno.test("gelu and layer normalization have the right values and gradients", async () => {
  const rng = new Rng(6);
  const x = Float32Array.from(rng.normals(5 * 7));
  const g = Float32Array.from(rng.normals(7));
  const s = Float32Array.from(rng.normals(7));
  const c = Float32Array.from(rng.normals(5 * 7));
  const f = (x: tf.Tensor, g: tf.Tensor, s: tf.Tensor) =>
    tf.sum(tf.mul(gelu(layerNorm(x, g, s)), tf.tensor2d(c, [5, 7]))) as tf.Scalar;
  const results: number[][] = [];
  for (const backend of ["cpu", "native"]) {
    await tf.setBackend(backend);
    const { value, grads } = tf.valueAndGrads(f)([tf.tensor2d(x, [5, 7]), tf.tensor1d(g), tf.tensor1d(s)]);
    results.push([value, ...grads].flatMap((t) => Array.from(t.dataSync())));
  }
  results[0].forEach((value, i) =>
    assertAlmostEquals(results[1][i], value, 1e-5 * Math.max(1, Math.abs(value)))
  );
});

Deno.test("an optimizer goes on where it was saved, and steps on cpu as on native", async () => {
  const run = async (backend: string, interrupted: boolean) => {
    await tf.setBackend(backend);
    const w = tf.variable(tf.tensor1d([1, -2, 3]), true, "w");
    let optimizer = new FusedAdam({ learningRate: 0.1, weightDecay: 0.1 });
    for (let i = 0; i < 6; i++) {
      if (interrupted && i === 3) {
        const saved = await optimizer.getWeights();
        const next = new FusedAdam(optimizer.getConfig());
        await next.setWeights(saved);
        optimizer.dispose();
        optimizer = next;
      }
      optimizer.minimize(() => tf.sum(tf.square(w)) as tf.Scalar, false, [w]);
    }
    const values = Array.from(w.dataSync());
    tf.dispose(w);
    optimizer.dispose();
    return values;
  };
  const straight = await run("native", false);
  assertEquals(await run("native", true), straight);
  (await run("cpu", false)).forEach((value, i) => assertAlmostEquals(value, straight[i], 1e-6));
});

Deno.test("a snapshot of a variable keeps its values while the variable is stepped in place", async () => {
  await tf.setBackend("native");
  const w = tf.variable(tf.tensor1d([1, 2]));
  const snapshot = w.clone();
  const optimizer = new FusedSgd({ learningRate: 1 });
  optimizer.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
  assertEquals(Array.from(snapshot.dataSync()), [1, 2]);
  assertEquals(Array.from(w.dataSync()), [0, 1]);
  tf.dispose([w, snapshot]);
  optimizer.dispose();
});
