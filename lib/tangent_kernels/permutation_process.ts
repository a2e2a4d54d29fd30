import {
  Matrix,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { cholesky } from "../linalg/mod.ts";
import { type InfiniteKernels, infiniteKernels } from "./infinite_kernels.ts";
import { KernelGradientFlow } from "./kernel_gradient_flow.ts";
import { requireBits, unitRows } from "./permutation_ensemble.ts";

/** Options of {@linkcode permutationProcess} and {@linkcode permutationMeans}. */
export interface PermutationProcessOptions {
  /** As in {@linkcode PermutationTask}. Default 1. */
  firstLayerRate?: number;
}

/** The rate in checked options. @throws {TypeError | RangeError} */
function requireRate(options: PermutationProcessOptions): number {
  requireOptions("options", options, ["firstLayerRate"]);
  const { firstLayerRate = 1 } = options;
  return requireNumber("firstLayerRate", firstLayerRate, { min: 0 });
}

/** The joint Gaussian law of the trained outputs at T inputs, for the identity permutation of k bits. */
export interface PermutationProcess {
  /** Means, T x k: row t is the input, column j the output bit. */
  mean: Matrix;
  /** Covariance between inputs, T x T, the same for every bit; bits are independent. */
  covariance: Matrix;
}

/**
 * The law of the outputs at any inputs by explicit kernel solves: nothing is assumed about the inputs, so
 * this checks {@linkcode permutationOutputLaw} and decodes inputs of every weight. The permutation is the
 * identity; another one only permutes the output bits.
 *
 * @param bits T inputs of k bits, one per row.
 * @param options The learning rate of the first layer.
 * @returns Means and covariance.
 * @throws {RangeError} if an entry is not 0 or 1, or a row has no one.
 *
 * @example
 * ```ts
 * import { bitInputs, permutationOutputLaw, permutationProcess } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { mean, covariance } = permutationProcess(bitInputs(5, 2));
 * const law = permutationOutputLaw({ k: 5, ones: 2 });
 * assertAlmostEquals(mean.get(0, 0), law.meanOne, 1e-13);
 * assertAlmostEquals(covariance.get(0, 0), law.variance, 1e-13);
 * ```
 */
export function permutationProcess(
  bits: Matrix,
  options: PermutationProcessOptions = {},
): PermutationProcess {
  const firstLayerRate = requireRate(options);
  requireBits(bits);
  const test = unitRows(bits);
  const { flow, across } = trained(test, firstLayerRate);
  return {
    mean: flow.weights(across.ntk, Infinity),
    covariance: flow.covariance(
      across.ntk,
      across.nngp,
      kernels(test, undefined, firstLayerRate).nngp,
      Infinity,
    ),
  };
}

/**
 * The means of {@linkcode permutationProcess} alone, at T k^2 operations: for all inputs of k bits at once.
 *
 * @param bits T inputs of k bits, one per row.
 * @param options The learning rate of the first layer.
 * @returns T x k.
 * @throws {RangeError} as {@linkcode permutationProcess}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { permutationMeans } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * const bits = Matrix.fromRows([[1, 1, 0], [1, 0, 0], [1, 1, 1]]);
 * assertEquals(permutationMeans(bits).map((mean) => mean > 1e-10 ? 1 : 0), bits);
 * ```
 */
export function permutationMeans(bits: Matrix, options: PermutationProcessOptions = {}): Matrix {
  const firstLayerRate = requireRate(options);
  requireBits(bits);
  const { flow, across } = trained(unitRows(bits), firstLayerRate);
  return flow.weights(across.ntk, Infinity);
}

function trained(
  test: Matrix,
  firstLayerRate: number,
): { flow: KernelGradientFlow; across: InfiniteKernels } {
  const k = test.columns;
  const training = Matrix.identity(k);
  const within = kernels(training, undefined, firstLayerRate);
  const flow = new KernelGradientFlow({ ntk: within.ntk, nngp: within.nngp, y: new Float64Array(k) });
  return { flow, across: kernels(test, training, firstLayerRate) };
}

function kernels(a: Matrix, b: Matrix | undefined, firstLayerRate: number): InfiniteKernels {
  const { nngp, ntk } = infiniteKernels(a, { x2: b, depth: 2, beta: 0 });
  // The tangent kernel less the covariance is the part of the first layer's weights.
  return { nngp, ntk: nngp.plus(ntk.minus(nngp), firstLayerRate) };
}

/** Options of {@linkcode sampleInfiniteWidth}. */
export interface InfiniteWidthOptions {
  /** T inputs of k bits, one per row. */
  bits: Matrix;
  /** How many networks to average. */
  models: number;
  /** As in {@linkcode PermutationTask}. Default 1. */
  firstLayerRate?: number;
  /** Threshold of the decoding. Default 0. */
  threshold?: number;
  /** Randomness. */
  rng: Rng;
}

/** An ensemble that grows. */
export interface GrowingEnsemble {
  /** Networks so far. */
  models: number;
  /** Share of the inputs with all bits right. */
  accuracy: number;
  /** Outputs of the newest network, T x k. */
  outputs: Matrix;
}

/**
 * Draws trained networks of infinite width, one after the other, and decodes their running average, as an
 * ensemble does, without training a network. Each output bit of each network is one draw of a Gaussian
 * process over the inputs.
 *
 * @throws {RangeError} as {@linkcode permutationProcess}, or if `models` < 1.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bitInputs, sampleInfiniteWidth } from "refigure/tangent_kernels";
 * import { assert } from "@std/assert";
 *
 * const ensemble = [...sampleInfiniteWidth({ bits: bitInputs(5, 2), models: 400, rng: new Rng(0) })];
 * assert(ensemble[0].accuracy < 0.6 && ensemble[399].accuracy > 0.8);
 * ```
 */
export function sampleInfiniteWidth(options: InfiniteWidthOptions): Generator<GrowingEnsemble> {
  requireOptions("options", options, ["bits", "models", "firstLayerRate", "threshold", "rng"]);
  const { bits, firstLayerRate, threshold = 0, rng } = options;
  const models = requireInteger("models", options.models, { min: 1 });
  requireNumber("threshold", threshold);
  requireRng("rng", rng);
  const process = permutationProcess(bits, { firstLayerRate });
  return draws({ process, bits, models, threshold, rng });
}

/** The draws of {@linkcode sampleInfiniteWidth}, whose arguments are checked before the first one. */
function* draws(
  { process, bits, models: count, threshold, rng }: {
    process: PermutationProcess;
    bits: Matrix;
    models: number;
    threshold: number;
    rng: Rng;
  },
): Generator<GrowingEnsemble> {
  const { mean, covariance } = process;
  const tests = bits.rows;
  const k = bits.columns;
  // Two-bit inputs outnumber the hidden directions: the covariance is close to singular, rounding included.
  const factor = cholesky(covariance.map((value, i, j) => value + (i === j ? 1e-12 / k : 0)));
  const sum = new Float64Array(tests * k);
  for (let models = 1; models <= count; models++) {
    const outputs = matmul(factor, new Matrix(tests, k, rng.normals(tests * k)));
    for (let e = 0; e < sum.length; e++) {
      outputs.data[e] += mean.data[e];
      sum[e] += outputs.data[e];
    }
    yield { models, accuracy: accuracy(sum, bits, threshold * models), outputs };
  }
}

function accuracy(values: Float64Array, bits: Matrix, threshold: number): number {
  let right = 0;
  for (let t = 0; t < bits.rows; t++) {
    let all = 1;
    for (let e = t * bits.columns; e < (t + 1) * bits.columns; e++) {
      if ((values[e] > threshold ? 1 : 0) !== bits.data[e]) all = 0;
    }
    right += all;
  }
  return right / bits.rows;
}
