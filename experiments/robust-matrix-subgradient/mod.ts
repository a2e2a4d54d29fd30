/**
 * Robust matrix recovery by the sub-gradient method from a small start (Ma & Fattahi 2022): the rank need not
 * be known, and many measurements may be arbitrarily wrong.
 *
 * @module
 */
import type { StepRule } from "../../lib/sensing/mod.ts";
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import type { Row } from "./rows.ts";
import { D, runTrial, type Trial } from "./run.ts";

export type { CurveRow, DigitsRow, PixelRow, RaceRow, RipRow, Row, RunRow, SizeRow } from "./rows.ts";
export type { Trial } from "./run.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Share of outliers in the key figure. */
  probability: number;
  /** Their standard deviation. */
  std: number;
  /** Scales of the start in the key figure. */
  scales: number[];
  /** Columns of the factor in the key figure; the target has rank 2. */
  widths: number[];
  /** How many seeds show whether the steps suffice. */
  budgetSeeds: number;
  /** How many seeds run with half of the measurements wrong (5000 steps each). */
  denseSeeds: number;
  /** How many of them with 70 % wrong (6000 steps of twice the measurements each). */
  densestSeeds: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  probability: 0.1,
  std: 10,
  scales: [1, 1e-3, 1e-6],
  widths: [2, 5, 20],
  budgetSeeds: 12,
  denseSeeds: 3,
  densestSeeds: 2,
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "robust-matrix-subgradient",
  title:
    "Global Convergence of Sub-gradient Method for Robust Matrix Recovery: Small Initialization, Noisy Measurements, and Over-parameterization",
  paper: {
    authors: "Jianhao Ma, Salar Fattahi",
    year: 2022,
    arxiv: "2202.08788",
    figure: "Figure 1: error against steps for several starts and numbers of columns",
  },
  notReproduced:
    "The constants of the theorems, and the paper's own sizes, which are not public; the protocol fixes 20 × 20 matrices of rank 2.",
  presets: {
    quick: { ...laptop, seeds: 1, budgetSeeds: 2, denseSeeds: 1, densestSeeds: 0 },
    laptop,
    full: { ...laptop, seeds: 11, budgetSeeds: 40, denseSeeds: 8, densestSeeds: 4 },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

const geometric = (decay: number): StepRule => ({ kind: "geometric", first: 0.3, decay });
const constant = (size: number): StepRule => ({ kind: "constant", size });

function trials(params: Params): Trial[] {
  const { seed: first, seeds, probability, std, scales, widths } = params;
  const out: Trial[] = [];
  const clean = { kind: "descent", probability, std, noise: 0, m: 800, curves: false } as const;
  const absolute = { loss: "absolute", k: D } as const;
  const seedsOf = (count: number) => Array.from({ length: count }, (_, i) => first + i);
  for (const seed of seedsOf(params.denseSeeds)) {
    const run = { ...absolute, alpha: 1e-8, step: geometric(0.996), steps: 5000 };
    for (const m of [1600, 800]) {
      out.push({ ...clean, panel: "dense", m, probability: 0.5, seed, curves: true, runs: [run] });
    }
  }
  for (const seed of seedsOf(params.densestSeeds)) {
    const run = { ...absolute, alpha: 1e-8, step: geometric(0.997), steps: 6000 };
    out.push({ ...clean, panel: "dense", m: 3200, probability: 0.7, seed, curves: true, runs: [run] });
  }
  for (const seed of seedsOf(seeds)) {
    for (const k of widths) {
      const runs = scales.map((alpha) => ({ ...absolute, k, alpha, step: geometric(0.99), steps: 2000 }));
      out.push({ ...clean, panel: "start", seed, curves: true, runs });
    }
    const scaled = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]
      .map((alpha) => ({ ...absolute, alpha, step: geometric(0.99), steps: 2000 }));
    out.push({ ...clean, panel: "scale", seed, runs: scaled, population: true });
    for (const wrong of [0.1, 0.2]) {
      const runs = [
        { ...absolute, alpha: 1e-3, step: geometric(0.996), steps: 4000 },
        { ...absolute, loss: "squared" as const, alpha: 1e-3, step: constant(0.05), steps: 1000 },
      ];
      out.push({ ...clean, panel: "baseline", m: 1200, probability: wrong, seed, curves: true, runs });
    }
    for (const m of [200, 400, 800, 1600]) {
      const runs = [2, D].flatMap((k) => [
        { k, loss: "absolute" as const, alpha: 1e-4, step: constant(0.1), steps: 600 },
        { k, loss: "squared" as const, alpha: 1e-4, step: constant(0.1), steps: 300 },
      ]);
      out.push({ ...clean, panel: "gaussian", m, probability: 0, noise: 0.5, seed, curves: m === 200, runs });
    }
    const failing = { ...absolute, alpha: 1e-4, step: geometric(0.996), steps: 4000 };
    out.push({ ...clean, panel: "limits", m: 1600, probability: 0.8, seed, runs: [failing] });
    out.push({ ...clean, panel: "limits", m: 200, probability: 0.3, seed, runs: [failing] });
    out.push({ kind: "size", stds: [10, 1e3, 1e6, 1e9], seed });
  }
  for (const seed of seedsOf(params.budgetSeeds)) {
    const runs = [3e-6, 1e-6, 3e-7, 1e-7]
      .map((alpha) => ({ ...absolute, alpha, step: geometric(0.99), steps: 2000 }));
    out.push({ ...clean, panel: "budget", seed, runs });
  }
  out.push({ kind: "race", alpha: 1e-6, probability, decay: 0.995, seed: first });
  for (const [loss, steps] of [["absolute", 900], ["squared", 300]] as const) {
    out.push({ kind: "digits", loss, m: 2500, steps, seed: first });
  }
  for (const noise of ["outliers", "gaussian"] as const) {
    out.push({ kind: "rip", noise, m: 100000, seed: first });
  }
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
