/** Figure 3 of the paper: properties of things on a tree, learned from a small random start. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  DeepLinearNetwork,
  halfLearningTime,
  hierarchicalFeatures,
  linearModeStrength,
} from "../../lib/linear_networks/mod.ts";
import { qr, type Svd, svd } from "../../lib/linalg/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import { type Row, SHOWN_MODES } from "./rows.ts";

/** Levels of the tree; there are 2^levels inputs and as many hidden units. */
const LEVELS = 5;
const FEATURES = 1000;
/** Learning rate. */
const RATE = 5e-4;
/** Most iterations, and those that curves show. */
const STEPS = 3000;
const SHOWN_STEPS = 1500;

/** One network on the tree. */
interface Tree {
  model: "linear" | "tanh";
  /** Probability of a flip per branch. */
  flip: number;
  /** Effective strength of the start. */
  u0: number;
  /** Factor before the gradient: 1 for the sum of squared errors; 1/P, for their mean, is another law. */
  lossScale: number;
  /** Whether the curves are kept. */
  curves: boolean;
  seed: number;
}

/** One run: curves of the modes, and when each is half learned. */
export function tree({ model, flip, u0, lossScale, curves, seed }: Tree, report: Report<Row>): Row[] {
  const rng = new Rng(seed);
  const data = hierarchicalFeatures({ levels: LEVELS, features: FEATURES, flip, rng: rng.split("data") });
  const { net, target, modes, s } = reducedNetwork(data, u0, rng);
  const tau = 1 / RATE;
  const hidden = net.weights[0].clone();
  if (model === "tanh") activate(net.weights[0], hidden);
  const strengths = model === "linear"
    ? () => net.modeStrengths(modes)
    : () => strengthsOf(matmul(net.weights[1], hidden), modes);
  const advance = model === "linear"
    ? () => void net.step(target, { stepSize: RATE * lossScale })
    : () => tanhStep(net, target, hidden, RATE * lossScale);
  const shown: Row<"curve">[] = [];
  const half = new Array<number | null>(s.length).fill(null);
  let left = s.length;
  let before = strengths();
  for (let step = 0; step <= STEPS; step++) {
    if (curves && step % 15 === 0 && step <= SHOWN_STEPS) {
      for (const mode of SHOWN_MODES) {
        const [strength, own] = [before[mode - 1], s[mode - 1]];
        const theory = linearModeStrength({ s: own, u0, tau }, step);
        shown.push({ kind: "curve", run: model, mode, s: own, time: step, strength, theory });
      }
    }
    if (left === 0 && (!curves || step > SHOWN_STEPS)) break;
    advance();
    const now = strengths();
    for (let mode = 0; mode < s.length; mode++) {
      const middle = s[mode] / 2;
      if (half[mode] !== null || now[mode] < middle) continue;
      half[mode] = step + (middle - before[mode]) / (now[mode] - before[mode]);
      left--;
    }
    before = now;
    if (step % 100 === 0) report(step / STEPS, shown);
  }
  return [
    ...shown,
    ...half.map((simulated, i): Row<"half"> => {
      const analytic = halfLearningTime({ s: s[i], u0, tau });
      return { kind: "half", model, seed, mode: i + 1, s: s[i], simulated, analytic };
    }),
  ];
}

/**
 * The task and a small random network, exactly reduced: outputs are turned so that the modes come first. Of
 * all other outputs, which only have to be forgotten, the Gram matrix of their weights is all that matters: a
 * triangular factor stands for them.
 */
function reducedNetwork(data: Matrix, u0: number, rng: Rng) {
  const leaves = data.columns;
  const { u, s, vt } = svd(data);
  const sigma = Math.sqrt(2 * u0 / leaves);
  const first = rng.split("first").normalMatrix(leaves, leaves, sigma);
  const second = rng.split("second").normalMatrix(FEATURES, leaves, sigma);
  const along = matmul(u, second, { transposeA: true });
  const { r } = qr(second.minus(matmul(u, along)));
  const upper = (i: number) => i < leaves;
  const reduced = Matrix.from(
    2 * leaves,
    leaves,
    (i, j) => upper(i) ? along.get(i, j) : r.get(i - leaves, j),
  );
  const target = Matrix.from(2 * leaves, leaves, (i, j) => upper(i) ? s[i] * vt.get(i, j) : 0);
  const modes: Svd = { u: Matrix.from(2 * leaves, leaves, (i, j) => i === j ? 1 : 0), s, vt };
  const net = new DeepLinearNetwork([leaves, leaves, 2 * leaves], {
    init: (rows) => rows === leaves ? first : reduced,
    rng,
  });
  return { net, target, modes, s };
}

function activate(weights: Matrix, hidden: Matrix): void {
  for (let k = 0; k < hidden.data.length; k++) hidden.data[k] = Math.tanh(weights.data[k]);
}

/**
 * One step with tanh hidden units and linear outputs; the inputs are one-hot, so `hidden` is tanh of the
 * first weights.
 */
function tanhStep(net: DeepLinearNetwork, target: Matrix, hidden: Matrix, rate: number): void {
  const [first, second] = net.weights;
  const error = target.minus(matmul(second, hidden));
  const down = matmul(second, error, { transposeA: true });
  const change = matmul(error, hidden, { transposeB: true });
  for (let k = 0; k < first.data.length; k++) {
    first.data[k] += rate * down.data[k] * (1 - hidden.data[k] ** 2);
  }
  for (let k = 0; k < second.data.length; k++) second.data[k] += rate * change.data[k];
  activate(first, hidden);
}

/** The outputs' first rows are the left singular directions already. */
function strengthsOf(map: Matrix, { vt, s }: Svd): Float64Array {
  return s.map((_, mode) => map.row(mode).reduce((sum, x, j) => sum + x * vt.get(mode, j), 0));
}
