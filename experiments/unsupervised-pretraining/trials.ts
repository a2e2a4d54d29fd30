/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { mixtureRows, type MixtureSetting } from "./clusters.ts";
import { invarianceRows, meanRows, noiseTargetRows, riskRows, spikeRows, subspaceRows } from "./factors.ts";
import type { Method } from "./rows.ts";
import { type Setting, STANDARD } from "./setting.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of the factor model. */
  seeds: number;
  /** Entries d of an input, and factors r. */
  d: number;
  r: number;
  /** Squared singular value of the loadings. */
  strength: number;
  /** Variance of the target given the factors. */
  noise: number;
  /** Numbers of unlabeled inputs and of targets. */
  ms: number[];
  ns: number[];
  /** Repetitions of the curves, and of the means that are compared with formulas. */
  replicates: number;
  meanReplicates: number;
  /** Numbers of unlabeled inputs with infinitely many targets. */
  subspaceMs: number[];
  /** Dimension, strengths, ratios d/m and repetitions of the phase transition. */
  spikeSize: number;
  spikeStrengths: number[];
  spikeRatios: number[];
  spikeReplicates: number;
  /** Repetitions at its three points with d = 400. */
  exactReplicates: number;
  /** Fits of the mixture, unlabeled inputs of each, sets of labeled inputs, and tests. */
  fits: number;
  mixtureInputs: number;
  mixtureDraws: number;
  mixtureTests: number;
  mixtureNs: number[];
  /** Targets that depend on the noise: repetitions and numbers of targets. */
  noiseReplicates: number;
  noiseNs: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  d: 60,
  r: 4,
  strength: 4,
  noise: 0.25,
  ms: [100, 200, 500, 1000, 2000, 5000, 20_000, 100_000, 1_000_000],
  ns: [8, 16, 30, 50, 70, 100, 200, 500, 1000, 2000],
  replicates: 20,
  meanReplicates: 200,
  subspaceMs: [500, 1000, 5000, 20_000, 100_000, 1_000_000],
  spikeSize: 200,
  spikeStrengths: [0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4],
  spikeRatios: [0.25, 1],
  spikeReplicates: 8,
  exactReplicates: 24,
  fits: 6,
  mixtureInputs: 10_000,
  mixtureDraws: 20,
  mixtureTests: 20_000,
  mixtureNs: [8, 16, 32, 64, 128],
  noiseReplicates: 10,
  noiseNs: [70, 100, 200, 500, 1000, 2000],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    ms: [200, 2000, 20_000, 1_000_000],
    ns: [8, 30, 50, 70, 100, 200, 500],
    replicates: 6,
    meanReplicates: 80,
    subspaceMs: [500, 1000, 5000, 100_000, 1_000_000],
    spikeSize: 100,
    spikeStrengths: [0.2, 0.6, 1, 2, 4],
    spikeReplicates: 6,
    exactReplicates: 1,
    fits: 1,
    mixtureInputs: 3000,
    mixtureDraws: 8,
    mixtureTests: 4000,
    mixtureNs: [8, 32, 128],
    noiseReplicates: 3,
    noiseNs: [70, 200, 1000],
  },
  laptop,
  full: {
    ...laptop,
    seeds: 5,
    replicates: 200,
    meanReplicates: 1500,
    spikeSize: 400,
    spikeReplicates: 24,
    exactReplicates: 100,
    fits: 24,
    noiseReplicates: 50,
  },
};

const mixture: MixtureSetting = { d: 50, k: 8, rho: 4.5 };
/** What the formulas are compared with. */
const POINTS: readonly { n: number; methods: readonly Method[]; m: number | null }[] = [
  { n: 100, methods: ["ols", "pretrained"], m: 1_000_000 },
  { n: 100, methods: ["pcr", "pretrained"], m: 100 },
  { n: 200, methods: ["ols", "pcr", "pretrained"], m: 200 },
  { n: 500, methods: ["ols"], m: null },
  { n: 1000, methods: ["ols", "pretrained"], m: 5000 },
  { n: 30, methods: ["pretrained"], m: 500 },
  { n: 30, methods: ["pretrained"], m: 5000 },
];

const settingOf = ({ d, r, strength, noise }: Params): Setting => ({ d, r, strength, noise });

export const { trials, run } = defineTrials<Params>()((kind) => ({
  means: kind({
    over: ({ meanReplicates, ...p }) =>
      seedsOf(p).flatMap((seed) =>
        POINTS.map((point) => ({
          setting: STANDARD,
          ...point,
          replicates: meanReplicates,
          seed,
        }))
      ),
    run: meanRows,
    label: ({ n, methods, m, seed }) =>
      `means, ${methods.join(" and ")}, n = ${n}${m === null ? "" : `, m = ${m}`}, seed ${seed}`,
  }),
  curves: kind({
    over: (p) =>
      seedsOf(p).map((seed) => ({
        setting: settingOf(p),
        ms: p.ms,
        ns: p.ns,
        replicates: p.replicates,
        seed,
      })),
    run: riskRows,
    label: ({ seed }) => `curves, seed ${seed}`,
  }),
  spike: kind({
    over: ({ seed, exactReplicates, spikeSize, spikeStrengths, spikeRatios, spikeReplicates }) => [
      ...([[1, 0.25], [2, 1], [0.5, 0.3]] as const).map(([s, gamma]) => ({
        d: 400,
        s,
        gamma,
        replicates: exactReplicates,
        seed,
      })),
      ...grid({ gamma: spikeRatios, s: spikeStrengths }).map((point) => ({
        ...point,
        d: spikeSize,
        replicates: spikeReplicates,
        seed,
      })),
    ],
    run: spikeRows,
    label: ({ d, s, gamma }) => `principal direction, d = ${d}, s = ${s}, d/m = ${gamma}`,
  }),
  mixture: kind({
    over: ({ fits, mixtureInputs, mixtureDraws, mixtureTests, mixtureNs, ...p }) =>
      seedsOf({ ...p, seeds: fits }).map((seed) => ({
        setting: mixture,
        m: mixtureInputs,
        ns: mixtureNs,
        draws: mixtureDraws,
        tests: mixtureTests,
        seed,
      })),
    run: mixtureRows,
    label: ({ seed }) => `mixture, seed ${seed}`,
  }),
  subspace: kind({
    over: ({ subspaceMs, meanReplicates, ...p }) =>
      seedsOf(p).flatMap((seed) => [
        ...subspaceMs.map((m) => ({
          setting: STANDARD,
          m,
          sampled: "Wishart" as const,
          replicates: meanReplicates,
          seed,
        })),
        {
          setting: STANDARD,
          m: 5000,
          sampled: "inputs" as const,
          replicates: Math.ceil(meanReplicates / 4),
          seed,
        },
      ]),
    run: subspaceRows,
    label: ({ m, sampled, seed }) => `subspace, m = ${m} as ${sampled}, seed ${seed}`,
  }),
  noise: kind({
    over: ({ noiseNs, noiseReplicates, ...p }) =>
      seedsOf(p).map((seed) => ({
        setting: STANDARD,
        ns: noiseNs,
        m: 100_000,
        size: 0.5,
        replicates: noiseReplicates,
        seed,
      })),
    run: noiseTargetRows,
    label: ({ seed }) => `target on the noise, seed ${seed}`,
  }),
  invariance: kind({ over: ({ seed }) => [{ setting: STANDARD, seed }], run: invarianceRows }),
}));
