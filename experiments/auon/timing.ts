/**
 * Figure 2 of the paper: time against size. Clocks are not deterministic, so this is no part of the
 * experiment; the notebook runs it.
 */
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { distinct, type Figure } from "../../lib/experiment/mod.ts";
import { colorBy, figure, legendAt, lines, logAxis, palette } from "../../lib/figures/mod.ts";
import { NEWTON_SCHULZ, newtonSchulz, scaleByCoshRms } from "../../lib/optimizers/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";

/** A measured time. */
export interface MeasuredTime {
  /** What was timed: an update direction from a momentum matrix. */
  method: string;
  /** Rows of the square matrix. */
  size: number;
  /** Milliseconds, the fastest of 25 samples: what else the machine does can only make one slower. */
  ms: number;
}

/** Times the directions on one thread, after a warm-up: the fastest of 25 samples of at least 2 ms. */
export function measureTimes(sizes: readonly number[]): MeasuredTime[] {
  setBlasThreads(1);
  const oneStep = { coefficients: NEWTON_SCHULZ.muon5.slice(0, 1) };
  const entries = scaleByCoshRms({ of: "entries" });
  // As the paper computes it, every entry is looked at for R; the library takes R of a large matrix from its
  // bounds.
  const summed = scaleByCoshRms({ normalize: true, tolerance: 0 });
  const bounded = scaleByCoshRms({ normalize: true });
  return sizes.flatMap((size) => {
    const parameter = { name: "w", weights: new Rng(0).normalMatrix(size, size), outputs: "rows" as const };
    // AuON writes into the matrix it is given, as it does in training.
    const g = parameter.weights.clone();
    const methods = {
      "Newton–Schulz, 5 steps": () => newtonSchulz(g),
      "Hybrid-AuON": () => entries.update(newtonSchulz(g, oneStep), {}, parameter),
      "AuON": () => summed.update(g, {}, parameter),
      "AuON, R from its bounds": () => bounded.update(g, {}, parameter),
    };
    return Object.entries(methods).map(([method, run]) => ({ method, size, ms: timeOf(run) }));
  });
}

function timeOf(run: () => unknown): number {
  const time = (repeat: number) => {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    return performance.now() - start;
  };
  let repeat = 1;
  while (time(repeat) < 2) repeat *= 2;
  return Math.min(...Array.from({ length: 9 }, () => time(repeat) / repeat));
}

/** Time against size on logarithmic axes, with the slopes from 64 rows on. */
export function timesFigure(times: readonly MeasuredTime[]): Figure {
  const methods = distinct(times, "method");
  const labels = methods.map((name) => {
    const own = times.filter(({ method, size }) => method === name && size >= 64);
    const { slope } = fitPowerLaw(own.map(({ size }) => size), own.map(({ ms }) => ms));
    return `${name}: slope ${slope.toFixed(2)}`;
  });
  return figure({
    title: "Time against size, here and now",
    subtitle: "One thread, float64, the fastest of 25 samples",
    x: logAxis("size", "Rows of the square matrix", { values: distinct(times, "size") }),
    y: logAxis("ms", "Milliseconds"),
    color: colorBy("line", null, labels, [palette[0], palette[4], palette[2], palette[6]]),
    config: legendAt("bottom", { columns: 2 }),
    layer: [
      lines(times.map((time) => ({ ...time, line: labels[methods.indexOf(time.method)] })), { dots: true }),
    ],
  });
}
