/** What is run, kind by kind. */
import type { TsallisNewton } from "../../lib/bandits/mod.ts";
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { heatRows } from "./heat.ts";
import type { HeatMethod, LearnerName, Variance } from "./rows.ts";
import { newtonRows, priceRows, sequenceRows } from "./sequence.ts";
import { radiusRows, surrogateRows } from "./theory.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Seeds of the main comparison. */
  seeds: number;
  /** Instances of the main comparison. */
  rounds: number;
  /** Distributions of the main comparison. */
  variances: Variance[];
  /** Beta distribution of the shift with the high variance; the one with the low variance is Beta(2, 6). */
  alpha: number;
  beta: number;
  /** Number of actions. */
  actions: number;
  /** Degree of ChebCB's polynomials. */
  degree: number;
  /** Fixed parameters by distribution. */
  fixed: Record<Variance, number[]>;
  /** Rounds and seeds of the two ways to solve for probabilities. */
  newtonRounds: number;
  newtonSeeds: number;
  /** Instances of the runs with other degrees and numbers of actions. */
  priceRounds: number;
  /** Degrees besides that of the main comparison. */
  degrees: number[];
  /** Numbers of actions besides that of the main comparison. */
  actionCounts: number[];
  /** Shifts whose iterations are compared with theory, and points of the grid of parameters. */
  shifts: number[];
  points: number;
  /** Cells per side and steps of the heat equation, and whether the best parameter of each step is searched. */
  heat: { cells: number; steps: number[]; optimal: boolean }[];
  /** Seeds of the learners there. */
  heatSeeds: number;
}

const FIVE = [1, 1.2, 1.4, 1.6, 1.8];

const laptop: Params = {
  seed: 0,
  seeds: 3,
  rounds: 5000,
  variances: ["high", "low"],
  alpha: 0.5,
  beta: 1.5,
  actions: 20,
  degree: 5,
  // The five of the paper, and the neighbours of the best of 20.
  fixed: { high: [...FIVE, 1.75, 1.85], low: [...FIVE, 1.65, 1.7] },
  newtonRounds: 1000,
  newtonSeeds: 8,
  priceRounds: 2000,
  degrees: [0, 1, 2, 3, 8],
  actionCounts: [5, 10, 40, 80],
  shifts: [-0.15, 0, 0.15, 0.45],
  points: 100,
  heat: [
    { cells: 12, steps: [1000], optimal: true },
    { cells: 25, steps: [1000], optimal: true },
    { cells: 50, steps: [1000], optimal: false },
  ],
  heatSeeds: 3,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    rounds: 2000,
    variances: ["high" as const],
    fixed: { high: [1.6, 1.8], low: [1.6, 1.8] },
    newtonRounds: 250,
    priceRounds: 200,
    degrees: [0, 2],
    actionCounts: [5, 40],
    shifts: [-0.15, 0],
    heat: [{ cells: 25, steps: [200], optimal: true }],
    heatSeeds: 1,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    fixed: { high: [...FIVE, 1.65, 1.7, 1.75, 1.85], low: [...FIVE, 1.65, 1.7, 1.75, 1.85] },
    newtonRounds: 5000,
    heat: [
      { cells: 12, steps: [1000], optimal: true },
      { cells: 25, steps: [1000, 5000], optimal: true },
      { cells: 50, steps: [1000, 2000], optimal: true },
      { cells: 100, steps: [1000], optimal: false },
    ],
  },
};

const LEARNERS: LearnerName[] = ["Tsallis-INF", "Tsallis-INF-CB", "ChebCB"];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  sequence: kind({
    over: ({ rounds, variances, alpha, beta, actions, degree, fixed, ...p }) =>
      grid({ variance: variances, seed: seedsOf(p) }).map(({ variance, seed }) => ({
        variance,
        ...(variance === "high" ? { alpha, beta } : { alpha: 2, beta: 6 }),
        actions,
        degree,
        seed,
        rounds,
        fixed: fixed[variance],
        keepChoices: seed === p.seed,
      })),
    run: sequenceRows,
  }),
  heat: kind({
    // The largest grid first: it takes longest.
    over: ({ seed, heat, heatSeeds, degree }) =>
      heat.toReversed().flatMap(({ cells, steps, optimal }) => {
        const methods: { method: HeatMethod; omega: number | null; seed: number }[] = [
          ...(optimal ? [{ method: "grid-optimal" as const, omega: null, seed }] : []),
          { method: "CG", omega: null, seed },
          // 1.4 is the best of the 20 actions for 25 cells.
          ...[1, 1.3, 1.4, 1.5, 1.75, 1.95].map((omega) => ({ method: "fixed" as const, omega, seed })),
          ...grid({ method: LEARNERS, omega: [null], seed: seedsOf({ seed, seeds: heatSeeds }) }),
        ];
        return methods.map((one) => ({
          ...one,
          cells,
          degree,
          steps,
          keepChoices: cells === 25 && one.seed === seed,
        }));
      }),
    run: heatRows,
  }),
  price: kind({
    over: ({ alpha, beta, actions, degree, priceRounds: rounds, degrees, actionCounts, ...p }) => {
      const variants = [
        ...grid({ method: ["ChebCB"] as LearnerName[], actions: [actions], degree: [degree, ...degrees] }),
        ...grid({ method: ["ChebCB"] as LearnerName[], actions: actionCounts, degree: [degree] }),
        ...grid({
          method: ["Tsallis-INF"] as LearnerName[],
          actions: [actions, ...actionCounts],
          degree: [degree],
        }),
      ];
      return seedsOf(p).map((seed) => ({ alpha, beta, seed, rounds, variants }));
    },
    run: priceRows,
  }),
  newton: kind({
    over: ({ seed, newtonSeeds, newtonRounds: rounds, alpha, beta, actions, degree }) => [{
      newtons: ["safeguarded", "official"] as TsallisNewton[],
      seeds: seedsOf({ seed, seeds: newtonSeeds }),
      seed,
      alpha,
      beta,
      actions,
      degree,
      rounds,
    }],
    run: newtonRows,
  }),
  surrogate: kind({
    over: ({ shifts, points }) => grid({ shift: shifts, points: [points] }),
    run: surrogateRows,
  }),
  radius: kind({
    over: ({ shifts }) => grid({ shift: shifts }),
    run: radiusRows,
  }),
}));
