/** What the trials compute, one function per kind. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  bitInputs,
  ensembleSuccess,
  PermutationEnsemble,
  permutationMeans,
  permutationOutputLaw,
  permutationProcess,
  requiredModels,
  sampleInfiniteWidth,
  tailBound,
} from "../../lib/tangent_kernels/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { NNGP, NTK, type Row } from "./rows.ts";

/** Bits of the accuracy curves, as in the paper's Figure 1. */
export const curveBits = [5, 10, 15, 20, 25, 30];
/** Bits beyond the figure, for the growth of the ensembles. */
const large = [40, 50, 80, 100, 200, 500];
/** The steps of the first layer's learning rate between the two kernels, at k = 10. */
export const slideRates = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Closed forms and what follows from them. */
export function laws({ closedUpTo }: { closedUpTo: number }): Row[] {
  const rows: Row[] = [];
  const delta = 0.1;
  const ones = 2;
  const law = (k: number, firstLayerRate: number) => {
    const task = { k, ones, firstLayerRate };
    rows.push({
      kind: "law",
      k,
      rate: firstLayerRate,
      ...permutationOutputLaw(task),
      models90: requiredModels({ ...task, delta }),
      all90: requiredModels({ k, firstLayerRate, delta, scope: "all" }),
      bound: tailBound({ ...task, delta, inputs: 1000 }),
    });
  };
  for (const rate of [NNGP, NTK]) {
    for (let k = 2; k <= 30; k++) law(k, rate);
    for (const k of large) law(k, rate);
    for (const k of curveBits) {
      for (const models of curveModels) {
        rows.push({
          kind: "curve",
          k,
          rate,
          models,
          accuracy: ensembleSuccess({ k, ones, models, firstLayerRate: rate }),
        });
      }
    }
    for (let n = 2; n <= 20; n++) {
      const task = { k: 20, ones: n, firstLayerRate: rate };
      const { meanOne, meanZero, variance } = permutationOutputLaw(task);
      const models90 = requiredModels({ ...task, delta });
      rows.push({
        kind: "weight",
        k: 20,
        rate,
        ones: n,
        models90,
        meanOne,
        meanZero,
        sd: Math.sqrt(variance),
      });
    }
    rows.push({ kind: "closed", rate, upTo: closedUpTo, deviation: closedDeviation(closedUpTo, rate) });
  }
  for (const rate of slideRates.slice(1, -1)) law(10, rate);
  return rows;
}

const curveModels = [
  ...new Set(
    Array.from({ length: 40 }, (_, i) => Math.round(1000 ** (i / 39))).concat(25, 50, 100, 150, 200),
  ),
].sort((a, b) => a - b);

/** One input of every weight for every k: closed forms against explicit solves. */
function closedDeviation(upTo: number, rate: number): number {
  let largest = 0;
  for (let k = 2; k <= upTo; k++) {
    const { mean, covariance } = permutationProcess(Matrix.from(k, k, (n, j) => j <= n ? 1 : 0), {
      firstLayerRate: rate,
    });
    for (let n = 1; n <= k; n++) {
      const law = permutationOutputLaw({ k, ones: n, firstLayerRate: rate });
      const zero = n < k ? mean.get(n - 1, k - 1) - law.meanZero : 0;
      const differences = [
        mean.get(n - 1, 0) - law.meanOne,
        zero,
        covariance.get(n - 1, n - 1) - law.variance,
      ];
      largest = Math.max(largest, ...differences.map(Math.abs));
    }
  }
  return largest;
}

/** Decodes every nonzero input by the infinite-width mean. */
export function exact({ k, rate }: { k: number; rate: number }): Row<"exact">[] {
  const inputs = 2 ** k - 1;
  const bits = Matrix.from(inputs, k, (i, j) => (i + 1) >> j & 1);
  const mean = permutationMeans(bits, { firstLayerRate: rate });
  let wrong = 0;
  let smallestOne = Infinity;
  let largestZero = -Infinity;
  for (let i = 0; i < inputs; i++) {
    let right = true;
    for (let j = 0; j < k; j++) {
      const value = mean.get(i, j);
      const one = bits.get(i, j) === 1;
      // One-hot inputs were trained on: the mean of their zero bits is 0 up to rounding.
      if (value > 1e-10 !== one) right = false;
      if (one) smallestOne = Math.min(smallestOne, value);
      else largestZero = Math.max(largestZero, value);
    }
    if (!right) wrong++;
  }
  return [{ kind: "exact", k, rate, inputs, wrong, smallestOne, largestZero }];
}

/** One ensemble of infinitely wide networks. */
export interface Drawn {
  k: number;
  rate: number;
  models: number;
  seed: number;
  repetition: number;
}

/** Draws an ensemble of infinitely wide networks, network by network. */
export function drawEnsemble({ k, rate, models: count, seed, repetition }: Drawn, report: Report): Row[] {
  const bits = bitInputs(k, 2);
  const law = permutationOutputLaw({ k, ones: 2, firstLayerRate: rate });
  const rng = new Rng(seed).split("process").split(k).split(rate).split(repetition);
  const rows: Row[] = [];
  let squares = 0;
  for (
    const { models, accuracy, outputs } of sampleInfiniteWidth({
      bits,
      models: count,
      firstLayerRate: rate,
      rng,
    })
  ) {
    outputs.data.forEach((value, e) =>
      squares += (value - (bits.data[e] === 1 ? law.meanOne : law.meanZero)) ** 2
    );
    if (curveModels.includes(models)) rows.push({ kind: "process", k, rate, repetition, models, accuracy });
    report(models / count);
  }
  const ratio = squares / (count * bits.data.length) / law.variance;
  rows.push({ kind: "variance", k, rate, repetition, ratio, models: count });
  return rows;
}

/** A group of networks of finite width. */
export interface Trained extends Drawn {
  width: number;
  group: number;
}

/** Trains a group of networks and averages their outputs at all two-bit inputs. */
export function trainEnsemble(
  { k, rate, width, group, models, seed, repetition }: Trained,
  report: Report,
): Row<"finite">[] {
  const root = new Rng(seed).split("finite").split(k).split(rate).split(repetition);
  // The groups of a repetition share the permutation and differ in their networks.
  const permutation = root.split("permutation").permutation(k);
  const ensemble = new PermutationEnsemble({
    permutation,
    width,
    firstLayerRate: rate,
    rng: root.split(group),
  });
  for (let i = 0; i < models; i++) {
    ensemble.addModels(1);
    report((i + 1) / models);
  }
  const bits = bitInputs(k, 2);
  const mean = ensemble.mean(bits);
  let one = 0;
  let zero = 0;
  // Output bit j belongs to input bit permutation[j]: undone here, so that groups compare with the law.
  const average = new Array<number>(bits.data.length);
  for (let t = 0; t < bits.rows; t++) {
    for (let j = 0; j < k; j++) {
      const value = mean.get(t, j);
      const source = permutation[j];
      average[t * k + source] = value;
      if (bits.get(t, source) === 1) one += value / (2 * bits.rows);
      else zero += value / ((k - 2) * bits.rows);
    }
  }
  const { trainingError } = ensemble;
  return [{
    kind: "finite",
    k,
    rate,
    width,
    repetition,
    group,
    models,
    meanOne: one,
    meanZero: zero,
    trainingError,
    average: average.map((value) => Number(value.toPrecision(7))),
  }];
}
