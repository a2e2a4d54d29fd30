/** A graph hypernetwork for perceptrons on digits: its training, and what its predictions are worth. */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { mlpGraph } from "../../lib/hypernetworks/mod.ts";
import { GraphHyperNetwork, type GraphHyperNetworkOptions } from "../../lib/hypernetworks/layers/mod.ts";
import { warmupCosine } from "../../lib/optimizers/mod.ts";
import { FusedAdam } from "../../lib/tfjs/mod.ts";

/** Digits that the training sees; the others are the test. */
const TRAINING = 1297;
const INPUTS = 64;
const CLASSES = 10;
/** Widths of the networks that the hypernetwork is trained on: 16 to 64 by 8. */
const WIDTHS = [16, 24, 32, 40, 48, 56, 64];
/** Networks in each step, digits in each batch, weight of the norms of predictions, longest gradient. */
const NETWORKS = 2;
const BATCH = 64;
const PENALTY = 3e-5;
const LONGEST = 5;

/** Pictures with their labels, as tensors. */
export interface Pictures {
  x: tf.Tensor2D;
  labels: Int32Array;
}

/** Pictures of one step, and their labels as rows with a one. */
interface Batch {
  x: tf.Tensor2D;
  y: tf.Tensor;
}

/** Random pictures. */
function batchOf({ x, labels }: Pictures, rng: Rng): Batch {
  const chosen = Array.from({ length: BATCH }, () => rng.integer(labels.length));
  return { x: tf.gather(x, chosen), y: tf.oneHot(chosen.map((i) => labels[i]), CLASSES).toFloat() };
}

/** Training and test digits, with mean and spread near 0 and 1. */
export function pictures(): { train: Pictures; test: Pictures } {
  const { images, labels } = digits();
  const part = (from: number, to: number): Pictures => ({
    x: tf.tensor2d(
      Float32Array.from(images.slice(from, to, 0, INPUTS).data, (pixel) => (pixel - 0.3) / 0.375),
      [to - from, INPUTS],
    ),
    labels: labels.slice(from, to),
  });
  return { train: part(0, TRAINING), test: part(TRAINING, labels.length) };
}

/** Widths of a perceptron: inputs, hidden layers, classes. */
export function widthsOf(depth: number, width: number): number[] {
  return [INPUTS, ...new Array<number>(depth).fill(width), CLASSES];
}

/** Pre-activations of every layer, from weights and biases in turn. */
export function preActivations(parameters: readonly tf.Tensor[], x: tf.Tensor2D): tf.Tensor2D[] {
  const layers: tf.Tensor2D[] = [];
  for (let i = 0; i < parameters.length; i += 2) {
    const input = i === 0 ? x : tf.relu(layers[layers.length - 1]);
    const weight = parameters[i] as tf.Tensor2D;
    layers.push(tf.add(tf.matMul(input, weight, false, true), parameters[i + 1]));
  }
  return layers;
}

/** Cross-entropy of a perceptron on a batch. */
export function crossEntropy(parameters: readonly tf.Tensor[], { x, y }: Batch): tf.Scalar {
  const logits = preActivations(parameters, x).at(-1)!;
  return tf.mul(tf.sum(tf.mul(y, tf.logSoftmax(logits))), -1 / x.shape[0]);
}

/** Share of pictures whose largest logit is that of their label. */
export function accuracy(parameters: readonly tf.Tensor[], { x, labels }: Pictures): number {
  const guesses = tf.tidy(() => tf.argMax(preActivations(parameters, x).at(-1)!, 1).dataSync());
  return labels.reduce((sum, label, i) => sum + Number(guesses[i] === label), 0) / labels.length;
}

/** A hypernetwork of the notes' size, trained on sampled perceptrons. */
export function trainedHypernetwork(
  decoder: GraphHyperNetworkOptions["decoder"],
  data: Pictures,
  { steps, seed, learningRate = 1e-3 }: { steps: number; seed: number; learningRate?: number },
): GraphHyperNetwork {
  const rng = new Rng(seed).split("hypernetwork");
  const sizes = { hidden: 32, layers: 2, heads: 4, classes: CLASSES };
  const network = new GraphHyperNetwork({ ...sizes, decoder, rng: rng.split("start") });
  const rate = warmupCosine(learningRate, steps, { warmup: Math.min(50, steps - 1) });
  const optimizer = new FusedAdam({ weightDecay: 1e-2, epsilon: 1e-8 });
  const order = rng.split("order");
  for (let step = 0; step < steps; step++) {
    optimizer.learningRate = rate(step);
    const graphs = Array.from(
      { length: NETWORKS },
      () => mlpGraph(widthsOf(1 + order.integer(4), WIDTHS[order.integer(WIDTHS.length)])),
    );
    tf.tidy(() => {
      const batch = batchOf(data, order);
      const { grads } = tf.variableGrads(() =>
        tf.addN(network.predictAll(graphs).flatMap((parameters) => [
          tf.div(crossEntropy(parameters, batch), NETWORKS),
          ...parameters.map((parameter) =>
            tf.mul(tf.sqrt(tf.sum(tf.square(parameter))), PENALTY / NETWORKS)
          ),
        ])) as tf.Scalar, network.variables);
      optimizer.applyGradients(clipped(grads));
    });
  }
  optimizer.dispose();
  return network;
}

/** Gradients as they are, or all of them shorter, so that together they are not longer than allowed. */
function clipped(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
  const squares = tf.addN(Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient))));
  const length = Math.sqrt(squares.dataSync()[0]);
  if (length <= LONGEST) return gradients;
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, LONGEST / length)]),
  );
}

/** PyTorch's start of dense layers: weights and biases uniform in ±1/sqrt(inputs). */
export function randomStart(widths: readonly number[], rng: Rng): tf.Tensor[] {
  return widths.slice(1).flatMap((outputs, i) => {
    const bound = 1 / Math.sqrt(widths[i]);
    const values = (count: number) => Float32Array.from({ length: count }, () => rng.uniform(-bound, bound));
    return [tf.tensor2d(values(outputs * widths[i]), [outputs, widths[i]]), tf.tensor1d(values(outputs))];
  });
}

/** Accuracies before, and after numbers of steps of stochastic gradient descent with momentum 0.9. */
export function fineTuned(
  start: readonly tf.Tensor[],
  data: { train: Pictures; test: Pictures },
  { learningRate, at, seed }: { learningRate: number; at: readonly number[]; seed: number },
): { accuracies: number[]; distinct: number } {
  const order = new Rng(seed).split("fine-tuning");
  const parameters = start.map((parameter) => tf.variable(parameter));
  const optimizer = tf.train.momentum(learningRate, 0.9);
  const accuracies: number[] = [];
  for (let step = 0; step <= Math.max(...at); step++) {
    if (at.includes(step)) accuracies.push(accuracy(parameters, data.test));
    tf.tidy(() => {
      const batch = batchOf(data.train, order);
      optimizer.minimize(() => crossEntropy(parameters, batch), false, parameters);
    });
  }
  const distinct = distinctUnits(parameters, data.test);
  tf.dispose(parameters);
  optimizer.dispose();
  return { accuracies, distinct };
}

/** Number of units of the last hidden layer that differ on the first 100 pictures, relative to the largest value. */
export function distinctUnits(parameters: readonly tf.Tensor[], { x }: Pictures): number {
  const units = tf.tidy(() =>
    tf.transpose(preActivations(parameters, tf.slice(x, 0, 100)).at(-2)!).arraySync()
  ) as number[][];
  const largest = units.reduce(
    (most, unit) => unit.reduce((m, value) => Math.max(m, Math.abs(value)), most),
    0,
  );
  const kept: number[][] = [];
  for (const unit of units) {
    const same = (other: number[]) => unit.every((value, k) => Math.abs(value - other[k]) < 1e-4 * largest);
    if (!kept.some(same)) kept.push(unit);
  }
  return kept.length;
}
