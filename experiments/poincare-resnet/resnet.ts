/** Poincaré ResNet-8 on digits, beside a Euclidean one of the same widths (notes 6, E). */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { poincareResnet } from "../../lib/hyperbolic/layers/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { Row } from "./rows.ts";
import { batchOf, type Labelled, splitDigits } from "./training.ts";

/** One network. */
export interface ResnetTrial {
  network: "Poincaré" | "Euclidean";
  c: number;
  epochs: number;
  /** Training images that are used. */
  images: number;
  seed: number;
}

const CHANNELS = [4, 8, 16];
const BATCH = 100;

/** Trains by Adam at 0.01, and tests after every epoch; both networks see the same images in one order. */
export async function resnetRows(
  trial: ResnetTrial,
  report: Report<Row<"resnet">>,
): Promise<Row<"resnet">[]> {
  const { network, c, epochs, images, seed } = trial;
  await useBestBackend({ verbose: false });
  const rng = new Rng(seed);
  const { training, test } = splitDigits(rng.split("split"));
  const model = network === "Poincaré"
    ? poincareResnet({
      inputShape: [8, 8, 1],
      classes: 10,
      channels: CHANNELS,
      blocks: 1,
      c,
      init: "identity-official",
      inference: "batch",
    })
    : euclideanResnet(seed);
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, logits),
    metrics: ["accuracy"],
  });
  const order = rng.split("batches");
  const rows: Row<"resnet">[] = [];
  const testImages = tensorsOf(test);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const shuffled = order.permutation(training.x.rows).slice(0, images);
    let sum = 0;
    for (let first = 0; first < images; first += BATCH) {
      const { x, y } = tensorsOf(batchOf(training, shuffled.subarray(first, first + BATCH)));
      const [loss] = await model.trainOnBatch(x, y) as number[];
      sum += loss;
      tf.dispose([x, y]);
    }
    const [, accuracy] = tf.tidy(() =>
      (model.evaluate(testImages.x, testImages.y, { batchSize: 397 }) as tf.Scalar[])
        .map((value) => value.dataSync()[0])
    );
    rows.push({ kind: "resnet", network, seed, epoch, loss: sum / Math.ceil(images / BATCH), accuracy });
    report(epoch / epochs, rows);
  }
  tf.dispose(testImages);
  model.dispose();
  return rows;
}

/** Images [n, 8, 8, 1] of tangent vectors with pixels from -1/2 to 1/2, and labels one-hot. */
function tensorsOf({ x, y }: Labelled): { x: tf.Tensor4D; y: tf.Tensor2D } {
  return {
    x: tf.tensor4d(Float32Array.from(x.data, (pixel) => 4 * pixel), [x.rows, 8, 8, 1]),
    y: tf.tidy(() => tf.oneHot(tf.tensor1d(y, "int32"), 10).toFloat() as tf.Tensor2D),
  };
}

function euclideanResnet(seed: number): tf.LayersModel {
  // tfjs takes the seed 0 for none.
  let part = 1;
  const convolution = (filters: number, strides = 1, kernelSize = 3) =>
    tf.layers.conv2d({
      filters,
      strides,
      kernelSize,
      padding: "same",
      kernelInitializer: tf.initializers.heNormal({ seed: 100 * seed + part++ }),
    });
  const run = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
    layer.apply(x) as tf.SymbolicTensor;
  const norm = (x: tf.SymbolicTensor) => run(tf.layers.batchNormalization({ momentum: 0.9 }), x);
  const input = tf.input({ shape: [8, 8, 1] });
  let x = run(tf.layers.reLU(), norm(run(convolution(CHANNELS[0]), input)));
  CHANNELS.forEach((filters, group) => {
    const strides = group === 0 ? 1 : 2;
    let y = run(tf.layers.reLU(), norm(run(convolution(filters, strides), x)));
    y = norm(run(convolution(filters), y));
    const skip = group === 0 ? x : run(convolution(filters, strides, 1), x);
    x = run(tf.layers.reLU(), run(tf.layers.add(), [y, skip]));
  });
  const pooled = run(tf.layers.globalAveragePooling2d({}), x);
  const head = tf.layers.dense({
    units: 10,
    kernelInitializer: tf.initializers.glorotNormal({ seed: 100 * seed + part }),
  });
  return tf.model({ inputs: input, outputs: run(head, pooled) });
}
