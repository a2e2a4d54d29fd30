import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import type { DiagonalInit } from "../../lib/ssm/mod.ts";
import { S4DLayer } from "../../lib/ssm/layers/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import { INITS, type Row } from "./rows.ts";

const TRAINING_IMAGES = 1297;
const PIXELS = 64;
const BATCH = 64;

/**
 * Real digits, one pixel after the other: two S4D layers with residual connections, mean over time, ten
 * classes.
 */
export async function digitRows(
  init: DiagonalInit,
  seed: number,
  epochs: number,
  report: (fraction: number, rows?: Row[]) => void = () => {},
): Promise<Row[]> {
  await useBestBackend({ verbose: false });
  const { images, labels } = digits();
  const rng = new Rng(seed);
  const label = INITS.find((entry) => entry.init === init)!.label;
  const model = digitsModel(init as "lin", seed);
  const optimizer = tf.train.adam(1e-2);
  const rows: Row[] = [];
  const batchOf = (indices: ArrayLike<number>) => {
    const x = new Float32Array(indices.length * PIXELS);
    const y = new Int32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      x.set(images.row(indices[i]), i * PIXELS);
      y[i] = labels[indices[i]];
    }
    return { x: tf.tensor3d(x, [indices.length, PIXELS, 1]), y };
  };
  const test = batchOf(Array.from({ length: images.rows - TRAINING_IMAGES }, (_, i) => TRAINING_IMAGES + i));
  const accuracy = () =>
    tf.tidy(() => {
      const guess = tf.argMax(model.predict(test.x, { batchSize: 250 }) as tf.Tensor2D, 1).dataSync();
      return test.y.reduce((count, y, i) => count + (guess[i] === y ? 1 : 0), 0) / test.y.length;
    });
  const batches = Math.floor(TRAINING_IMAGES / BATCH);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = rng.split(epoch).permutation(TRAINING_IMAGES);
    let sum = 0;
    for (let b = 0; b < batches; b++) {
      const { x, y } = batchOf(order.subarray(b * BATCH, (b + 1) * BATCH));
      const oneHot = tf.oneHot(tf.tensor1d(y, "int32"), 10);
      const loss = optimizer.minimize(() => {
        const logits = model.apply(x, { training: true }) as tf.Tensor2D;
        return tf.losses.softmaxCrossEntropy(oneHot, logits) as tf.Scalar;
      }, true)!;
      sum += loss.dataSync()[0];
      if (!Number.isFinite(sum)) {
        throw new Error(`the loss of ${label} is not finite in epoch ${epoch}, batch ${b}`);
      }
      tf.dispose([x, oneHot, loss]);
      report((epoch - 1 + (b + 1) / batches) / epochs, rows);
    }
    rows.push({ kind: "digits", init: label, seed, epoch, loss: sum / batches, accuracy: accuracy() });
  }
  test.x.dispose();
  optimizer.dispose();
  model.dispose();
  return rows;
}

/** [batch, 64, 1] to [batch, 10] logits. */
function digitsModel(init: "lin" | "legs" | "real", seed: number): tf.LayersModel {
  const dense = (units: number, at: number) =>
    tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotNormal({ seed: 7919 * seed + at }) });
  const input = tf.input({ shape: [PIXELS, 1] });
  let x = dense(32, 1).apply(input) as tf.SymbolicTensor;
  for (let k = 0; k < 2; k++) {
    const y = new S4DLayer({ dState: 16, dtMin: 0.02, dtMax: 0.2, init, seed: 2 * seed + k }).apply(
      x,
    ) as tf.SymbolicTensor;
    x = tf.layers.add().apply([x, y]) as tf.SymbolicTensor;
  }
  x = tf.layers.globalAveragePooling1d({}).apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: dense(10, 2).apply(x) as tf.SymbolicTensor });
}
