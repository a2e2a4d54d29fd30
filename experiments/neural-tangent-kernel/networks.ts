/** What the trials compute, one function per kind. */
import { Rng } from "../../lib/arrays/mod.ts";
import {
  circleEigenvalues,
  circlePoints,
  infiniteKernels,
  KernelGradientFlow,
  linearize,
  NtkMlp,
} from "../../lib/tangent_kernels/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import type { Activation } from "../../lib/tangent_kernels/mod.ts";
import { circleTarget, type Row, testAngles, trainingAngles } from "./rows.ts";

/** What every network has in common. */
export interface Network {
  /** Seed of everything random. */
  seed: number;
  /** Layers. */
  depth: number;
  /** Weight of the biases. */
  beta: number;
}

const origin = circlePoints([0]);

/** `n` angles from -pi to pi, ends included. */
function grid(n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.PI * (2 * i / (n - 1) - 1));
}

export function limit(
  { depth, beta, angles, bandAngles, times, points, modes }: Network & {
    angles: number;
    bandAngles: number;
    times: number[];
    points: number;
    modes: number;
  },
): Row[] {
  const rows: Row[] = [];
  for (const activation of ["relu", "erf"] as const) {
    const gammas = grid(angles);
    const { ntk } = infiniteKernels(origin, { x2: circlePoints(gammas), depth, beta, activation });
    gammas.forEach((gamma, i) => rows.push({ kind: "limit", activation, gamma, ntk: ntk.data[i] }));
  }
  const train = circlePoints(trainingAngles);
  const gammas = grid(bandAngles).concat(testAngles);
  const test = circlePoints(gammas);
  const within = infiniteKernels(train, { depth, beta });
  const across = infiniteKernels(test, { x2: train, depth, beta });
  const among = infiniteKernels(test, { depth, beta });
  const flow = new KernelGradientFlow({ ...within, y: Float64Array.from(trainingAngles, circleTarget) });
  for (const time of times) {
    const mean = flow.mean(across.ntk, time);
    const covariance = flow.covariance(across.ntk, across.nngp, among.nngp, time);
    gammas.forEach((gamma, i) => {
      rows.push({
        kind: "band",
        time,
        gamma,
        mean: mean[i],
        sd: Math.sqrt(Math.max(0, covariance.get(i, i))),
      });
    });
  }
  circleRates(depth, beta, points).slice(0, modes).forEach((rate, mode) =>
    rows.push({ kind: "eigenvalue", mode, rate })
  );
  return rows;
}

function circleAngles(points: number): number[] {
  return Array.from({ length: points }, (_, j) => 2 * Math.PI * j / points);
}

function circleRates(depth: number, beta: number, points: number): Float64Array {
  return circleEigenvalues(
    infiniteKernels(origin, { x2: circlePoints(circleAngles(points)), depth, beta }).ntk.data,
  );
}

export function spread(
  { width, inits, angles, depth, beta, seed }: Network & { width: number; inits: number; angles: number },
  report: Report,
): Row[] {
  const gammas = grid(angles);
  const points = circlePoints(gammas);
  const kernels: Float64Array[] = [];
  const rng = new Rng(seed).split("spread").split(width);
  for (let init = 0; init < inits; init++) {
    const net = new NtkMlp({ inputs: 2, width, depth, beta, rng: rng.split(init) });
    kernels.push(net.tangentKernel(origin, { x2: points }).data);
    report((init + 1) / inits);
  }
  return gammas.map((gamma, i) => ({
    kind: "spread",
    width,
    inits,
    gamma,
    ...moments(kernels.map((k) => k[i])),
  }));
}

function moments(values: number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1)) };
}

export function drift(
  trial: Network & {
    width: number;
    init: number;
    activation: Activation;
    points: number;
    steps: number;
    angles: number;
  },
  report: Report,
): Row[] {
  const { width, init, activation, points, steps, angles, depth, beta, seed } = trial;
  // The training set is the same for every network.
  const x = new Rng(seed).split("inputs").normalMatrix(points, 2);
  const y = Float64Array.from({ length: points }, (_, i) => x.get(i, 0) * x.get(i, 1));
  const rng = new Rng(seed).split("drift").split(width).split(init);
  const net = new NtkMlp({ inputs: 2, width, depth, beta, activation, dtype: "float32", rng });
  const gamma = grid(angles);
  const circle = circlePoints(gamma);
  const before = Array.from(net.tangentKernel(origin, { x2: circle }).data);
  for (let step = 0; step < steps; step++) {
    net.gradientStep(x, y, 1);
    report(step / steps);
  }
  const after = Array.from(net.tangentKernel(origin, { x2: circle }).data);
  return [{ kind: "drift", width, activation, init, gamma, before, after }];
}

export function trainFunction(
  trial: Network & { width: number; init: number; times: number[]; angles: number },
  report: Report,
): Row[] {
  const { width, init, times, angles, depth, beta, seed } = trial;
  const x = circlePoints(trainingAngles);
  const y = Float64Array.from(trainingAngles, circleTarget);
  const rng = new Rng(seed).split("function").split(width).split(init);
  const net = new NtkMlp({ inputs: 2, width, depth, beta, dtype: "float32", rng });
  const gamma = grid(angles);
  const circle = circlePoints(gamma);
  const tests = circlePoints(testAngles);
  const rows: Row[] = [];
  const last = Math.max(...times);
  for (let step = 0;; step++) {
    if (times.includes(step)) {
      const errors = net.forward(x).map((f, i) => (f - y[i]) ** 2);
      rows.push({
        kind: "function",
        width,
        init,
        time: step,
        gamma,
        values: Array.from(net.forward(circle)),
        test: Array.from(net.forward(tests)),
        rmse: Math.sqrt(errors.reduce((sum, e) => sum + e, 0) / errors.length),
      });
    }
    if (step === last) return rows;
    net.gradientStep(x, y, 1);
    report(step / last);
  }
}

/**
 * Target: the initial function plus half of one Fourier mode; step size 1, so time is the number of steps.
 */
export function learnMode(
  trial: Network & { width: number; init: number; mode: number; points: number; span: number },
  report: Report,
): Row[] {
  const { width, init, mode, points, span, depth, beta, seed } = trial;
  const angles = circleAngles(points);
  const x = circlePoints(angles);
  const rate = circleRates(depth, beta, points)[mode];
  const shape = Float64Array.from(angles, (g) => mode === 0 ? 1 : Math.SQRT2 * Math.cos(mode * g));
  const rng = new Rng(seed).split("mode").split(width).split(init);
  const net = new NtkMlp({ inputs: 2, width, depth, beta, dtype: "float32", rng });
  const target = net.forward(x).map((f, i) => f + 0.5 * shape[i]);
  const steps = Math.ceil(span / rate);
  const every = Math.max(1, Math.floor(steps / 40));
  const rows: Row[] = [];
  let peak = 0;
  let kernelTime = 0;
  let previousRate = 0;
  let previousAlong = 0.5;
  let left: number | null = null;
  let half: number | null = null;
  for (let t = 0; t <= steps; t++) {
    const error = net.forward(x).map((f, i) => f - target[i]);
    const projection = error.reduce((sum, e, i) => sum + e * shape[i], 0) / points;
    const along = Math.abs(projection);
    const off = Math.sqrt(error.reduce((sum, e, i) => sum + (e - projection * shape[i]) ** 2, 0) / points);
    peak = Math.max(peak, off);
    if (half === null && along <= 0.25) half = crossing(t, previousAlong, along, 0.25);
    if (left === null && t >= 1 / rate) left = between(t - 1 / rate, previousAlong, along) / 0.5;
    previousAlong = along;
    if (t % every === 0) {
      // The rate at which this network's own kernel, as it is now, learns the mode.
      const kernel = net.tangentKernel(x);
      let now = 0;
      for (let i = 0; i < points; i++) {
        for (let j = 0; j < points; j++) now += shape[i] * kernel.get(i, j) * shape[j] / points ** 2;
      }
      if (t > 0) kernelTime += every * (previousRate + now) / 2;
      previousRate = now;
      rows.push({ kind: "mode", width, mode, init, rate, t, along, off, kernelTime });
      report(t / steps);
    }
    if (t < steps) net.gradientStep(x, target, 1);
  }
  // Short runs serve the half time only.
  rows.push({ kind: "mode-summary", width, mode, init, rate, peak: span >= 3 ? peak : null, left, half });
  return rows;
}

/** Time at which an exponential through the values at t - 1 and t crosses `level`. */
function crossing(t: number, before: number, now: number, level: number): number {
  return t - Math.log(level / now) / Math.log(before / now);
}

/** Value `back` before the later of two neighbouring values, on the exponential through them. */
function between(back: number, before: number, now: number): number {
  return now * (before / now) ** back;
}

export function linearized(
  { width, points, steps, depth, beta, seed }: Network & { width: number; points: number; steps: number },
): Row[] {
  const net = new NtkMlp({ inputs: 2, width, depth, beta, rng: new Rng(seed).split("linearized") });
  const angles = circleAngles(points);
  const x = circlePoints(angles);
  const y = Float64Array.from(angles, circleTarget);
  const model = linearize(net, x);
  const initial = model.outputs();
  // From the network's own kernel, which never forms the features that the model is trained on.
  const kernel = net.tangentKernel(x);
  const flow = new KernelGradientFlow({ ntk: kernel, y });
  let deviation = 0;
  for (let step = 1; step <= steps; step++) {
    model.gradientStep(y, 1);
    if (step % 25 > 0) continue;
    const exact = flow.trained(kernel, initial, initial, { stepSize: 1, steps: step });
    model.outputs().forEach((f, i) => deviation = Math.max(deviation, Math.abs(f - exact[i])));
  }
  return [{ kind: "linearized", steps, deviation }];
}

export function shallow({ width, draws, beta, seed }: Network & { width: number; draws: number }): Row[] {
  const rng = new Rng(seed).split("shallow").split(width);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const net = new NtkMlp({ inputs: 2, width, depth: 2, beta, rng: rng.split(draw) });
    values.push(net.tangentKernel(origin).data[0]);
  }
  const limit = infiniteKernels(origin, { depth: 2, beta }).ntk.data[0];
  const expectedSd = (1 / 2 + beta * beta) * Math.sqrt(3 / width);
  return [{ kind: "shallow", width, draws, ...moments(values), limit, expectedSd }];
}
