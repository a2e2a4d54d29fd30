import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { orthogonalityErrors } from "../../lib/convolutions/mod.ts";
import { CircularPadding2D, lorthOp } from "../../lib/convolutions/layers/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import { RADIUS } from "./constants.ts";
import { type Row, shapeOf } from "./rows.ts";

const TRAINING_IMAGES = 1297;
const BATCH = 64;

/** The layers: two convolutions with circular border, and a dense layer as a convolution of 1 x 1 on one pixel. */
const LAYERS = [{ M: 8, C: 1, k: 3, S: 1 }, { M: 16, C: 8, k: 3, S: 2 }, { M: 10, C: 256, k: 1, S: 1 }];
/** Outputs per side of each. */
const SIZES = [8, 4, 1];

/** Real digits: cross-entropy plus lambda times the regularizer of all three layers. */
export async function digitsRows(
  { lambda, seed, epochs }: { lambda: number; seed: number; epochs: number },
  report: (fraction: number) => void,
): Promise<Row<"digits">[]> {
  await useBestBackend({ verbose: false });
  const { images, labels } = digits();
  const rng = new Rng(seed);
  const model = digitsModel(seed);
  const optimizer = tf.train.adam(3e-3);
  const batchOf = (indices: ArrayLike<number>) => {
    const x = new Float32Array(64 * indices.length);
    for (let i = 0; i < indices.length; i++) x.set(images.row(indices[i]), 64 * i);
    return {
      x: tf.tensor4d(x, [indices.length, 8, 8, 1]),
      y: tf.tidy(() =>
        tf.oneHot(tf.tensor1d(Int32Array.from({ length: indices.length }, (_, i) => labels[indices[i]])), 10)
      ),
    };
  };
  const kernels = model.layers.flatMap((layer) => layer.trainableWeights).filter(({ shape }) =>
    shape.length > 1
  );
  const asConvolution = (i: number) =>
    tf.reshape(kernels[i].read(), [LAYERS[i].k, LAYERS[i].k, LAYERS[i].C, LAYERS[i].M]);
  const regularizer = () =>
    LAYERS.map(({ S }, i) => lorthOp(asConvolution(i) as tf.Tensor4D, { stride: S }))
      .reduce((sum, term) => tf.add(sum, term));
  const batches = Math.floor(TRAINING_IMAGES / BATCH);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = rng.split(epoch).permutation(TRAINING_IMAGES);
    for (let b = 0; b < batches; b++) {
      const { x, y } = batchOf(order.subarray(b * BATCH, (b + 1) * BATCH));
      optimizer.minimize(() => {
        const loss = tf.losses.softmaxCrossEntropy(
          y,
          model.apply(x, { training: true }) as tf.Tensor,
        ) as tf.Scalar;
        return lambda === 0 ? loss : tf.add<tf.Scalar>(loss, tf.mul(lambda, regularizer()));
      });
      tf.dispose([x, y]);
    }
    report((epoch + 1) / epochs);
  }
  const errors = LAYERS.map((layer, i) => {
    const kernel = tf.tidy(() => tf.transpose(asConvolution(i), [3, 2, 0, 1]).dataSync() as Float32Array);
    return orthogonalityErrors(kernel, shapeOf(layer), SIZES[i]);
  });
  const lipschitz = errors.reduce((product, { largest }) => product * largest, 1);
  const test = batchOf(
    Int32Array.from({ length: images.rows - TRAINING_IMAGES }, (_, i) => TRAINING_IMAGES + i),
  );
  const margins = marginsOf(model, test.x, test.y);
  const attacked = marginsOf(model, attack(model, test.x, test.y), test.y);
  const share = (values: Float32Array, least: number) =>
    values.filter((margin) => margin > least).length / values.length;
  tf.dispose([test.x, test.y]);
  optimizer.dispose();
  model.dispose();
  return [{
    kind: "digits",
    lambda,
    seed,
    accuracy: share(margins, 0),
    attacked: share(attacked, 0),
    // A difference of two logits has the Lipschitz constant sqrt(2) times that of the network.
    certified: share(margins, Math.SQRT2 * lipschitz * RADIUS),
    lipschitz,
    isometry: errors[1].smallest / errors[1].largest,
  }];
}

/** [batch, 8, 8, 1] to [batch, 10] logits. */
function digitsModel(seed: number): tf.LayersModel {
  const start = (at: number) => tf.initializers.glorotUniform({ seed: 7919 * seed + at });
  const convolution = (i: number) =>
    tf.layers.conv2d({
      filters: LAYERS[i].M,
      kernelSize: LAYERS[i].k,
      strides: LAYERS[i].S,
      activation: "relu",
      kernelInitializer: start(i + 1),
    });
  return tf.sequential({
    layers: [
      new CircularPadding2D({ padding: 1, inputShape: [8, 8, 1] }),
      convolution(0),
      new CircularPadding2D({ padding: 1 }),
      convolution(1),
      tf.layers.flatten(),
      tf.layers.dense({ units: LAYERS[2].M, kernelInitializer: start(3) }),
    ],
  });
}

/** The right logit minus the largest other one, for every image. */
function marginsOf(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor): Float32Array {
  return tf.tidy(() => margins(model.apply(x) as tf.Tensor, y).dataSync() as Float32Array);
}

function margins(logits: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const right = tf.sum(tf.mul(logits, y), 1);
  return tf.sub(right, tf.max(tf.sub(logits, tf.mul(1e9, y)), 1));
}

/** Ten steps down the margin inside of the ball around each image (projected gradient). */
function attack(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const slope = tf.grad((z: tf.Tensor) => tf.sum(margins(model.apply(z) as tf.Tensor, y)));
  const lengths = (z: tf.Tensor) => tf.sqrt(tf.sum(tf.square(z), [1, 2, 3], true));
  let moved = tf.zerosLike(x);
  for (let step = 0; step < 10; step++) {
    const next = tf.tidy(() => {
      const g = slope(tf.add(x, moved));
      const far = tf.sub(moved, tf.mul(RADIUS / 4, tf.div(g, tf.maximum(lengths(g), 1e-12))));
      return tf.mul(far, tf.minimum(1, tf.div(RADIUS, tf.maximum(lengths(far), 1e-12))));
    });
    moved.dispose();
    moved = next;
  }
  return tf.add(x, moved);
}
