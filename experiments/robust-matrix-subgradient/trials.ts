/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import type { StepRule } from "../../lib/sensing/mod.ts";
import { type Descents, descents, race, sizes } from "./descend.ts";
import { runDigits } from "./digits.ts";
import { D } from "./rows.ts";
import { signRip } from "./sign_rip.ts";

/** Parameters. */
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
  /** How many seeds recover the digits. */
  digitsSeeds: number;
  /** Measurements of the sign-RIP constant. */
  ripMeasurements: number;
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
  digitsSeeds: 1,
  ripMeasurements: 100_000,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    scales: [1, 1e-6],
    budgetSeeds: 1,
    denseSeeds: 1,
    densestSeeds: 0,
    digitsSeeds: 0,
    ripMeasurements: 30_000,
  },
  laptop,
  full: { ...laptop, seeds: 11, budgetSeeds: 40, denseSeeds: 8, densestSeeds: 4 },
};

const geometric = (decay: number): StepRule => ({ kind: "geometric", first: 0.3, decay });
const constant = (size: number): StepRule => ({ kind: "constant", size });
/** The absolute loss with as many columns as there can be. */
const wide = { loss: "absolute", k: D } as const;
/** Runs of the schedule of the key figure from starts of several scales. */
const from = (alphas: readonly number[], k = D) =>
  alphas.map((alpha) => ({ ...wide, k, alpha, step: geometric(0.99), steps: 2000 }));

/** What every descent has unless it is said otherwise. */
function common({ probability, std }: Params) {
  return { probability, std, noise: 0, m: 800, curves: false };
}

/** Half of the measurements wrong, or more: the longest runs, so they come first. */
function dense(p: Params): Descents[] {
  const make = (m: number, probability: number, decay: number, steps: number, seed: number): Descents => ({
    ...common(p),
    panel: "dense",
    m,
    probability,
    seed,
    curves: true,
    runs: [{ ...wide, alpha: 1e-8, step: geometric(decay), steps }],
  });
  return [
    ...seedsOf({ ...p, seeds: p.denseSeeds })
      .flatMap((seed) => [1600, 800].map((m) => make(m, 0.5, 0.996, 5000, seed))),
    ...seedsOf({ ...p, seeds: p.densestSeeds }).map((seed) => make(3200, 0.7, 0.997, 6000, seed)),
  ];
}

/** All panels that every seed has. */
function perSeed(p: Params, seed: number): Descents[] {
  const clean = { ...common(p), seed };
  const failing = [{ ...wide, alpha: 1e-4, step: geometric(0.996), steps: 4000 }];
  return [
    ...p.widths.map((k): Descents => ({ ...clean, panel: "start", curves: true, runs: from(p.scales, k) })),
    { ...clean, panel: "scale", runs: from([1e-1, 1e-2, 1e-3, 1e-4, 1e-5]), population: true },
    ...[0.1, 0.2].map((probability): Descents => ({
      ...clean,
      panel: "baseline",
      m: 1200,
      probability,
      curves: true,
      runs: [
        { ...wide, alpha: 1e-3, step: geometric(0.996), steps: 4000 },
        { ...wide, loss: "squared", alpha: 1e-3, step: constant(0.05), steps: 1000 },
      ],
    })),
    ...[200, 400, 800, 1600].map((m): Descents => ({
      ...clean,
      panel: "gaussian",
      m,
      probability: 0,
      noise: 0.5,
      curves: m === 200,
      runs: [2, D].flatMap((k) => [
        { k, loss: "absolute", alpha: 1e-4, step: constant(0.1), steps: 600 },
        { k, loss: "squared", alpha: 1e-4, step: constant(0.1), steps: 300 },
      ]),
    })),
    { ...clean, panel: "limits", m: 1600, probability: 0.8, runs: failing },
    { ...clean, panel: "limits", m: 200, probability: 0.3, runs: failing },
  ];
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  descent: kind({
    over: (p) => [
      ...dense(p),
      ...seedsOf(p).flatMap((seed) => perSeed(p, seed)),
      ...seedsOf({ ...p, seeds: p.budgetSeeds }).map((seed): Descents => ({
        ...common(p),
        panel: "budget",
        seed,
        runs: from([3e-6, 1e-6, 3e-7, 1e-7]),
      })),
    ],
    run: descents,
    label: ({ panel, m, probability, seed }) =>
      `${panel}, ${m} measurements, ${Math.round(100 * probability)} % wrong, seed ${seed}`,
  }),
  size: kind({
    over: (p) => seedsOf(p).map((seed) => ({ stds: [10, 1e3, 1e6, 1e9], seed })),
    run: sizes,
  }),
  race: kind({
    over: ({ probability, seed }) => [{ alpha: 1e-6, probability, decay: 0.995, seed }],
    run: race,
  }),
  digits: kind({
    over: ({ digitsSeeds, ...p }) =>
      seedsOf({ ...p, seeds: digitsSeeds }).flatMap((seed) => [
        { loss: "absolute" as const, m: 2500, steps: 900, seed },
        { loss: "squared" as const, m: 2500, steps: 300, seed },
      ]),
    run: runDigits,
  }),
  rip: kind({
    over: ({ ripMeasurements, seed }) =>
      grid({ noise: ["outliers", "gaussian"], m: [ripMeasurements], seed: [seed] }),
    run: signRip,
  }),
}));
