import {
  allocate,
  allocateLike,
  type DType,
  Matrix,
  type RealArray,
  requireBoolean,
  requireFunction,
  requireInstance,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { adamwUpdates } from "../optimizers/adam.ts";
import { warmupCosine } from "../optimizers/schedule.ts";
import { type Neighbors, RetrievalDenoiser } from "./retrieval_denoiser.ts";
import { requireIndices } from "./rows.ts";

/** Options of {@linkcode trainRetrievalDenoiser}. */
export interface TrainRetrievalDenoiserOptions {
  /** Steps of Adam. Default 1500. */
  steps?: number;
  /** Examples per step, drawn with replacement. Default 64. */
  batchSize?: number;
  /** First learning rate; it falls to zero along half a cosine. Default 3e-3. */
  learningRate?: number;
  /** Mean of the logarithm of the noise level. Default -0.6. */
  logSigmaMean?: number;
  /** Its standard deviation. Default 1.2. */
  logSigmaDeviation?: number;
  /**
   * Probability with which all neighbours of an example are replaced by zero tokens, for guidance. Default
   * 0.
   */
  dropProbability?: number;
  /** Called after every step. */
  onStep?: (progress: { step: number; loss: number }) => void;
  /** Stream of batches, noise and levels. */
  rng: Rng;
}

/**
 * Trains a denoiser on examples and their neighbours, with Adam on the denoising loss (Blattmann et al. 2022,
 * equation 4, with the noise levels and weights of Karras et al. 2022). The neighbours are retrieved once,
 * before.
 *
 * @param net The model; its parameters are changed.
 * @param examples n x dim.
 * @param neighbors Those of all examples, k for each; `null` for a model without attention.
 * @param options Length, rates, levels and the stream.
 * @returns The loss of every step, before it.
 * @throws {RangeError} if a size does not fit, there are no examples, or an option is out of range.
 * @throws {TypeError} if an argument or an option is of the wrong type, or unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { EmbeddingDatabase, RetrievalDenoiser, trainRetrievalDenoiser } from "refigure/retrieval";
 * import { assertLess } from "@std/assert";
 *
 * // Every example has a twin in the database: the network learns to look it up.
 * const examples = new Rng(0).normalMatrix(40, 2);
 * const database = new EmbeddingDatabase(examples);
 * const { indices } = database.search(examples, 1);
 * const net = new RetrievalDenoiser({ dim: 2, tokenDim: 2, width: 16, sigmaData: 1, rng: new Rng(1) });
 * const { losses } = trainRetrievalDenoiser(net, examples, { tokens: database.tokens, indices }, {
 *   steps: 300,
 *   rng: new Rng(2),
 * });
 * assertLess(losses.at(-1)!, 0.3 * losses[0]);
 * ```
 */
export function trainRetrievalDenoiser<Precision extends DType>(
  net: RetrievalDenoiser<Precision>,
  examples: Matrix<RealArray>,
  neighbors: Neighbors | null,
  options: TrainRetrievalDenoiserOptions,
): { losses: Float64Array } {
  requireInstance("net", net, RetrievalDenoiser as never);
  requireMatrix("examples", examples);
  requireInteger("examples.rows", examples.rows, { min: 1 });
  requireSameShape("examples", examples, { rows: examples.rows, columns: net.dim });
  requireOptions("options", options, [
    "steps",
    "batchSize",
    "learningRate",
    "logSigmaMean",
    "logSigmaDeviation",
    "dropProbability",
    "onStep",
    "rng",
  ]);
  const { steps = 1500, batchSize = 64, learningRate = 3e-3, dropProbability = 0, onStep, rng } = options;
  const { logSigmaMean = -0.6, logSigmaDeviation = 1.2 } = options;
  requireInteger("steps", steps, { max: 1e7 });
  requireInteger("batchSize", batchSize, { min: 1, max: 2 ** 16 });
  requireNumber("learningRate", learningRate, { min: 0 });
  requireNumber("logSigmaMean", logSigmaMean, { min: -100, max: 100 });
  requireNumber("logSigmaDeviation", logSigmaDeviation, { min: 0, max: 10 });
  requireNumber("dropProbability", dropProbability, { min: 0, max: 1 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  requireRng("rng", rng);
  const tokens = neighbors === null ? null : new BatchTokens(neighbors, examples.rows, batchSize);
  const { parameters } = net;
  const schedule = steps === 0 ? 0 : warmupCosine(learningRate, steps);
  const adam = adamwUpdates({ learningRate: schedule });
  const weights = new Matrix<RealArray>(1, parameters.length, parameters);
  const parameter = { name: "denoiser", weights, outputs: "rows" as const };
  const state = adam.init(parameter);
  const out = allocateLike(parameters, parameters.length);
  const clean = new Matrix(batchSize, net.dim, allocate(net.dtype, batchSize * net.dim));
  const noise = new Matrix(batchSize, net.dim, allocate(net.dtype, batchSize * net.dim));
  const sigma = new Float64Array(batchSize);
  const [picks, noises, levels, drops] = ["examples", "noise", "levels", "drops"].map((name) =>
    rng.split(name)
  );
  const losses = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < batchSize; i++) {
      const pick = picks.integer(examples.rows);
      clean.data.set(examples.row(pick), i * net.dim);
      sigma[i] = Math.exp(logSigmaMean + logSigmaDeviation * levels.normal());
      tokens?.put(i, pick, dropProbability > 0 && drops.uniform() < dropProbability);
    }
    for (let i = 0; i < noise.data.length; i++) noise.data[i] = noises.normal();
    const { loss, gradient } = net.lossAndGradient(clean, noise, sigma, tokens?.neighbors ?? null, { out });
    const update = adam.update(new Matrix<RealArray>(1, gradient.length, gradient), state, parameter).data;
    for (let i = 0; i < parameters.length; i++) parameters[i] += update[i];
    losses[step] = loss;
    onStep?.({ step, loss });
  }
  return { losses };
}

/**
 * The tokens of a batch: rows that are gathered, or, where the whole table is smaller than that, the table.
 * The last row is zero, for neighbours that are dropped.
 */
class BatchTokens {
  readonly neighbors: Neighbors;
  readonly #from: Neighbors;
  readonly #k: number;
  readonly #isGathered: boolean;

  constructor(from: Neighbors, examples: number, batchSize: number) {
    requireOptions("neighbors", from, ["tokens", "indices", "projected"]);
    const { tokens, indices, projected = false } = from;
    requireMatrix("neighbors.tokens", tokens);
    requireBoolean("neighbors.projected", projected);
    if (projected) throw new RangeError("`neighbors.projected` must be false: training needs the tokens");
    requireIndices("neighbors.indices", indices, tokens.rows);
    this.#k = indices.length / examples;
    if (!Number.isInteger(this.#k) || this.#k === 0) {
      throw new RangeError(
        `\`neighbors.indices\` must have k entries per example, a multiple of ${examples}, ` +
          `got ${indices.length}`,
      );
    }
    this.#from = from;
    const wanted = batchSize * this.#k;
    this.#isGathered = wanted < tokens.rows;
    const rows = Math.min(wanted, tokens.rows);
    const data = allocateLike(tokens.data, (rows + 1) * tokens.columns);
    if (!this.#isGathered) data.set(tokens.data);
    this.neighbors = { tokens: new Matrix(rows + 1, tokens.columns, data), indices: new Int32Array(wanted) };
  }

  /** Puts the neighbours of an example, or zero tokens, at place `i` of the batch. */
  put(i: number, example: number, isDropped: boolean): void {
    const { tokens, indices } = this.neighbors;
    for (let j = 0; j < this.#k; j++) {
      const place = i * this.#k + j;
      const entry = this.#from.indices[example * this.#k + j];
      if (isDropped) indices[place] = tokens.rows - 1;
      else if (this.#isGathered) {
        tokens.data.set(this.#from.tokens.row(entry), place * tokens.columns);
        indices[place] = place;
      } else indices[place] = entry;
    }
  }
}
