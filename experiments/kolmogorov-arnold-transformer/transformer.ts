/** The transformer itself, tiny, on digits: blocks with group rationals, or with GELU. */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { KatBlock } from "../../lib/kan/layers/mod.ts";
import { FusedAdam, useBestBackend } from "../../lib/tfjs/mod.ts";
import type { Row } from "./rows.ts";

const TRAINING_IMAGES = 1400;
const BATCH = 100;
const LEARNING_RATE = 2e-3;
const WIDTH = 32;
const BLOCKS = 2;
const HEADS = 4;
/** Patches of 2 x 2 pixels. */
const TOKENS = 16;
const PIXELS = 4;

/** What stands between the dense layers of a block. */
export const BLOCK_ACTIVATIONS = ["rational", "gelu"] as const;

interface Images {
  x: tf.Tensor3D;
  y: tf.Tensor2D;
}

/** Images of the given numbers as tokens, pixels in [-1, 1]. */
function pick(order: Int32Array): Images {
  const all = digits();
  const tokens = Float32Array.from({ length: order.length * TOKENS * PIXELS }, (_, k) => {
    const [token, pixel] = [Math.floor(k / PIXELS) % TOKENS, k % PIXELS];
    const row = 2 * Math.floor(token / 4) + Math.floor(pixel / 2);
    const column = 2 * (token % 4) + pixel % 2;
    return 2 * all.images.get(order[Math.floor(k / (TOKENS * PIXELS))], 8 * row + column) - 1;
  });
  const labels = Float32Array.from(
    { length: 10 * order.length },
    (_, k) => all.labels[order[Math.floor(k / 10)]] === k % 10 ? 1 : 0,
  );
  return {
    x: tf.tensor3d(tokens, [order.length, TOKENS, PIXELS]),
    y: tf.tensor2d(labels, [order.length, 10]),
  };
}

/** A transformer with mean pooling, and what frees it. */
function makeModel(activation: typeof BLOCK_ACTIVATIONS[number], seed: number) {
  const rng = new Rng(seed).split("transformer");
  const normal = (name: string, shape: [number, number], deviation: number) =>
    tf.variable(
      tf.tensor2d(Float32Array.from(rng.split(name).normals(shape[0] * shape[1], deviation)), shape),
    );
  const embedding = normal("embedding", [PIXELS, WIDTH], 1 / Math.sqrt(PIXELS));
  const positions = normal("positions", [TOKENS, WIDTH], 0.02);
  const head = normal("head", [WIDTH, 10], 1 / Math.sqrt(WIDTH));
  const blocks = Array.from(
    { length: BLOCKS },
    (_, i) => new KatBlock({ heads: HEADS, activation, seed: BLOCKS * seed + i }),
  );
  const predict = (x: tf.Tensor3D): tf.Tensor2D => {
    const patches = tf.matMul(
      tf.reshape(x, [-1, PIXELS]) as tf.Tensor2D,
      embedding as tf.Tensor as tf.Tensor2D,
    );
    let h: tf.Tensor = tf.add(tf.reshape(patches, [-1, TOKENS, WIDTH]), positions);
    for (const block of blocks) h = block.apply(h) as tf.Tensor;
    return tf.matMul(tf.mean(h, 1) as tf.Tensor2D, head as tf.Tensor as tf.Tensor2D);
  };
  const dispose = () => {
    tf.dispose([embedding, positions, head]);
    for (const block of blocks) block.dispose();
  };
  return { predict, dispose };
}

/** Trains one transformer on one split of the data. */
export async function transformerRows(
  { activation, epochs, seed }: {
    activation: typeof BLOCK_ACTIVATIONS[number];
    epochs: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Promise<Row<"transformer">[]> {
  await useBestBackend({ verbose: false });
  const rng = new Rng(seed);
  const order = rng.split("split").permutation(1797);
  const training = pick(order.slice(0, TRAINING_IMAGES));
  const test = pick(order.slice(TRAINING_IMAGES));
  const { predict, dispose } = makeModel(activation, seed);
  const optimizer = new FusedAdam({ learningRate: LEARNING_RATE });
  const batches = rng.split("batches");
  for (let epoch = 0; epoch < epochs; epoch++) {
    const shuffled = batches.permutation(TRAINING_IMAGES);
    for (let from = 0; from < TRAINING_IMAGES; from += BATCH) {
      tf.tidy(() => {
        const chosen = tf.tensor1d(shuffled.slice(from, from + BATCH), "int32");
        const [x, y] = [tf.gather(training.x, chosen), tf.gather(training.y, chosen)];
        optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, predict(x)) as tf.Scalar);
      });
    }
    report((epoch + 1) / epochs);
  }
  const lossOf = ({ x, y }: Images) =>
    tf.tidy(() => tf.losses.softmaxCrossEntropy(y, predict(x)).dataSync()[0]);
  const right = tf.tidy(() =>
    tf.sum(tf.cast(tf.equal(tf.argMax(predict(test.x), 1), tf.argMax(test.y, 1)), "int32")).dataSync()[0]
  );
  const [loss, testLoss] = [lossOf(training), lossOf(test)];
  tf.dispose([training.x, training.y, test.x, test.y]);
  dispose();
  optimizer.dispose();
  return [{
    kind: "transformer",
    activation,
    seed,
    loss,
    testLoss,
    accuracy: right / test.y.shape[0],
  }];
}
