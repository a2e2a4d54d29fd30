/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { descend, type Setting } from "./descend.ts";
import { TOLERANCE } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Columns of the symmetric factor; the target has rank 3. */
  widths: number[];
  /** Scales of the asymmetric start. */
  scales: number[];
  /** Scales of the start of the rebalanced runs. */
  rebalancedScales: number[];
  /** ‖G₀‖ / ‖F₀‖ of the asymmetric start; the paper takes 1/3, and 1 is balanced on average. */
  ratio: number;
  /** Whether the runs with few measurements are made too. */
  sensing: boolean;
  /** Whether 50 x 50 matrices are sensed as well, with 1500 measurements. */
  large: boolean;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  widths: [3, 4, 5, 10],
  scales: [1, 0.7, 0.5, 0.3, 0.2],
  rebalancedScales: [0.5, 0.1, 0.01],
  ratio: 1 / 3,
  sensing: true,
  large: false,
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, seeds: 1, sensing: false },
  laptop,
  full: { ...laptop, seeds: 5, large: true },
};

/** Infinitely many measurements of a 50 x 50 matrix of rank 3, 320 of a 20 x 20 one of rank 2, 1500 of the first. */
const POPULATION = { n: 50, rank: 3, m: null };
const SENSED = { n: 20, rank: 2, m: 320, k: 4 };
const LARGE = { n: 50, rank: 3, m: 1500, k: 5, alpha: 0.5, steps: 2500 };

/** Every setting for every seed. */
function seeded(p: Params, settings: Omit<Setting, "seed" | "ratio">[]): Setting[] {
  return seedsOf(p).flatMap((seed) => settings.map((setting) => ({ ...setting, ratio: p.ratio, seed })));
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  symmetric: kind({
    over: (p) =>
      seeded(p, [
        ...p.widths.map((k) => ({
          ...POPULATION,
          k,
          alpha: 0.5,
          steps: k === POPULATION.rank ? 2000 : 20000,
        })),
        ...p.sensing
          ? [
            { ...SENSED, alpha: 0.5, steps: 20000 },
            { ...SENSED, m: 120, alpha: 0.5, steps: 6000 },
          ]
          : [],
        ...p.large ? [LARGE] : [],
      ]),
    run: (setting, report) => descend("symmetric", setting, report),
  }),
  asymmetric: kind({
    over: (p) =>
      seeded(p, [
        ...p.scales.map((alpha) => ({ ...POPULATION, k: 5, alpha, steps: alpha < 0.3 ? 12000 : 3000 })),
        { ...POPULATION, k: 5, alpha: 0.01, steps: 3000 },
        ...p.sensing
          ? [
            ...[1, 0.7, 0.5, 0.35].map((alpha) => ({ ...SENSED, alpha, steps: 6000 })),
            { ...SENSED, m: 120, alpha: 0.5, steps: 6000 },
          ]
          : [],
        ...p.large ? [LARGE] : [],
      ]),
    run: (setting, report) => descend("asymmetric", setting, report),
  }),
  rebalanced: kind({
    over: (p) =>
      seeded(p, [
        ...grid({ alpha: p.rebalancedScales, beta: [0.5, 1] })
          .map((start) => ({ ...POPULATION, k: 5, ...start, tolerance: TOLERANCE, steps: 1000 })),
        // Nearer to the target, the predicted rate gets exact.
        { ...POPULATION, k: 5, alpha: 0.01, beta: 0.5, tolerance: TOLERANCE / 10, steps: 1000 },
        ...p.sensing
          ? [0.5, 0.1, 0.01].map((alpha) => ({
            ...SENSED,
            alpha,
            beta: 1,
            tolerance: TOLERANCE,
            steps: 3000,
          }))
          : [],
        ...p.large ? [{ ...LARGE, beta: 1, tolerance: TOLERANCE }] : [],
      ]),
    run: (setting, report) => descend("rebalanced", setting, report),
  }),
  balanced: kind({
    over: (p) => seeded(p, [{ ...POPULATION, k: 5, alpha: 0.5, steps: 1000 }]),
    run: (setting, report) => descend("balanced", setting, report),
  }),
}));
