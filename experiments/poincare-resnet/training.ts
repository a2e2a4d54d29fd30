/** Networks of fully connected Poincaré layers on digits (notes 6, C). */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { adamwUpdates, MatrixOptimizer } from "../../lib/optimizers/mod.ts";
import { PoincareMlp } from "../../lib/training/mod.ts";
import type { NetworkStart, Norm, Row } from "./rows.ts";

/** One network. */
export interface TrainingTrial {
  layers: number;
  init: NetworkStart;
  norm: Norm;
  c: number;
  learningRate: number;
  epochs: number;
  seed: number;
}

const TRAINING_IMAGES = 1400;
const BATCH = 100;
const WIDTH = 32;

/** Images with pixels from -1 to 1, over 8: tangent vectors of norm about 0.85; a random split. */
export function splitDigits(rng: Rng): { training: Labelled; test: Labelled } {
  const { images, labels } = digits();
  const order = rng.permutation(images.rows);
  const take = (from: number, to: number): Labelled => ({
    x: Matrix.from(to - from, 64, (i, j) => (2 * images.get(order[from + i], j) - 1) / 8),
    y: Int32Array.from({ length: to - from }, (_, i) => labels[order[from + i]]),
  });
  return { training: take(0, TRAINING_IMAGES), test: take(TRAINING_IMAGES, images.rows) };
}

/** Images with their labels. */
export interface Labelled {
  x: Matrix;
  y: Int32Array;
}

/** Rows `which` of some images. */
export function batchOf({ x, y }: Labelled, which: Int32Array): Labelled {
  return {
    x: Matrix.from(which.length, x.columns, (i, j) => x.get(which[i], j)),
    y: Int32Array.from(which, (k) => y[k]),
  };
}

/** Trains a network by Adam and tests it. */
export function trainingRows(trial: TrainingTrial, report: Report<Row<"training">>): Row<"training">[] {
  const { layers, init, norm, c, learningRate, epochs, seed } = trial;
  const rng = new Rng(seed);
  const { training, test } = splitDigits(rng.split("split"));
  const widths = [64, ...new Array(layers - 1).fill(WIDTH), 10];
  const net = new PoincareMlp({ widths, c, init, norm, rng: rng.split("start") });
  const optimizer = new MatrixOptimizer(
    net.parameters.map(({ name, value }) => ({ name, weights: value, outputs: "columns" })),
    adamwUpdates({ learningRate }),
  );
  const order = rng.split("batches");
  const gradientNorms: number[] = [];
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const shuffled = order.permutation(TRAINING_IMAGES);
    let sum = 0;
    for (let first = 0; first < TRAINING_IMAGES; first += BATCH) {
      const { x, y } = batchOf(training, shuffled.subarray(first, first + BATCH));
      const { loss, gradients } = net.gradients(x, y);
      if (gradientNorms.length === 0) {
        net.parameters.forEach(({ name }, i) => {
          if (name.endsWith("normals")) gradientNorms.push(normOf(gradients[i].data));
        });
      }
      sum += loss;
      optimizer.step(gradients);
    }
    losses.push(sum / (TRAINING_IMAGES / BATCH));
    report((epoch + 1) / epochs);
  }
  return [{
    kind: "training",
    layers,
    init,
    norm,
    seed,
    epochs,
    gradientNorms,
    losses,
    loss: net.loss(training.x, training.y),
    accuracy: 1 - net.errorRate(test.x, test.y),
  }];
}

function normOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
