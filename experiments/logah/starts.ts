/** What the weights of one start are worth: as they are, and after fine-tuning. */
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { mlpGraph } from "../../lib/hypernetworks/mod.ts";
import type { GraphHyperNetwork } from "../../lib/hypernetworks/layers/mod.ts";
import { singularValues } from "../../lib/linalg/mod.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { Row, Setting, Start } from "./rows.ts";
import {
  accuracy,
  fineTuned,
  type Pictures,
  pictures,
  randomStart,
  trainedHypernetwork,
  unitsInDoublePrecision,
  unitsOf,
  widthsOf,
} from "./training.ts";

/** One start of one seed. */
export interface StartTrial {
  start: Start;
  seed: number;
  /** Steps of the hypernetwork's training. */
  steps: number;
  rank: number;
  /** Largest outputs or inputs that the low-rank decoder can make. */
  maxSize: number;
  /** Widths of networks with two hidden layers whose accuracy is measured before fine-tuning. */
  widths: number[];
  /** What is fine-tuned: widths, learning rates, orders of the data; steps at which accuracy is measured. */
  tunings: { width: number; rate: number; order: number }[];
  at: number[];
}

/** Singular values of a weight that are stored, and below which share of the largest they count as zero. */
const STORED = 40;
const ZERO = 1e-5;

/** Steps of fine-tuning in double precision. */
const DOUBLE_STEPS = 60;

/** Digits of this process. */
let data: Promise<{ train: Pictures; test: Pictures }> | undefined;

/** Trains the hypernetwork, if the start has one, and measures. */
export async function startRows(trial: StartTrial, report: (fraction: number) => void): Promise<Row[]> {
  await useBestBackend({ verbose: false });
  const { start, seed, steps, rank, maxSize, widths, tunings, at } = trial;
  const { train, test } = await (data ??= pictures());
  const setting: Setting = { start, seed, steps: start === "random" ? 0 : steps, rank };
  const rng = new Rng(seed);
  const network = start === "random" ? undefined : trainedHypernetwork(
    start === "tiled"
      ? { kind: "tile", maxKernel: 1 }
      : { kind: "lowRank", rank, maxSize, layout: start === "LoGAH" ? "official" : "transposed" },
    train,
    { steps, seed, report: (fraction) => report(0.8 * fraction) },
  );
  const weights = (depth: number, width: number) =>
    startOf(widthsOf(depth, width), network, rng.split(`random start ${depth} ${width}`));

  const rows: Row[] = [];
  const zeroShot = (depth: number, width: number): Row<"accuracy"> => ({
    kind: "accuracy",
    ...setting,
    depth,
    width,
    accuracy: tf.tidy(() => accuracy(weights(depth, width), test)),
  });
  for (const width of widths) {
    rows.push(zeroShot(2, width), zeroShot(4, width));
    tf.tidy(() => {
      const start = weights(2, width);
      rows.push({
        kind: "units",
        ...setting,
        width,
        rate: null,
        order: 0,
        distinct: unitsOf(start, test).distinct,
      });
      rows.push(
        ...[0, 1].map((layer) => spectrumRow(start[2 * layer] as tf.Tensor2D, { ...setting, layer, width })),
      );
    });
  }
  rows.push(...diversityRows(weights(4, 64), { ...setting, isTrained: false }));
  tunings.forEach(({ width, rate, order }, i) => {
    report(0.8 + 0.2 * i / tunings.length);
    tf.tidy(() => {
      const options = { rate, at, rng: rng.split(`order ${order}`) };
      const { accuracies, parameters } = fineTuned(weights(2, width), { train, test }, options);
      const row = { ...setting, width, rate, order };
      accuracies.forEach((accuracy, k) => rows.push({ kind: "tuning", ...row, step: at[k], accuracy }));
      rows.push({ kind: "units", ...row, distinct: unitsOf(parameters, test).distinct });
      if (start === "tiled" && order === 0) {
        const options = { widths: widthsOf(2, width), rate, steps: DOUBLE_STEPS, rng: rng.split("double") };
        const units = unitsInDoublePrecision(weights(2, width), { train, test }, options);
        rows.push({ kind: "copies", ...setting, width, rate, step: DOUBLE_STEPS, ...units });
      }
    });
  });
  if (start === "random") {
    tf.tidy(() => {
      const options = { rate: 0.05, at: [200], rng: rng.split("order 0") };
      const { parameters } = fineTuned(weights(4, 64), { train, test }, options);
      rows.push(...diversityRows(parameters, { ...setting, isTrained: true }));
    });
  }
  network?.dispose();
  return rows;
}

/** Predicted weights and biases, or random ones. */
function startOf(widths: number[], network: GraphHyperNetwork | undefined, rng: Rng): tf.Tensor[] {
  return network === undefined ? randomStart(widths, rng) : network.predict(mlpGraph(widths));
}

function spectrumRow(weight: tf.Tensor2D, row: Setting & { layer: number; width: number }): Row<"spectrum"> {
  const [outputs, inputs] = weight.shape;
  const values = singularValues(new Matrix(outputs, inputs, Float64Array.from(weight.dataSync())));
  const relative = Array.from(values, (value) => value / values[0]);
  return {
    kind: "spectrum",
    ...row,
    numericalRank: relative.filter((value) => value > ZERO).length,
    values: relative.slice(0, STORED),
  };
}

/** Of the weights between hidden layers, which have the same shape. */
function diversityRows(
  parameters: readonly tf.Tensor[],
  row: Setting & { isTrained: boolean },
): Row<"diversity">[] {
  const weights = parameters.filter((_, i) => i % 2 === 0).slice(1, -1).map((weight) => weight.dataSync());
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);
  const distances = weights.flatMap((a, i) =>
    weights.slice(i + 1).map((b) => 1 - Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b)))
  );
  return [{
    kind: "diversity",
    ...row,
    distance: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
  }];
}
