import { requireInteger, requireNumber, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { DenseNetwork } from "../networks/mod.ts";
import { flatAdam } from "../optimizers/flat_adam.ts";
import { type Environment, requireEnvironment, takeRows } from "./environment.ts";
import { fitGroupDro } from "./fit_group_dro.ts";
import { squaredNormGradient } from "./fit_invariant.ts";
import { sigmoid } from "./logistic_loss.ts";
import { withNetworkPasses } from "./network_pass.ts";

/** Numbers of steps of {@linkcode richFeatures}. */
export interface RichFeaturesSteps {
  /** Of the first round, empirical risk minimization. Default 51. */
  erm?: number;
  /** Of each further round, group distributionally robust optimization. Default 501. */
  dro?: number;
  /** Of the synthesis. Default 501. */
  synthesis?: number;
}

/** Options of {@linkcode richFeatures}. */
export interface RichFeaturesOptions {
  /** Networks to discover, K. Default 2. */
  rounds?: number;
  /** Width of both hidden layers. Default 390. */
  hidden?: number;
  /** Numbers of steps. */
  steps?: RichFeaturesSteps;
  /** Learning rate of Adam. Default 5e-4. */
  learningRate?: number;
  /** Factor on the sum of the squared parameters. Default 0.0011. */
  l2?: number;
  /** Stream of the starts and of the balanced sample. */
  rng: Rng;
}

/** One round of discovery. */
export interface DiscoveryRound {
  /** What was trained. */
  network: DenseNetwork<"float32">;
  /** Its predictions, 0 or 1, one per example. */
  predictions: Uint8Array;
  /** 1 where the prediction is the label, else 0. */
  correct: Uint8Array;
  /** Largest mean loss of a group, or of all examples in the first round, before each step. */
  losses: Float64Array;
}

/** What {@linkcode richFeatures} returns. */
export interface RichFeatures {
  /** Two hidden layers with the features, and the mean of the K heads as its one output. */
  network: DenseNetwork<"float32">;
  /** The same hidden layers with the K heads: output k gives the predictions of round k. */
  synthesis: DenseNetwork<"float32">;
  /** Rounds of discovery. */
  rounds: DiscoveryRound[];
}

/**
 * Rich feature construction (Zhang, Lopez-Paz & Bottou 2022), for two classes. Discovery: a first network is
 * trained on all examples; each later one, from a fresh start, makes the largest loss over groups small,
 * where every earlier round has split the examples into those that it predicts right and wrong. Synthesis:
 * one network with K heads learns the predictions of all rounds, on a sample that has as many examples on
 * which the rounds agree (all right or all wrong) as others.
 *
 * @param data Examples, of all environments together.
 * @param options Sizes, lengths and the stream.
 * @returns A network to start other methods from, its K heads apart, and the rounds.
 * @throws {RangeError} if a size or a number is out of range, an input is not finite or a label neither 0 nor
 * 1.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 * @throws {Error} if a round but the last has all examples right, or all wrong: no second group is left.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { coloredImages, richFeatures } from "refigure/invariance";
 * import { assertEquals } from "@std/assert";
 *
 * const shown = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
 * const images = Matrix.from(400, 1, (i) => 2 * shown[i] - 1);
 * const data = coloredImages(images, shown, { colorFlip: 0.15, rng: new Rng(1) });
 * const steps = { erm: 50, dro: 100, synthesis: 100 };
 * const { synthesis } = richFeatures(data, { hidden: 8, steps, learningRate: 0.02, rng: new Rng(0) });
 * assertEquals(synthesis.widths, [2, 8, 8, 2]);
 * ```
 */
export function richFeatures(data: Environment, options: RichFeaturesOptions): RichFeatures {
  requireEnvironment("data", data);
  requireOptions("options", options, ["rounds", "hidden", "steps", "learningRate", "l2", "rng"]);
  const { rounds: count = 2, hidden = 390, steps = {}, learningRate = 5e-4, l2 = 0.0011, rng } = options;
  requireInteger("rounds", count, { min: 1, max: 100 });
  requireInteger("hidden", hidden, { min: 1, max: 100_000 });
  requireOptions("steps", steps, ["erm", "dro", "synthesis"]);
  const { erm = 51, dro = 501, synthesis: synthesisSteps = 501 } = steps;
  for (const [name, value] of Object.entries({ erm, dro, synthesis: synthesisSteps })) {
    requireInteger(`steps.${name}`, value);
  }
  requireNumber("learningRate", learningRate, { above: 0 });
  requireNumber("l2", l2, { min: 0 });
  requireRng("rng", rng);
  const fresh = (outputs: number, label: string) =>
    new DenseNetwork({
      widths: [data.inputs.columns, hidden, hidden, outputs],
      activation: "relu",
      init: "glorot",
      dtype: "float32",
      rng: rng.split(label),
    });

  const rounds: DiscoveryRound[] = [];
  const groups: Environment[] = [];
  for (let k = 1; k <= count; k++) {
    if (k > 1 && groups.length < 2) {
      const what = rounds[0].correct[0] === 1 ? "fits" : "misses";
      throw new Error(`discovery cannot continue: round ${k - 1} ${what} all examples`);
    }
    const network = fresh(1, `round ${k}`);
    const losses = fitGroupDro(network, k === 1 ? [data] : groups, {
      steps: k === 1 ? erm : dro,
      learningRate,
      l2,
    });
    const predictions = Uint8Array.from(network.forward(data.inputs).data, (z) => z > 0 ? 1 : 0);
    const correct = predictions.map((prediction, i) => prediction === data.labels[i] ? 1 : 0);
    rounds.push({ network, predictions, correct, losses });
    for (const value of [1, 0]) {
      const members = indicesWhere(correct, (c) => c === value);
      if (members.length > 0) groups.push(subset(data, members));
    }
  }

  const sample = balancedSample(rounds, rng.split("balanced sample"));
  const synthesis = fresh(count, "synthesis");
  const adam = flatAdam("network", synthesis.parameters, learningRate);
  withNetworkPasses(synthesis, [takeRows(data.inputs, sample)], ([pass]) => {
    for (let step = 0; step < synthesisSteps; step++) {
      const total = squaredNormGradient(synthesis, l2);
      const byLogits = Float64Array.from(pass.outputs(), (z, at) => {
        const target = rounds[at % count].predictions[sample[Math.floor(at / count)]];
        return (sigmoid(z) - target) / (count * sample.length);
      });
      pass.addGradient(byLogits, total);
      adam(total);
    }
  });
  return { network: withMeanHead(synthesis), synthesis, rounds };
}

/**
 * As many draws, with replacement, of examples on which all rounds are right or all wrong as of the others.
 */
function balancedSample(rounds: DiscoveryRound[], rng: Rng): Int32Array {
  const n = rounds[0].correct.length;
  const right = new Uint8Array(n);
  for (const { correct } of rounds) for (let i = 0; i < n; i++) right[i] += correct[i];
  const agree = indicesWhere(right, (sum) => sum === 0 || sum === rounds.length);
  const differ = indicesWhere(right, (sum) => sum > 0 && sum < rounds.length);
  return Int32Array.from({ length: n }, (_, i) => {
    const side = differ.length === 0 || (i < n / 2 && agree.length > 0) ? agree : differ;
    return side[rng.integer(side.length)];
  });
}

/** The mean of the heads in place of all of them. */
function withMeanHead(synthesis: DenseNetwork<"float32">): DenseNetwork<"float32"> {
  const last = synthesis.depth - 1;
  const heads = synthesis.weights[last];
  const network = new DenseNetwork({
    widths: [...synthesis.widths.slice(0, -1), 1],
    activation: synthesis.activations,
    dtype: "float32",
    parameters: synthesis.parameters.subarray(
      0,
      synthesis.parameters.length - (heads.rows - 1) * (heads.columns + 1),
    ),
  });
  const mean = network.weights[last].data;
  mean.fill(0);
  network.biases[last].fill(0);
  for (let k = 0; k < heads.rows; k++) {
    for (let j = 0; j < heads.columns; j++) mean[j] += heads.get(k, j) / heads.rows;
    network.biases[last][0] += synthesis.biases[last][k] / heads.rows;
  }
  return network;
}

function subset(data: Environment, members: number[]): Environment {
  return { inputs: takeRows(data.inputs, members), labels: Uint8Array.from(members, (i) => data.labels[i]) };
}

function indicesWhere(values: Uint8Array, holds: (value: number) => boolean): number[] {
  const out: number[] = [];
  for (let i = 0; i < values.length; i++) if (holds(values[i])) out.push(i);
  return out;
}
