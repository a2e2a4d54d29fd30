/** A graph hypernetwork for perceptrons on digits: its training, and what its predictions are worth. */
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { mnistTraining } from "../../lib/datasets/mod.ts";
import { mlpGraph } from "../../lib/hypernetworks/mod.ts";
import { GraphHyperNetwork, type GraphHyperNetworkOptions } from "../../lib/hypernetworks/layers/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { warmupCosine } from "../../lib/optimizers/mod.ts";
import { FusedAdam, FusedSgd } from "../../lib/tfjs/mod.ts";
import { softmaxCrossEntropy } from "../../lib/training/mod.ts";

/** Digits that the training sees, and those that follow them, for the test. */
const TRAINING = 20_000;
const TEST = 4_000;
/** Side of a picture, of the blocks whose means are its inputs, and number of these. */
const SIDE = 28;
const BLOCK = 4;
const INPUTS = (SIDE / BLOCK) ** 2;
const CLASSES = 10;
/** Widths of the networks that the hypernetwork is trained on: 16 to 64 by 8. */
const WIDTHS = [16, 24, 32, 40, 48, 56, 64];
/** Networks in each step, digits in each batch, weight of the norms of predictions, longest gradient. */
const NETWORKS = 2;
const BATCH = 64;
const PENALTY = 3e-5;
const LONGEST = 5;
const LEARNING_RATE = 1e-3;
const WARMUP = 50;
/** Of fine-tuning. */
const MOMENTUM = 0.9;

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

/** Training and test digits as 7 x 7 means of pixels from 0 to 1, less 0.13 and over 0.25. */
export async function pictures(): Promise<{ train: Pictures; test: Pictures }> {
  const { images, labels } = await mnistTraining();
  const size = SIDE ** 2;
  const part = (from: number, count: number): Pictures => ({
    x: tf.tidy(() => {
      const pixels = Float32Array.from(images.subarray(from * size, (from + count) * size));
      const means = tf.avgPool(tf.tensor4d(pixels, [count, SIDE, SIDE, 1]), BLOCK, BLOCK, "valid");
      return tf.reshape(tf.div(tf.sub(tf.div(means, 255), 0.13), 0.25), [count, INPUTS]);
    }),
    labels: Int32Array.from(labels.subarray(from, from + count)),
  });
  return { train: part(0, TRAINING), test: part(TRAINING, TEST) };
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
  { steps, seed, report }: { steps: number; seed: number; report(fraction: number): void },
): GraphHyperNetwork {
  const rng = new Rng(seed).split("hypernetwork");
  const sizes = { hidden: TILE, layers: 2, heads: 4, classes: CLASSES };
  const network = new GraphHyperNetwork({ ...sizes, decoder, rng: rng.split("start") });
  const rate = warmupCosine(LEARNING_RATE, steps, { warmup: Math.min(WARMUP, steps - 1) });
  const optimizer = new FusedAdam({ weightDecay: 1e-2, epsilon: 1e-8 });
  const order = rng.split("order");
  for (let step = 0; step < steps; step++) {
    optimizer.learningRate = rate(step);
    if (step % 50 === 0) report(step / steps);
    const graphs = Array.from(
      { length: NETWORKS },
      () => mlpGraph(widthsOf(1 + order.integer(4), WIDTHS[order.integer(WIDTHS.length)])),
    );
    tf.tidy(() => {
      const batch = batchOf(data, order);
      const { grads } = tf.variableGrads(() =>
        tf.addN(
          network.predictAll(graphs).flatMap((parameters) => [
            tf.div(crossEntropy(parameters, batch), NETWORKS),
            ...parameters.map((parameter) =>
              tf.mul(tf.sqrt(tf.sum(tf.square(parameter))), PENALTY / NETWORKS)
            ),
          ]),
        ) as tf.Scalar, network.variables);
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

/** A network that was fine-tuned. */
interface FineTuned {
  /** Accuracies after the numbers of steps that were asked for. */
  accuracies: number[];
  /** Weights and biases after the last of them. They belong to the caller. */
  parameters: tf.Tensor[];
}

/** Stochastic gradient descent with momentum from a start. */
export function fineTuned(
  start: readonly tf.Tensor[],
  data: { train: Pictures; test: Pictures },
  { rate, at, rng }: { rate: number; at: readonly number[]; rng: Rng },
): FineTuned {
  const variables = start.map((parameter) => tf.variable(parameter));
  const optimizer = new FusedSgd({ learningRate: rate, momentum: MOMENTUM });
  const accuracies: number[] = [];
  const last = Math.max(...at);
  for (let step = 0; step <= last; step++) {
    if (at.includes(step)) accuracies.push(accuracy(variables, data.test));
    if (step === last) break;
    tf.tidy(() => {
      const batch = batchOf(data.train, rng);
      optimizer.minimize(() => crossEntropy(variables, batch), false, variables);
    });
  }
  const parameters = variables.map((variable) => variable.clone());
  tf.dispose(variables);
  optimizer.dispose();
  return { accuracies, parameters };
}

/** Units of the last hidden layer on some pictures. */
export interface Units {
  /** How many of them differ. */
  distinct: number;
  /** Largest difference between units i and i + TILE, relative to the largest value; 0 if there are none. */
  apart: number;
}

/** Channels of a tile: the size of the vector of a node. */
export const TILE = 32;
/** Relative to the largest value; products sum in another order for each unit. */
const SAME = 1e-4;
/** Pictures on which units are compared. */
const COMPARED = 100;

/** Compares pre-activations, as activations may all be zero. */
export function unitsOf(parameters: readonly tf.Tensor[], { x }: Pictures): Units {
  return compared(
    tf.tidy(() =>
      tf.transpose(preActivations(parameters, tf.slice(x, 0, COMPARED)).at(-2)!).arraySync()
    ) as number[][],
  );
}

function compared(units: number[][]): Units {
  const largest = units.reduce((most, unit) => unit.reduce((m, v) => Math.max(m, Math.abs(v)), most), 0);
  const difference = (a: number[], b: number[]) =>
    a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0) / largest;
  const kept: number[][] = [];
  for (const unit of units) {
    if (!kept.some((other) => difference(unit, other) < SAME)) kept.push(unit);
  }
  const apart = units.slice(TILE).reduce((most, unit, i) => Math.max(most, difference(unit, units[i])), 0);
  return { distinct: kept.length, apart };
}

/**
 * The units after steps of the same descent in double precision. Products round the copies of a unit
 * differently, and where the steps are too long the descent amplifies that: from 1e-7 of single precision
 * within a hundred steps to what is seen.
 */
export function unitsInDoublePrecision(
  start: readonly tf.Tensor[],
  { train, test }: { train: Pictures; test: Pictures },
  { widths, rate, steps, rng }: { widths: number[]; rate: number; steps: number; rng: Rng },
): Units {
  const parameters = Float64Array.from(start.flatMap((parameter) => Array.from(parameter.dataSync())));
  const network = new DenseNetwork({ widths, activation: "relu", parameters });
  const velocity = new Float64Array(parameters.length);
  const inputs = (x: tf.Tensor) => new Matrix(x.shape[0], INPUTS, Float64Array.from(x.dataSync()));
  for (let step = 0; step < steps; step++) {
    const chosen = Array.from({ length: BATCH }, () => rng.integer(train.labels.length));
    const x = inputs(tf.gather(train.x, chosen));
    const labels = Int32Array.from(chosen, (i) => train.labels[i]);
    const { parameters: gradient } = network.vjp(x, softmaxCrossEntropy(network.forward(x), labels).gradient);
    for (let k = 0; k < velocity.length; k++) {
      velocity[k] = MOMENTUM * velocity[k] + gradient[k];
      network.parameters[k] -= rate * velocity[k];
    }
  }
  const x = inputs(tf.slice(test.x, 0, COMPARED));
  const last = network.hiddenLayers(x, { before: true }).at(-1)!;
  return compared(last.transpose().toRows());
}
