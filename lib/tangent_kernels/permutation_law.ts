import { Matrix, requireInteger, requireNumber, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { normalLogCdf } from "../statistics/mod.ts";
import { gammaln } from "simple-statistics";

/** An input, and a way of training. */
export interface PermutationTask {
  /** Number of bits. */
  k: number;
  /** Number of ones in the input, from 1 to k. */
  ones: number;
  /**
   * Learning rate of the first layer, relative to the last layer's. 1: the tangent kernel, both layers learn
   * alike. 0: only the last layer learns. Default 1.
   */
  firstLayerRate?: number;
}

/** The Gaussian law of one output of an infinitely wide, trained network. */
export interface OutputLaw {
  /** Mean of a bit that should be 1. */
  meanOne: number;
  /** Mean of a bit that should be 0; defined also where there is no such bit. */
  meanZero: number;
  /** Variance of every bit; bits are independent. */
  variance: number;
}

/**
 * The kernels of a two-layer rectifier network without biases at two unit inputs with a given cosine, times
 * the number of inputs: `nngp` of the outputs at initialization, `slope` the first layer's part of the
 * tangent kernel; their sum is the tangent kernel (arc-cosine kernels, Cho & Saul 2009).
 *
 * @throws {RangeError} if `cosine` is not from -1 to 1.
 *
 * @example
 * ```ts
 * import { twoLayerKernels } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { nngp, slope } = twoLayerKernels(0.5);
 * assertAlmostEquals(nngp, 0.30449889052211, 1e-14);
 * assertAlmostEquals(nngp + slope, 0.47116555718878, 1e-14);
 * ```
 */
export function twoLayerKernels(cosine: number): { nngp: number; slope: number } {
  requireNumber("cosine", cosine, { min: -1, max: 1 });
  const rest = Math.PI - Math.acos(cosine);
  const slope = cosine * rest / (2 * Math.PI);
  return { nngp: Math.sqrt((1 - cosine) * (1 + cosine)) / (2 * Math.PI) + slope, slope };
}

/** The constants of the one-hot training set: diagonal minus off-diagonal kernel, and off-diagonal kernel. */
export function oneHotKernel(firstLayerRate: number): { gap: number; offDiagonal: number } {
  requireNumber("firstLayerRate", firstLayerRate, { min: 0 });
  const offDiagonal = 1 / (2 * Math.PI);
  return { gap: 0.5 + firstLayerRate / 2 - offDiagonal, offDiagonal };
}

/** The names of {@linkcode PermutationTask}, for checks. */
const TASK = ["k", "ones", "firstLayerRate"] as const;

function requireTask(task: PermutationTask): Required<PermutationTask> {
  const { k, ones, firstLayerRate = 1 } = task;
  requireInteger("k", k, { min: 1 });
  requireInteger("ones", ones, { min: 1, max: k });
  requireNumber("firstLayerRate", firstLayerRate, { min: 0 });
  return { k, ones, firstLayerRate };
}

/**
 * Mean and variance of the outputs of an infinitely wide two-layer network, trained to convergence on the k
 * one-hot inputs of a permutation of k bits, at an input with `ones` ones scaled to unit length. The training
 * kernel is a multiple of the identity plus a constant, which the formula of Sherman and Morrison inverts
 * (setting of Giapitzakis, Back de Luca & Fountoulakis 2025; the formulas are derived here from it).
 *
 * @throws {RangeError} if `ones` is not from 1 to k or the rate is negative.
 *
 * @example
 * ```ts
 * import { permutationOutputLaw } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const law = permutationOutputLaw({ k: 10, ones: 2 });
 * assertAlmostEquals(law.meanOne, 0.565421764316, 1e-12);
 * assertAlmostEquals(law.meanZero, -0.00985031267777, 1e-13);
 * assertAlmostEquals(law.variance, 0.00651873114464, 1e-13);
 * ```
 */
export function permutationOutputLaw(task: PermutationTask): OutputLaw {
  requireOptions("task", task, TASK);
  return lawOf(task);
}

function lawOf(task: PermutationTask): OutputLaw {
  const { k, ones: n, firstLayerRate } = requireTask(task);
  const { gap, offDiagonal: c } = oneHotKernel(firstLayerRate);
  // A one-hot input is a training input: the network has learned it exactly.
  if (n === 1) return { meanOne: 1, meanZero: 0, variance: 0 };
  const { nngp, slope } = twoLayerKernels(1 / Math.sqrt(n));
  const q = nngp + firstLayerRate * slope - c;
  const meanZero = c * (gap - n * q) / (gap * (gap + k * c));
  const meanOne = meanZero + q / gap;
  const apart = 1 / (2 * Math.PI);
  const same = 0.5;
  const explained = n * meanOne * nngp + (k - n) * meanZero * apart;
  const squares = n * meanOne ** 2 + (k - n) * meanZero ** 2;
  const total = n * meanOne + (k - n) * meanZero;
  const variance = (same - 2 * explained + (same - apart) * squares + apart * total ** 2) / k;
  return { meanOne, meanZero, variance: Math.max(0, variance) };
}

/**
 * The probability that the sign of the average of `models` independent networks gets all k bits of one input
 * right.
 *
 * @throws {RangeError} as {@linkcode permutationOutputLaw}, or if `models` < 1.
 *
 * @example
 * ```ts
 * import { ensembleSuccess } from "refigure/tangent_kernels";
 * import { assert } from "@std/assert";
 *
 * assert(ensembleSuccess({ k: 10, ones: 2, models: 1 }) < 0.05);
 * assert(ensembleSuccess({ k: 10, ones: 2, models: 333 }) > 0.9);
 * ```
 */
export function ensembleSuccess(task: PermutationTask & { models: number }): number {
  requireOptions("task", task, [...TASK, "models"]);
  const { k, ones } = requireTask(task);
  requireInteger("models", task.models, { min: 1 });
  if (ones === 1) return 1;
  const { one, zero } = margins(lawOf(task), task.models);
  return Math.exp(ones * normalLogCdf(one) + (k - ones) * normalLogCdf(zero));
}

/** Distance of the ensemble's mean from the threshold, in standard deviations of the average. */
function margins(law: OutputLaw, models: number): { one: number; zero: number } {
  const sd = Math.sqrt(law.variance / models);
  return { one: law.meanOne / sd, zero: -law.meanZero / sd };
}

/** The goal of {@linkcode requiredModels}. */
export interface EnsembleGoal {
  /** Number of bits. */
  k: number;
  /** Number of ones in the input, for `scope: "single"`. Default 2, the hardest. */
  ones?: number;
  /** Probability of an error that is allowed, between 0 and 1. */
  delta: number;
  /** As in {@linkcode PermutationTask}. Default 1. */
  firstLayerRate?: number;
  /** `"single"` (default): one given input. `"all"`: all nonzero inputs at once, by a union bound. */
  scope?: "single" | "all";
}

/**
 * The smallest number of networks whose average is right with probability 1 - delta, in the limit of infinite
 * width.
 *
 * @throws {RangeError} if an argument is outside its range, or more than 2^52 networks are needed.
 * @throws {TypeError} if the scope is unknown.
 *
 * @example
 * ```ts
 * import { requiredModels } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(requiredModels({ k: 10, delta: 0.1 }), 333);
 * assertEquals(requiredModels({ k: 10, delta: 0.1, firstLayerRate: 0 }), 58);
 * ```
 */
export function requiredModels(goal: EnsembleGoal): number {
  requireOptions("goal", goal, ["k", "ones", "delta", "firstLayerRate", "scope"]);
  const { k, ones = 2, delta, firstLayerRate = 1, scope = "single" } = goal;
  requireOneOf("scope", scope, ["single", "all"]);
  requireNumber("firstLayerRate", firstLayerRate, { min: 0 });
  requireNumber("delta", delta, { above: 0, below: 1 });
  requireInteger("k", k, { min: 2 });
  const enough = scope === "single"
    ? (models: number) => ensembleSuccess({ k, ones, firstLayerRate, models }) >= 1 - delta
    : unionBound(k, firstLayerRate, delta);
  let high = 1;
  while (!enough(high)) {
    high *= 2;
    if (high > 2 ** 52) throw new RangeError(`No number of networks reaches \`delta\` = ${delta}`);
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function unionBound(k: number, firstLayerRate: number, delta: number): (models: number) => boolean {
  const laws = Array.from({ length: k - 1 }, (_, i) => {
    const ones = i + 2;
    const logCount = gammaln(k + 1) - gammaln(ones + 1) - gammaln(k - ones + 1);
    return { ones, logCount, law: lawOf({ k, ones, firstLayerRate }) };
  });
  return (models) => {
    let sum = 0;
    for (const { ones, logCount, law } of laws) {
      const { one, zero } = margins(law, models);
      sum += ones * Math.exp(logCount + normalLogCdf(-one)) +
        (k - ones) * Math.exp(logCount + normalLogCdf(-zero));
    }
    return sum <= delta;
  };
}

/**
 * A sufficient number of networks from a Gaussian tail at half the margin and a union over all bits of
 * `inputs` inputs: `8 variance / meanZero^2 ln(2 k inputs / delta)` (the theoretical curve of Giapitzakis et
 * al. 2025, Figure 1, reconstructed). Not rounded.
 *
 * @throws {RangeError} if an argument is outside its range.
 *
 * @example
 * ```ts
 * import { tailBound } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(tailBound({ k: 10, ones: 2, delta: 0.1, inputs: 1000 }), 6560, 1);
 * ```
 */
export function tailBound(task: PermutationTask & { delta: number; inputs: number }): number {
  requireOptions("task", task, [...TASK, "delta", "inputs"]);
  requireNumber("delta", task.delta, { above: 0, below: 1 });
  requireInteger("inputs", task.inputs, { min: 1 });
  const { meanZero, variance } = lawOf(task);
  return 8 * variance / meanZero ** 2 * Math.log(2 * task.k * task.inputs / task.delta);
}

/** More inputs than this are refused by {@linkcode bitInputs}. */
const LARGEST_COUNT = 1e6 + 0.5;

/**
 * All inputs of k bits with a given number of ones, one per row.
 *
 * @param k Number of bits.
 * @param ones Number of ones.
 * @throws {RangeError} if `ones` is not from 1 to k, or there are more than a million such inputs.
 *
 * @example
 * ```ts
 * import { bitInputs } from "refigure/tangent_kernels";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bitInputs(3, 2).toRows(), [[1, 1, 0], [1, 0, 1], [0, 1, 1]]);
 * ```
 */
export function bitInputs(k: number, ones: number): Matrix {
  requireInteger("k", k, { min: 1 });
  requireInteger("ones", ones, { min: 1, max: k });
  const count = Math.exp(gammaln(k + 1) - gammaln(ones + 1) - gammaln(k - ones + 1));
  if (count > LARGEST_COUNT) {
    throw new RangeError(`\`k\` = ${k} and \`ones\` = ${ones} give ${count.toPrecision(3)} inputs, too many`);
  }
  const rows: number[][] = [];
  const place = (row: number[], next: number, left: number) => {
    if (left === 0) return rows.push(row);
    for (let j = next; j <= k - left; j++) place(row.map((bit, i) => i === j ? 1 : bit), j + 1, left - 1);
  };
  place(new Array(k).fill(0), 0, ones);
  return Matrix.fromRows(rows);
}
