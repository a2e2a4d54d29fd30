/**
 * Figure 2 of the paper: time against size. Clocks are not deterministic, so this is no part of the
 * experiment; run it:
 *
 *     deno run -A experiments/auon/timing.ts [largest size]
 */
import { median } from "simple-statistics";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { colorBy, figure, logAxis, palette } from "../../lib/figures/mod.ts";
import { NEWTON_SCHULZ, newtonSchulz, scaleByCoshRms } from "../../lib/optimizers/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";

/** A median time. */
export interface MeasuredTime {
  /** What was timed: an update direction from a momentum matrix. */
  method: string;
  /** Rows of the square matrix. */
  size: number;
  /** Milliseconds, the median of nine samples. */
  ms: number;
}

const orthogonal = (steps: number) => ({ coefficients: NEWTON_SCHULZ.muon5.slice(0, steps) });
/** As the paper computes it: every entry is looked at for R. */
const summed = scaleByCoshRms({ normalize: true, tolerance: 0 });
/** As the library does: R of a large matrix is known from its bounds. */
const bounded = scaleByCoshRms({ normalize: true });
const entries = scaleByCoshRms({ of: "entries" });

/** Times the directions on one thread, after a warm-up: medians of nine samples of at least 20 ms. */
export function measureTimes(sizes: readonly number[]): MeasuredTime[] {
  setBlasThreads(1);
  return sizes.flatMap((size) => {
    const parameter = { name: "w", weights: new Rng(0).normalMatrix(size, size), outputs: "rows" as const };
    // AuON writes into the matrix it is given, as it does in training.
    const g = parameter.weights.clone();
    const state = {};
    const methods: Record<string, () => void> = {
      "Newton–Schulz, 5 steps": () => void newtonSchulz(g, orthogonal(5)),
      "Hybrid-AuON": () => void entries.update(newtonSchulz(g, orthogonal(1)), state, parameter),
      AuON: () => void summed.update(g, state, parameter),
      "AuON, R from its bounds": () => void bounded.update(g, state, parameter),
    };
    return Object.entries(methods).map(([method, run]) => ({ method, size, ms: timeOf(run) }));
  });
}

function timeOf(run: () => void): number {
  const time = (repeat: number) => {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    return performance.now() - start;
  };
  let repeat = 1;
  while (time(repeat) < 20) repeat *= 2;
  return median(Array.from({ length: 9 }, () => time(repeat) / repeat));
}

/** Time against size on logarithmic axes, with the slopes from 64 on. */
export function timesFigure(times: readonly MeasuredTime[]): Figure {
  const slopes = slopesOf(times);
  const names = Object.keys(slopes);
  const label = (method: string) => `${method}: slope ${slopes[method].toFixed(2)}`;
  return figure({
    title: {
      text: "Time against size, here and now",
      subtitle: "One thread, float64, medians of nine samples",
    },
    data: { values: times.map((time) => ({ ...time, line: label(time.method) })) },
    mark: { type: "line", point: true },
    encoding: {
      x: logAxis("size", "Rows of the square matrix", {
        values: [...new Set(times.map(({ size }) => size))],
      }),
      y: logAxis("ms", "Milliseconds"),
      color: colorBy("line", null, names.map(label), [palette[0], palette[4], palette[2], palette[6]]),
    },
  });
}

/** Log-log slopes of the times from 64 rows on. */
export function slopesOf(times: readonly MeasuredTime[]): Record<string, number> {
  const names = [...new Set(times.map(({ method }) => method))];
  return Object.fromEntries(names.map((name) => {
    const own = times.filter(({ method, size }) => method === name && size >= 64);
    return [name, fitPowerLaw(own.map(({ size }) => size), own.map(({ ms }) => ms)).slope];
  }));
}

if (import.meta.main) {
  const largest = Number(Deno.args[0] ?? 512);
  const times = measureTimes([64, 128, 256, 512, 1024].filter((size) => size <= largest));
  console.table(times);
  console.log("log-log slopes", slopesOf(times));
  const at = (method: string) => times.find((time) => time.method === method && time.size === 256)!.ms;
  console.log("NS5 / Hybrid at 256:", at("Newton–Schulz, 5 steps") / at("Hybrid-AuON"));
}
