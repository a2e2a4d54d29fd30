/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { factorRows, jacobiRows } from "./classical.ts";
import { darcyRows } from "./darcy.ts";
import { learnedRows, referenceRows } from "./operators.ts";
import type { Coefficient, Model } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of each learned V-cycle that is judged. */
  seeds: number;
  /** The learned V-cycle of the headline: number of grids, channels, and k of the 2^k - 1 points. */
  levels: number;
  channels: number;
  k: number;
  /** Further numbers of grids, with one channel on 63 points. */
  depths: number[];
  /** Further k, with one channel and k - 1 grids. */
  sizes: number[];
  /** Further numbers of channels, and the most that is judged. */
  someChannels: number[];
  mostChannels: number[];
  /** Seeds of the former. */
  channelSeeds: number;
  /** Seeds of the V-cycle that restricts f in place of the residual. */
  plainSeeds: number;
  /** Steps and first rate of the learned V-cycles. */
  steps: number;
  rate: number;
  /** Grids of the classical V-cycles, and applications for their convergence factors. */
  grids: number[];
  applications: number;
  /** Coefficients, models and seeds of Darcy flow on 15 x 15 points. */
  coefficients: Coefficient[];
  darcySeeds: number;
  cnnSeeds: number;
  darcySteps: number;
  /** Seeds and steps on 31 x 31 points. */
  largeSeeds: number;
  largeSteps: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  levels: 5,
  channels: 1,
  k: 6,
  depths: [1, 2, 3, 4],
  sizes: [4, 5, 7],
  someChannels: [2, 4],
  mostChannels: [8],
  channelSeeds: 1,
  plainSeeds: 3,
  steps: 1500,
  rate: 5e-3,
  grids: [7, 15, 31, 63, 127],
  applications: 100,
  coefficients: ["trig", "rough"],
  darcySeeds: 3,
  cnnSeeds: 1,
  darcySteps: 400,
  largeSeeds: 0,
  largeSteps: 300,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    depths: [],
    sizes: [],
    someChannels: [],
    mostChannels: [],
    plainSeeds: 0,
    grids: [7, 15, 31],
    applications: 50,
    coefficients: [],
  },
  laptop,
  full: {
    ...laptop,
    seeds: 6,
    channelSeeds: 3,
    darcySeeds: 5,
    cnnSeeds: 2,
    largeSeeds: 1,
  },
};

/** Points of the grid of the headline. */
const POINTS = 63;

export const { trials, run } = defineTrials<Params>()((kind) => ({
  darcy: kind({
    over: ({ seed, coefficients, darcySeeds, cnnSeeds, darcySteps, largeSeeds, largeSteps }) => {
      const all = (models: Model[], n: number, steps: number, seeds: number) =>
        grid({ coefficient: coefficients, model: models, seed: seedsOf({ seed, seeds }) }).map((one) => ({
          ...one,
          n,
          steps,
        }));
      return [
        ...all(["MgNO", "FNO"], 15, darcySteps, darcySeeds),
        ...all(["CNN"], 15, darcySteps, cnnSeeds),
        ...all(["MgNO", "FNO", "CNN"], 31, largeSteps, largeSeeds),
      ];
    },
    run: darcyRows,
  }),
  learned: kind({
    over: ({ seed, seeds, levels, channels, k, steps, rate, ...p }) => {
      const seedList = (count: number) => seedsOf({ seed, seeds: count });
      const n = 2 ** k - 1;
      const plain = { n: [n], levels: [levels], channels: [channels] };
      const shapes = [
        { ...plain, residual: [true], seed: seedList(seeds) },
        ...p.depths.map((depth) => ({
          n: [POINTS],
          levels: [depth],
          channels: [1],
          residual: [true],
          seed: seedList(seeds),
        })),
        ...p.sizes.map((size) => ({
          n: [2 ** size - 1],
          levels: [size - 1],
          channels: [1],
          residual: [true],
          seed: seedList(seeds),
        })),
        { n: [POINTS], levels: [5], channels: p.mostChannels, residual: [true], seed: seedList(seeds) },
        {
          n: [POINTS],
          levels: [5],
          channels: p.someChannels,
          residual: [true],
          seed: seedList(p.channelSeeds),
        },
        { n: [POINTS], levels: [5], channels: [1], residual: [false], seed: seedList(p.plainSeeds) },
      ].flatMap((axes) => grid(axes));
      const all = shapes.map((one) => ({
        ...one,
        steps,
        rate,
        // Columns of the headline's grid, of one seed.
        drawn: one.n === n && one.seed === seed && one.channels === channels && one.residual,
      }));
      // A knob may choose what is in the list already.
      return [...new Map(all.map((one) => [JSON.stringify({ ...one, drawn: 0 }), one])).values()];
    },
    run: learnedRows,
  }),
  factor: kind({
    over: ({ grids, applications: steps }) => grid({ n: grids, steps: [steps] }),
    run: factorRows,
  }),
  jacobi: kind({ over: () => [{ n: 127 }], run: jacobiRows }),
  reference: kind({ over: ({ k }) => [{ n: 2 ** k - 1 }], run: referenceRows }),
}));
