/** Small tasks with white inputs: exact flow, plain descent, and any balanced start. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  balancedRiccati,
  DeepLinearNetwork,
  deepModeStrength,
  gradientFlow,
  linearModeStrength,
  orthogonalWeights,
  riccatiMap,
} from "../../lib/linear_networks/mod.ts";
import { frobeniusNorm, type Svd, svd } from "../../lib/linalg/mod.ts";
import type { Row } from "./rows.ts";

/** A correlation with given singular values between random orthonormal directions. */
export function randomTask(strengths: number[], size: number, rng: Rng): { sigma31: Matrix; modes: Svd } {
  const u = orthogonalWeights()(size, strengths.length, { rng: rng.split("u") });
  const v = orthogonalWeights()(size, strengths.length, { rng: rng.split("v") });
  const sigma31 = matmul(u.map((x, _, j) => x * strengths[j]), v, { transposeB: true });
  const found = svd(sigma31);
  const r = strengths.length;
  return {
    sigma31,
    modes: { u: found.u.slice(0, size, 0, r), s: found.s.slice(0, r), vt: found.vt.slice(0, r) },
  };
}

function equalTimes(end: number, intervals: number): Float64Array {
  return Float64Array.from({ length: intervals + 1 }, (_, i) => end * i / intervals);
}

/** Gradient flow from a decoupled start beside the law of its modes. */
export function flow(layers: 3 | 5, seed: number, lossScale: number): Row[] {
  const rng = new Rng(seed);
  const { sigma31, modes } = randomTask([3, 2, 1], 4, rng.split("task"));
  const dims = layers === 3 ? [4, 6, 4] : [4, 6, 5, 6, 4];
  const u0 = layers === 3 ? 1e-3 : 0.05;
  const run = `flow ${layers}` as const;
  const net = DeepLinearNetwork.decoupled(dims, modes, { u0, rng: rng.split("start") });
  const times = equalTimes(6, 600);
  const laws = Array.from(
    modes.s,
    (s) =>
      layers === 3
        ? linearModeStrength({ s, u0 }, times)
        : deepModeStrength({ s, u0, weightLayers: layers - 1 }, times),
  );
  const curves: Row<"curve">[] = [];
  let largest = 0;
  let last = 0;
  gradientFlow(net, sigma31, times, {
    tau: 1 / lossScale,
    rtol: 1e-11,
    atol: 1e-13,
    visit: (i, net) => {
      last = 0;
      net.modeStrengths(modes).forEach((strength, mode) => {
        const s = modes.s[mode];
        const theory = laws[mode][i];
        last = Math.max(last, Math.abs(strength - theory) / s);
        if (i % 10 === 0) {
          curves.push({ kind: "curve", run, mode: mode + 1, s, time: times[i], strength, theory });
        }
      });
      largest = Math.max(largest, last);
    },
  });
  return [...curves, { kind: "error", run, rate: null, largest, last }];
}

/** Plain descent. */
interface Descent {
  rate: number;
  seed: number;
  /** Factor before the gradient: 1 for the sum of squared errors; 1/P, for their mean, is another law. */
  lossScale: number;
  /** Whether layers are updated one after the other, which is wrong, or at once. */
  sequential: boolean;
}

/** Plain descent beside the law of the flow, until time 3. */
export function descent({ rate, seed, lossScale, sequential }: Descent): Row<"error"> {
  const rng = new Rng(seed);
  const { sigma31, modes } = randomTask([3, 2, 1], 3, rng.split("task"));
  const net = DeepLinearNetwork.decoupled([3, 3, 3], modes, { u0: 1e-3, rng: rng.split("start") });
  const steps = Math.round(3 / rate);
  let largest = 0;
  let last = 0;
  for (let step = 1; step <= steps; step++) {
    if (sequential) stepInTurn(net, sigma31, rate * lossScale);
    else net.step(sigma31, { stepSize: rate * lossScale });
    last = 0;
    net.modeStrengths(modes).forEach((u, mode) => {
      const s = modes.s[mode];
      last = Math.max(last, Math.abs(u - linearModeStrength({ s, u0: 1e-3 }, step * rate)) / s);
    });
    largest = Math.max(largest, last);
  }
  return { kind: "error", run: "descent", rate, largest, last };
}

/** A wrong descent, for comparison: the second layer already sees the first layer's new weights. */
function stepInTurn(net: DeepLinearNetwork, sigma31: Matrix, rate: number): void {
  const [first, second] = net.weights;
  const direction = matmul(second, sigma31.minus(matmul(second, first)), { transposeA: true });
  first.data.forEach((_, k) => first.data[k] += rate * direction.data[k]);
  const other = matmul(sigma31.minus(matmul(second, first)), first, { transposeB: true });
  second.data.forEach((_, k) => second.data[k] += rate * other.data[k]);
}

/**
 * A small random balanced start that is not aligned with the task: the exact matrix solution, and alignment
 * on the plateau.
 */
export function balancedStart(seed: number): Row[] {
  const rng = new Rng(seed);
  const size = 8;
  const hidden = 16;
  const strengths = Array.from({ length: size }, (_, i) => 3 - 2 * i / (size - 1));
  const { sigma31, modes } = randomTask(strengths, size, rng.split("task"));
  const first = rng.split("start").normalMatrix(hidden, size, 0.001);
  const turn = orthogonalWeights()(size, size, { rng: rng.split("turn") });
  const turned = (sign: number) =>
    matmul(turn.map((x, i) => i === 0 ? sign * x : x), first, { transposeB: true });
  const together = (second: Matrix) =>
    Matrix.from(2 * size, hidden, (i, j) => i < size ? first.get(j, i) : second.get(i - size, j));
  // A balanced flow keeps the sign of the map's determinant: half of all starts never learn the weakest mode.
  // Take the other half.
  const missed = (second: Matrix) =>
    frobeniusNorm(riccatiMap(balancedRiccati(together(second), sigma31, 100), size).minus(sigma31));
  const second = [turned(1), turned(-1)].sort((a, b) => missed(a) - missed(b))[0];
  const q0 = together(second);
  const net = new DeepLinearNetwork([size, hidden, size], {
    init: (rows) => rows === hidden ? first : second,
    rng,
  });
  const times = equalTimes(8, 80);
  const out: Row<"alignment">[] = [];
  let largest = 0;
  let last = 0;
  gradientFlow(net, sigma31, times, {
    rtol: 1e-11,
    atol: 1e-14,
    visit: (i, net) => {
      const exact = riccatiMap(balancedRiccati(q0, sigma31, times[i]), size);
      last = frobeniusNorm(net.endToEnd().minus(exact)) / frobeniusNorm(sigma31);
      largest = Math.max(largest, last);
      const along = net.modeStrengths(modes);
      const whole = frobeniusNorm(exact) ** 2;
      out.push({
        kind: "alignment",
        time: times[i],
        aligned: along.reduce((sum, u) => sum + u * u, 0) / whole,
        learned: 1 - frobeniusNorm(sigma31.minus(exact)) ** 2 / frobeniusNorm(sigma31) ** 2,
      });
    },
  });
  return [...out, { kind: "error", run: "riccati", rate: null, largest, last }];
}
