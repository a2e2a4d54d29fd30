/**
 * Times per prediction. Clocks are not deterministic, so this is no part of the experiment; the notebook runs
 * it.
 */
import { type DType, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { RetroactiveHead, SingleOutputHead, windowAttention } from "../../lib/continual/mod.ts";
import { distinct, type Figure } from "../../lib/experiment/mod.ts";
import { colorBy, figure, legendAt, lines, logAxis, palette } from "../../lib/figures/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { tokens } from "./attention.ts";
import { build, normals } from "./networks.ts";

/** The measured time of a step. */
export interface MeasuredTime {
  /** What is computed with each new token. */
  method: "from scratch" | "retroactive" | "single output";
  /** Tokens in the window n. */
  window: number;
  /** Milliseconds, the fastest of the samples: what else the machine does can only make one slower. */
  ms: number;
}

/**
 * Times a step of attention over each window: one head of 64 numbers of unit variance, float32, one thread.
 */
export function measureTimes(windows: readonly number[]): MeasuredTime[] {
  setBlasThreads(1);
  const dtype: DType = "float32";
  const dim = 64;
  return windows.flatMap((window): MeasuredTime[] => {
    const stream = tokens(2 * window, dim, 1, dtype, new Rng(0));
    const retroactive = new RetroactiveHead({ dim, window, dtype });
    const single = new SingleOutputHead({ dim, window, dtype });
    const rows = (part: 0 | 1 | 2) =>
      Float32Array.from(stream.slice(0, window).flatMap((token) => [...token[part]]));
    const [q, k, v] = ([0, 1, 2] as const).map((part) => new Matrix(window, dim, rows(part)));
    const all = new Float32Array(window * dim);
    const newest = new Float32Array(dim);
    let t = 0;
    const next = () => stream[t++ % stream.length];
    for (const token of stream) {
      retroactive.step(...token);
      single.step(...token);
    }
    return [
      { method: "from scratch", window, ms: timeOf(() => windowAttention(q, k, v), 8) },
      { method: "retroactive", window, ms: timeOf(() => retroactive.step(...next(), { out: all })) },
      { method: "single output", window, ms: timeOf(() => single.step(...next(), { out: newest })) },
    ];
  });
}

/**
 * Milliseconds of one prediction of CoST-GCN* at a quarter of its width: of a clip of 300 frames, and of a
 * step.
 */
export function measureGraphs(): { clip: number; step: number } {
  setBlasThreads(1);
  const rng = new Rng(0);
  const net = build("CoST-GCN*", "float32", rng);
  const size = net.inputShape.reduce((a, b) => a * b);
  const clip = normals(rng.split("clip"), 300 * size, 1, "float32");
  const frame = normals(rng.split("frame"), size, 1, "float32");
  for (let t = 0; t < net.receptiveField; t++) net.step(frame);
  return { clip: timeOf(() => net.forward(clip), 5), step: timeOf(() => net.step(frame), 20) };
}

/** The fastest of some samples of at least 2 ms, in milliseconds per run. */
function timeOf(run: () => unknown, samples = 20): number {
  const time = (repeat: number) => {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    return performance.now() - start;
  };
  let repeat = 1;
  while (time(repeat) < 2) repeat *= 2;
  return Math.min(...Array.from({ length: samples }, () => time(repeat) / repeat));
}

/** Slope of log time on log window for windows from 64 on. */
export function slopeOf(times: readonly MeasuredTime[], name: MeasuredTime["method"]): number {
  const own = times.filter(({ method, window }) => method === name && window >= 64);
  return fitPowerLaw(own.map(({ window }) => window), own.map(({ ms }) => ms)).slope;
}

/** Time per step against the window on logarithmic axes, with the slopes from 64 tokens on. */
export function timesFigure(times: readonly MeasuredTime[]): Figure {
  const methods = distinct(times, "method");
  const labels = methods.map((method) => `${method}: slope ${slopeOf(times, method).toFixed(2)}`);
  return figure({
    title: "Time per token, here and now",
    subtitle: "One head of 64 numbers, float32, one thread; the fastest of the samples",
    x: logAxis("window", "Tokens in the window n", { values: distinct(times, "window") }),
    y: logAxis("ms", "Milliseconds"),
    color: colorBy("line", null, labels, [palette[3], palette[0], palette[2]]),
    config: legendAt("bottom"),
    layer: [
      lines(times.map((time) => ({ ...time, line: labels[methods.indexOf(time.method)] })), { dots: true }),
    ],
  });
}
