/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { alternating, frankWolfe, METHODS, power } from "./learn.ts";
import { weather } from "./weather.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the methods that are compared. */
  seeds: number;
  /** Seeds of the long runs for the noise law. */
  lawSeeds: number;
  /** Steps of the long runs. */
  lawSteps: number;
  /** Steps of the comparison. */
  steps: number;
  /** Samples per step there. */
  batches: number[];
  /** Share of nonzero entries of the codes there; claims are about 0.3. */
  theta: number;
  /** Weights of the l1 norm, of alternating minimization. */
  lambdas: number[];
  /** Sizes beside 10 for the noise law. */
  sizes: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 8,
  lawSeeds: 16,
  lawSteps: 10_000,
  steps: 3001,
  batches: [1, 10],
  theta: 0.3,
  lambdas: [1, 0.3, 0.1],
  sizes: [5, 16],
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, seeds: 2, lawSeeds: 0, lambdas: [1], sizes: [] },
  laptop,
  full: { ...laptop, seeds: 100, lawSeeds: 100, sizes: [5, 16, 50] },
};

/** What the runs of the paper's first figure have in common. */
const FIRST = { method: "noncvx" as const, ...METHODS.noncvx, n: 10, lambda: null, points: 30, gaps: false };

/** Seeds of what needs few. */
const few = ({ seed, seeds }: Params, most = 4) => seedsOf({ seed, seeds: Math.min(most, seeds) });

/** Whether a long run has the beginning of this one, so that it serves both. */
function isInLong({ seed, lawSeeds, lawSteps, steps, theta }: Params, batch: number, of: number): boolean {
  return batch === 10 && theta === 0.3 && lawSteps >= steps && of < seed + lawSeeds;
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  // Long runs, for the noise law, before short ones.
  law: kind({
    over: ({ seed, lawSeeds, lawSteps, theta: usual }) =>
      grid({ seed: seedsOf({ seed, seeds: lawSeeds }), theta: [0.3, 0.5, 0.1] }).map((trial) => ({
        ...FIRST,
        ...trial,
        batch: 10,
        steps: lawSteps,
        points: trial.theta === usual ? 40 : 12,
        gaps: trial.theta === usual,
      })),
    run: frankWolfe,
  }),
  learn: kind({
    over: (p) =>
      grid({
        seed: seedsOf(p),
        batch: p.batches,
        method: ["noncvx", "convex", "l4", "no retraction", "no averaging"],
      }).filter(({ method, batch, seed }) => !(method === "noncvx" && isInLong(p, batch, seed)))
        .map((trial) => ({
          ...FIRST,
          ...METHODS[trial.method],
          ...trial,
          theta: p.theta,
          steps: p.steps,
          gaps: trial.method === "noncvx",
        })),
    run: frankWolfe,
  }),
  size: kind({
    over: (p) =>
      grid({ seed: few(p), n: p.sizes })
        .map((trial) => ({ ...FIRST, ...trial, theta: p.theta, batch: 10, steps: p.steps, points: 12 })),
    run: frankWolfe,
  }),
  dense: kind({
    over: (p) => few(p).map((seed) => ({ ...FIRST, seed, theta: 1, batch: 10, steps: 1001, points: 40 })),
    run: frankWolfe,
  }),
  alternating: kind({
    over: (p) =>
      grid({ seed: few(p), lambda: p.lambdas })
        .map((trial) => ({ ...trial, n: 10, theta: p.theta, batch: 1, steps: 1001, points: 30 })),
    run: alternating,
  }),
  power: kind({
    over: ({ seed }) =>
      grid({ seed: seedsOf({ seed, seeds: 4 }), theta: [0.1, 0.3, 0.5] }).map((trial) => ({
        ...trial,
        n: 8,
      })),
    run: power,
  }),
  weather: kind({
    over: ({ seed }) =>
      grid({ sensor: ["pressure", "temperature", "wind"] }).map((trial) => ({ ...trial, steps: 3000, seed })),
    run: weather,
  }),
}));
