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
import { type CurveRow, type Row, SHOWN_MODES } from "./rows.ts";

/** What can be turned. */
export interface TreeOptions {
  /** Levels of the tree; there are 2^levels inputs and as many hidden units. */
  levels: number;
  /** Number of features. */
  features: number;
  /** Probability of a flip per branch. */
  flip: number;
  /** Learning rate. */
  rate: number;
  /** Effective strength of the start. */
  u0: number;
  /** Most iterations. */
  steps: number;
}

/** One run. */
export function tree(
  options: TreeOptions & { model: "linear" | "tanh"; seed: number; curves: boolean; lossScale: number },
  report: (fraction: number) => void,
): Row[] {
  const { levels, features, flip, rate, u0, steps, model, seed, curves, lossScale } = options;
  const rng = new Rng(seed);
  const leaves = 2 ** levels;
  const data = hierarchicalFeatures({ levels, features, flip, rng: rng.split("data") });
  const full = svd(data);
  const sigma = Math.sqrt(2 * u0 / leaves);
  const first = rng.split("first").normalMatrix(leaves, leaves, sigma);
  const second = rng.split("second").normalMatrix(features, leaves, sigma);
  // An exact reduction: outputs turned so that the modes come first. Of all others, which only have to be
  // forgotten, the Gram matrix of their weights is all that matters: a triangular factor stands for them.
  const along = matmul(full.u, second, { transposeA: true });
  const { r } = qr(second.minus(matmul(full.u, along)));
  const reduced = Matrix.from(
    2 * leaves,
    leaves,
    (i, j) => i < leaves ? along.get(i, j) : r.get(i - leaves, j),
  );
  const target = Matrix.from(2 * leaves, leaves, (i, j) => i < leaves ? full.s[i] * full.vt.get(i, j) : 0);
  const modes: Svd = {
    u: Matrix.from(2 * leaves, leaves, (i, j) => i === j ? 1 : 0),
    s: full.s,
    vt: full.vt,
  };
  const net = new DeepLinearNetwork([leaves, leaves, 2 * leaves], {
    init: (rows) => rows === leaves ? first : reduced,
    rng,
  });
  const hidden = first.clone();
  const strengths = model === "linear"
    ? () => net.modeStrengths(modes)
    : () => strengthsOf(matmul(net.weights[1], hidden), modes);
  const advance = model === "linear"
    ? () => void net.step(target, { stepSize: rate * lossScale })
    : () => tanhStep(net, target, hidden, rate * lossScale);
  const shown = SHOWN_MODES.filter((mode) => mode <= leaves);
  const half = new Array<number | null>(leaves).fill(null);
  const out: CurveRow[] = [];
  const theory = (mode: number, step: number) =>
    linearModeStrength({ s: full.s[mode], u0, tau: 1 / rate }, step);
  if (model === "tanh") activate(net.weights[0], hidden);
  let before = strengths();
  let left = leaves;
  for (let step = 0; step <= steps; step++) {
    if (curves && step % 15 === 0 && step <= 1500) {
      for (const mode of shown) {
        const s = full.s[mode - 1];
        out.push({
          type: "curve",
          run: model,
          mode,
          s,
          time: step,
          strength: before[mode - 1],
          theory: theory(mode - 1, step),
        });
      }
    }
    if (left === 0 && (!curves || step > 1500)) break;
    advance();
    const now = strengths();
    for (let mode = 0; mode < leaves; mode++) {
      const middle = full.s[mode] / 2;
      if (half[mode] !== null || now[mode] < middle) continue;
      half[mode] = step + (middle - before[mode]) / (now[mode] - before[mode]);
      left--;
    }
    before = now;
    if (step % 100 === 0) report(step / steps);
  }
  return [
    ...out,
    ...half.map((simulated, mode) => ({
      type: "half" as const,
      model,
      seed,
      mode: mode + 1,
      s: full.s[mode],
      simulated,
      analytic: halfLearningTime({ s: full.s[mode], u0, tau: 1 / rate }),
    })),
  ];
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
